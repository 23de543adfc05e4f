"""Bradley–Terry against published values, and how votes become games."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.rating import Ballot, Outcome, bradley_terry, wins_of

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
# Wins of the row over the column, American League East 1987, home and away together:
# Agresti, Categorical Data Analysis (2nd ed.), p. 438; dataset `baseball` of the R package BradleyTerry2.
WINS = (
    (0, 7, 9, 7, 7, 9, 11),
    (6, 0, 7, 5, 11, 9, 9),
    (4, 6, 0, 7, 7, 8, 12),
    (6, 8, 6, 0, 6, 7, 10),
    (6, 2, 6, 7, 0, 7, 12),
    (4, 4, 5, 6, 6, 0, 6),
    (2, 4, 1, 3, 1, 7, 0),
)
# `summary(baseballModel1)` of that package, Baltimore as reference: estimate and standard error.
PUBLISHED = {
    "Milwaukee": (1.5814, 0.3433),
    "Detroit": (1.4364, 0.3396),
    "Toronto": (1.2945, 0.3367),
    "New York": (1.2476, 0.3359),
    "Boston": (1.1077, 0.3339),
    "Cleveland": (0.6839, 0.3319),
}


def season() -> dict[tuple[str, str], float]:
    return {(a, b): float(WINS[i][j]) for i, a in enumerate(TEAMS) for j, b in enumerate(TEAMS) if i != j}


@pytest.mark.parametrize("team", PUBLISHED)
def test_the_baseball_season_of_agresti_is_fitted_to_four_digits(team: str) -> None:
    estimate, error = bradley_terry(season(), prior=0).difference(team, "Baltimore")
    assert estimate == pytest.approx(PUBLISHED[team][0], abs=6e-5)
    assert error == pytest.approx(PUBLISHED[team][1], abs=6e-5)


def test_the_strongest_comes_first() -> None:
    found = bradley_terry(season()).strengths()
    assert [s.name for s in found] == list(TEAMS)
    assert all(s.low < s.points < s.high for s in found)


def test_two_models_have_the_odds_of_their_games() -> None:
    """With two players the estimate is known in closed form: log of wins over losses, error sqrt(1/w + 1/l)."""
    fit = bradley_terry({("a", "b"): 30, ("b", "a"): 10}, prior=0)
    estimate, error = fit.difference("a", "b")
    assert estimate == pytest.approx(math.log(3))
    assert error == pytest.approx(math.sqrt(1 / 30 + 1 / 10))
    assert fit.difference("b", "a")[0] == pytest.approx(-math.log(3))


def test_one_win_is_no_proof() -> None:
    winner, loser = bradley_terry({("a", "b"): 1}).strengths()
    assert winner.name == "a"
    assert winner.low < loser.points < winner.points < 1400


def test_nobody_played_is_an_empty_table() -> None:
    assert bradley_terry({}).strengths() == ()


def test_models_that_never_met_are_held_against_the_average() -> None:
    found = bradley_terry({("a", "b"): 5, ("c", "d"): 5}).strengths()
    assert [s.name for s in found] == ["a", "c", "b", "d"]
    assert found[0].log == pytest.approx(found[1].log)


def test_plain_likelihood_survives_groups_that_never_met() -> None:
    fit = bradley_terry({("a", "b"): 2, ("b", "a"): 1, ("c", "d"): 2, ("d", "c"): 1}, prior=0)
    assert all(math.isfinite(v) for v in fit.logs)


def test_a_hopeless_difference_does_not_overflow() -> None:
    found = bradley_terry({("a", "b"): 1e6}, prior=1e-6).strengths()
    assert all(math.isfinite(s.log) and math.isfinite(s.error) for s in found)


def test_the_winner_of_a_ballot_beats_every_other_lane() -> None:
    ballot = Ballot(models=("a", "b", "c"), outcome=Outcome.WIN, winner=1)
    assert wins_of([ballot]) == {("b", "a"): 1.0, ("b", "c"): 1.0}


@pytest.mark.parametrize("outcome", [Outcome.TIE, Outcome.ALL_BAD])
def test_a_tie_is_half_a_win_both_ways(outcome: Outcome) -> None:
    assert wins_of([Ballot(models=("a", "b"), outcome=outcome)]) == {("a", "b"): 0.5, ("b", "a"): 0.5}


def test_a_model_does_not_play_against_itself() -> None:
    assert wins_of([Ballot(models=("a", "a", "b"), outcome=Outcome.WIN, winner=0)]) == {("a", "b"): 1.0}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")).filter(lambda p: p[0] != p[1]),
        st.floats(0.5, 50),
        min_size=1,
    )
)
def test_strengths_are_finite_and_sum_to_zero_whatever_was_voted(wins: dict[tuple[str, str], float]) -> None:
    fit = bradley_terry(wins)
    assert all(math.isfinite(v) for v in fit.logs)
    assert sum(fit.logs) == pytest.approx(0, abs=1e-9)
    assert all(s.error > 0 for s in fit.strengths())
