"""Lane metrics while an answer streams and after it, their ranking, and the cost of the whole comparison."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.compare.lanes_app import LanesApp, asked, until
from tests.ui.still_host import StillHost
from tests.values import an_answer
from tui_router.domain.events import Cancelled, Failed, Finished, FirstToken, ReasoningDelta, TextDelta, UsageReport
from tui_router.domain.message import Ending, EndingKind, Message, Role, Timing
from tui_router.domain.model import Model
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.spending import Spent
from tui_router.domain.stream import Phase
from tui_router.domain.usage import Pricing, Usage
from tui_router.services.turn import Turn
from tui_router.ui.screens.compare.metrics import (
    ComparisonCost,
    LaneMeter,
    LaneMetrics,
    metrics_of,
    ranking,
    sparkline,
    total_cost,
)
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog

PRICED = Model(id="a/b", name="B", pricing=Pricing(prompt=Decimal("0.000001"), completion=Decimal("0.000002")))


def test_the_speed_is_that_of_the_last_two_seconds() -> None:
    meter = LaneMeter(0.0)
    meter.add([FirstToken(1.0)], 1.0)
    for tenth in range(10, 41):
        meter.add([TextDelta("x" * 40)], tenth / 10)
    metrics = meter.metrics(4.0)
    assert metrics.first_token == 1.0
    assert metrics.speed == pytest.approx(100, rel=0.15)
    assert metrics.tokens == 310
    assert not metrics.is_over


def test_silence_lowers_speed_and_history() -> None:
    meter = LaneMeter(0.0)
    meter.add([TextDelta("x" * 400)], 0.1)
    assert meter.metrics(60.0).speed == 0
    assert len(meter.metrics(600.0).history) <= 24
    assert sparkline(meter.metrics(600.0).history, 8) == ""


def test_reasoning_tokens_are_counted_separately() -> None:
    meter = LaneMeter(0.0)
    meter.add([ReasoningDelta("x" * 40), TextDelta("y" * 20)], 0.2)
    metrics = meter.metrics(0.3)
    assert (metrics.tokens, metrics.reasoning_tokens, metrics.is_counted) == (15, 10, False)


def test_small_pieces_do_not_each_round_up() -> None:
    meter = LaneMeter(0.0)
    meter.add([TextDelta("x") for _ in range(400)], 0.2)
    assert meter.metrics(0.3).tokens == 100


def test_the_cost_is_an_estimate_until_the_service_reports_it() -> None:
    meter = LaneMeter(0.0, model=PRICED, prompt_tokens=1_000)
    assert meter.metrics(0.1).cost is None
    meter.add([TextDelta("x" * 4_000)], 0.2)
    so_far = meter.metrics(0.3)
    assert (so_far.cost, so_far.is_estimate) == (Decimal("0.003"), True)
    meter.add([UsageReport(Usage(prompt_tokens=9, completion_tokens=5, cost=Decimal("0.5"))), Finished(seconds=2)], 2)
    done = meter.metrics(9.0)
    assert (done.cost, done.is_estimate, done.tokens, done.is_counted) == (Decimal("0.5"), False, 5, True)


def test_without_a_price_there_is_no_cost() -> None:
    meter = LaneMeter(0.0, model=Model(id="a/b", name="B", pricing=Pricing(varies=True)))
    meter.add([TextDelta("words")], 0.2)
    assert meter.metrics(0.3).cost is None


@pytest.mark.parametrize(
    ("ending", "phase"),
    [
        (Finished(seconds=3.0), Phase.DONE),
        (Failed(Problem(kind=ErrorKind.NO_CREDIT, title="Out of credit"), 3.0), Phase.FAILED),
        (Cancelled(3.0), Phase.STOPPED),
    ],
)
def test_the_metrics_of_an_ended_answer_no_longer_change(ending: Finished | Failed | Cancelled, phase: Phase) -> None:
    meter = LaneMeter(0.0)
    meter.add([FirstToken(1.0), TextDelta("x" * 800)], 1.0)
    meter.add([ending], 3.0)
    assert meter.metrics(3.0) == meter.metrics(99.0)
    assert meter.metrics(99.0).phase is phase
    assert meter.metrics(99.0).speed == pytest.approx(100)


@given(st.lists(st.tuples(st.floats(0, 0.9), st.text(max_size=40)), max_size=30))
def test_metrics_are_never_negative(pieces: list[tuple[float, str]]) -> None:
    meter = LaneMeter(0.0, model=PRICED, prompt_tokens=10)
    now = 0.0
    for wait, text in pieces:
        now += wait
        meter.add([TextDelta(text)], now)
        metrics = meter.metrics(now)
        assert metrics.tokens >= 0
        assert all(rate >= 0 for rate in metrics.history)
        assert metrics.speed is None or metrics.speed >= 0


def test_a_saved_answer_has_the_metrics_of_its_end() -> None:
    usage = Usage(prompt_tokens=5, completion_tokens=200, reasoning_tokens=50, cost=Decimal("0.01"))
    message = an_answer("a", None, "words", usage=usage, timing=Timing(first_token=1.0, total=3.0))
    assert metrics_of(message) == LaneMetrics(
        phase=Phase.DONE, elapsed=3.0, first_token=1.0, speed=100.0, tokens=200, reasoning_tokens=50, is_counted=True,
        cost=Decimal("0.01"), is_estimate=False,
    )  # fmt: skip


def test_an_answer_cut_off_by_a_crash_counts_as_failed() -> None:
    assert metrics_of(an_answer("a", None, "half", ending=Ending(EndingKind.INTERRUPTED))).phase is Phase.FAILED
    assert metrics_of(an_answer("a", None, "half", ending=None)).phase is Phase.FAILED


def test_the_sparkline_is_scaled_to_the_highest_rate() -> None:
    assert sparkline([0, 50, 100], 8) == "▁▅█"
    assert sparkline([1, 2, 100, 100], 2) == "██"
    assert sparkline([], 8) == ""
    assert sparkline([5.0], 0) == ""


def done(first: float, speed: float, cost: str, tokens: int) -> LaneMetrics:
    return LaneMetrics(
        phase=Phase.DONE, first_token=first, speed=speed, cost=Decimal(cost), is_estimate=False, tokens=tokens
    )


def test_the_ranking_names_the_first_the_fastest_the_cheapest_and_the_longest() -> None:
    lanes = [("1 A", done(0.5, 50, "0.002", 900)), ("2 B", done(0.2, 40, "0.001", 100)), ("3 C", done(0.9, 90, "1", 5))]
    assert ranking(lanes) == (
        ("first", "2 B 0.2 s"), ("fastest", "3 C 90 tok/s"), ("cheapest", "2 B $0.001"), ("longest", "1 A 900 tok"),
    )  # fmt: skip


def test_no_lane_wins_by_being_stopped_or_alone() -> None:
    stopped = LaneMetrics(phase=Phase.STOPPED, first_token=0.1, speed=900, cost=Decimal(0), tokens=3)
    assert ranking([("1 A", stopped), ("2 B", done(0.5, 50, "1", 9))]) == (("first", "1 A 0.1 s"),)
    assert ranking([("1 A", LaneMetrics())]) == ()


def test_the_total_is_vague_if_any_part_is_an_estimate() -> None:
    sure, guess = done(1, 1, "0.5", 5), LaneMetrics(phase=Phase.ANSWERING, cost=Decimal("0.25"), tokens=3)
    assert total_cost([sure, sure]) == (Decimal("1.0"), False)
    assert total_cost([sure, guess]) == (Decimal("0.75"), True)
    assert total_cost([sure, LaneMetrics(phase=Phase.DONE, tokens=5)]) == (Decimal("0.5"), True)
    assert total_cost([sure, LaneMetrics(phase=Phase.FAILED)]) == (Decimal("0.5"), False)
    assert total_cost([]) == (None, False)


async def test_the_total_keeps_retried_removed_and_merged_answers(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        screen = await asked(pilot, ("demo/quick", "demo/opinion-a", "demo/opinion-b"))
        seen = [Decimal(0)]

        async def wait_for_total() -> None:
            """Wait until the header shows the ledger's total, and record it."""
            ledger = app.core.spending.of_conversation
            await until(pilot, lambda: not screen.lanes.running)
            await until(pilot, lambda: screen.controller.cost.label(0) == ledger(app.chat.conversation.id).label)
            await until(pilot, lambda: f"{ledger(app.chat.conversation.id).label} in all" in app.screen_text())
            seen.append(ledger(app.chat.conversation.id).total)

        await wait_for_total()
        old = screen.lanes[0].answer
        await pilot.press("1", "r")
        await until(pilot, lambda: screen.lanes[0].answer != old)
        await wait_for_total()
        app.picked = "demo/quick"
        app.run_id("compare.merge", "shorten them")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: len(screen.lanes) == 4)
        await wait_for_total()
        assert seen == sorted(set(seen))
        await pilot.press("1", "minus")
        await until(pilot, lambda: len(screen.lanes) == 3)
        assert screen.controller.cost.label(0) == app.core.spending.of_conversation(app.chat.conversation.id).label


