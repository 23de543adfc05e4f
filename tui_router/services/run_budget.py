"""The cost limit of one run: requests reserve their maximum cost and release what they do not use."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.usage import money

if TYPE_CHECKING:
    from tui_router.services.turn import Turn


class RunBudget:
    """Enforces ``--max-cost`` across threads. A name identifies an attempt, or a request before its first attempt.

    An attempt with an uncertain cost keeps its reservation until the cost is known. So a request that fails again
    and again, and may be charged each time, cannot cost more than the limit.
    """

    def __init__(self, limit: Decimal | None) -> None:
        """Take the limit in dollars; ``None`` only sums costs."""
        self._limit = limit
        self._lock = threading.Lock()
        self._held: dict[str, Decimal] = {}
        self._doubts: dict[str, Decimal] = {}
        self._costs: dict[str, Decimal] = {}
        self._guesses: set[str] = set()

    @property
    def spent(self) -> Decimal:
        """Dollars spent, known or estimated."""
        with self._lock:
            return sum(self._costs.values(), Decimal(0))

    @property
    def is_guessed(self) -> bool:
        """True if some of the spending is estimated or uncertain."""
        with self._lock:
            return bool(self._guesses)

    @property
    def left(self) -> Decimal | None:
        """Dollars available for reservations; ``None`` without a limit."""
        with self._lock:
            return None if self._limit is None else self._limit - self._taken()

    def reserve(self, name: str, most: Decimal, *, instead_of: str = "") -> bool:
        """Reserve the maximum cost of an attempt; ``False`` if too little is left at the moment.

        The reservation named ``instead_of`` is released in the same step.
        """
        with self._lock:
            back = self._held.get(instead_of, Decimal(0))
            if self._limit is not None and self._taken() - back + most > self._limit:
                return False
            self._held.pop(instead_of, None)
            self._held[name] = most
            return True

    def release(self, name: str) -> None:
        """Release an unused reservation."""
        with self._lock:
            self._held.pop(name, None)

    def refusal(self, most: Decimal) -> Problem:
        """Return why this amount cannot be reserved."""
        with self._lock:
            spent, doubt = sum(self._costs.values(), Decimal(0)), sum(self._doubts.values(), Decimal(0))
            held = sum(self._held.values(), Decimal(0))
        figures = [f"The limit is {money(self._limit or Decimal(0))}", f"{money(spent)} is spent"]
        figures += [f"{money(doubt)} may be on top"] if doubt else []
        figures += [f"{money(held)} is reserved by what is running"] if held else []
        return Problem(
            kind=ErrorKind.BUDGET,
            title="This may cost more than allowed",
            detail=f"{', '.join(figures)}, and this could cost {money(most)} at most",
            hint="Raise --max-cost, lower max_tokens, or pick a cheaper model",
        )

    def could_hold(self, most: Decimal) -> bool:
        """Return whether a request would fit once all reservations are released."""
        with self._lock:
            return self._limit is None or sum(self._costs.values(), Decimal(0)) + most <= self._limit

    def settle(self, name: str, cost: Decimal, doubt: Decimal = Decimal(0), *, is_guess: bool = False) -> None:
        """Replace a reservation by the actual cost; ``doubt`` dollars stay reserved until the cost is certain."""
        with self._lock:
            self._costs[name] = cost
            self._held.pop(name, None)
            if doubt > 0:
                self._doubts[name] = doubt
            if is_guess:
                self._guesses.add(name)

    def confirm(self, name: str, cost: Decimal) -> None:
        """Record the final cost of an attempt and release its remaining reservation."""
        with self._lock:
            if name in self._costs:
                self._costs[name] = cost
                self._doubts.pop(name, None)
                self._guesses.discard(name)

    def give_up(self) -> None:
        """Count all uncertain costs as spent, because they will not be looked up any more."""
        with self._lock:
            self._guesses.update(self._doubts)
            for name, doubt in self._doubts.items():
                self._costs[name] = self._costs.get(name, Decimal(0)) + doubt
            self._doubts.clear()

    def _taken(self) -> Decimal:
        return sum((*self._costs.values(), *self._held.values(), *self._doubts.values()), Decimal(0))


def share_run_budget(run_budget: RunBudget, turns: Sequence[Turn]) -> None:
    """Charge turns that begin together to one run budget; each first attempt is reserved before any is sent."""
    for turn in turns:
        bill = turn.parts.bill
        run_budget.reserve(turn.id, bill.most)
        bill.charge_to(run_budget, turn.id)
