"""Tool calls and structured thinking, put together from fragments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.openrouter.payloads import FINISH, call, delta, folded, read
from tui_router.domain.events import (
    Finished,
    ReasoningDelta,
    ReasoningDetail,
    ToolCallDelta,
)
from tui_router.domain.message import EndingKind, ToolCall
from tui_router.openrouter.chunks import AnswerReader

TIME = {"name": "get_time", "arguments": ""}


def test_reasoning_that_comes_twice_is_shown_once_and_kept_merged() -> None:
    detail = {"type": "reasoning.text", "format": "unknown", "index": 0}
    found = read(
        delta(content="", reasoning="Let", reasoning_details=[{**detail, "text": "Let"}]),
        delta(content="", reasoning=" me", reasoning_details=[{**detail, "text": " me"}]),
        delta(reasoning_details=[{"type": "reasoning.text", "index": 0, "signature": "sig"}]),
        delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "x", "id": "rs_1", "index": 1}]),
        delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "y", "id": "rs_2", "index": 1}]),
        FINISH,
    )
    assert [e.text for e in found if isinstance(e, ReasoningDelta)] == ["Let", " me"]
    details = [json.loads(e.raw) for e in found if isinstance(e, ReasoningDetail)]
    assert details[0] == {**detail, "text": "Let me", "signature": "sig"}
    assert [d["data"] for d in details[1:]] == ["x", "y"]
    assert isinstance(found[-1], Finished)


def test_a_late_signature_finds_its_text_behind_other_items() -> None:
    found = read(
        delta(reasoning_details=[{"type": "reasoning.text", "text": "Hm", "index": 0, "signature": None}]),
        delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "x", "index": 1}]),
        delta(reasoning_details=[{"type": "reasoning.text", "signature": "s", "index": 0}]),
        FINISH,
    )
    details = [json.loads(e.raw) for e in found if isinstance(e, ReasoningDetail)]
    assert [d.get("signature") for d in details] == ["s", None]


def test_thinking_that_comes_only_as_details_is_shown() -> None:
    found = read(delta(reasoning_details=[{"type": "reasoning.summary", "summary": "Sum"}]), FINISH)
    assert ReasoningDelta("Sum") in found


def test_the_alias_of_reasoning_is_read() -> None:
    assert folded(delta(reasoning_content="Hm"), FINISH).reasoning == "Hm"


def test_thinking_that_is_only_encrypted_counts_as_content() -> None:
    reader = AnswerReader()
    reader.read(json.dumps(delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "x"}])))
    assert reader.has_content


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        (
            [call(index=0, id="c1", function=TIME), call(index=0, function={"arguments": '{"a":'}),
             call(index=0, function={"arguments": "1}"})],
            [ToolCall("c1", "get_time", '{"a":1}')],
        ),
        ([call(index=0, id="c1", function={"name": "f", "arguments": '{"a":1}'})], [ToolCall("c1", "f", '{"a":1}')]),
        ([call(index=0, id="c1", function={"name": "f"})], [ToolCall("c1", "f", "{}")]),
        ([call(index=0, id="", function={"name": "f"})], [ToolCall("call_0", "f", "{}")]),
        ([call(id="c1", function=TIME), call(function={"arguments": "{}"}), call(id="c2", function=TIME)],
         [ToolCall("c1", "get_time", "{}"), ToolCall("c2", "get_time", "{}")]),
        ([call(id="c1", function=TIME), call(id="c1", function={"arguments": "{ }"})],
         [ToolCall("c1", "get_time", "{ }")]),
        (
            [call(index=0, id="a", function=TIME), call(index=1, id="b", function=TIME),
             call(index=0, function={"arguments": "{0}"}), call(index=1, function={"arguments": "{1}"})],
            [ToolCall("a", "get_time", "{0}"), ToolCall("b", "get_time", "{1}")],
        ),
        ([call(index=0, id="a", function={"name": "f", "arguments": "{0}"}),
          call(index=0, id="b", function={"name": "f", "arguments": "{1}"})],
         [ToolCall("a", "f", "{0}"), ToolCall("b", "f", "{1}")]),
        ([call(index=0, id="a", function=TIME), call(index=1, id="a", function=TIME)],
         [ToolCall("a", "get_time", "{}"), ToolCall("call_1", "get_time", "{}")]),
        ([call(index=0, id="a", function={"name": "f", "arguments": {"x": 1}})], [ToolCall("a", "f", '{"x": 1}')]),
        ([call(index=0, id="a", function={"name": "f", "arguments": "{}"}), call(index=0, function={"arguments": " "})],
         [ToolCall("a", "f", "{} ")]),
    ],
)  # fmt: skip
def test_tool_calls_are_put_together_whatever_their_pieces(payloads: list[Any], expected: list[ToolCall]) -> None:
    state = folded(*payloads, FINISH)
    assert list(state.tool_calls) == expected
    assert state.ending is not None
    assert state.ending.kind is EndingKind.TOOL_CALLS


def test_tool_arguments_cannot_hide_characters_from_who_approves_them() -> None:
    found = read(call(index=0, id="a", function={"name": "f", "arguments": '{"x":"a\u202eb"}'}), FINISH)
    calls = [e for e in found if isinstance(e, ToolCallDelta)]
    assert calls[0].arguments == '{"x":"a\ufffdb"}'
