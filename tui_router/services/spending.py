"""Where the money went: sums, waste, other prices, and the service's own figures beside those of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Protocol

from tui_router.domain.audit import Review, WhatIf, review, what_if
from tui_router.domain.library import Spend
from tui_router.domain.model import Model
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.reconciliation import Reconciled, Reconciliation, Span
from tui_router.domain.secret import fingerprint
from tui_router.domain.spending import Spent, Work
from tui_router.services.account import Account
from tui_router.services.catalog import Catalog
from tui_router.services.ledger import Ledger

CHART_DAYS = 30
PRICES_AGE = timedelta(days=1)
"""Older prices are fetched again before work is priced by them."""


class Reports(Protocol):
    """The ledger on disk, as far as it is asked about the past."""

    def work(self, since: datetime | None = None) -> Sequence[Work]:
        """Return every request since a moment, oldest first."""
        ...

    def spent(self, start: datetime | None = None, end: datetime | None = None) -> Spent:
        """Return what was spent from ``start`` until before ``end``."""
        ...

    def spent_in(self, conversation_id: str) -> Spent:
        """Return what a conversation cost."""
        ...

    def spent_with(self, key: str, start: datetime | None = None, end: datetime | None = None) -> tuple[Spent, Decimal]:
        """Return what a key spent, rows without a key included, and the dollars of those rows."""
        ...

    def begins(self, key: str) -> datetime | None:
        """Return when the first request of a key was made."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The sums that are looked at most. Days and months are those of the local clock."""

    today: Spent
    month: Spent
    always: Spent
    conversation: Spent | None
    """``None`` where there is no conversation whose money is kept apart."""
    days: tuple[Spend, ...]
    """The last ``CHART_DAYS`` days, newest first; days without a request are not in it."""


class Spending:
    """Answers questions about money that was spent. Reads the disk: keep it off the UI thread."""

    def __init__(
        self,
        *,
        reports: Reports,
        ledger: Ledger,
        catalog: Catalog,
        account: Account,
        now: Callable[[], datetime],
        zone: tzinfo | None = None,
    ) -> None:
        self._reports = reports
        self._ledger = ledger
        self._catalog = catalog
        self._account = account
        self._now = now
        self._zone = zone

    def of_conversation(self, conversation_id: str) -> Spent:
        """Return what a conversation cost, deleted answers included: it never falls."""
        return self._reports.spent_in(conversation_id)

    def overview(self, conversation_id: str = "") -> Overview:
        """Return the sums of today, this month, always and a conversation, and the last days."""
        day = self.midnight()
        return Overview(
            today=self._reports.spent(day),
            month=self._reports.spent(day.replace(day=1)),
            always=self._reports.spent(),
            conversation=self.of_conversation(conversation_id) if conversation_id else None,
            days=self.by("day", day - timedelta(days=CHART_DAYS - 1)),
        )

    def by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return sums by ``day`` (newest first), or by ``model``, ``conversation``, ``provider`` or ``key``."""
        return self._ledger.spend_by(group, since)

    def review(self, since: datetime | None = None) -> Review:
        """Return what the money bought: waste, cost of a kept answer, what caches and fallbacks did."""
        return review(self._reports.work(since), self._catalog.get)

    def model(self, typed: str) -> Model:
        """Return the model that a person means, with prices of today; raises ``Trouble``.

        Prices are fetched again where they are older than a day; offline the old ones stand.
        """
        if not self._catalog.has_prices_of(PRICES_AGE):
            try:
                self._catalog.refresh()
            except Trouble:
                if not self._catalog.models:
                    raise
        model = self._catalog.resolve(typed)
        if not model.pricing.is_known:
            raise Trouble(
                Problem(
                    kind=Kind.USAGE,
                    title=f"{model.id} has no fixed price",
                    detail="It chooses another model for each request" if model.is_router else "",
                    hint="Name a model with a price: tui-router models lists them",
                )
            )
        return model

    def what_if(self, model: Model, since: datetime | None = None) -> WhatIf:
        """Return the work since a moment at the prices of a model."""
        return what_if(self._reports.work(since), model, self._catalog.fetched_at)

    def reconcile(self) -> Reconciliation:
        """Ask the service what the key in use has spent, and compare; blocking, raises ``Trouble``.

        The service sums by days and months of UTC, so ours are taken over the same time.
        """
        secret = self._account.need().secret
        checked = self._account.check()
        key, info = fingerprint(secret), checked.info
        day = checked.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        spans = (
            (Span.DAY, day, info.usage_daily),
            (Span.MONTH, day.replace(day=1), info.usage_monthly),
            (Span.ALWAYS, None, info.usage),
        )
        found = []
        for span, start, theirs in spans:
            ours, old = self._reports.spent_with(key, start)
            found.append(Reconciled(span=span, start=start, theirs=theirs, ours=ours, old_rows=old))
        return Reconciliation(
            key=secret.masked,
            at=checked.at,
            begins=self._reports.begins(key),
            spans=tuple(found),
            local_start=day.astimezone(self._zone),
        )

    def midnight(self) -> datetime:
        """Return when today began, by the local clock."""
        return self._now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
