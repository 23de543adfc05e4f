"""Where the money went, over a store in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest

from tests.memory_store import memory_store
from tests.values import a_conversation
from tui_router.domain.account import KeyInfo
from tui_router.domain.charge import Charge, ChargeState, Settlement
from tui_router.domain.message import new_id
from tui_router.domain.model import Model, ModelRef
from tui_router.domain.model_names import resolve
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret, fingerprint
from tui_router.domain.spending import Spent
from tui_router.domain.usage import Pricing, Usage
from tui_router.services.account import Checked
from tui_router.services.ledger import Ledger
from tui_router.services.spending import CHART_DAYS, Spending
from tui_router.storage.charge_reports import ChargeReports
from tui_router.storage.charges import Charges
from tui_router.storage.conversations import Conversations
from tui_router.storage.keys import FoundKey

# 01:00 in Berlin, where a new day and month have begun; in UTC they have not.
NOW = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
BERLIN = timezone(timedelta(hours=2))
CENT = Decimal("0.01")
KEY = Secret("sk-or-v1-0123456789abcdef")
PRICED = Model(id="a/priced", name="Priced", pricing=Pricing(prompt=CENT, completion=CENT))
AUTO = Model(id="openrouter/auto", name="Auto", pricing=Pricing(varies=True))
OFFLINE = AppError(Problem(kind=ErrorKind.NETWORK, title="No connection"))


class OneKey:
    """An account with one key, and what the service says of it."""

    def __init__(self, info: KeyInfo | None) -> None:
        self.info = info

    def need(self) -> FoundKey:
        return FoundKey(secret=KEY, source="a test", base_url="https://example.test")

    def check(self) -> Checked:
        if self.info is None:
            raise OFFLINE
        return Checked(info=self.info, credits=None, at=NOW)


class Shelf:
    """A catalogue whose age and reach a test decides."""

    def __init__(self, *, old: bool = False, reachable: bool = True, empty: bool = False) -> None:
        self.old = old
        self.reachable = reachable
        self.known = {} if empty else {m.id: m for m in (PRICED, AUTO)}
        self.refreshed = 0
        self.fetched_at = NOW

    @property
    def models(self) -> tuple[Model, ...]:
        return tuple(self.known.values())

    def has_prices_of(self, age: timedelta) -> bool:
        return not self.old

    def refresh(self) -> None:
        self.refreshed += 1
        if not self.reachable:
            raise OFFLINE

    def get(self, model_id: str) -> Model | None:
        return self.known.get(model_id)

    def resolve(self, typed: str) -> Model:
        return resolve(typed, self.known)


class Shop:
    """Spending over a store in memory."""

    def __init__(self, info: KeyInfo | None = None, shelf: Shelf | None = None) -> None:
        database = memory_store()
        self.charges = Charges(database)
        self.conversations = Conversations(database)
        self.spending = Spending(
            reports=ChargeReports(database),
            ledger=Ledger(book=self.charges, limits=cast(Any, None), now=lambda: NOW, zone=BERLIN),
            catalog=cast(Any, shelf or Shelf()),
            account=cast(Any, OneKey(info)),
            now=lambda: NOW,
            zone=BERLIN,
        )

    def pay(self, cost: str | None, ago: timedelta = timedelta(), **known: Any) -> None:
        """Book a request; ``None`` leaves it open."""
        charge = Charge(**{"id": new_id(), "at": NOW - ago, "model": ModelRef("a/b"), **known})
        self.charges.open(charge)
        if cost is not None:
            usage = Usage(prompt_tokens=10, completion_tokens=5, cost=Decimal(cost))
            self.charges.settle(charge.id, Settlement(state=ChargeState.SETTLED, usage=usage))


def test_the_overview_has_local_days_and_what_is_not_known() -> None:
    shop = Shop()
    shop.conversations.save(a_conversation("c1"))
    shop.pay("0.04", conversation_id="c1")
    shop.pay(None)
    shop.pay("0.02", timedelta(hours=2))  # before midnight in Berlin: another day and another month
    shop.pay("0.01", timedelta(days=CHART_DAYS + 5))
    found = shop.spending.overview("c1")
    assert found.today == found.month == Spent(known=CENT * 4, unknown=1, requests=2)
    assert found.always == Spent(known=CENT * 7, unknown=1, requests=4)
    assert found.conversation == Spent(known=CENT * 4, requests=1)
    assert sum(d.requests for d in found.days) == 3
    assert shop.spending.overview().conversation is None


def test_the_key_is_compared_over_days_of_utc_and_with_its_own_rows_only() -> None:
    info = KeyInfo(usage=Decimal(9), usage_daily=Decimal("4.11"), usage_monthly=Decimal(5))
    shop = Shop(info)
    mine = fingerprint(KEY)
    shop.pay("3", key=mine)
    shop.pay("0.98", timedelta(hours=22, minutes=59), key=mine)
    shop.pay("1", timedelta(hours=23, minutes=1), key=mine)
    shop.pay("0.5", timedelta(days=40))
    shop.pay("7", key=fingerprint(Secret("another key of this person")))
    found = shop.spending.reconcile()
    assert [(s.theirs, s.ours.total, s.old_rows) for s in found.spans] == [
        (Decimal("4.11"), Decimal("3.98"), 0),
        (Decimal(5), Decimal("4.98"), 0),
        (Decimal(9), Decimal("5.48"), Decimal("0.5")),
    ]
    assert "$0.130 was spent elsewhere or is not booked yet" in found.spans[0].sentence
    assert found.begins == NOW - timedelta(days=40)
    assert "it began at 02:00 here" in found.notes[0]
    assert KEY.reveal() not in repr(found)


def test_a_service_out_of_reach_is_trouble() -> None:
    with pytest.raises(AppError, match="No connection"):
        Shop().spending.reconcile()


@pytest.mark.parametrize(("old", "reachable", "refreshed"), [(False, True, 0), (True, True, 1), (True, False, 1)])
def test_prices_are_fetched_again_where_they_are_old(old: bool, reachable: bool, refreshed: int) -> None:
    shelf = Shelf(old=old, reachable=reachable)
    assert Shop(shelf=shelf).spending.model("priced") == PRICED
    assert shelf.refreshed == refreshed


@pytest.mark.parametrize(
    ("typed", "kind"), [("a/pricey", ErrorKind.UNKNOWN_MODEL), ("openrouter/auto", ErrorKind.USAGE)]
)
def test_a_model_that_is_not_known_or_has_no_price_is_refused(typed: str, kind: ErrorKind) -> None:
    with pytest.raises(AppError) as refused:
        Shop().spending.model(typed)
    assert refused.value.problem.kind is kind


def test_without_any_catalogue_the_network_is_to_blame() -> None:
    with pytest.raises(AppError, match="No connection"):
        Shop(shelf=Shelf(old=True, reachable=False, empty=True)).spending.model("a/b")


def test_work_since_a_moment_at_other_prices() -> None:
    shop = Shop()
    shop.pay("1")
    shop.pay("1", timedelta(days=2))
    found = shop.spending.what_if(PRICED, NOW)
    assert (found.spent.total, found.other, found.prices_at) == (Decimal(1), CENT * 15, NOW)
    assert shop.spending.what_if(PRICED).other == CENT * 30
    assert shop.spending.review(NOW).spent.requests == 1
