"""Votes and line-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.values import NOON
from tui_router.domain.rating import Ballot, Outcome, Vote
from tui_router.storage.comparisons import Lineup, Lineups, Votes
from tui_router.storage.database import Database

VOTE = Vote(
    batch="b1",
    outcome=Outcome.WIN,
    models=("a/one", "b/two", "a/one"),
    winner=2,
    tags=("code",),
    is_blind=True,
    created=NOON,
)


def test_a_vote_comes_back_and_counts_once_for_each_comparison(database: Database) -> None:
    votes = Votes(database)
    votes.add(VOTE)
    assert votes.all() == (VOTE,)
    assert votes.find("b1") == VOTE
    assert VOTE.ballot == Ballot(models=VOTE.models, outcome=Outcome.WIN, winner=2)
    changed = replace(VOTE, outcome=Outcome.TIE, winner=None)
    votes.add(changed)
    assert votes.all() == (changed,)
    votes.remove("b1")
    assert votes.find("b1") is None


def test_votes_are_told_apart_by_tag(database: Database) -> None:
    votes = Votes(database)
    votes.add(VOTE)
    votes.add(replace(VOTE, batch="b2", tags=("prose", "code"), created=NOON + timedelta(minutes=1)))
    votes.add(replace(VOTE, batch="b3", tags=(), outcome=Outcome.ALL_BAD))
    assert [v.batch for v in votes.all("code")] == ["b1", "b2"]
    assert votes.all_tags() == ("code", "prose")


def test_a_vote_of_a_later_version_is_passed_over(database: Database) -> None:
    votes = Votes(database)
    votes.add(VOTE)
    with database.write() as connection:
        connection.execute("UPDATE votes SET outcome = 'shrug'")
    assert votes.all() == ()


def test_line_ups_are_kept_by_name_and_the_last_one_without(database: Database) -> None:
    lineups = Lineups(database)
    assert lineups.last() is None
    lineups.save(["a", "b"], "strong")
    lineups.save(["c", "c"], "twins")
    lineups.save(["x"])
    lineups.save(["x", "y"])
    assert lineups.last() == Lineup("", ("x", "y"))
    assert set(lineups.named()) == {Lineup("strong", ("a", "b")), Lineup("twins", ("c", "c"))}
    lineups.remove("twins")
    assert [found.name for found in lineups.named()] == ["strong"]
