"""Spending reports: sums, waste, what-if prices, and reconciliation with the service's figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Protocol

from tui_router.domain.cost_reports import Review, WhatIf, review, what_if
from tui_router.domain.library import Spend
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import fingerprint
from tui_router.domain.spending import AccountPeriod, Reconciled, Reconciliation, Spent, Work
from tui_router.services.account import Account
from tui_router.services.catalog import Catalog
from tui_router.services.ledger import Ledger

CHART_DAYS = 30
PRICES_AGE = timedelta(days=1)
"""Older prices are refreshed before they are used for what-if reports."""


class Reports(Protocol):
    """The part of the ledger on disk that reports need."""

    def work(self, since: datetime | None = None) -> Sequence[Work]:
        """Return all requests since ``since``, oldest first."""
        ...

    def spent(self, start: datetime | None = None, end: datetime | None = None) -> Spent:
        """Return what was spent from ``start`` until before ``end``."""
        ...

    def spent_in(self, conversation_id: str) -> Spent:
        """Return what a conversation cost."""
        ...

    def spent_with(self, key: str, start: datetime | None = None, end: datetime | None = None) -> tuple[Spent, Decimal]:
        """Return what a key spent, including rows without a key, and the dollars of those rows."""
        ...

    def begins(self, key: str) -> datetime | None:
        """Return the time of a key's first request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The most used sums. Days and months are local."""

    today: Spent
    month: Spent
    always: Spent
    conversation: Spent | None
    """``None`` if there is no saved conversation."""
    days: tuple[Spend, ...]
    """The last ``CHART_DAYS`` days, newest first, without days that have no request."""


class Spending:
    """Computes spending reports. Reads the disk: keep it off the UI thread."""

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
        """Return what a conversation cost, including deleted answers."""
        return self._reports.spent_in(conversation_id)

    def overview(self, conversation_id: str = "") -> Overview:
        """Return the sums of today, this month, all time and a conversation, and daily sums."""
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
        """Return a review of spending: waste, cost per kept answer, effect of caches and fallbacks."""
        return review(self._reports.work(since), self._catalog.get)

    def model(self, typed: str) -> Model:
        """Resolve a model and refresh its prices; raises ``AppError``.

        Prices older than a day are refreshed; offline the old ones are used.
        """
        if not self._catalog.has_prices_of(PRICES_AGE):
            try:
                self._catalog.refresh()
            except AppError:
                if not self._catalog.models:
                    raise
        model = self._catalog.resolve(typed)
        if not model.pricing.is_known:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE,
                    title=f"{model.id} has no fixed price",
                    detail="It chooses another model for each request" if model.is_router else "",
                    hint="Name a model with a price: tui-router models lists them",
                )
            )
        return model

    def what_if(self, model: Model, since: datetime | None = None) -> WhatIf:
        """Return past requests priced with another model."""
        return what_if(self._reports.work(since), model, self._catalog.fetched_at)

    def reconcile(self) -> Reconciliation:
        """Compare the service's usage of the active key with the ledger. Blocks; raises ``AppError``.

        The service sums by UTC days and months, so ours cover the same periods.
        """
        secret = self._account.need().secret
        checked = self._account.check()
        key, info = fingerprint(secret), checked.info
        day = checked.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        spans = (
            (AccountPeriod.DAY, day, info.usage_daily),
            (AccountPeriod.MONTH, day.replace(day=1), info.usage_monthly),
            (AccountPeriod.ALWAYS, None, info.usage),
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
        """Return local midnight of today."""
        return self._now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
