"""Sums and limits: what may be sent, and what is said where it may not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.memory_store import memory_store
from tests.values import book
from tui_router.domain.charge import Cap, Charge, Shortfall
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.usage import Usage
from tui_router.services.estimates import Estimate
from tui_router.services.ledger import Ledger
from tui_router.storage.charges import Charges

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
LOST = Problem(kind=ErrorKind.SETTINGS, title="settings.toml cannot be read")


class Limits:
    """A limit of so much a day, or one that nobody knows."""

    def __init__(self, daily: str = "0", problem: Problem | None = None, warn_above: str = "0.50") -> None:
        self._daily = Decimal(daily)
        self._problem = problem
        self.warn_above = Decimal(warn_above)

    def caps(self, conversation_id: str | None) -> tuple[Cap, ...]:
        return (Cap(name="day", limit=self._daily, since=MIDNIGHT),) if self._daily else ()

    def problem(self) -> Problem | None:
        return self._problem

    def explain(self, shortfall: Shortfall, wanted: Decimal, worst: str = "") -> Problem:
        return Problem(kind=ErrorKind.BUDGET, title=f"{shortfall.cap.name} {shortfall.spent} {shortfall.held} {wanted}")


def guess(most: str | None = "0.10", unpriced: int = 0) -> Estimate:
    dollars = None if most is None else Decimal(most)
    return Estimate(tokens=10, share=None, low=dollars, typical=dollars, most=dollars, unpriced=unpriced)


def refused(books: Ledger, most: str | None, **more: Decimal | None) -> Problem | None:
    """Ask whether something that can cost so much may be sent; ``None`` is a price that nobody knows."""
    estimate = guess(most, unpriced=int(most is None))
    return books.refusal(estimate, estimate.most, **more)  # type: ignore[arg-type]


@pytest.fixture
def charges() -> Charges:
    return Charges(memory_store())


def ledger(charges: Charges, limits: Limits) -> Ledger:
    return Ledger(book=charges, limits=limits, now=lambda: NOW, zone=UTC)


def test_a_request_passes_while_its_worst_case_fits_the_budget(charges: Charges) -> None:
    books = ledger(charges, Limits("0.25"))
    assert refused(books, "0.25") is None
    book(charges, Usage(cost=Decimal("0.05")), at=NOW)
    refusal = refused(books, "0.25")
    assert refusal is not None
    assert refusal.title == "day 0.05 0 0.25"


def test_what_is_reserved_by_others_counts_and_may_come_back(charges: Charges) -> None:
    books = ledger(charges, Limits("0.25"))
    charges.open(Charge(id="other", at=NOW, model=ModelRef("a/b"), reserved=Decimal("0.2")))
    assert refused(books, "0.1") is not None
    assert books.fits_later(Decimal("0.1"))
    assert not books.fits_later(Decimal("0.3"))


def test_yesterday_does_not_count_for_today(charges: Charges) -> None:
    book(charges, Usage(cost=Decimal(9)), at=MIDNIGHT.replace(day=21))
    books = ledger(charges, Limits("0.25"))
    assert refused(books, "0.2") is None
    assert (books.spent_today(), books.spent_this_month()) == (Decimal(0), Decimal(9))


def test_free_models_pass_every_limit(charges: Charges) -> None:
    book(charges, Usage(cost=Decimal(9)), at=NOW)
    assert refused(ledger(charges, Limits("0.25")), "0") is None
    assert refused(ledger(charges, Limits(problem=LOST)), "0") is None


def test_without_known_limits_nothing_paid_is_sent(charges: Charges) -> None:
    books = ledger(charges, Limits(problem=LOST))
    assert refused(books, "0.01") == LOST
    assert refused(books, None) == LOST


@pytest.mark.parametrize("max_cost", [None, "1"])
def test_no_known_price_means_no_send_under_a_limit(charges: Charges, max_cost: str | None) -> None:
    limit = None if max_cost is None else Decimal(max_cost)
    refusal = refused(ledger(charges, Limits("5")), None, max_cost=limit)
    assert refusal is not None
    assert (refusal.kind, refusal.title) == (ErrorKind.BUDGET, "What this may cost is not known")
    assert ("--max-cost" in refusal.hint) == (max_cost is not None)
    assert refused(ledger(charges, Limits()), None) is None


def test_a_limit_of_this_run_is_held_against_the_worst_case(charges: Charges) -> None:
    books = ledger(charges, Limits())
    refusal = refused(books, "0.11", max_cost=Decimal("0.10"))
    assert refusal is not None
    assert "Up to ~$0.110; the limit is $0.100" in refusal.detail
    assert refused(books, "0.10", max_cost=Decimal("0.10")) is None


def test_an_expensive_request_asks_first(charges: Charges) -> None:
    assert ledger(charges, Limits()).asks_first(guess("0.51"))
    assert not ledger(charges, Limits()).asks_first(guess("0.50"))
    assert not ledger(charges, Limits(warn_above="0")).asks_first(guess("100"))
    assert not ledger(charges, Limits()).asks_first(guess(None))
