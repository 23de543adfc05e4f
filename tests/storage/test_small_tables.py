"""Votes, line-ups, state and prompt history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.values import NOON
from tui_router.domain.rating import Ballot, Outcome
from tui_router.domain.vote import Vote
from tui_router.storage.database import Database
from tui_router.storage.history import KEPT, PromptHistory
from tui_router.storage.lineups import Lineup, Lineups
from tui_router.storage.state import FAVOURITES, State
from tui_router.storage.votes import Votes

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


def test_small_values_are_remembered(database: Database) -> None:
    state = State(database)
    assert state.get("x", 1) == 1
    state.put("x", {"a": [1, None, "\ud800"]})
    assert state.get("x") == {"a": [1, None, "\ud800"]}
    state.put("x", None)
    assert state.get("x") is None
    state.put(FAVOURITES, ["a/b", 3])
    assert state.texts(FAVOURITES) == ("a/b",)
    state.put(FAVOURITES, {"odd": 1})
    assert state.texts(FAVOURITES) == ()


def test_a_value_is_changed_where_it_lies(database: Database) -> None:
    state = State(database)
    state.change(FAVOURITES, lambda old: [*(old or []), "a"])
    state.change(FAVOURITES, lambda old: [*(old or []), "b"])
    assert state.texts(FAVOURITES) == ("a", "b")


def test_prompts_are_remembered_oldest_first_and_not_twice_in_a_row(database: Database) -> None:
    history = PromptHistory(database)
    for text in ("one", "two", "two", "  ", "one", "sur\ud800"):
        history.add(text)
    assert history.entries() == ("one", "two", "one", "sur\ufffd")
    assert history.entries(limit=1) == ("sur\ufffd",)
    history.clear()
    assert history.entries() == ()


def test_old_prompts_are_forgotten(database: Database) -> None:
    with database.write() as connection:
        connection.executemany(
            "INSERT INTO prompt_history (text, created) VALUES (?, 0)", [(str(i),) for i in range(KEPT + 5)]
        )
    PromptHistory(database).add("last")
    entries = PromptHistory(database).entries()
    assert len(entries) == KEPT
    assert entries[-1] == "last"
