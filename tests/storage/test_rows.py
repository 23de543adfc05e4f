"""Rows and values: save, then load, is identity; odd rows still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies, values
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import (
    Ending,
    EndingKind,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
)
from tui_router.storage.bootstrap import open_in_memory
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.json_columns import dump_parts, from_text, grow, load_part, load_parts, storable
from tui_router.storage.messages import Messages
from tui_router.storage.rows import from_micros, from_pico, message_of, to_micros, to_pico


@given(strategies.conversations(), strategies.message_lists())
def test_what_is_saved_is_loaded(conversation: Conversation, messages: tuple[Message, ...]) -> None:
    with open_in_memory() as database:
        Conversations(database).save(conversation)
        Messages(database).add_messages(conversation.id, messages)
        loaded = Conversations(database).load(conversation.id)
    assert loaded is not None
    found, stored = loaded
    assert replace(found, updated=conversation.updated) == replace(conversation, is_temporary=False)
    assert found.updated == max([conversation.updated, *(m.created for m in messages)])
    assert stored == messages


@given(st.lists(st.builds(Text, st.text()) | strategies.parts, max_size=4))
def test_parts_come_back_whatever_characters_they_hold(parts: list[Part]) -> None:
    stored = dump_parts(parts)
    stored.text.encode()
    stored.parts.encode()
    assert "\0" not in stored.text
    assert load_parts(stored.text, stored.parts) == tuple(parts)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "half \udc00 pair", "\U0001f600 fine"])
def test_words_that_sqlite_cannot_hold_are_kept_whole(database: Database, text: str) -> None:
    Conversations(database).save(values.a_conversation())
    Messages(database).add_messages("c1", [values.a_message("m", text=text)])
    assert Messages(database).load_messages("c1")[0].text == text


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("words", "not json", (Text("words"),)),
        ("", "", ()),
        ("words", '[{"t":"hologram","x":1},3,{"t":"text","n":5}]', (Text("words"),)),
        ("words", "[]", (Text("words"),)),
        ("words", '[{"t":"text","n":-1}]', (Text("words"),)),
        ("words", '[{"t":"reasoning"}]', (Text("words"),)),
        ("ab", '[{"t":"reasoning","text":"r","seconds":"long"},{"t":"text","n":9}]', (Reasoning("r"), Text("ab"))),
        ("x", "[" * 100_000, (Text("x"),)),
    ],
)
def test_odd_parts_lose_no_words(text: str, parts: str, expected: tuple[Part, ...]) -> None:
    assert load_parts(text, parts) == expected


def test_one_part_that_cannot_be_read_is_none() -> None:
    assert load_part({"t": "hologram"}) is None


def test_streamed_pieces_extend_what_is_there() -> None:
    assert grow((), "a", "") == (Text("a"),)
    assert grow((Text("a"),), "b", "t") == (Reasoning("t"), Text("ab"))
    assert grow((Reasoning("t", ("d",)), Text("a")), "b", "u") == (Reasoning("tu", ("d",)), Text("ab"))
    assert grow((Text("a"),), "", "") == (Text("a"),)


def test_an_odd_row_becomes_a_message() -> None:
    row = (
        b"id\xff", 7, "narrator", b"w\xffrds", None, "noon", 3, None, None, None,
        '{"prompt_tokens": "x"}', "fast", None, "exploded", "{}", None, None, "first", "{", "[3", "noon", "done",
    )  # fmt: skip
    message = message_of(row)
    assert message.id == "id\ufffd"
    assert message.parent_id == "7"
    assert message.role is Role.ASSISTANT
    assert message.text == "w\ufffdrds"
    assert message.ending == Ending(EndingKind.INTERRUPTED)
    assert message.created.year == 1970
    assert message.lane == 0


def test_bytes_that_are_no_text_do_not_stop_a_conversation(database: Database) -> None:
    Conversations(database).save(values.a_conversation())
    Messages(database).add_messages("c1", [values.a_message("m", text="fine")])
    with database.write() as connection:
        connection.execute("UPDATE messages SET text = CAST(x'ff41' AS TEXT), role = CAST(x'fe' AS TEXT), usage = '3'")
    assert Messages(database).load_messages("c1")[0].text == "\ufffdA"


def test_moments_are_exact_and_zones_are_turned_into_utc() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=5)))
    assert from_micros(to_micros(moment)) == moment
    assert to_micros(datetime(1970, 1, 1)) == 0
    assert from_micros("x") == from_micros(10**30) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("amount", ["0", "0.000000000001", "0.00003", "12.5", "-1", "4000000"])
def test_money_is_exact(amount: str) -> None:
    assert from_pico(to_pico(Decimal(amount))) == Decimal(amount)


def test_money_out_of_reach_is_unknown() -> None:
    assert to_pico(Decimal("1e20")) is None
    assert to_pico(Decimal("NaN")) is None
    assert to_pico(None) is None
    assert from_pico("x") == 0


def test_texts_are_made_storable() -> None:
    assert storable("\ud83d\ude00") == "😀"
    assert storable("a\ud800") == "a\ufffd"
    assert from_text(None, 1) == 1
