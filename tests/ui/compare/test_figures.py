"""What is told of a lane in numbers, while it streams and after."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values import an_answer
from tui_router.domain.events import Cancelled, Failed, Finished, FirstToken, ReasoningDelta, TextDelta, UsageReport
from tui_router.domain.message import Ending, EndingKind, Timing
from tui_router.domain.model import Model
from tui_router.domain.problem import Kind, Problem
from tui_router.domain.stream import Phase
from tui_router.domain.usage import Pricing, Usage
from tui_router.ui.screens.compare.figures import Figures, Meter, figures_of, ranking, sparkline, total_cost

PRICED = Model(id="a/b", name="B", pricing=Pricing(prompt=Decimal("0.000001"), completion=Decimal("0.000002")))


def test_the_speed_is_that_of_the_last_two_seconds() -> None:
    meter = Meter(0.0)
    meter.take([FirstToken(1.0)], 1.0)
    for tenth in range(10, 41):
        meter.take([TextDelta("x" * 40)], tenth / 10)
    figures = meter.figures(4.0)
    assert figures.first_token == 1.0
    assert figures.speed == pytest.approx(100, rel=0.15)
    assert figures.tokens == 310
    assert not figures.is_over


def test_silence_shows_in_speed_and_history() -> None:
    meter = Meter(0.0)
    meter.take([TextDelta("x" * 400)], 0.1)
    assert meter.figures(60.0).speed == 0
    assert len(meter.figures(600.0).history) <= 24
    assert sparkline(meter.figures(600.0).history, 8) == ""


def test_thinking_is_counted_apart() -> None:
    meter = Meter(0.0)
    meter.take([ReasoningDelta("x" * 40), TextDelta("y" * 20)], 0.2)
    figures = meter.figures(0.3)
    assert (figures.tokens, figures.reasoning_tokens, figures.is_counted) == (15, 10, False)


def test_small_pieces_do_not_each_round_up() -> None:
    meter = Meter(0.0)
    meter.take([TextDelta("x") for _ in range(400)], 0.2)
    assert meter.figures(0.3).tokens == 100


def test_the_cost_so_far_is_a_guess_until_the_service_says() -> None:
    meter = Meter(0.0, model=PRICED, prompt_tokens=1_000)
    assert meter.figures(0.1).cost is None
    meter.take([TextDelta("x" * 4_000)], 0.2)
    so_far = meter.figures(0.3)
    assert (so_far.cost, so_far.is_estimate) == (Decimal("0.003"), True)
    meter.take([UsageReport(Usage(prompt_tokens=9, completion_tokens=5, cost=Decimal("0.5"))), Finished(seconds=2)], 2)
    done = meter.figures(9.0)
    assert (done.cost, done.is_estimate, done.tokens, done.is_counted) == (Decimal("0.5"), False, 5, True)


def test_without_a_price_there_is_no_cost() -> None:
    meter = Meter(0.0, model=Model(id="a/b", name="B", pricing=Pricing(varies=True)))
    meter.take([TextDelta("words")], 0.2)
    assert meter.figures(0.3).cost is None


@pytest.mark.parametrize(
    ("ending", "phase"),
    [
        (Finished(seconds=3.0), Phase.DONE),
        (Failed(Problem(kind=Kind.NO_CREDIT, title="Out of credit"), 3.0), Phase.FAILED),
        (Cancelled(3.0), Phase.STOPPED),
    ],
)
def test_an_answer_that_ended_stands_still(ending: Finished | Failed | Cancelled, phase: Phase) -> None:
    meter = Meter(0.0)
    meter.take([FirstToken(1.0), TextDelta("x" * 800)], 1.0)
    meter.take([ending], 3.0)
    assert meter.figures(3.0) == meter.figures(99.0)
    assert meter.figures(99.0).phase is phase
    assert meter.figures(99.0).speed == pytest.approx(100)


@given(st.lists(st.tuples(st.floats(0, 0.9), st.text(max_size=40)), max_size=30))
def test_nothing_that_comes_makes_figures_negative(pieces: list[tuple[float, str]]) -> None:
    meter = Meter(0.0, model=PRICED, prompt_tokens=10)
    now = 0.0
    for wait, text in pieces:
        now += wait
        meter.take([TextDelta(text)], now)
        figures = meter.figures(now)
        assert figures.tokens >= 0
        assert all(rate >= 0 for rate in figures.history)
        assert figures.speed is None or figures.speed >= 0


def test_a_saved_answer_says_what_it_said_when_it_ended() -> None:
    usage = Usage(prompt_tokens=5, completion_tokens=200, reasoning_tokens=50, cost=Decimal("0.01"))
    message = an_answer("a", None, "words", usage=usage, timing=Timing(first_token=1.0, total=3.0))
    assert figures_of(message) == Figures(
        phase=Phase.DONE, waited=3.0, first_token=1.0, speed=100.0, tokens=200, reasoning_tokens=50, is_counted=True,
        cost=Decimal("0.01"), is_estimate=False,
    )  # fmt: skip


def test_an_answer_that_a_crash_cut_counts_as_failed() -> None:
    assert figures_of(an_answer("a", None, "half", ending=Ending(EndingKind.INTERRUPTED))).phase is Phase.FAILED
    assert figures_of(an_answer("a", None, "half", ending=None)).phase is Phase.FAILED


def test_the_sparkline_takes_its_highest_bar_from_the_highest_rate() -> None:
    assert sparkline([0, 50, 100], 8) == "▁▅█"
    assert sparkline([1, 2, 100, 100], 2) == "██"
    assert sparkline([], 8) == ""
    assert sparkline([5.0], 0) == ""


def done(first: float, speed: float, cost: str, tokens: int) -> Figures:
    return Figures(
        phase=Phase.DONE, first_token=first, speed=speed, cost=Decimal(cost), is_estimate=False, tokens=tokens
    )


def test_the_ranking_names_the_first_the_fastest_the_cheapest_and_the_longest() -> None:
    lanes = [("1 A", done(0.5, 50, "0.002", 900)), ("2 B", done(0.2, 40, "0.001", 100)), ("3 C", done(0.9, 90, "1", 5))]
    assert ranking(lanes) == (
        ("first", "2 B 0.2 s"), ("fastest", "3 C 90 tok/s"), ("cheapest", "2 B $0.001"), ("longest", "1 A 900 tok"),
    )  # fmt: skip


def test_nobody_wins_by_stopping_or_alone() -> None:
    stopped = Figures(phase=Phase.STOPPED, first_token=0.1, speed=900, cost=Decimal(0), tokens=3)
    assert ranking([("1 A", stopped), ("2 B", done(0.5, 50, "1", 9))]) == (("first", "1 A 0.1 s"),)
    assert ranking([("1 A", Figures())]) == ()


def test_the_total_says_when_a_part_of_it_is_a_guess() -> None:
    sure, guess = done(1, 1, "0.5", 5), Figures(phase=Phase.ANSWERING, cost=Decimal("0.25"), tokens=3)
    assert total_cost([sure, sure]) == (Decimal("1.0"), False)
    assert total_cost([sure, guess]) == (Decimal("0.75"), True)
    assert total_cost([sure, Figures(phase=Phase.DONE, tokens=5)]) == (Decimal("0.5"), True)
    assert total_cost([sure, Figures(phase=Phase.FAILED)]) == (Decimal("0.5"), False)
    assert total_cost([]) == (None, False)
