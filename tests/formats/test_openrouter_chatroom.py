"""Import of the three versions of OpenRouter's Chatroom exports."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.message import Role
from tui_router.domain.problem import AppError
from tui_router.formats.registry import import_text

_CHARACTERS = {"A": {"model": "acme/one"}, "B": {"modelInfo": {"slug": "openrouter/acme/two"}}}


def _item(kind: str, text: str) -> dict[str, Any]:
    part = {"message": "output_text", "reasoning": "reasoning_text"}.get(kind, kind)
    return {"data": {"type": kind, "content": [{"type": part, "text": text}]}}


def _message(number: int, kind: str, parent: str | None, items: list[str], **more: Any) -> dict[str, Any]:
    refs = [{"id": i, "type": i.rstrip("0123456789")} for i in items]
    created = f"2026-01-01T00:00:{number:02}.000Z"
    return {"type": kind, "createdAt": created, "parentMessageId": parent, "items": refs, **more}


_THIRD = {
    "version": "orpg.3.0",
    "title": "Room",
    "characters": _CHARACTERS,
    "messages": {
        "q": _message(1, "user", None, ["message1"]),
        "a": _message(2, "assistant", "q", ["reasoning1", "message2"], characterId="A"),
        "b": _message(
            3, "assistant", "q", ["search1", "message3"], characterId="B",
            metadata={"cost": 0.0012, "duration": 2500, "variantSlug": "acme/two:free"},
        ),
    },
    "items": {
        "message1": _item("message", "Why?"),
        "reasoning1": _item("reasoning", "Hm."),
        "message2": _item("message", "Because."),
        "search1": _item("web_search", "x"),
        "message3": _item("message", "Who knows."),
    },
}  # fmt: skip


def test_version_three_has_comparisons_models_reasoning_and_costs() -> None:
    found = import_text(json.dumps(_THIRD))
    question, first, second = found.documents[0].messages
    assert (question.text, question.role, question.batch) == ("Why?", Role.USER, "")
    assert (first.text, first.reasoning, str(first.model), first.lane) == ("Because.", "Hm.", "acme/one", 0)
    assert (second.text, str(second.model), second.lane) == ("Who knows.", "acme/two:free", 1)
    assert first.batch == second.batch != ""
    assert second.usage is not None
    assert (second.usage.cost, second.timing.total) == (Decimal("0.0012"), 2.5)
    assert found.notes == ("Searches, pictures and tool calls skipped: 1.",)


@pytest.mark.parametrize("version", ["orpg.1.0", "orpg.2.0"])
def test_older_versions_have_no_parents(version: str) -> None:
    turns = [("user", "One?"), ("assistant", "1"), ("assistant", "eins"), ("user", "Two?"), ("assistant", "2")]
    messages = {
        f"m{n}": {
            "type": kind,
            "content": text,
            "characterId": "A",
            "reasoning": "hm",
            "createdAt": f"2025-01-0{n + 1}",
        }
        for n, (kind, text) in enumerate(turns)
    }
    record = {"version": version, "characters": _CHARACTERS, "messages": dict(reversed(messages.items()))}
    (document,) = import_text(json.dumps(record)).documents
    assert [m.text for m in document.thread] == ["One?", "1", "Two?", "2"]
    assert [m.text for m in document.messages if m.batch] == ["1", "eins"]
    assert str(document.thread[1].model) == "acme/one"


def test_an_unknown_version_names_the_known_ones() -> None:
    with pytest.raises(AppError) as caught:
        import_text('{"version": "orpg.9.0", "messages": {}}')
    assert "orpg.9.0 is not one of orpg.1.0" in caught.value.problem.detail


def test_messages_must_be_an_object() -> None:
    with pytest.raises(AppError) as caught:
        import_text('{"version": "orpg.3.0", "messages": []}')
    assert "messages: an object was expected" in caught.value.problem.detail


_ANY = (
    st.none() | st.text(max_size=3) | st.floats() | st.lists(st.none() | st.dictionaries(st.just("id"), st.just("x")))
)


@given(
    st.dictionaries(
        st.text(max_size=2),
        _ANY | st.dictionaries(st.sampled_from(["items", "content", "createdAt", "metadata", "parentMessageId"]), _ANY),
    ),
    st.sampled_from(["orpg.1.0", "orpg.3.0"]),
)
def test_messages_of_any_shape_are_accepted(messages: dict[str, Any], version: str) -> None:
    import_text(json.dumps({"version": version, "messages": messages, "items": {"x": None}}))
