"""A limit on what one run may cost: requests reserve the most that they may cost, and give back what they did not."""

from __future__ import annotations

import threading
from decimal import Decimal


class Purse:
    """Holds ``--max-cost`` of a batch over its threads."""

    def __init__(self, limit: Decimal | None) -> None:
        """Take the limit in dollars; ``None`` is no limit, and only sums."""
        self._limit = limit
        self._lock = threading.Lock()
        self._held: dict[str, Decimal] = {}
        self._spent = Decimal(0)

    @property
    def spent(self) -> Decimal:
        """Dollars that came out of it."""
        return self._spent

    @property
    def left(self) -> Decimal | None:
        """Dollars that can still be reserved; ``None`` without a limit."""
        with self._lock:
            return self._left()

    def reserve(self, name: str, most: Decimal) -> bool:
        """Reserve the most that a request may cost; ``False`` when too little is left just now."""
        with self._lock:
            left = self._left()
            if left is not None and most > left:
                return False
            self._held[name] = most
            return True

    def could_hold(self, most: Decimal) -> bool:
        """Say whether a request would fit once everything that is reserved has come back."""
        return self._limit is None or self._spent + most <= self._limit

    def settle(self, name: str, cost: Decimal) -> None:
        """Give a reservation back, and take out what the request did cost."""
        with self._lock:
            self._held.pop(name, None)
            self._spent += cost

    def _left(self) -> Decimal | None:
        if self._limit is None:
            return None
        return self._limit - self._spent - sum(self._held.values(), Decimal(0))
