"""The ledger on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.values import NOON, a_conversation
from tui_router.domain.charge import Cap, Charge, ChargeState, Settlement
from tui_router.domain.message import Timing, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.charges import Charges
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.migrations import STEPS, migrate
from tui_router.storage.paths import AppPaths

ONE, TWO = ModelRef("a/one"), ModelRef("b/two")
DAY = Cap(name="day", limit=Decimal("0.10"), since=NOON - timedelta(hours=1))


def usage(cost: str | None) -> Usage:
    """Ten tokens in, five out."""
    return Usage(prompt_tokens=10, completion_tokens=5, cost=Decimal(cost) if cost else None)


def a_charge(at: datetime = NOON, model: ModelRef = ONE, reserved: str = "0", **known: str | None) -> Charge:
    """A charge that is about to be opened."""
    return Charge(id=new_id(), at=at, model=model, reserved=Decimal(reserved), **known)  # type: ignore[arg-type]


def settled(charges: Charges, charge: Charge, cost: str | None, **more: Timing) -> str:
    """Open a charge and settle it."""
    charges.open(charge)
    charges.settle(charge.id, Settlement(state=ChargeState.SETTLED, usage=usage(cost), **more))  # type: ignore[arg-type]
    return charge.id


def test_sums_are_exact_by_day_model_and_conversation(database: Database) -> None:
    charges = Charges(database)
    Conversations(database).save(a_conversation("c1", title="Sea"))
    for _ in range(10):
        settled(charges, a_charge(conversation_id="c1"), "0.1")
    settled(charges, a_charge(NOON + timedelta(days=1), TWO, conversation_id="gone"), "0.000000000003")
    settled(charges, a_charge(NOON + timedelta(days=1), TWO), None)
    days = charges.spend_by("day")
    assert [(d.cost, d.requests, d.prompt_tokens, d.completion_tokens, d.unknown) for d in days] == [
        (Decimal("0.000000000003"), 2, 20, 10, 1),
        (Decimal(1), 10, 100, 50, 0),
    ]
    assert days[1].day == NOON.astimezone().date()
    assert [(m.label, m.cost, m.day) for m in charges.spend_by("model")] == [
        ("a/one", Decimal(1), None),
        ("b/two", Decimal("0.000000000003"), None),
    ]
    assert [c.label for c in charges.spend_by("conversation")] == ["Sea", "gone", ""]
    assert [m.label for m in charges.spend_by("model", NOON + timedelta(hours=1))] == ["b/two"]


def test_spending_survives_the_conversation(database: Database) -> None:
    charges, conversations = Charges(database), Conversations(database)
    conversations.save(a_conversation("c1"))
    settled(charges, a_charge(conversation_id="c1"), "0.5")
    conversations.delete("c1")
    conversations.purge(before=datetime(2200, 1, 1, tzinfo=UTC))
    assert charges.spent_between(NOON, NOON + timedelta(seconds=1)) == Decimal("0.5")
    assert charges.spent_between(NOON - timedelta(days=1), NOON) == 0
    assert charges.spent_in("c1") == Decimal("0.5")


def test_a_true_cost_replaces_an_estimate_and_never_the_other_way_round(database: Database) -> None:
    charges, conversations = Charges(database), Conversations(database)
    conversations.save(a_conversation("c1"))
    charge = a_charge(conversation_id="c1")
    charges.open(charge)
    guess = Settlement(state=ChargeState.ESTIMATED, usage=usage("0.5"))
    charges.settle(charge.id, guess)
    assert (charges.spend_by("model")[0].estimated, charges.unknown_since(NOON)) == (Decimal("0.5"), 1)
    charges.settle(charge.id, Settlement(state=ChargeState.SETTLED, usage=usage("0.2"), provider="Demo"))
    charges.settle(charge.id, guess)
    (row,) = charges.spend_by("model")
    assert (row.requests, row.cost, row.estimated, row.unknown) == (1, Decimal("0.2"), Decimal(0), 0)
    assert conversations.list_summaries()[0].cost == Decimal("0.2")


def test_a_void_charge_is_in_no_sum(database: Database) -> None:
    charges = Charges(database)
    charge = a_charge(reserved="0.05")
    charges.open(charge)
    charges.settle(charge.id, Settlement(state=ChargeState.VOID))
    assert (charges.spend_by("day"), charges.held_since(NOON), charges.speeds()) == ((), Decimal(0), ())


def test_a_cap_counts_what_is_spent_and_what_is_reserved(database: Database) -> None:
    charges = Charges(database)
    settled(charges, a_charge(), "0.03")
    first = a_charge(reserved="0.05")
    assert charges.open(first, [DAY]) is None
    short = charges.open(a_charge(reserved="0.03"), [DAY])
    assert short is not None
    assert (short.cap, short.spent, short.held) == (DAY, Decimal("0.03"), Decimal("0.05"))
    charges.settle(first.id, Settlement(state=ChargeState.SETTLED, usage=usage("0.01")))
    assert charges.open(a_charge(reserved="0.06"), [DAY]) is None
    assert charges.open(a_charge(reserved="0"), [DAY]) is None, "what is free passes"


def test_a_cap_of_a_conversation_counts_nothing_else(database: Database) -> None:
    charges = Charges(database)
    cap = Cap(name="conversation", limit=Decimal("0.1"), conversation_id="c1")
    settled(charges, a_charge(conversation_id="c2"), "5")
    assert charges.open(a_charge(reserved="0.1", conversation_id="c1"), [cap]) is None
    assert charges.open(a_charge(reserved="0.1", conversation_id="c1"), [cap]) is not None
    assert (charges.held_in("c1"), charges.held_since(NOON)) == (Decimal("0.1"), Decimal("0.1"))


def test_a_fallen_window_leaves_its_open_charges_to_the_next(paths: AppPaths) -> None:
    with _instance(paths) as fallen:
        charge = a_charge(reserved="0.05")
        Charges(fallen).open(charge)
        Charges(fallen).note_generation(charge.id, "gen-1")
        with _instance(paths) as other:
            assert Charges(other).fallen() == (), "it still runs"
    with _instance(paths) as next_one:
        (found,) = Charges(next_one).fallen()
        assert (found.id, found.generation_id, found.state) == (charge.id, "gen-1", ChargeState.OPEN)


def test_a_look_up_is_pending_until_it_is_given_up(database: Database) -> None:
    charges = Charges(database)
    charge = a_charge()
    charges.open(charge)
    soon = NOON + timedelta(seconds=2)
    charges.settle(charge.id, Settlement(state=ChargeState.ESTIMATED, usage=usage("0.1"), look_up_at=soon))
    assert [(c.id, c.look_ups) for c in charges.pending()] == [(charge.id, 0)]
    charges.missed(charge.id, None)
    assert charges.pending() == ()


def test_speeds_are_kept_for_the_leaderboard(database: Database) -> None:
    charges = Charges(database)
    settled(charges, a_charge(), "0.1", timing=Timing(first_token=0.5, total=2.0))
    settled(charges, a_charge(model=TWO), None)
    first, second = charges.speeds()
    assert first == ("a/one", 0.5, 2.0, 5, Decimal("0.1"))
    assert second.cost is None
    assert charges.speeds(NOON + timedelta(days=1)) == ()


def test_an_odd_day_is_shown_without_a_date(database: Database) -> None:
    charges = Charges(database)
    settled(charges, a_charge(), "0.1")
    with database.write() as connection:
        connection.execute("UPDATE charges SET day = 'someday'")
    assert charges.spend_by("day")[0].day is None


@pytest.mark.parametrize(
    ("cost", "is_estimate", "state"),
    [(5, 0, "settled"), (5, 1, "estimated"), (None, 0, "estimated"), (-5, 0, "estimated")],
)
def test_spending_of_the_first_version_is_taken_over(cost: int | None, is_estimate: int, state: str) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, steps=STEPS[:1])
        connection.execute(
            "INSERT INTO spend (at, day, model, connection, message_id, cost, is_estimate, prompt_tokens) "
            "VALUES (1, '2026-01-01', 'a/one', 'openrouter', 'm', ?, ?, 7)",
            (cost, is_estimate),
        )
        migrate(connection)
        row = connection.execute("SELECT id, state, cost, message_id, prompt_tokens FROM charges").fetchone()
    assert row == ("v1-1", state, cost if cost != -5 else None, "m", 7)


@contextmanager
def _instance(paths: AppPaths) -> Iterator[Database]:
    from tui_router.storage.bootstrap import open_database

    database = open_database(paths)
    try:
        yield database
    finally:
        # Ended without a goodbye: the lock goes, the rows stay.
        database.instance.release()
        database.close()
