"""Scenarios within a stream: errors, dropped connections, unusual framing and content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tui_router.demo_server.samples import sample_image_url
from tui_router.demo_server.script import (
    Alter,
    DemoAnswer,
    DemoToolCall,
    Disconnect,
    Framing,
    Pause,
    Scenario,
    ScenarioEffect,
    SendChunk,
    SendComment,
    SendDelta,
    SendDone,
    SendFinish,
    SendRaw,
    SendReasoning,
    SendText,
    SendUsage,
    Stall,
    StreamStep,
    UsageStyle,
    tool_call_steps,
)

_ENDINGS = SendFinish | SendUsage | SendDone
StepEdit = Callable[[list[StreamStep]], list[StreamStep]]
_WORDS_BEFORE = 12
_HUGE = 2_000_000


def _first_words(steps: list[StreamStep], count: int = _WORDS_BEFORE) -> list[StreamStep]:
    kept: list[StreamStep] = []
    for step in steps:
        if isinstance(step, SendText | SendReasoning | SendDelta):
            count -= 1
        if count < 0 or isinstance(step, _ENDINGS):
            break
        kept.append(step)
    return kept


def _end_with(*last: StreamStep, count: int = _WORDS_BEFORE) -> StepEdit:
    """Send the first words of the answer, then ``last``."""
    return lambda steps: [*_first_words(steps, count), *last]


def _omit(*kinds: type[StreamStep]) -> StepEdit:
    return lambda steps: [s for s in steps if not isinstance(s, kinds)]


def _swap(kind: type[StreamStep], *new: StreamStep) -> StepEdit:
    return lambda steps: [t for s in steps for t in (new if isinstance(s, kind) else (s,))]


def _before_finish(*extra: StreamStep) -> StepEdit:
    return lambda steps: [t for s in steps for t in ((*extra, s) if isinstance(s, SendFinish) else (s,))]


def _start_with(*extra: StreamStep) -> StepEdit:
    return lambda steps: [*extra, *steps]


def _with(**fields: object) -> Callable[[DemoAnswer], DemoAnswer]:
    return lambda answer: replace(answer, **fields)  # type: ignore[arg-type]


def _error(message: str, code: object = 502, **metadata: object) -> dict[str, object]:
    return {"code": code, "message": message, **({"metadata": metadata} if metadata else {})}


def _error_choice(native_finish: str = "error", error: Mapping[str, object] | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "native_finish_reason": native_finish}
    return {"choices": [{**choice, "error": error} if error else choice]}


def _row(name: str, description: str, effect: ScenarioEffect) -> Scenario:
    return Scenario(name=name, description=description, effect=effect, listed=name.startswith("error-"))


_DISCONNECTED = _error(
    "Provider disconnected unexpectedly", error_type="provider_unavailable", provider_code="upstream_reset"
)
_INJECTED = _error("JSON error injected into SSE stream", error_type="provider_unavailable")
_LIMITED = _error("Provider returned error", 429, headers={"Retry-After": "3"}, provider_name="Demo")
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

STREAM_FAILURES = (
    _row("error-stream-1", "Fails mid-stream: an error beside an error choice.",
         Alter(edit_steps=_end_with(SendChunk({**_error_choice(), "error": _DISCONNECTED}), SendDone()))),
    _row("error-stream-2", "Fails mid-stream: an error with no choices.",
         Alter(edit_steps=_end_with(SendChunk({"error": _INJECTED, "choices": []})))),
    _row("error-stream-3", "Fails mid-stream: an error and nothing else in the event.",
         Alter(edit_steps=_end_with(
             SendChunk({"error": _error("Upstream idle timeout", "server_error")}, bare=True), SendDone()))),
    _row("error-stream-4", "Fails mid-stream: the error is inside the choice.",
         Alter(edit_steps=_end_with(
             SendChunk(_error_choice(error=_error("Provider error in the choice"))), SendDone()))),
    _row("error-stream-5", "Fails mid-stream: only the finish reason says so.",
         Alter(edit_steps=_end_with(SendFinish("error", "MALFORMED_FUNCTION_CALL"), SendUsage(), SendDone()))),
    _row("error-stream-6", "Fails before the first word: a benign finish with a native network error.",
         Alter(edit_answer=_with(text="", reasoning="", finish="stop", native_finish="network_error"))),
    _row("error-stream-7", "Fails mid-stream: the error is a plain string.",
         Alter(edit_steps=_end_with(SendChunk({"error": "upstream connect error"}, bare=True)))),
    _row("error-stream-7-anthropic", "Fails mid-stream: the provider's own error is passed on.",
         Alter(edit_steps=_end_with(SendChunk(_OVERLOADED, bare=True)))),
    _row("error-stream-429", "Is rate limited mid-stream, with the wait in the body.",
         Alter(edit_steps=_end_with(SendChunk({"error": _LIMITED, "choices": []}), SendDone()))),
    _row("error-stream-code-string", "Fails mid-stream; the error code is a string.",
         Alter(edit_steps=_end_with(SendChunk({"error": _error("Bad gateway", "502"), "choices": []})))),
    _row("error-stream-code-null", "Fails mid-stream; the error code is null.",
         Alter(edit_steps=_end_with(SendChunk({"error": _error("Something broke", None), "choices": []})))),
    _row("error-stream-early", "Fails after keep-alives and before the first word.",
         Alter(edit_steps=_end_with(
             SendChunk({"error": _error("No instances available", 503), "choices": []}), count=0))),
    _row("error-stream-usage", "Fails mid-stream and reports usage in the same event.",
         Alter(edit_steps=_end_with(SendChunk({**_error_choice(), "error": _DISCONNECTED, "usage": {
             "prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8, "cost": 0.00001}}), SendDone()))),
    _row("error-cut", "The connection is cut between two events.", Alter(edit_steps=_end_with(Disconnect()))),
    _row("error-cut-event", "The connection is cut inside an event.",
         Alter(edit_steps=_end_with(SendRaw('data: {"id":"gen-demo","choices":[{"delta":{"con'), Disconnect()))),
    _row("error-cut-start", "The connection is cut before the first word.",
         Alter(edit_steps=_end_with(Disconnect(), count=0))),
    _row("error-reset", "The connection is reset.", Alter(edit_steps=_end_with(Disconnect(reset=True)))),
    _row("error-eof", "The stream ends early, cleanly, without a finish reason.", Alter(edit_steps=_end_with())),
    _row("error-hang", "Stops mid-sentence and hangs.", Alter(edit_steps=_end_with(Stall()))),
    _row("error-hang-start", "Sends keep-alives, then hangs before the first word.",
         Alter(edit_steps=_end_with(Stall(), count=0))),
    _row("error-length", "Is cut at the length limit.",
         Alter(edit_steps=_end_with(SendFinish("length", "max_tokens"), SendUsage(), SendDone()))),
    _row("error-length-empty", "Reasons until the length limit and sends no text.",
         Alter(edit_answer=lambda a: replace(a, text="", reasoning=a.reasoning or "Let me think about that. " * 12,
                                        finish="length", native_finish="max_tokens"))),
    _row("error-empty", "Finishes without any text.", Alter(edit_answer=_with(text="", reasoning=""))),
    _row("error-empty-null", "Ends without any text or finish reason.",
         Alter(edit_answer=_with(text="", reasoning="", finish=None, native_finish=None))),
    _row("error-filter", "Is filtered mid-sentence.",
         Alter(edit_steps=_end_with(SendFinish("content_filter", "SAFETY"), SendUsage(), SendDone()))),
    _row("error-refusal", "Refuses to answer.", Alter(edit_answer=_with(text="", refusal="I can't help with that."))),
    _row("error-bad-json", "Sends one event that is not JSON, then goes on.",
         Alter(edit_steps=_before_finish(SendRaw("data: {not json at all\n\n")))),
    _row("error-huge", "Sends one event of two million characters.",
         Alter(edit_steps=_before_finish(SendText("x" * _HUGE)))),
)  # fmt: skip

_CALL = DemoToolCall(id="call_demo1", name="get_time", arguments='{"zone":"Europe/Oslo"}')
_SECOND_CALL = DemoToolCall(id="call_demo2", name="get_weather", arguments='{"place":"Bergen","days":2}')


def _tool_calls(*deltas: dict[str, object], finish: str | None = "tool_calls") -> Alter:
    steps: list[StreamStep] = [SendDelta({"content": None, "tool_calls": [d]}) for d in deltas]
    return Alter(
        edit_answer=_with(text="", tool_calls=(), finish=finish, native_finish="tool_use"),
        edit_steps=_before_finish(*steps),
    )


def _function(arguments: str, name: str = "get_time") -> dict[str, object]:
    return {"name": name, "arguments": arguments}


def _interleaved(steps: list[StreamStep]) -> list[StreamStep]:
    first, second = tool_call_steps((_CALL,)), tool_call_steps((_CALL, _SECOND_CALL))[4:]
    mixed = [step for pair in zip(first, second, strict=True) for step in pair]
    return _before_finish(*mixed)(steps)


def _aliased(steps: list[StreamStep]) -> list[StreamStep]:
    return [SendDelta({"reasoning_content": s.text}, len(s.text)) if isinstance(s, SendReasoning) else s for s in steps]


_THINKS = _with(reasoning="First the question, then the answer.")
_ENCRYPTED = {
    "type": "reasoning.encrypted", "data": "gAAAAdemo", "id": "rs_1", "format": "openai-responses-v1", "index": 1
}  # fmt: skip
_FILE = {"type": "file", "file": {"hash": "demo", "name": "report.pdf", "content": [{"type": "text", "text": "page"}]}}
_BARE_CITATION = {"type": "url_citation", "url_citation": {"url": "https://example.org/a"}}

UNUSUAL_STREAMS = (
    _row("usage-empty-choices", "Sends the usage with no choices.",
         Alter(edit_steps=_swap(SendUsage, SendUsage(UsageStyle.EMPTY_CHOICES)))),
    _row("usage-none", "Sends no usage.", Alter(edit_steps=_omit(SendUsage))),
    _row("usage-with-finish", "Sends usage and finish in one chunk.", Alter(edit_steps=_omit(SendFinish))),
    _row("usage-cached", "Counts half of the prompt as read from the cache.",
         Alter(edit_answer=_with(cached_share=0.5))),
    _row("usage-byok", "Is billed to the account's own provider key.", Alter(byok=True)),
    _row("no-done", "Omits [DONE].", Alter(edit_steps=_omit(SendDone))),
    _row("done-twice", "Sends [DONE] twice, with data in between.",
         Alter(edit_steps=lambda steps: [*steps, SendRaw("data: late\n\n"), SendDone()])),
    _row("no-finish", "Omits the finish reason.", Alter(edit_steps=_omit(SendFinish, SendUsage))),
    _row("crlf", "Ends lines with CR LF.", Alter(framing=Framing(newline="\r\n"))),
    _row("cr", "Ends lines with CR.", Alter(framing=Framing(newline="\r"))),
    _row("bom", "Begins with a byte order mark.", Alter(framing=Framing(byte_order_mark=True))),
    _row("no-space", "Omits the space after data:.", Alter(framing=Framing(data_prefix="data:"))),
    _row("bytes", "Sends every byte separately.", Alter(framing=Framing(byte_by_byte=True),
         edit_answer=_with(text="Split: æøå 日本語 👩‍🚀 and so on.", reasoning=""))),
    _row("batch", "Sends several events in one write.", Alter(framing=Framing(batch=12))),
    _row("gzip", "Compresses the stream.", Alter(framing=Framing(gzip=True))),
    _row("other-fields", "Sends id:, event: and retry: lines and data in several lines.",
         Alter(edit_steps=_start_with(SendRaw('retry: 10\nid: 7\nevent: message\ndata: {"choices":\ndata: []}\n\n'),
                            SendRaw("data\n\n")))),
    _row("no-comments", "Sends no keep-alives.", Alter(edit_steps=_omit(SendComment))),
    _row("keep-alive", "Sends only keep-alives for six seconds.",
         Alter(edit_steps=_start_with(*(s for _ in range(30) for s in (SendComment(), Pause(0.2)))))),
    _row("trickle", "Sends about four tokens a second.", Alter(slowdown=15.0)),
    _row("bare-deltas", "Sends deltas without a role.", Alter(framing=Framing(with_roles=False))),
    _row("debug", "Begins with a debug chunk.",
         Alter(edit_steps=_start_with(SendChunk({"choices": [], "debug": {"echo_upstream_body": {"model": "demo"}}})))),
    _row("metadata", "Ends with routing metadata.",
         Alter(edit_steps=_before_finish(SendChunk({"choices": [], "openrouter_metadata": {
             "requested": "demo/quick", "strategy": "direct", "attempt": 1, "is_byok": False,
             "endpoints": {"total": 1, "available": []}}})))),
    _row("model-echo", "Reports the requested model id.", Alter(echo_requested_id=True)),
    _row("reasoning-content", "Sends reasoning as reasoning_content.", Alter(edit_answer=_THINKS, edit_steps=_aliased)),
    _row("reasoning-encrypted", "Sends reasoning with an encrypted part.",
         Alter(edit_answer=_THINKS, edit_steps=_before_finish(SendDelta({"reasoning_details": [_ENCRYPTED]})))),
    _row("tool-split", "Calls a tool in fragments.",
         Alter(edit_answer=_with(text="", tool_calls=(_CALL,), finish="tool_calls", native_finish="tool_use"))),
    _row("tool-parallel", "Calls two tools, fragments interleaved.",
         Alter(edit_answer=_with(text="", finish="tool_calls", native_finish="tool_use"), edit_steps=_interleaved)),
    _row("tool-whole", "Calls a tool in one chunk.",
         _tool_calls({"index": 0, "id": "call_w", "type": "function", "function": _function(_CALL.arguments)})),
    _row("tool-no-id", "Calls a tool without an id.",
         _tool_calls({"index": 0, "id": "", "type": "function", "function": _function(_CALL.arguments)})),
    _row("tool-no-index", "Calls a tool without an index.",
         _tool_calls({"id": "call_n", "type": "function", "function": _function(_CALL.arguments)})),
    _row("tool-no-arguments", "Calls a tool without arguments.",
         _tool_calls({"index": 0, "id": "call_e", "type": "function", "function": {"name": "get_time"}})),
    _row("tool-finish-stop", "Calls a tool and finishes with stop.",
         _tool_calls({"index": 0, "id": "call_s", "type": "function", "function": _function(_CALL.arguments)},
                finish="stop")),
    _row("tool-truncated", "Is cut inside a tool call.",
         _tool_calls({"index": 0, "id": "call_t", "type": "function", "function": _function('{"zone":"Eu')},
                finish="length")),
    _row("annotations", "Cites sources, one without a title, and a file.",
         Alter(edit_steps=_before_finish(SendDelta({"annotations": [_BARE_CITATION, _BARE_CITATION, _FILE]})))),
    _row("with-image", "Sends an image.",
         Alter(edit_answer=lambda a: replace(a, images=(sample_image_url("tui-router"),)))),
    _row("image-only", "Sends an image and no text.",
         Alter(edit_answer=lambda a: replace(a, text="", images=(sample_image_url("tui-router"),)))),
    _row("audio", "Sends audio with a transcript.",
         Alter(edit_steps=_before_finish(
             SendDelta({"audio": {"id": "a1", "data": "UklGRg==", "transcript": "hello"}})))),
    _row("json-body", "Answers with one JSON body although the request asks for a stream.", Alter(as_json=True)),
    _row("json-padded", "Answers with JSON after white space.", Alter(as_json=True, padding="\n  \n\n")),
)  # fmt: skip

STREAM_SCENARIOS: tuple[Scenario, ...] = (*STREAM_FAILURES, *UNUSUAL_STREAMS)
"""Scenarios that alter the stream of an answer."""
