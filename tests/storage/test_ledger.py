"""What was spent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.values import NOON, a_conversation
from tui_router.domain.message import Timing
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.ledger import Ledger

ONE, TWO = ModelRef("a/one"), ModelRef("b/two")


def usage(cost: str | None) -> Usage:
    """Ten tokens in, five out."""
    return Usage(prompt_tokens=10, completion_tokens=5, cost=Decimal(cost) if cost else None)


def test_sums_are_exact_by_day_model_and_conversation(database: Database) -> None:
    ledger = Ledger(database)
    Conversations(database).save(a_conversation("c1", title="Sea"))
    for _ in range(10):
        ledger.record(usage("0.1"), at=NOON, model=ONE, conversation_id="c1")
    ledger.record(usage("0.000000000003"), at=NOON + timedelta(days=1), model=TWO, conversation_id="gone")
    ledger.record(usage(None), at=NOON + timedelta(days=1), model=TWO)
    days = ledger.spend_by("day")
    assert [(d.cost, d.requests, d.prompt_tokens, d.completion_tokens) for d in days] == [
        (Decimal("0.000000000003"), 2, 20, 10),
        (Decimal(1), 10, 100, 50),
    ]
    assert days[1].day == NOON.astimezone().date()
    assert [(m.label, m.cost, m.day) for m in ledger.spend_by("model")] == [
        ("a/one", Decimal(1), None),
        ("b/two", Decimal("0.000000000003"), None),
    ]
    assert [c.label for c in ledger.spend_by("conversation")] == ["Sea", "gone", ""]
    assert [m.label for m in ledger.spend_by("model", NOON + timedelta(hours=1))] == ["b/two"]


def test_spending_survives_the_conversation(database: Database) -> None:
    ledger, conversations = Ledger(database), Conversations(database)
    conversations.save(a_conversation("c1"))
    ledger.record(usage("0.5"), at=NOON, model=ONE, conversation_id="c1")
    conversations.delete("c1")
    conversations.purge(before=datetime(2200, 1, 1, tzinfo=UTC))
    assert ledger.spent_between(NOON, NOON + timedelta(seconds=1)) == Decimal("0.5")
    assert ledger.spent_between(NOON - timedelta(days=1), NOON) == 0


def test_better_figures_of_the_same_answer_replace_the_first(database: Database) -> None:
    ledger, conversations = Ledger(database), Conversations(database)
    conversations.save(a_conversation("c1"))
    for cost in ("0.5", "0.2"):
        ledger.record(usage(cost), at=NOON, model=ONE, conversation_id="c1", message_id="m")
    assert ledger.spend_by("model")[0].requests == 1
    assert conversations.list_summaries()[0].cost == Decimal("0.2")


def test_speeds_are_kept_for_the_leaderboard(database: Database) -> None:
    ledger = Ledger(database)
    ledger.record(usage("0.1"), at=NOON, model=ONE, timing=Timing(first_token=0.5, total=2.0))
    ledger.record(usage(None), at=NOON, model=TWO)
    first, second = ledger.speeds()
    assert first == ("a/one", 0.5, 2.0, 5, Decimal("0.1"))
    assert second.cost is None
    assert ledger.speeds(NOON + timedelta(days=1)) == ()


def test_an_odd_day_is_shown_without_a_date(database: Database) -> None:
    ledger = Ledger(database)
    ledger.record(usage("0.1"), at=NOON, model=ONE)
    with database.write() as connection:
        connection.execute("UPDATE spend SET day = 'someday'")
    assert ledger.spend_by("day")[0].day is None
