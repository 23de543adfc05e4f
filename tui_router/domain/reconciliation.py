"""The service's own figures of a key beside those of the ledger, and what the difference may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.spending import Spent
from tui_router.domain.usage import money

_NEGLIGIBLE = Decimal("0.0000005")
"""Dollars. The service tells its sums as binary fractions."""


class Span(StrEnum):
    """What the service sums for a key. Its days and months are those of UTC."""

    DAY = "day"
    MONTH = "month"
    ALWAYS = "always"


_WORDS = {Span.DAY: "today", Span.MONTH: "this month", Span.ALWAYS: "in all"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One sum of the service beside ours over the same time."""

    span: Span
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
