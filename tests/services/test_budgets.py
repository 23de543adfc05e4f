"""Budgets: since when a cap counts, what is said when one is broken, and how a person sets and reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.charge import Cap, Shortfall
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.services.budget_limits import LimitsInForce, budget_problem, caps, day_of, month_of
from tui_router.services.ledger import budget_sentence, budget_usage, read_budget

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def test_only_limits_that_are_set_become_caps() -> None:
    assert caps(LimitsInForce(), "c", NOON) == ()
    limits = LimitsInForce(daily=Decimal(1), monthly=Decimal(2), conversation=Decimal(3))
    berlin = ZoneInfo("Europe/Berlin")
    day, month, conversation = caps(limits, "c", NOON, berlin)
    assert day == Cap(name="day", limit=Decimal(1), since=datetime(2026, 6, 14, 22, tzinfo=UTC))
    assert month == Cap(name="month", limit=Decimal(2), since=datetime(2026, 5, 31, 22, tzinfo=UTC))
    assert conversation == Cap(name="conversation", limit=Decimal(3), conversation_id="c")
    assert len(caps(limits, None, NOON, berlin)) == 2


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        # Midnight is left out, or comes twice.
        ("America/Havana", datetime(2026, 3, 8, 12, tzinfo=UTC), datetime(2026, 3, 8, 5, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_own_midnight_whatever_the_clocks_did(zone: str, now: datetime, day: datetime) -> None:
    assert day_of(now, ZoneInfo(zone)) == day


@pytest.fixture
def machine_in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_machines_own_zone_is_asked_for_midnight(machine_in_berlin: None) -> None:
    assert day_of(datetime(2026, 3, 29, 12, tzinfo=UTC)) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert month_of(datetime(2026, 10, 31, 12, tzinfo=UTC)) == datetime(2026, 9, 30, 22, tzinfo=UTC)


ZONES = ("Europe/Berlin", "America/Havana", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "UTC")


@given(st.integers(946_684_800, 2_114_380_800), st.sampled_from(ZONES))
def test_a_day_has_begun_and_is_at_most_twenty_five_hours_old(seconds: int, zone: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    began = day_of(now, ZoneInfo(zone))
    assert began <= now < began + timedelta(hours=25, seconds=1)
    assert began.astimezone(ZoneInfo(zone)).date() == now.astimezone(ZoneInfo(zone)).date()
    assert month_of(now, ZoneInfo(zone)) <= began


SHORT = Shortfall(cap=Cap(name="day", limit=Decimal(5), since=NOON), spent=Decimal("4.2"), held=Decimal("0.5"))


def test_the_figures_come_in_their_order() -> None:
    problem = budget_problem(SHORT, Decimal("0.6"))
    assert problem.kind is ErrorKind.BUDGET
    assert problem.title == "Today's budget leaves too little"
    assert problem.detail == (
        "The limit is $5.00, $4.20 is spent, $0.500 is reserved by what is running, this could cost up to $0.600"
    )
    assert budget_problem(SHORT, Decimal("0.6"), "your words").detail == f"{problem.detail}: your words"
    for way in ("Wait for what is running", "/budget AMOUNT/day", "free model", "max_tokens"):
        assert way in problem.hint


def test_what_is_used_up_is_called_so() -> None:
    short = Shortfall(
        cap=Cap(name="conversation", limit=Decimal(1), conversation_id="c"), spent=Decimal(1), held=Decimal(0)
    )
    problem = budget_problem(short, Decimal("0.1"))
    assert problem.title == "This conversation's budget is used up"
    assert "reserved" not in problem.detail
    assert "max_tokens" not in problem.hint, "no shorter answer fits either"
    assert problem.hint.startswith("Raise it with /budget AMOUNT/conversation")


@pytest.mark.parametrize(
    ("words", "path", "amount"),
    [
        ("5", "money.daily_budget", "5"),
        ("$5/day", "money.daily_budget", "5"),
        ("50 / month", "money.monthly_budget", "50"),
        ("0.5/conversation", "money.conversation_budget", "0.5"),
        ("2/chat", "money.conversation_budget", "2"),
    ],
)
def test_a_budget_is_read_as_people_write_it(words: str, path: str, amount: str) -> None:
    assert read_budget(words) == {path: Decimal(amount)}


def test_off_lifts_all_of_them() -> None:
    assert set(read_budget("off").values()) == {Decimal(0)}
    assert len(read_budget("off")) == 3
    assert budget_sentence("money.daily_budget", Decimal(0)) == "No daily budget"
    assert budget_sentence("money.conversation_budget", Decimal(2)) == "The budget for each conversation is $2.00"


@pytest.mark.parametrize("words", ["lots", "5/week", "-1/day", "nan", "5/day/month", "inf/day"])
def test_what_is_no_budget_is_refused(words: str) -> None:
    with pytest.raises(AppError) as caught:
        read_budget(words)
    assert "5/day" in caught.value.problem.hint


class Sums:
    """A ledger in which every sum is known."""

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        assert start < NOON < end
        return Decimal(2) if start.day == 15 else Decimal(20)

    def held_since(self, start: datetime) -> Decimal:
        return Decimal("0.5")

    def spent_in(self, conversation_id: str) -> Decimal:
        return Decimal("0.25")

    def held_in(self, conversation_id: str) -> Decimal:
        return Decimal(0)


def test_what_is_spent_and_left_of_each_is_said() -> None:
    limits = LimitsInForce(daily=Decimal(5), conversation=Decimal("0.1"))
    lines = [s.sentence for s in budget_usage(limits, Sums(), "c", NOON, ZoneInfo("UTC"))]
    assert lines == [
        "today: $2.00 of $5.00 spent, $0.500 reserved, $2.50 left",
        "this month: $20.00 spent, $0.500 reserved, no limit",
        "this conversation: $0.250 of $0.100 spent, $0 left",
    ]
