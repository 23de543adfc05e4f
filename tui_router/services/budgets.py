"""Budgets as a person sets and reads them: what is spent of each, what is left, and what ``/budget 5/day`` means."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, Protocol

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.usage import money
from tui_router.services.budget_limits import BUDGETS, LIMITS, LimitsInForce, day_of, month_of

_PERIODS = {"": "day", "day": "day", "month": "month", "conversation": "conversation", "chat": "conversation"}
_WHEN = {"day": "today", "month": "this month", "conversation": "this conversation"}


class Sums(Protocol):
    """What is needed of the ledger."""

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        """Return dollars spent from ``start`` until before ``end``."""
        ...

    def held_since(self, start: datetime) -> Decimal:
        """Return dollars reserved for what runs, since a moment."""
        ...

    def spent_in(self, conversation_id: str) -> Decimal:
        """Return dollars spent in a conversation."""
        ...

    def held_in(self, conversation_id: str) -> Decimal:
        """Return dollars reserved for what runs in a conversation."""
        ...


class BudgetUse(NamedTuple):
    """One budget: its limit, and how much of it is used."""

    name: str
    """``day``, ``month`` or ``conversation``."""
    limit: Decimal
    """Dollars; 0 is no limit."""
    spent: Decimal
    held: Decimal
    """Reserved for answers that run."""

    @property
    def left(self) -> Decimal:
        """Dollars that may still be spent; meaningless without a limit."""
        return max(Decimal(0), self.limit - self.spent - self.held)

    @property
    def sentence(self) -> str:
        """One line: ``today: $1.20 of $5.00 spent, $0.050 reserved, $3.75 left``."""
        who = _WHEN[self.name]
        held = f", {money(self.held)} reserved" if self.held else ""
        if not self.limit:
            return f"{who}: {money(self.spent)} spent{held}, no limit"
        return f"{who}: {money(self.spent)} of {money(self.limit)} spent{held}, {money(self.left)} left"


def standings(
    limits: LimitsInForce, sums: Sums, conversation_id: str | None, now: datetime, zone: tzinfo | None = None
) -> tuple[BudgetUse, ...]:
    """Return how much of each budget is used, budgets without a limit included."""
    found, soon = [], now + timedelta(days=1)
    for name, since in (("day", day_of(now, zone)), ("month", month_of(now, zone))):
        found.append(BudgetUse(name, limits.of(name), sums.spent_between(since, soon), sums.held_since(since)))
    spent = sums.spent_in(conversation_id) if conversation_id else Decimal(0)
    held = sums.held_in(conversation_id) if conversation_id else Decimal(0)
    return (*found, BudgetUse("conversation", limits.conversation, spent, held))


def read_budget(words: str) -> dict[str, Decimal]:
    """Return what ``/budget`` sets, by path: ``5``, ``5/day``, ``50/month``, ``2/conversation``, ``off``."""
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
        raise Trouble(Problem(kind=Kind.USAGE, title=f"{words} is no budget", hint=hint))
    return {LIMITS[name]: dollars}


def budget_sentence(path: str, dollars: Decimal) -> str:
    """Return what to say after a budget was set."""
    name = next(n for n, p in LIMITS.items() if p == path)
    return f"The {BUDGETS[name]} is {money(dollars)}" if dollars else f"No {BUDGETS[name]}"
