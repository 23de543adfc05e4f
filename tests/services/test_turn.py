"""The one road: what is written down before a request leaves, and how each ending is booked."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.services.billing_contexts import NOW, Counter, Held, OpenGate, Pages, Script, a_turn, day_cap, run
from tui_router.domain.charge import ChargeState, Settlement
from tui_router.domain.events import (
    Cancelled,
    Connecting,
    Event,
    Failed,
    Finished,
    Retrying,
    Started,
    TextDelta,
    UsageReport,
)
from tui_router.domain.message import EndingKind
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.usage import Usage
from tui_router.services.run_budget import RunBudget, share_run_budget

ONE = Decimal(1)
BEGAN = (Connecting(1), Started("gen-1", "a/paid", "Prov"))
WORDS = TextDelta("four words for you")
LIMITED = Problem(kind=ErrorKind.RATE_LIMIT, title="Rate limited", status=429)
CUT = Problem(kind=ErrorKind.INTERRUPTED, title="The answer was cut off")
SILENT = Problem(kind=ErrorKind.TIMEOUT, title="No answer for 60 s")


def used(cost: str | None, prompt: int = 20, completion: int = 5) -> UsageReport:
    return UsageReport(
        Usage(prompt_tokens=prompt, completion_tokens=completion, cost=None if cost is None else Decimal(cost))
    )


def test_a_charge_is_open_before_the_request_leaves() -> None:
    counter = Counter()
    seen: list[object] = []

    class Watching(Script):
        def stream(self, request: object, cancel: object = None) -> object:  # type: ignore[override]
            yield Connecting(1)
            seen.append(counter.rows)
            yield Finished()

    run(a_turn(counter, Watching()))
    assert seen == [[("open", None, "", "")]]


def test_a_happy_end_is_booked_to_the_last_digit() -> None:
    counter = Counter()
    turn = a_turn(counter, Script(*BEGAN, WORDS, used("0.0001234567"), Finished()))
    run(turn)
    assert counter.rows == [("settled", pytest.approx(0.0001234567, abs=1e-12), "complete", "gen-1")]
    assert turn.message.usage is not None
    assert turn.message.usage.cost == Decimal("0.0001234567")
    assert counter.to_look_up == []
    assert counter.charges.held_since(NOW) == 0


@pytest.mark.parametrize("ending", [Failed(CUT), Cancelled(), Finished()])
def test_an_answer_without_usage_is_estimated_and_looked_up(ending: Event) -> None:
    counter = Counter()
    turn = a_turn(counter, Script(*BEGAN, WORDS, ending))
    run(turn)
    ((state, cost, _, generation),) = counter.rows
    assert (state, generation) == ("estimated", "gen-1")
    assert cost == pytest.approx(0.10 + 0.04)  # ten tokens in as counted before, four out, at a cent each
    assert [(c.generation_id, c.message_id) for c in counter.to_look_up] == [("gen-1", "m")]
    assert turn.message.usage is not None
    assert turn.message.usage.is_estimate
    assert counter.charges.held_since(NOW) + counter.charges.spent_between(NOW, NOW.replace(day=29)) == 1


def test_every_attempt_that_reported_a_cost_is_booked() -> None:
    counter = Counter()
    empty = Problem(kind=ErrorKind.PROVIDER, title="The provider failed")
    again = (used("0.25"), Retrying(1, 5, 0.0, empty), Connecting(2), Started("gen-2", "a/paid"))
    run(a_turn(counter, Script(*BEGAN, *again, WORDS, used("0.5"), Finished())))
    assert [(s, c, e) for s, c, e, _ in counter.rows] == [("settled", 0.25, "retried"), ("settled", 0.5, "complete")]


def test_an_attempt_that_was_refused_costs_nothing_and_passes_the_limiter_again() -> None:
    counter, gate = Counter(), OpenGate()
    script = Script(
        Connecting(1), Retrying(1, 5, 0.0, LIMITED), Connecting(2), Started("gen-2"), used("0.5"), Finished()
    )
    run(a_turn(counter, script, gate=gate))
    assert [s for s, *_ in counter.rows] == ["void", "settled"]
    assert (gate.starts, gate.released) == (2, 1)


def test_the_limiter_is_told_when_the_server_answers_and_whether_a_free_model_is_asked() -> None:
    gate = OpenGate()
    run(a_turn(Counter(), Script(Connecting(1), Retrying(1, 5, 0.0, LIMITED), *BEGAN, Finished()), gate=gate))
    assert (gate.arrivals, gate.free) == (1, [False])
    for model in ("a/paid:free", "openrouter/free"):
        run(a_turn(Counter(), Script(*BEGAN, Finished()), model, gate=gate))
    assert gate.free == [False, True, True]


def test_a_request_that_got_no_answer_at_all_may_have_been_charged() -> None:
    counter = Counter()
    run(a_turn(counter, Script(Connecting(1), Failed(SILENT))))
    ((state, cost, *_),) = counter.rows
    assert (state, cost) == ("estimated", pytest.approx(0.10))
    assert counter.charges.held_since(NOW) == Decimal("0.9"), "caps count all that was reserved"


@pytest.mark.parametrize("cost", ["-1", "NaN", "Infinity", "1e9"])
def test_a_cost_that_cannot_be_true_is_not_booked_as_such(cost: str) -> None:
    counter = Counter()
    run(a_turn(counter, Script(*BEGAN, WORDS, used(cost), Finished())))
    ((state, booked, *_),) = counter.rows
    assert (state, booked) == ("estimated", pytest.approx(0.25))
    assert len(counter.to_look_up) == 1


def test_a_later_empty_usage_wipes_no_cost() -> None:
    counter = Counter()
    run(a_turn(counter, Script(*BEGAN, used("0.5"), used(None, 0, 0), Finished())))
    assert counter.rows[0][:2] == ("settled", 0.5)


def test_tokens_without_a_cost_are_priced_by_the_model_that_served() -> None:
    counter = Counter()
    script = Script(Connecting(1), Started("chatcmpl-1", "a/more"), WORDS, used(None), Finished())
    run(a_turn(counter, script))
    assert counter.rows == [("estimated", pytest.approx(2.5), "complete", "chatcmpl-1")]
    assert counter.to_look_up == [], "only ids of OpenRouter lead to a record"
    assert counter.charges.held_since(NOW) == 0, "the server counted the tokens"


def test_a_free_answer_is_settled_without_asking() -> None:
    counter = Counter()
    script = Script(Connecting(1), Started("gen-1", "a/free"), WORDS, Finished())
    run(a_turn(counter, script, "a/free", bill=counter.bill("a/free", "0")))
    assert counter.rows[0][:2] == (ChargeState.SETTLED, 0.0)
    assert counter.to_look_up == []


def test_a_cap_that_would_break_ends_the_turn_before_anything_leaves() -> None:
    counter = Counter(day_cap("0.5"))
    script = Script(*BEGAN, WORDS, Finished())
    told = run(a_turn(counter, script))
    assert [type(e) for e in told] == [Failed]
    assert script.played == []
    assert counter.rows == []


def test_without_a_cap_a_busy_disk_holds_nothing_back_and_the_row_follows() -> None:
    disk = Held()
    counter = Counter(writes=disk)
    turn = a_turn(counter, Script(*BEGAN, WORDS, used("0.5"), Finished()))
    assert isinstance(run(turn)[-1], Finished)
    assert counter.rows == []
    disk.go()
    assert counter.rows[0][:2] == ("settled", 0.5)


def test_what_a_busy_disk_does_not_take_goes_into_the_spare_file_before_it_leaves_and_when_it_ended() -> None:
    counter = Counter(writes=Held())
    run(a_turn(counter, Script(*BEGAN, WORDS, used("0.5"), Finished())))
    (opened, before), (same, after) = counter.spared
    assert (opened, before) == (same, None)
    assert after is not None
    assert after.usage is not None
    assert after.usage.cost == Decimal("0.5")


def test_what_can_be_written_down_nowhere_does_not_leave() -> None:
    disk = Held()
    counter, script = Counter(writes=disk), Script(*BEGAN, WORDS, Finished())
    counter.can_spare = False
    (told,) = run(a_turn(counter, script))
    assert isinstance(told, Failed)
    assert told.problem.kind is ErrorKind.STORAGE
    assert script.played == []
    disk.go()
    assert counter.rows == []


def test_under_a_cap_nothing_leaves_without_its_reservation_and_a_stop_is_felt() -> None:
    disk = Held()
    counter, script = Counter(day_cap("5"), writes=disk), Script(*BEGAN, WORDS, Finished())
    turn = a_turn(counter, script)
    told: list[Event] = []
    thread = threading.Thread(target=turn.run, args=(told.append,))
    thread.start()
    turn.cancel()
    thread.join(10)
    assert [type(e) for e in told] == [Cancelled]
    assert script.played == []
    disk.go()
    assert counter.rows == [], "what was given up is never written"


def test_a_bug_in_the_stream_settles_the_charge_too() -> None:
    counter = Counter()

    class Broken(Script):
        def stream(self, request: object, cancel: object = None) -> object:  # type: ignore[override]
            yield from BEGAN
            yield WORDS
            raise RuntimeError("boom")

    gate = OpenGate()
    turn = a_turn(counter, Broken(), gate=gate)
    assert isinstance(run(turn)[-1], Failed)
    assert counter.rows[0][0] == "estimated"
    assert gate.released == 1


def test_the_answer_is_saved_before_its_ending_is_told() -> None:
    pages = Pages()
    turn = a_turn(Counter(), Script(*BEGAN, WORDS, used("0.5"), Finished()), journal=pages)
    turn.run(lambda event: pages.told.append(type(event).__name__))
    assert pages.told[0] == "begin"
    assert pages.told[-2:] == ["finish", "Finished"]
    assert pages.finished is not None
    assert pages.finished.ending is not None
    assert pages.finished.ending.kind is EndingKind.COMPLETE


def test_only_whole_answers_teach_the_estimates() -> None:
    learned: list[Usage] = []
    for ending in (Finished(), Finished(EndingKind.LENGTH), Failed(CUT)):
        run(a_turn(Counter(), Script(*BEGAN, WORDS, used("0.5"), ending), learn=lambda r, u: learned.append(u)))
    assert len(learned) == 1


FAILED = Problem(kind=ErrorKind.PROVIDER, title="The provider failed", detail="Internal Server Error", status=500)
ON_RECORD = replace(FAILED, request_id="gen-1")
CUT_BEFORE = Problem(kind=ErrorKind.NETWORK, title="No network", was_sent=True)


def twice(problem: Problem) -> Script:
    return Script(Connecting(1), Retrying(1, 5, 0.0, problem), Connecting(2), *BEGAN[1:], used("0.1"), Finished())


@pytest.mark.parametrize("problem", [FAILED, ON_RECORD, CUT_BEFORE])
def test_a_further_attempt_stays_below_a_cap_with_what_may_have_been_charged(problem: Problem) -> None:
    counter, script = Counter(day_cap("1.9")), twice(problem)
    (*_, ended) = run(a_turn(counter, script))
    assert isinstance(ended, Failed)
    assert ended.problem.kind is ErrorKind.BUDGET
    assert ended.problem.title == "Not tried again: over day"
    assert problem.title in ended.problem.detail
    assert [type(e) for e in script.played][-1] is Retrying, "the second request has not left"
    assert [s for s, *_ in counter.rows] == ["void"]


@pytest.mark.parametrize("problem", [LIMITED, Problem(kind=ErrorKind.NETWORK, title="No network")])
def test_what_cannot_have_been_charged_makes_room_for_another_attempt(problem: Problem) -> None:
    counter = Counter(day_cap("1"))
    run(a_turn(counter, twice(problem)))
    assert [s for s, *_ in counter.rows] == ["void", "settled"]


def test_a_failure_with_an_id_is_reserved_until_the_record_has_told() -> None:
    counter = Counter(day_cap("5"))
    run(a_turn(counter, Script(Connecting(1), Failed(ON_RECORD))))
    assert counter.charges.held_since(NOW) == 1
    (charge,) = counter.to_look_up
    counter.charges.missed(charge.id, NOW)
    assert counter.charges.held_since(NOW) == 1
    counter.charges.settle(charge.id, Settlement(state=ChargeState.SETTLED, usage=Usage(cost=Decimal(0))))
    assert counter.charges.held_since(NOW) == 0
    assert counter.rows[0][:2] == ("settled", 0.0)


def test_a_failure_of_which_no_record_was_ever_found_is_not_reserved_for_ever() -> None:
    counter = Counter(day_cap("5"))
    run(a_turn(counter, Script(Connecting(1), Failed(ON_RECORD))))
    counter.charges.missed(counter.to_look_up[0].id, None)
    assert counter.charges.held_since(NOW) == 0


def test_a_failure_without_an_id_is_reserved_until_the_turn_has_ended() -> None:
    counter = Counter(day_cap("5"))
    seen: list[Decimal] = []

    class Watching(Script):
        def stream(self, request: object, cancel: object = None) -> object:  # type: ignore[override]
            yield Connecting(1)
            yield Retrying(1, 5, 0.0, FAILED)
            yield Connecting(2)
            seen.append(counter.charges.held_since(NOW))
            yield Retrying(2, 5, 0.0, FAILED)
            yield Cancelled()

    run(a_turn(counter, Watching()))
    assert seen == [2]
    assert counter.charges.held_since(NOW) == 0
    assert [s for s, *_ in counter.rows] == ["void", "void"]


@pytest.mark.parametrize("problem", [FAILED, ON_RECORD, CUT_BEFORE, SILENT])
def test_every_attempt_is_paid_from_the_purse_and_doubts_stay_in_it(problem: Problem) -> None:
    run_budget, counter = RunBudget(Decimal("1.5")), Counter()
    turn = a_turn(counter, twice(problem))
    share_run_budget(run_budget, [turn])
    assert run_budget.left == Decimal("0.5")
    (*_, ended) = run(turn)
    assert isinstance(ended, Failed)
    assert ended.problem.title == "Not tried again: this may cost more than allowed"
    assert problem.title in ended.problem.detail
    assert run_budget.left == Decimal("0.5")


def test_a_record_of_nothing_gives_the_reservation_back_before_the_next_attempt() -> None:
    run_budget, counter = RunBudget(Decimal("1.5")), Counter()

    class Found(Script):
        def stream(self, request: object, cancel: object = None) -> object:  # type: ignore[override]
            yield Connecting(1)
            yield Retrying(1, 5, 0.0, ON_RECORD)
            run_budget.confirm(counter.to_look_up[0].id, Decimal(0))
            yield Connecting(2)
            yield from (*BEGAN[1:], used("0.1"), Finished())

    turn = a_turn(counter, Found())
    share_run_budget(run_budget, [turn])
    run(turn)
    assert turn.message.ending is not None
    assert turn.message.ending.kind is EndingKind.COMPLETE
    assert (run_budget.spent, run_budget.left) == (Decimal("0.1"), Decimal("1.4"))


def test_what_never_left_gives_its_reservation_back() -> None:
    run_budget, counter = RunBudget(ONE), Counter(day_cap("0.5"))
    turn = a_turn(counter, Script(*BEGAN, Finished()))
    share_run_budget(run_budget, [turn])
    run(turn)
    assert run_budget.left == ONE