_MESSAGE = Message(id="a", parent_id=None, role=Role.ASSISTANT, parts=(), created=datetime(2026, 6, 1, tzinfo=UTC))


class _Turn:
    """The one property of a turn that the cost needs."""

    is_running = True


class _Ledger:
    """A ledger with a total set by the test, queried through a host that answers on demand."""

    def __init__(self, *, is_temporary: bool = False) -> None:
        self.sum = Spent()
        self.host = StillHost(hold=True)
        core = SimpleNamespace(
            writes=SimpleNamespace(wait=lambda patience: True),
            spending=SimpleNamespace(of_conversation=lambda conversation: self.sum),
        )
        conversation = SimpleNamespace(id="here", is_temporary=is_temporary)
        chat = SimpleNamespace(tree=(), conversation=conversation)
        self.cost = ComparisonCost(cast(Any, core), self.host, cast(Any, chat), lambda: None)

    def run(self, cost: str) -> tuple[Turn, list[LaneMetrics]]:
        """Start an answer that has cost this much so far."""
        turn = cast(Turn, _Turn())
        metrics = [LaneMetrics(phase=Phase.ANSWERING, cost=Decimal(cost), tokens=3)]
        self.cost.add(turn, lambda now: metrics[-1])
        return turn, metrics

    def end(self, turn: Turn, cost: str) -> None:
        """End it, and add its cost to the ledger."""
        cast(Any, turn).is_running = False
        self.sum += Spent(known=Decimal(cost), requests=1)
        usage = Usage(completion_tokens=3, cost=Decimal(cost))
        self.cost.finish(turn, replace(_MESSAGE, usage=usage))


