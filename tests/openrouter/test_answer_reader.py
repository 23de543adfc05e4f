"""Recorded forms of answers and the events they become."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.openrouter.payloads import FINISH, call, delta, folded, read
from tests.openrouter.scripted_server import USAGE, chunk
from tui_router.domain.events import (
    Cited,
    Event,
    Failed,
    Finished,
    ImageDelta,
    Started,
    TextDelta,
    UsageReport,
    Working,
)
from tui_router.domain.message import EndingKind, Image
from tui_router.domain.problem import ErrorKind
from tui_router.openrouter.answer_reader import AnswerReader, read_payloads
from tui_router.openrouter.sse import SseDecoder, SseEvent


def test_a_capture_with_a_repeated_finish_and_usage() -> None:
    found = read(chunk("Hel"), chunk("lo"), chunk(finish="stop", native="end_turn"),
                 chunk(finish="stop", native="end_turn", usage=USAGE), "[DONE]")  # fmt: skip
    assert [type(e) for e in found] == [Started, TextDelta, TextDelta, UsageReport, Finished]
    assert found[0] == Started("gen-1", "a/b-20260101", "Acme")
    assert found[-1] == Finished(EndingKind.COMPLETE, native_reason="end_turn")


def test_usage_on_empty_choices_counts() -> None:
    usage = {**USAGE, "is_byok": True, "completion_tokens_details": {"reasoning_tokens": 2},
             "prompt_tokens_details": {"cached_tokens": 9, "cache_write_tokens": 1}, "cost_details": None,
             "server_tool_use": {"web_search_requests": 2}}  # fmt: skip
    state = folded(chunk("Hi"), chunk(finish="stop"), {"choices": [], "usage": usage}, "[DONE]")
    assert state.usage is not None
    assert (state.usage.reasoning_tokens, state.usage.cached_tokens, state.usage.web_searches) == (2, 9, 2)
    assert str(state.usage.cost) == "0.000058"
    assert state.usage.is_byok


ERROR = {"code": 502, "message": "Provider disconnected", "metadata": {"error_type": "provider_unavailable"}}


@pytest.mark.parametrize(
    "payload",
    [
        {"id": "gen-1", "error": ERROR, "choices": [{"delta": {"content": ""}, "finish_reason": "error"}]},
        {"id": "gen-1", "error": ERROR, "choices": []},
        {"error": ERROR},
        {"choices": [{"delta": {}, "finish_reason": "error", "error": ERROR}]},
        {"choices": [{"delta": {}, "finish_reason": "error", "native_finish_reason": "MALFORMED_FUNCTION_CALL"}]},
        {"choices": [{"delta": {"content": ""}, "finish_reason": "stop", "native_finish_reason": "network_error"}]},
        {"error": "it broke"},
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        {"error": {"code": "server_error", "message": "x"}},
        {"error": {"code": "502", "message": "x"}},
        {"error": {"code": None, "message": None}},
        {"error": ["a", {"message": "b"}]},
    ],
)
def test_every_form_of_a_mid_stream_error_is_a_failure(payload: dict[str, Any]) -> None:
    reader = AnswerReader()
    found = [*reader.read(json.dumps(payload)), *reader.read("[DONE]"), *reader.close()]
    assert isinstance(found[-1], Failed)
    assert found[-1].problem.kind is ErrorKind.PROVIDER
    assert found[-1].problem.detail
    assert reader.failure is not None
    assert reader.failure.retries > 0


def test_the_native_reason_is_the_last_resort() -> None:
    found = read({"provider": "Google", "choices": [{"finish_reason": "error", "native_finish_reason": "MALFORMED"}]})
    assert isinstance(found[-1], Failed)
    assert found[-1].problem.detail == "Google ended with MALFORMED"


def test_an_error_finish_for_safety_is_moderation() -> None:
    found = read({"choices": [{"finish_reason": "error", "native_finish_reason": "SAFETY"}]})
    assert isinstance(found[-1], Failed)
    assert found[-1].problem.kind is ErrorKind.BLOCKED


def test_a_mid_stream_rate_limit_keeps_its_delay() -> None:
    error = {"code": 429, "message": "slow", "metadata": {"headers": {"Retry-After": "7"}, "provider_name": "Deep"}}
    (failed,) = read({"error": error})
    assert isinstance(failed, Failed)
    assert (failed.problem.kind, failed.problem.retry_after) == (ErrorKind.RATE_LIMIT, 7.0)
    assert failed.problem.provider == "Deep"


def test_text_and_usage_beside_an_error_are_kept() -> None:
    state = folded({**chunk("Half", finish="error"), "usage": USAGE, "error": ERROR})
    assert state.text == "Half"
    assert state.usage is not None
    assert state.ending is not None
    assert state.ending.kind is EndingKind.FAILED


def test_the_end_without_finish_or_done_is_interrupted() -> None:
    found = read(chunk("Half"))
    assert isinstance(found[-1], Failed)
    assert found[-1].problem.kind is ErrorKind.INTERRUPTED


def test_done_alone_is_complete() -> None:
    assert read("[DONE]") == [Finished(EndingKind.COMPLETE)]
    assert read(" [DONE] ", "[DONE]", chunk("late"))[-1] == Finished(EndingKind.COMPLETE)


def test_an_unreadable_line_is_skipped() -> None:
    state = folded(chunk("a"), "{oops", "[]", "7", "null", chunk("b"), "[DONE]")
    assert state.text == "ab"


def test_only_unreadable_lines_are_a_failure() -> None:
    (failed,) = read("{oops")
    assert isinstance(failed, Failed)
    assert failed.problem.title == "The answer could not be read"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("stop", EndingKind.COMPLETE),
        ("STOP", EndingKind.COMPLETE),
        ("length", EndingKind.LENGTH),
        ("content_filter", EndingKind.FILTERED),
        ("tool_calls", EndingKind.TOOL_CALLS),
        ("end_turn", EndingKind.COMPLETE),
    ],
)
def test_finish_reasons_become_endings(reason: str, kind: EndingKind) -> None:
    found = read(chunk("x", finish=reason))[-1]
    assert isinstance(found, Finished)
    assert found.reason is kind


def test_the_camel_case_finish_reason_is_accepted() -> None:
    (*_, last) = read_payloads([json.dumps({"choices": [{"delta": {"content": "x"}, "finishReason": "length"}]})])
    assert isinstance(last, Finished)
    assert last.reason is EndingKind.LENGTH


@pytest.mark.parametrize("error", ["Out of cheese", {"message": "Out of cheese"}, {"error": "Out of cheese"}])
def test_a_mid_stream_error_keeps_the_message_of_the_server(error: object) -> None:
    for before in ([], [json.dumps({"choices": [{"delta": {"content": "x"}}]})]):
        (*_, last) = read_payloads([*before, json.dumps({"error": error})])
        assert isinstance(last, Failed)
        assert "Out of cheese" in last.problem.detail


def test_a_boolean_error_takes_the_message_beside_it() -> None:
    (*_, last) = read_payloads([json.dumps({"error": True, "message": "Out of cheese", "code": 503})])
    assert isinstance(last, Failed)
    assert (last.problem.detail, last.problem.status) == ("Out of cheese", 503)


def test_citations_are_deduplicated() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": "https://e.org/a", "title": "A\x1b[31m", "end_index": 4}}
    found = read(delta(annotations=[cited, cited, {"type": "file", "file": {}}, "junk"]), FINISH)
    (citation,) = [e.citation for e in found if isinstance(e, Cited)]
    assert citation.url == "https://e.org/a"
    assert citation.title == "A␛[31m"
    assert (citation.start, citation.end) == (0, 4)


def test_images_are_parsed() -> None:
    data = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    web = {"type": "image_url", "image_url": {"url": "https://e.org/a.png"}}
    bad = {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}
    found = read(delta(content=None, images=[data, web, bad]), FINISH)
    assert [e.image for e in found if isinstance(e, ImageDelta)] == [
        Image("image/png", "AAAA"),
        Image("image/*", url="https://e.org/a.png"),
    ]


def test_a_refusal_is_text_that_ends_filtered() -> None:
    state = folded(delta(refusal="I can't"), FINISH)
    assert state.text == "I can't"
    assert state.ending is not None
    assert state.ending.kind is EndingKind.FILTERED


def test_an_audio_transcript_without_text_is_shown() -> None:
    assert folded(delta(audio={"transcript": "Hello"}), FINISH).text == "Hello"


def test_a_second_choice_is_ignored() -> None:
    assert folded({"choices": [{"index": 1, "delta": {"content": "b"}}]}, chunk("a", finish="stop")).text == "a"


def test_escape_sequences_and_split_surrogates_are_sanitized() -> None:
    state = folded('{"choices":[{"delta":{"content":"a\\u001b[2J\\ud83d"}}]}', chunk("x"), "[DONE]")
    assert state.text == "a␛[2J\ufffdx"
    joined = folded('{"choices":[{"delta":{"content":"\\ud83d"}}]}', '{"choices":[{"delta":{"content":"\\ude00"}}]}', "[DONE]")  # fmt: skip  # noqa: E501
    assert joined.text == "😀"


def test_buffered_text_is_flushed_at_the_end() -> None:
    state = folded(delta(content="a\r", reasoning="b\r"), "[DONE]")
    assert (state.text, state.reasoning) == ("a\n", "b\n")


def test_model_and_provider_are_updated_as_they_arrive() -> None:
    found = read({"id": "gen-1"}, {"model": "m"}, {"model": "m", "provider": "P\x1b"}, "[DONE]")
    assert [e for e in found if isinstance(e, Started)] == [
        Started("gen-1"), Started("gen-1", "m"), Started("gen-1", "m", "P␛"),
    ]  # fmt: skip


def test_keep_alives_are_reported_until_the_first_token() -> None:
    reader = AnswerReader()
    assert reader.comment() == [Working()]
    reader.read(json.dumps(chunk("a")))
    assert reader.comment() == []


def test_content_in_parts_is_joined() -> None:
    message = {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    assert folded({"choices": [{"message": message, "finish_reason": "stop"}]}).text == "ab"


def test_lines_of_json_are_read_as_a_stream() -> None:
    reader = AnswerReader()
    found = reader.read_body("\n".join(json.dumps(c) for c in (chunk("a"), chunk("b", finish="stop"))))
    assert [e.text for e in found if isinstance(e, TextDelta)] == ["a", "b"]
    assert isinstance(reader.close()[-1], Finished)


RECORDED = [
    chunk("Héllo 😀\r"),
    chunk("\nworld\u2028"),
    delta(reasoning="Hm", reasoning_details=[{"type": "reasoning.text", "text": "Hm", "index": 0}]),
    call(index=0, id="a", function={"name": "f", "arguments": "{}"}),
    chunk(finish="stop", usage=USAGE),
]


@settings(deadline=None)
@given(st.data())
def test_any_split_of_the_bytes_gives_the_same_events(data: st.DataObject) -> None:
    raw = b": OPENROUTER PROCESSING\n\n"
    raw += b"".join(b"data: " + json.dumps(c, ensure_ascii=False).encode() + b"\r\n\r\n" for c in RECORDED)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=20)))

    def play(*pieces: bytes) -> list[Event]:
        decoder, reader = SseDecoder(), AnswerReader()
        items = [item for piece in pieces for item in decoder.feed(piece)] + decoder.close()
        found = [e for i in items for e in (reader.read(i.data) if isinstance(i, SseEvent) else reader.comment())]
        return [*found, *reader.close()]

    assert play(*(raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)]))) == play(raw)


NAMES = """id model provider choices delta message content reasoning reasoning_details tool_calls index function
name arguments annotations url_citation url images image_url error code metadata headers usage cost type text
finish_reason native_finish_reason availability limit_source raw reasons excluded_by retry_after"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=6),
    max_leaves=30,
)


@settings(deadline=None)
@given(st.lists(JSON, max_size=4))
def test_any_json_is_accepted_and_gives_one_ending(payloads: list[Any]) -> None:
    found = read(*payloads)
    assert isinstance(found[-1], Finished | Failed)
    assert not any(isinstance(e, Finished | Failed) for e in found[:-1])
