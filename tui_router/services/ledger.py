"""Sums what was spent, checks requests against the limits, and shows how much of each budget is used.

A cost that the server reported takes precedence; a figure computed here is an estimate and is marked as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, Protocol

from tui_router.domain.charge import Cap, Shortfall
from tui_router.domain.library import Spend
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.usage import money
from tui_router.services.budget_limits import BUDGETS, LIMITS, LimitsInForce, day_of, month_of
from tui_router.services.estimates import Estimate


class LedgerStore(Protocol):
    """The sums of the ledger on disk."""

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        """Return dollars spent from ``start`` until before ``end``."""
        ...

    def shortfall(self, caps: Sequence[Cap], wanted: Decimal) -> Shortfall | None:
        """Return the cap that ``wanted`` more dollars would exceed."""
        ...

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return sums by ``day``, ``model``, ``conversation``, ``provider`` or ``key``."""
        ...


class BudgetRules(Protocol):
    """The spending limits in effect."""

    def caps(self, conversation_id: str | None) -> tuple[Cap, ...]:
        """Return the limits that apply to a conversation."""
        ...

    def problem(self) -> Problem | None:
        """Return why the limits are unknown; paid requests are refused then."""
        ...

    def explain(self, shortfall: Shortfall, wanted: Decimal, worst: str = "") -> Problem:
        """Return why a request would exceed a cap; ``worst`` describes its maximum cost."""
        ...

    @property
    def warn_above(self) -> Decimal:
        """Ask before a request that may cost more dollars; 0 never asks."""
        ...