def test_a_running_answer_is_added_as_an_estimate_and_counted_once() -> None:
    ledger = _Ledger()
    first, metrics = ledger.run("0.01")
    second, _ = ledger.run("0.02")
    assert ledger.cost.label(0) == "~$0.030"
    metrics.append(LaneMetrics(phase=Phase.ANSWERING, cost=Decimal("0.05"), tokens=9))
    assert ledger.cost.label(0) == "~$0.070"
    ledger.end(first, "0.05")
    assert ledger.cost.label(0) == "~$0.070", "the ledger has not answered yet"
    ledger.host.run_held()
    assert ledger.cost.label(0) == "~$0.070"
    ledger.end(second, "0.02")
    ledger.host.run_held()
    assert ledger.cost.label(0) == "$0.070"


def test_a_late_older_total_replaces_nothing() -> None:
    ledger = _Ledger()
    turn, _ = ledger.run("0.01")
    ledger.cost.recount()
    late, ledger.host.held = ledger.host.held, []
    old, ledger.sum = ledger.sum, Spent(known=Decimal("0.05"), requests=2)
    ledger.end(turn, "0.01")
    ledger.host.run_held()
    ledger.sum = old
    late[0]()
    assert ledger.cost.label(0) == "$0.060"


def test_a_temporary_comparison_adds_up_its_own_answers() -> None:
    ledger = _Ledger(is_temporary=True)
    for price in ("0.01", "0.02"):
        turn, _ = ledger.run(price)
        ledger.end(turn, price)
    assert ledger.host.held == []
    assert ledger.cost.label(0) == "$0.030"
