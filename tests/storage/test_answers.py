"""Answers kept by the digest of their request: they come back whole, and they do not fill the disk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.values import NOON, a_conversation, an_answer
from tui_router.domain.cached import CachedAnswer
from tui_router.domain.message import Citation, Image, Message, Part, Reasoning, Text
from tui_router.domain.model import ModelRef
from tui_router.storage import answers as storage
from tui_router.storage.answers import Answers
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages

PARTS: tuple[Part, ...] = (
    Reasoning("hm\0", ('{"type":"reasoning.text"}',)),
    Text("words \ud800 ünd"),
    Image("image/png", data="AAAA"),
    Citation("https://a.example", "A"),
)


def an_entry(text: str = "hello", minutes: int = 0) -> CachedAnswer:
    return CachedAnswer(parts=(Text(text),), at=NOON + timedelta(minutes=minutes))


def test_an_answer_comes_back_whole(database: Database) -> None:
    answers = Answers(database)
    whole = CachedAnswer(parts=PARTS, served_model="a/one-2026", provider="Prov", at=NOON)
    answers.keep("k", whole, "a/one")
    assert answers.find("k") == whole
    assert answers.find("other") is None


def test_a_newer_answer_takes_the_place_of_an_older_one(database: Database) -> None:
    answers = Answers(database)
    answers.keep("k", an_entry("old"), "a/one")
    answers.keep("k", an_entry("new", 1), "a/one")
    assert answers.find("k") == an_entry("new", 1)
    assert answers.held().count == 1


def test_the_oldest_make_room_by_number_and_by_size(database: Database) -> None:
    answers = Answers(database, most=3)
    for number in range(5):
        answers.keep(f"k{number}", an_entry(), "a/one")
    assert [n for n in range(5) if answers.find(f"k{n}")] == [2, 3, 4]
    small = Answers(database, most_bytes=1500)
    for number in range(5):
        small.keep(f"s{number}", an_entry("x" * 600), "a/one")
    assert [n for n in range(5) if small.find(f"s{n}")] == [3, 4]


def test_what_is_too_large_is_not_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LARGEST", 100)
    answers = Answers(database)
    answers.keep("k", an_entry("x" * 200), "a/one")
    assert answers.held().count == 0


def test_an_answer_that_cannot_be_read_whole_is_none(database: Database) -> None:
    answers = Answers(database)
    for bad in ("", "[]", '{"parts": []}', '{"parts": [{"t": "text", "s": "a"}, {"t": "unheard"}]}'):
        with database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO answers (key, created, model, size, answer) VALUES ('k', 1, 'm', 1, ?)", (bad,)
            )
        assert answers.find("k") is None


def test_clearing_forgets_all(database: Database) -> None:
    answers = Answers(database)
    answers.keep("k", an_entry(), "a/one")
    answers.clear()
    assert answers.find("k") is None


def test_a_message_remembers_that_it_came_from_the_cache(database: Database) -> None:
    Conversations(database).save(a_conversation())
    cached: Message = an_answer("m", None, "hi", model=ModelRef("a/one"), cached_at=NOON - timedelta(hours=2))
    Messages(database).add_messages("c1", [cached, an_answer("n", "m", "ho")])
    first, second = Messages(database).load_messages("c1")
    assert (first.cached_at, first.cached_age) == (NOON - timedelta(hours=2), timedelta(hours=2))
    assert second.cached_age is None