class Ledger:
    """Sums what was spent and enforces the limits. Thread-safe."""

    def __init__(
        self, *, book: LedgerStore, limits: BudgetRules, now: Callable[[], datetime], zone: tzinfo | None = None
    ) -> None:
        self._book = book
        self._limits = limits
        self._now = now
        self._zone = zone

    def refusal(
        self,
        estimate: Estimate,
        bound: Decimal | None,
        *,
        conversation_id: str | None = None,
        max_cost: Decimal | None = None,
        worst: str = "",
    ) -> Problem | None:
        """Return why this must not be sent: a limit is unknown, used up, or might be exceeded.

        Args:
            estimate: What it may cost.
            bound: Upper bound of the cost in dollars; ``None`` if unknown.
            conversation_id: Conversation whose budget applies.
            max_cost: Dollars that it may cost at most.
            worst: Description of the bound.
        """
        may_cost = estimate.most is None or estimate.most > 0 or estimate.unpriced > 0
        if not may_cost:
            return None
        if (problem := self._limits.problem()) is not None:
            return problem
        caps = self._limits.caps(conversation_id)
        if bound is None:
            guard = "--max-cost" if max_cost is not None else "a budget"
            return _unpriced(estimate, guard) if caps or max_cost is not None else None
        if max_cost is not None and bound > max_cost:
            return _too_expensive(bound, max_cost, worst)
        short = self._book.shortfall(caps, bound)
        return self._limits.explain(short, bound, worst) if short is not None else None

    def guard(self, conversation_id: str | None, max_cost: Decimal | None = None) -> str:
        """Return the name of the limit on a request's cost, for a sentence; empty if there is none."""
        return "--max-cost" if max_cost is not None else "a budget" if self._limits.caps(conversation_id) else ""

    def fits_later(self, bound: Decimal, *, conversation_id: str | None = None) -> bool:
        """Return whether a refused request would fit once all reservations are released."""
        short = self._book.shortfall(self._limits.caps(conversation_id), bound)
        return short is None or short.spent + bound <= short.cap.limit

    def asks_first(self, estimate: Estimate) -> bool:
        """Return whether the user is asked before a request of this cost."""
        limit = self._limits.warn_above
        return limit > 0 and estimate.most is not None and estimate.most > limit

    def spent_today(self) -> Decimal:
        """Dollars since local midnight."""
        return self.spent_since(self._day())

    def spent_this_month(self) -> Decimal:
        """Dollars since the first of the month, local time."""
        return self.spent_since(self._day().replace(day=1))

    def spent_since(self, at: datetime) -> Decimal:
        """Dollars since a moment."""
        return self._book.spent_between(at, self._now() + timedelta(days=1))

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return sums by ``day`` (newest first), or by ``model``, ``conversation``, ``provider`` or ``key``."""
        return self._book.spend_by(group, since)

    def _day(self) -> datetime:
        return self._now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _unpriced(estimate: Estimate, guard: str) -> Problem:
    who = "This model has" if estimate.models == 1 else f"{estimate.unpriced} of {estimate.models} models have"
    hint = "Pick a model with a price"
    return Problem(
        kind=ErrorKind.BUDGET,
        title="What this may cost is not known",
        detail=f"{who} no known price, and {guard} can only be kept with one",
        hint=f"Leave --max-cost out, or p{hint[1:]}" if guard == "--max-cost" else f"{hint}, or /budget off",
    )


def _too_expensive(most: Decimal, limit: Decimal, worst: str) -> Problem:
    return Problem(
        kind=ErrorKind.BUDGET,
        title="This may cost more than allowed",
        detail=f"Up to {money(most, approximate=True)}{f' for {worst}' if worst else ''}; the limit is {money(limit)}",
        hint="Raise --max-cost, lower max_tokens, or pick a cheaper model",
    )


_PERIODS = {"": "day", "day": "day", "month": "month", "conversation": "conversation", "chat": "conversation"}
_WHEN = {"day": "today", "month": "this month", "conversation": "this conversation"}


class BudgetSums(Protocol):
    """The sums that budgets need from the ledger."""

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        """Return dollars spent from ``start`` until before ``end``."""
        ...

    def held_since(self, start: datetime) -> Decimal:
        """Return dollars reserved by running requests since ``start``."""
        ...

    def spent_in(self, conversation_id: str) -> Decimal:
        """Return dollars spent in a conversation."""
        ...

    def held_in(self, conversation_id: str) -> Decimal:
        """Return dollars reserved by running requests of a conversation."""
        ...


class BudgetUse(NamedTuple):
    """One budget: its limit and usage."""

    name: str
    """``day``, ``month`` or ``conversation``."""
    limit: Decimal
    """Dollars; 0 is no limit."""
    spent: Decimal
    held: Decimal
    """Dollars reserved by running requests."""

    @property
    def left(self) -> Decimal:
        """Dollars left; meaningless without a limit."""
        return max(Decimal(0), self.limit - self.spent - self.held)

    @property
    def sentence(self) -> str:
        """One line: ``today: $1.20 of $5.00 spent, $0.050 reserved, $3.75 left``."""
        who = _WHEN[self.name]
        held = f", {money(self.held)} reserved" if self.held else ""
        if not self.limit:
            return f"{who}: {money(self.spent)} spent{held}, no limit"
        return f"{who}: {money(self.spent)} of {money(self.limit)} spent{held}, {money(self.left)} left"


def budget_usage(
    limits: LimitsInForce, sums: BudgetSums, conversation_id: str | None, now: datetime, zone: tzinfo | None = None
) -> tuple[BudgetUse, ...]:
    """Return the usage of each budget, including those without a limit."""
    found, soon = [], now + timedelta(days=1)
    for name, since in (("day", day_of(now, zone)), ("month", month_of(now, zone))):
        found.append(BudgetUse(name, limits.of(name), sums.spent_between(since, soon), sums.held_since(since)))
    spent = sums.spent_in(conversation_id) if conversation_id else Decimal(0)
    held = sums.held_in(conversation_id) if conversation_id else Decimal(0)
    return (*found, BudgetUse("conversation", limits.conversation, spent, held))


def read_budget(words: str) -> dict[str, Decimal]:
    """Parse the argument of ``/budget``: ``5``, ``5/day``, ``50/month``, ``2/conversation``, ``off``."""
    if words.strip() == "off":
        return dict.fromkeys(LIMITS.values(), Decimal(0))
    amount, _, period = words.partition("/")
    name = _PERIODS.get(period.strip().lower())
    try:
        dollars = Decimal(amount.strip().removeprefix("$").replace("_", ""))
    except InvalidOperation:
        dollars = Decimal("NaN")
    if name is None or not dollars.is_finite() or dollars < 0:
        hint = "Try 5/day, 50/month, 2/conversation or off"
        raise AppError(Problem(kind=ErrorKind.USAGE, title=f"{words} is no budget", hint=hint))
    return {LIMITS[name]: dollars}


def budget_sentence(path: str, dollars: Decimal) -> str:
    """Return the confirmation for a changed budget."""
    name = next(n for n, p in LIMITS.items() if p == path)
    return f"The {BUDGETS[name]} is {money(dollars)}" if dollars else f"No {BUDGETS[name]}"
