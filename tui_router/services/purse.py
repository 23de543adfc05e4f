"""A limit on what one run may cost: requests reserve the most that they may cost, and give back what they did not."""

from __future__ import annotations

import threading
from decimal import Decimal


class Purse:
    """Holds ``--max-cost`` of a batch over its threads. A name is one request of the batch."""

    def __init__(self, limit: Decimal | None) -> None:
        """Take the limit in dollars; ``None`` is no limit, and only sums."""
        self._limit = limit
        self._lock = threading.Lock()
        self._held: dict[str, Decimal] = {}
        self._doubts: dict[str, Decimal] = {}
        self._costs: dict[str, Decimal] = {}

    @property
    def spent(self) -> Decimal:
        """Dollars that came out of it, as far as they are known or estimated."""
        with self._lock:
            return sum(self._costs.values(), Decimal(0))

    @property
    def left(self) -> Decimal | None:
        """Dollars that can still be reserved; ``None`` without a limit."""
        with self._lock:
            return None if self._limit is None else self._limit - self._taken()

    def reserve(self, name: str, most: Decimal) -> bool:
        """Reserve the most that a request may cost; ``False`` when too little is left just now."""
        with self._lock:
            if self._limit is not None and self._taken() + most > self._limit:
                return False
            self._held[name] = most
            return True

    def could_hold(self, most: Decimal) -> bool:
        """Say whether a request would fit once everything that is reserved has come back."""
        with self._lock:
            return self._limit is None or sum(self._costs.values(), Decimal(0)) + most <= self._limit

    def settle(self, name: str, cost: Decimal, doubt: Decimal = Decimal(0)) -> None:
        """Take out what a request did cost; ``doubt`` stays reserved until its true cost is known."""
        with self._lock:
            self._costs[name] = cost
            self._held.pop(name, None)
            if doubt > 0:
                self._doubts[name] = doubt

    def confirm(self, name: str, cost: Decimal) -> None:
        """The true cost of a request was found out: nothing is reserved for it any more."""
        with self._lock:
            self._costs[name] = cost
            self._doubts.pop(name, None)

    def give_up(self) -> None:
        """What is in doubt will not be found out: count all of it as spent."""
        with self._lock:
            for name, doubt in self._doubts.items():
                self._costs[name] = self._costs.get(name, Decimal(0)) + doubt
            self._doubts.clear()

    def _taken(self) -> Decimal:
        return sum((*self._costs.values(), *self._held.values(), *self._doubts.values()), Decimal(0))
