"""JSON export and import: lossless, versioned, with located errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import NASTY, any_text, conversations, message_lists
from tests.values import a_conversation, a_message
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message, Text
from tui_router.domain.problem import AppError
from tui_router.domain.safe import clean
from tui_router.formats.document import build_document
from tui_router.formats.json_format import read_json, write_json
from tui_router.formats.registry import import_text


@given(conversations(), message_lists())
def test_export_and_import_round_trip(conversation: Conversation, messages: tuple[Message, ...]) -> None:
    document = build_document(conversation, messages)
    assert import_text(write_json(document)).documents == (document,)


@given(any_text)
def test_the_file_is_safe_to_print_and_lossless(text: str) -> None:
    written = write_json(build_document(a_conversation(), (a_message("m", parts=(Text(text),)),)))
    assert clean(written) == written
    if text.isprintable():
        assert json.loads(written)["messages"][0]["parts"][0]["text"] == text


def test_unsafe_characters_are_escaped_on_export_and_sanitized_on_import() -> None:
    written = write_json(build_document(a_conversation(), (a_message("m", parts=(Text(NASTY),)),)))
    assert json.loads(written)["messages"][0]["parts"][0]["text"] == NASTY
    (document,) = import_text(written).documents
    assert document.messages[0].text == clean(NASTY)


def test_a_file_may_hold_several_exports() -> None:
    one, two = (write_json(build_document(a_conversation(i), (a_message(f"{i}1"),))) for i in ("a", "b"))
    as_list = json.dumps([json.loads(one), json.loads(two)])
    assert [d.conversation.id for d in import_text(one + two).documents] == ["a", "b"]
    assert [d.conversation.id for d in import_text(as_list).documents] == ["a", "b"]


def test_unknown_fields_are_ignored() -> None:
    record = _record()
    record["messages"][0]["mood"] = "sunny"
    assert len(read_json(record).documents[0].messages) == 1


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("version",), 99, "newer tui-router"),
        (("version",), None, "no version"),
        (("messages",), {}, "a list was expected"),
        (("messages", 0), 7, "messages[0]: an object was expected, not 7"),
        (("messages", 0, "role"), "king", "messages[0].role: one of system, user"),
        (("messages", 0, "id"), "", "is there twice or is empty"),
        (("messages", 0, "created"), "yesterday", "messages[0].created: a date"),
        (("messages", 0, "parts"), [{"type": "song"}], "messages[0].parts[0]: one of text, reasoning"),
        (("messages", 0, "parts"), [{"type": "text"}], "messages[0].parts[0].text: is missing"),
        (("messages", 0, "parts"), [{"type": "text", "text": 3}], "text was expected"),
        (("messages", 0, "usage"), {"cost": "NaN"}, "messages[0].usage.cost: an amount"),
        (("messages", 0, "lane"), True, "messages[0].lane: a whole number"),
        (("conversation", "options"), {"temperature": 9}, "conversation.options.temperature"),
        (("conversation",), None, "conversation: an object was expected, not null"),
    ],
)
def test_errors_have_a_location(path: tuple[str | int, ...], value: object, complaint: str) -> None:
    record: Any = _record()
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(AppError) as caught:
        read_json(record)
    assert complaint in caught.value.problem.detail


def test_duplicate_messages_are_refused() -> None:
    record = _record()
    record["messages"] *= 2
    with pytest.raises(AppError) as caught:
        read_json(record)
    assert "messages[1].id" in caught.value.problem.detail


def _record() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_json(build_document(a_conversation(), (a_message("m1"),))))
    return found
