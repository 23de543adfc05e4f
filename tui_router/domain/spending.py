"""Money that was spent, as the ledger has it: sums, and each request with what became of its answer.

Sums say what they rest on: the part that the server told, the part that was estimated here, and how many
requests nobody knows the cost of. Nothing unknown is counted as zero dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.library import Spend
from tui_router.domain.usage import Pricing, Usage, money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A sum of dollars, and what it rests on."""

    known: Decimal = ZERO
    """Dollars that the server told."""
    estimated: Decimal = ZERO
    """Dollars that were computed here and not told by the server."""
    unknown: int = 0
    """Requests whose cost is not known; no dollars are counted for them."""
    requests: int = 0

    @property
    def total(self) -> Decimal:
        """All dollars, estimated ones included."""
        return self.known + self.estimated

    @property
    def label(self) -> str:
        """A few characters for a table: ``$0.40``, ``~$0.40``, ``$0.40 + ?``, ``?``."""
        if not self.unknown:
            return money(self.total, approximate=self.estimated > 0)
        return "?" if self.total == 0 else f"{money(self.total, approximate=self.estimated > 0)} + ?"

    @property
    def sentence(self) -> str:
        """The sum in words: ``~$0.40 + 2 not known yet``."""
        if not self.unknown:
            return self.label
        amount = f"{money(self.total, approximate=self.estimated > 0)} + " if self.total else ""
        return f"{amount}{self.unknown:,} not known yet"

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            known=self.known + other.known,
            estimated=self.estimated + other.estimated,
            unknown=self.unknown + other.unknown,
            requests=self.requests + other.requests,
        )


def count_of(requests: int) -> str:
    """Return a number of requests in words: ``1 request``, ``2,000 requests``."""
    return f"{requests:,} {'request' if requests == 1 else 'requests'}"


def signed(amount: Decimal) -> str:
    """Return a difference in dollars with its sign: ``+$0.12``, ``-$0.12``, ``$0``."""
    return f"+{money(amount)}" if amount > 0 else money(amount)


def spent_of(row: Spend) -> Spent:
    """Return the sum of a row of a table."""
    return Spent(known=row.cost - row.estimated, estimated=row.estimated, unknown=row.unknown, requests=row.requests)


class Fate(StrEnum):
    """What became of the answer that a request paid for."""

    KEPT = "kept"
    RETRIED = "retried"
    """The attempt failed and was followed by another."""
    STOPPED = "stopped"
    CUT = "cut"
    """It hit the length limit."""
    BROKEN = "broken"
    """Interrupted, failed or filtered."""
    LANE = "lane"
    """An answer of a comparison that the conversation does not go on with."""
    REPLACED = "replaced"
    """Another answer to the same question took its place."""
    DELETED = "deleted"


WASTES = {
    Fate.STOPPED: "stopped answers",
    Fate.CUT: "cut at the length limit",
    Fate.BROKEN: "interrupted, failed or filtered",
    Fate.RETRIED: "attempts that were retried",
    Fate.LANE: "comparison answers not kept",
    Fate.REPLACED: "replaced by another answer",
    Fate.DELETED: "deleted answers",
}
"""Every fate that counts as waste, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One request of the ledger: who was asked, what it used and cost, what became of it."""

    at: datetime
    model: str
    served_model: str = ""
    message_id: str = ""
    is_answer: bool = True
    """False for titles, summaries, merges and judges: they have no answer to keep."""
    usage: Usage
    """``cost`` is ``None`` while it is not known."""
    prices: Pricing = Pricing()
    """The prices that were applied, as far as they were noted."""
    fate: Fate = Fate.KEPT

    @property
    def spent(self) -> Spent:
        """What it cost, as a sum of one."""
        cost = self.usage.cost
        if cost is None:
            return Spent(unknown=1, requests=1)
        return Spent(estimated=cost, requests=1) if self.usage.is_estimate else Spent(known=cost, requests=1)


_NEGLIGIBLE = Decimal("0.0000005")
"""Dollars. The service tells its sums as binary fractions."""


class AccountPeriod(StrEnum):
    """What the service sums for a key. Its days and months are those of UTC."""

    DAY = "day"
    MONTH = "month"
    ALWAYS = "always"


_WORDS = {AccountPeriod.DAY: "today", AccountPeriod.MONTH: "this month", AccountPeriod.ALWAYS: "in all"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One sum of the service beside ours over the same time."""

    span: AccountPeriod
    start: datetime | None
    """UTC; ``None`` for the key's whole life."""
    theirs: Decimal
    """Dollars, as the service says."""
    ours: Spent
    """The ledger's sum for this key and this time, old rows included."""
    old_rows: Decimal = Decimal(0)
    """The part of ours whose key was not noted: rows of an earlier version."""

    @property
    def difference(self) -> Decimal:
        """Dollars that the service counts more than the ledger (less, where negative)."""
        return self.theirs - self.ours.total

    @property
    def agrees(self) -> bool:
        """True when both say the same."""
        return abs(self.difference) < _NEGLIGIBLE

    @property
    def when(self) -> str:
        """The time in words."""
        return _WORDS[self.span]

    @property
    def sentence(self) -> str:
        """One honest sentence about the difference."""
        known = money(self.ours.total, approximate=self.ours.estimated > 0)
        said = f"Your key says {money(self.theirs)} {self.when}, this library {self.ours.sentence}"
        if self.agrees and not self.ours.unknown:
            return f"Your key and this library agree: {known} {self.when}"
        if self.agrees:
            return f"{said}: the rest agrees"
        amount = money(abs(self.difference), approximate=self.ours.estimated > 0)
        if self.difference > 0:
            return f"{said}: {amount} was spent elsewhere or is not booked yet"
        reason = "the service books late, or estimates here are too high"
        if self.old_rows:
            reason += ", or old rows belong to another key"
        return f"{said}: {amount} more than the service; {reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """All sums of a key, with what has to be known to read them."""

    key: str
    """The key as a person may see it."""
    at: datetime
    """When the service was asked, UTC."""
    begins: datetime | None
    """The first request of the ledger that counts; ``None`` when there is none."""
    spans: tuple[Reconciled, ...]
    local_start: datetime | None = None
    """When the service's day began, by the local clock."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said beside the figures."""
        found = []
        if self.local_start is not None and self.local_start.utcoffset():
            found.append(f"The service's day is that of UTC: it began at {self.local_start:%H:%M} here")
        if self.begins is not None:
            found.append(
                f"This library begins on {self.begins.astimezone():%Y-%m-%d}; earlier use of the key is not in it"
            )
        old = max((s.old_rows for s in self.spans), default=Decimal(0))
        if old:
            found.append(f"{money(old)} of it are rows of an earlier version, which did not note the key")
        return tuple(found)
