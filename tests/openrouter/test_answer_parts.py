"""Tool calls and reasoning assembled from fragments, and the attempts that OpenRouter reports."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.openrouter.payloads import FINISH, call, delta, folded, read
from tests.openrouter.scripted_client import ask, failed
from tests.openrouter.scripted_server import ScriptedServer, chunk, events, good, head, plain
from tui_router.domain.events import (
    Event,
    Finished,
    ReasoningDelta,
    ReasoningDetail,
    Routed,
    ToolCallDelta,
)
from tui_router.domain.message import EndingKind, RouteAttempt, ToolCall
from tui_router.domain.stream import StreamState
from tui_router.openrouter.answer_parts import failed_attempts
from tui_router.openrouter.answer_reader import AnswerReader

TIME = {"name": "get_time", "arguments": ""}


def test_duplicate_reasoning_is_shown_once_and_kept_merged() -> None:
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


def test_a_late_signature_is_merged_with_its_text() -> None:
    found = read(
        delta(reasoning_details=[{"type": "reasoning.text", "text": "Hm", "index": 0, "signature": None}]),
        delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "x", "index": 1}]),
        delta(reasoning_details=[{"type": "reasoning.text", "signature": "s", "index": 0}]),
        FINISH,
    )
    details = [json.loads(e.raw) for e in found if isinstance(e, ReasoningDetail)]
    assert [d.get("signature") for d in details] == ["s", None]


def test_reasoning_only_in_details_is_shown() -> None:
    found = read(delta(reasoning_details=[{"type": "reasoning.summary", "summary": "Sum"}]), FINISH)
    assert ReasoningDelta("Sum") in found


def test_reasoning_content_is_read() -> None:
    assert folded(delta(reasoning_content="Hm"), FINISH).reasoning == "Hm"


def test_encrypted_reasoning_counts_as_content() -> None:
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
def test_tool_calls_are_assembled_from_any_fragments(payloads: list[Any], expected: list[ToolCall]) -> None:
    state = folded(*payloads, FINISH)
    assert list(state.tool_calls) == expected
    assert state.ending is not None
    assert state.ending.kind is EndingKind.TOOL_CALLS


def test_tool_arguments_are_sanitized() -> None:
    found = read(call(index=0, id="a", function={"name": "f", "arguments": '{"x":"a\u202eb"}'}), FINISH)
    calls = [e for e in found if isinstance(e, ToolCallDelta)]
    assert calls[0].arguments == '{"x":"a\ufffdb"}'


TRIED = [
    {"provider": "Azure", "model": "a/b", "status": 429},
    {"provider": "Deep", "model": "a/b", "status": 502},
    {"provider": "Acme", "model": "c/d", "status": 200},
]
FAILED = (
    RouteAttempt(model="a/b", provider="Azure", status=429),
    RouteAttempt(model="a/b", provider="Deep", status=502),
)


def final_state(found: list[Event]) -> StreamState:
    state = StreamState()
    for event in found:
        state.apply(event)
    return state


@pytest.mark.parametrize(
    ("payload", "attempts"),
    [
        ({"openrouter_metadata": {"attempts": TRIED}}, FAILED),
        ({"openrouter_metadata": {"attempts": TRIED[2:]}}, ()),
        ({"openrouter_metadata": {"attempt": 1, "endpoints": {}}}, ()),
        ({"openrouter_metadata": {"attempts": "many"}}, ()),
        ({"openrouter_metadata": {"attempts": [7, None, {}]}}, ()),
        ({"error": {"metadata": {"previous_errors": [{"provider": "Azure", "code": 429, "message": "slow down"}]}}},
         (RouteAttempt(provider="Azure", status=429, reason="slow down"),)),
        ({"error": "plain"}, ()),
        ({}, ()),
    ],
)  # fmt: skip
def test_failed_attempts_are_read_and_successful_ones_omitted(payload: Any, attempts: tuple[RouteAttempt, ...]) -> None:
    assert failed_attempts(payload) == attempts


def test_metadata_is_requested_and_its_failures_reported_once() -> None:
    told = {"choices": [], "openrouter_metadata": {"attempts": TRIED}}
    stream = head() + events(chunk("Hi"), chunk(finish="stop"), told, told, "[DONE]")
    with ScriptedServer([stream]) as server:
        found = ask(server)
        assert server.requests[0].headers["x-openrouter-metadata"] == "enabled"
    assert [e for e in found if isinstance(e, Routed)] == [Routed(FAILED)]
    assert final_state(found).attempts == FAILED


def test_an_answer_at_the_first_attempt_has_no_failed_attempts() -> None:
    with ScriptedServer([good("Hi")]) as server:
        assert final_state(ask(server)).attempts == ()


def test_our_retry_is_merged_with_the_reported_attempts() -> None:
    before = [{"provider": "Azure", "status": 429}, {"provider": "Deep", "status": 502}]
    error = {"code": 502, "message": "Bad", "metadata": {"provider_name": "Deep", "previous_errors": before}}
    with ScriptedServer([plain(502, json.dumps({"error": error}))], [good("Hi")]) as server:
        first, second = final_state(ask(server)).attempts
    assert first == RouteAttempt(provider="Azure", status=429)
    assert (second.provider, second.status, second.reason) == ("Deep", 502, "The provider failed")
    assert second.wait is not None


def test_each_retry_counts_without_reported_attempts() -> None:
    with ScriptedServer([plain(502, "{}")], [plain(503, "{}")], [good("Hi")]) as server:
        attempts = final_state(ask(server)).attempts
    assert [(a.status, a.reason) for a in attempts] == [(502, "The provider failed"), (503, "The provider failed")]
    assert all(a.wait is not None for a in attempts)


def test_attempts_before_a_final_failure_are_reported() -> None:
    tried = {"attempts": [{"provider": "Azure", "status": 400}]}
    body = {"error": {"code": 400, "message": "No"}, "openrouter_metadata": tried}
    with ScriptedServer([plain(400, json.dumps(body))]) as server:
        found = ask(server)
    assert failed(found).problem.status == 400
    assert final_state(found).attempts == (RouteAttempt(provider="Azure", status=400),)
