"""Votes, and the leaderboard made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.memory_store import memory_store
from tests.values import book
from tui_router.domain.message import Message, Role, Timing
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError
from tui_router.domain.rating import Outcome
from tui_router.domain.usage import Usage
from tui_router.services.leaderboard import Leaderboard
from tui_router.storage.charges import Charges
from tui_router.storage.comparisons import Votes

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class House:
    """An election over a store in memory."""

    def __init__(self) -> None:
        database = memory_store()
        self.charges = Charges(database)
        self.leaderboard = Leaderboard(ballots=Votes(database), speeds=self.charges.speeds, now=lambda: NOW)

    def answered(self, model: str, first: float | None, seconds: float | None, tokens: int, cost: str | None) -> None:
        usage = Usage(completion_tokens=tokens, cost=None if cost is None else Decimal(cost))
        timing = Timing(first_token=first, total=seconds)
        book(self.charges, usage, model, at=NOW, timing=timing)


@pytest.fixture
def house() -> House:
    return House()


def lanes(*models: str, batch: str = "batch") -> list[Message]:
    return [
        Message(
            id=f"{batch}{lane}",
            parent_id="q",
            role=Role.ASSISTANT,
            parts=(),
            created=NOW,
            model=ModelRef(model),
            batch=batch,
            lane=lane,
        )
        for lane, model in enumerate(models)
    ]


def test_a_vote_is_kept_with_its_lanes_in_order(house: House) -> None:
    vote = house.leaderboard.vote(lanes("a/a", "b/b")[::-1], 1, tags=[" code ", "code", ""], blind=True)
    assert (vote.outcome, vote.winner, vote.models) == (Outcome.WIN, 1, ("a/a", "b/b"))
    assert (vote.tags, vote.is_blind) == (("code",), True)
    assert house.leaderboard.vote_on("batch") == vote
    assert house.leaderboard.tags() == ("code",)


def test_a_lane_that_was_taken_away_does_not_shift_the_winner(house: House) -> None:
    answers = lanes("a/a", "b/b", "c/c")
    vote = house.leaderboard.vote([answers[0], answers[2]], 2)
    assert vote.models[vote.winner or 0] == "c/c"


def test_a_tie_and_all_bad_are_votes_too(house: House) -> None:
    assert house.leaderboard.vote(lanes("a/a", "b/b"), None).outcome is Outcome.TIE
    assert house.leaderboard.vote(lanes("a/a", "b/b"), None, all_bad=True).outcome is Outcome.ALL_BAD


@pytest.mark.parametrize(
    "answers", [lanes("a/a"), lanes("a/a", "b/b", batch=""), [*lanes("a/a"), *lanes("b/b", batch="x")]]
)
def test_what_was_not_compared_cannot_be_voted_on(house: House, answers: list[Message]) -> None:
    with pytest.raises(AppError):
        house.leaderboard.vote(answers, 0)


def test_a_lane_that_is_not_there_cannot_win(house: House) -> None:
    with pytest.raises(AppError):
        house.leaderboard.vote(lanes("a/a", "b/b"), 5)


def test_a_vote_can_be_changed_and_taken_back(house: House) -> None:
    house.leaderboard.vote(lanes("a/a", "b/b"), 0)
    house.leaderboard.vote(lanes("a/a", "b/b"), 1)
    assert [s.model for s in house.leaderboard.leaderboard()] == ["b/b", "a/a"]
    assert house.leaderboard.take_back("batch")
    assert not house.leaderboard.take_back("batch")
    assert house.leaderboard.leaderboard() == ()


def test_the_leaderboard_counts_games_wins_and_ties(house: House) -> None:
    for number in range(3):
        house.leaderboard.vote(lanes("a/a", "b/b", batch=f"win{number}"), 0)
    house.leaderboard.vote(lanes("a/a", "b/b", batch="tie"), None)
    house.leaderboard.vote(lanes("a/a", "b/b", batch="bad"), None, all_bad=True)
    first, second = house.leaderboard.leaderboard()
    assert (first.model, first.games, first.wins, first.ties) == ("a/a", 5, 3, 1)
    assert (second.model, second.games, second.wins, second.ties) == ("b/b", 5, 0, 1)
    assert first.strength.points > 1000 > second.strength.points


def test_a_tag_and_blindness_narrow_the_votes(house: House) -> None:
    house.leaderboard.vote(lanes("a/a", "b/b", batch="1"), 0, tags=["code"], blind=True)
    house.leaderboard.vote(lanes("c/c", "d/d", batch="2"), 0)
    assert {s.model for s in house.leaderboard.leaderboard("code")} == {"a/a", "b/b"}
    assert {s.model for s in house.leaderboard.leaderboard(blind_only=True)} == {"a/a", "b/b"}
    assert len(house.leaderboard.leaderboard()) == 4


def test_speed_and_money_stand_beside_the_strength(house: House) -> None:
    house.leaderboard.vote(lanes("a/a", "b/b"), 0)
    house.answered("a/a", 1.0, 3.0, 100, "0.10")
    house.answered("a/a", 2.0, 4.0, 100, "0.30")
    house.answered("a/a", None, None, 0, None)
    first, second = house.leaderboard.leaderboard()
    assert first.first_token == 1.5
    assert first.speed == 50
    assert first.seconds == 3.5
    assert first.cost == Decimal("0.20")
    assert first.wins_per_dollar == pytest.approx(5)
    assert first.wins_per_second == pytest.approx(1 / 3.5)
    assert (second.cost, second.speed, second.wins_per_dollar, second.wins_per_second) == (None, None, None, None)


def test_a_free_model_has_no_wins_per_dollar(house: House) -> None:
    house.leaderboard.vote(lanes("a/a", "b/b"), 0)
    house.answered("a/a", 1.0, 1.0, 100, "0")
    first = house.leaderboard.leaderboard()[0]
    assert first.wins_per_dollar is None
    assert first.speed is None
