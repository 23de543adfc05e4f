"""Remembered values and the prompt history."""

from __future__ import annotations

from tui_router.storage.database import Database
from tui_router.storage.state import FAVOURITES, KEPT, KeyValueStore, PromptHistory


def test_small_values_are_remembered(database: Database) -> None:
    state = KeyValueStore(database)
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
    state = KeyValueStore(database)
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
