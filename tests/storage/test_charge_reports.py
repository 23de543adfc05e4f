"""What the ledger can be asked about the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.charge import Charge, ChargeState, Purpose, Settlement
from tui_router.domain.message import Ending, EndingKind, Message, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.spending import Fate, Spent
from tui_router.domain.usage import Usage
from tui_router.storage.charge_reports import ChargeReports
from tui_router.storage.charges import Charges
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages

CENT = Decimal("0.01")


def pay(database: Database, message_id: str | None = None, ending: str = "complete", **known: object) -> None:
    """Book a request that cost a cent."""
    state = known.pop("state", ChargeState.SETTLED)
    usage = known.pop("usage", Usage(cost=CENT))
    prices = known.pop("prices", "")
    charge = Charge(**{"id": new_id(), "at": NOON, "model": ModelRef("a/b"), "message_id": message_id, **known})  # type: ignore[arg-type]
    Charges(database).open(charge)
    if state is not ChargeState.OPEN:
        settlement = Settlement(state=state, usage=usage, ending=ending, prices=prices)  # type: ignore[arg-type]
        Charges(database).settle(charge.id, settlement)


def keep(database: Database, head: str, *messages: Message) -> None:
    """Save a conversation that goes to ``head``."""
    Conversations(database).save(a_conversation("c1", head=head))
    Messages(database).add_messages("c1", messages)


def fates(database: Database) -> dict[str, Fate]:
    return {w.message_id: w.fate for w in ChargeReports(database).work()}


@pytest.mark.parametrize(
    ("ending", "fate"),
    [
        ("complete", Fate.KEPT),
        ("tool_calls", Fate.KEPT),
        ("retried", Fate.RETRIED),
        ("cancelled", Fate.STOPPED),
        ("length", Fate.CUT),
        ("interrupted", Fate.BROKEN),
        ("failed", Fate.BROKEN),
        ("filtered", Fate.BROKEN),
        ("a later version's word", Fate.KEPT),
    ],
)
def test_an_ending_decides_what_became_of_the_money(database: Database, ending: str, fate: Fate) -> None:
    pay(database, "gone", ending)
    assert fates(database) == {"gone": fate}


def test_a_row_of_the_first_version_has_the_ending_of_its_message(database: Database) -> None:
    keep(database, "a", a_message("q"), an_answer("a", "q", ending=Ending(EndingKind.CANCELLED)))
    pay(database, "a", "", conversation_id="c1")
    assert fates(database) == {"a": Fate.STOPPED}


def test_lanes_beside_the_path_were_not_kept(database: Database) -> None:
    lanes = [an_answer(f"l{n}", "q", batch="b1", lane=n, ending=Ending(EndingKind.COMPLETE)) for n in range(3)]
    second = [a_message(f"q{n}", f"l{n}", batch="b2", lane=n) for n in range(3)]
    more = [an_answer(f"m{n}", f"q{n}", batch="b2", lane=n, ending=Ending(EndingKind.COMPLETE)) for n in range(3)]
    keep(database, "m1", a_message("q"), *lanes, *second, *more)
    for answer in (*lanes, *more):
        pay(database, answer.id, conversation_id="c1")
    found = fates(database)
    assert {i for i, fate in found.items() if fate is Fate.KEPT} == {"l1", "m1"}
    assert {i for i, fate in found.items() if fate is Fate.LANE} == {"l0", "l2", "m0", "m2"}


def test_a_comparison_that_a_merge_took_over_wasted_nothing(database: Database) -> None:
    lanes = [an_answer(f"l{n}", "q", batch="b1", lane=n) for n in range(2)]
    keep(database, "m", a_message("q"), *lanes, an_answer("m", "q", sources=("l0", "l1")))
    for answer in lanes:
        pay(database, answer.id, conversation_id="c1")
    pay(database, "m", conversation_id="c1", purpose=Purpose.MERGE)
    assert set(fates(database).values()) == {Fate.KEPT}


def test_an_answer_was_replaced_by_the_one_that_is_on_the_path(database: Database) -> None:
    keep(database, "a1", a_message("q"), an_answer("a1", "q"), an_answer("a2", "q"))
    pay(database, "a1", conversation_id="c1")
    pay(database, "a2", conversation_id="c1")
    assert fates(database) == {"a1": Fate.KEPT, "a2": Fate.REPLACED}


def test_beside_the_path_the_newest_answer_stands(database: Database) -> None:
    keep(
        database, "b", a_message("q"), an_answer("a1", "q"), an_answer("a2", "q"),
        a_message("other"), an_answer("b", "other"),
    )  # fmt: skip
    for answer in ("a1", "a2", "b"):
        pay(database, answer, conversation_id="c1")
    assert fates(database) == {"a1": Fate.REPLACED, "a2": Fate.KEPT, "b": Fate.KEPT}


def test_what_was_rewritten_by_hand_was_of_use(database: Database) -> None:
    keep(database, "mine", a_message("q"), an_answer("a", "q"), an_answer("mine", "q"))
    pay(database, "a", conversation_id="c1")
    assert fates(database) == {"a": Fate.KEPT}


def test_deleted_answers_are_named_and_those_of_deleted_conversations_are_not(database: Database) -> None:
    keep(database, "q", a_message("q"), an_answer("a", "q"))
    pay(database, "a", conversation_id="c1")
    Messages(database).delete_messages(["a"])
    assert fates(database) == {"a": Fate.DELETED}
    Conversations(database).delete("c1")
    assert Fate.DELETED not in fates(database).values()


def test_a_period_sees_what_was_chosen_outside_of_it(database: Database) -> None:
    keep(database, "a1", a_message("q"), an_answer("a1", "q"), an_answer("a2", "q"))
    pay(database, "a1", conversation_id="c1", at=NOON - timedelta(days=3))
    pay(database, "a2", conversation_id="c1")
    found = ChargeReports(database).work(NOON)
    assert [(w.message_id, w.fate) for w in found] == [("a2", Fate.REPLACED)]


def test_only_noted_prices_are_read_and_only_where_a_cache_was_used(database: Database) -> None:
    cached = Usage(prompt_tokens=9, cached_tokens=5, cost=CENT)
    pay(database, usage=cached, prices='{"prompt": "0.5", "input_cache_read": "0.1", "odd": "1", "completion": "x"}')
    pay(database, usage=cached, prices="no json")
    pay(database, prices='{"prompt": "0.5"}')
    prices = [w.prices for w in ChargeReports(database).work()]
    assert (prices[0].prompt, prices[0].input_cache_read) == (Decimal("0.5"), Decimal("0.1"))
    assert [p.prompt for p in prices[1:]] == [None, None]


def test_sums_tell_apart_what_is_known_estimated_and_unknown(database: Database) -> None:
    reports = ChargeReports(database)
    pay(database, conversation_id="c1")
    pay(database, conversation_id="c1", state=ChargeState.ESTIMATED, usage=Usage(cost=CENT * 2))
    pay(database, conversation_id="c1", state=ChargeState.ESTIMATED, usage=Usage())
    pay(database, conversation_id="c1", state=ChargeState.OPEN)
    pay(database, conversation_id="c1", state=ChargeState.VOID, usage=Usage())
    pay(database, conversation_id="c2", at=NOON - timedelta(days=1))
    wanted = Spent(known=CENT, estimated=CENT * 2, unknown=2, requests=4)
    assert reports.spent_in("c1") == wanted
    assert reports.spent(NOON) == wanted
    assert reports.spent(end=NOON) == Spent(known=CENT, requests=1)
    assert reports.spent_in("nothing") == Spent()
    assert [w.spent.unknown for w in reports.work(NOON)] == [0, 0, 1, 1]


def test_the_cost_of_a_conversation_never_falls(database: Database) -> None:
    keep(database, "a", a_message("q"), an_answer("a", "q"))
    pay(database, "a", conversation_id="c1")
    before = ChargeReports(database).spent_in("c1")
    Messages(database).delete_messages(["q", "a"])
    Conversations(database).purge(before=NOON + timedelta(days=999))
    assert ChargeReports(database).spent_in("c1") == before == Spent(known=CENT, requests=1)


def test_a_key_has_its_own_rows_and_those_that_name_none(database: Database) -> None:
    pay(database, key="mine", at=NOON)
    pay(database, key="other", at=NOON - timedelta(days=9))
    pay(database, key="", at=NOON - timedelta(days=2), usage=Usage(cost=CENT * 5))
    pay(database, key="mine", model=ModelRef("a/b", "elsewhere"), usage=Usage(cost=CENT * 7))
    reports = ChargeReports(database)
    assert reports.spent_with("mine") == (Spent(known=CENT * 6, requests=2), CENT * 5)
    assert reports.spent_with("mine", NOON) == (Spent(known=CENT, requests=1), Decimal(0))
    assert reports.begins("mine") == NOON - timedelta(days=2)
    by_key = {row.label: row.cost for row in Charges(database).spend_by("key")}
    assert by_key == {"mine": CENT * 8, "": CENT * 5, "other": CENT}


def test_sums_by_provider(database: Database) -> None:
    charges = Charges(database)
    for provider in ("Alpha", "Alpha", ""):
        charge = Charge(id=new_id(), at=NOON, model=ModelRef("a/b"))
        charges.open(charge)
        settled = Settlement(state=ChargeState.SETTLED, usage=Usage(cost=CENT), provider=provider)
        charges.settle(charge.id, settled)
    assert [(r.label, r.requests) for r in charges.spend_by("provider")] == [("Alpha", 2), ("", 1)]


@pytest.mark.parametrize("read", [ChargeReports.work, ChargeReports.spent])
def test_an_empty_ledger_is_empty(database: Database, read: Callable[[ChargeReports], object]) -> None:
    assert read(ChargeReports(database)) in ((), Spent())
    assert ChargeReports(database).begins("k") is None
