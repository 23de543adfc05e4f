"""The table of what can happen inside an answer: errors in a stream, cuts, odd framing, odd content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tui_router.demo_server.parts import (
    Answer,
    Bill,
    Comment,
    Cut,
    Delivery,
    Delta,
    Done,
    Event,
    Finish,
    Hang,
    Part,
    Pause,
    Raw,
    Thought,
    ToolCall,
    UsageForm,
    Word,
    tool_deltas,
)
from tui_router.demo_server.picture import data_url
from tui_router.demo_server.scenario import Fault, Play, Scenario

_ENDINGS = Finish | Bill | Done
Change = Callable[[list[Part]], list[Part]]
_WORDS_BEFORE = 12
_HUGE = 2_000_000


def _begun(parts: list[Part], words: int = _WORDS_BEFORE) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if isinstance(part, Word | Thought | Delta):
            words -= 1
        if words < 0 or isinstance(part, _ENDINGS):
            break
        kept.append(part)
    return kept


def _then(*last: Part, words: int = _WORDS_BEFORE) -> Change:
    """Begin the answer, then end it with ``last``."""
    return lambda parts: [*_begun(parts, words), *last]


def _without(*kinds: type[Part]) -> Change:
    return lambda parts: [p for p in parts if not isinstance(p, kinds)]


def _instead(kind: type[Part], *new: Part) -> Change:
    return lambda parts: [q for p in parts for q in (new if isinstance(p, kind) else (p,))]


def _before_finish(*extra: Part) -> Change:
    return lambda parts: [q for p in parts for q in ((*extra, p) if isinstance(p, Finish) else (p,))]


def _first(*extra: Part) -> Change:
    return lambda parts: [*extra, *parts]


def _says(**fields: object) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, **fields)  # type: ignore[arg-type]


def _failed(message: str, code: object = 502, **metadata: object) -> dict[str, object]:
    return {"code": code, "message": message, **({"metadata": metadata} if metadata else {})}


def _error_choice(native: str = "error", error: Mapping[str, object] | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "native_finish_reason": native}
    return {"choices": [{**choice, "error": error} if error else choice]}


def _row(name: str, about: str, fault: Fault) -> Scenario:
    return Scenario(name=name, about=about, fault=fault, listed=name.startswith("error-"))


_GONE = _failed("Provider disconnected unexpectedly", error_type="provider_unavailable", provider_code="upstream_reset")
_INJECTED = _failed("JSON error injected into SSE stream", error_type="provider_unavailable")
_LIMITED = _failed("Provider returned error", 429, headers={"Retry-After": "3"}, provider_name="Demo")
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}

IN_STREAM = (
    _row("error-stream-1", "Fails in mid-stream: an error beside an error choice.",
         Play(change=_then(Event({**_error_choice(), "error": _GONE}), Done()))),
    _row("error-stream-2", "Fails in mid-stream: an error with no choices.",
         Play(change=_then(Event({"error": _INJECTED, "choices": []})))),
    _row("error-stream-3", "Fails in mid-stream: an error and nothing else in the event.",
         Play(change=_then(Event({"error": _failed("Upstream idle timeout", "server_error")}, bare=True), Done()))),
    _row("error-stream-4", "Fails in mid-stream: the error is inside the choice.",
         Play(change=_then(Event(_error_choice(error=_failed("Provider error in the choice"))), Done()))),
    _row("error-stream-5", "Fails in mid-stream: only the finish reason says so.",
         Play(change=_then(Finish("error", "MALFORMED_FUNCTION_CALL"), Bill(), Done()))),
    _row("error-stream-6", "Fails before a word: a benign finish with a native network error.",
         Play(rewrite=_says(text="", reasoning="", finish="stop", native="network_error"))),
    _row("error-stream-7", "Fails in mid-stream: the error is a plain string.",
         Play(change=_then(Event({"error": "upstream connect error"}, bare=True)))),
    _row("error-stream-7-anthropic", "Fails in mid-stream: the provider's own error is passed on.",
         Play(change=_then(Event(_OVERLOADED, bare=True)))),
    _row("error-stream-429", "Is rate limited in mid-stream, with the wait in the body.",
         Play(change=_then(Event({"error": _LIMITED, "choices": []}), Done()))),
    _row("error-stream-code-string", "Fails in mid-stream with a number as a string for a code.",
         Play(change=_then(Event({"error": _failed("Bad gateway", "502"), "choices": []})))),
    _row("error-stream-code-null", "Fails in mid-stream with null for a code.",
         Play(change=_then(Event({"error": _failed("Something broke", None), "choices": []})))),
    _row("error-stream-early", "Fails after keep-alives and before the first word.",
         Play(change=_then(Event({"error": _failed("No instances available", 503), "choices": []}), words=0))),
    _row("error-stream-usage", "Fails in mid-stream and bills in the same event.",
         Play(change=_then(Event({**_error_choice(), "error": _GONE, "usage": {
             "prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8, "cost": 0.00001}}), Done()))),
    _row("error-cut", "The connection is cut between two events.", Play(change=_then(Cut()))),
    _row("error-cut-event", "The connection is cut inside an event.",
         Play(change=_then(Raw('data: {"id":"gen-demo","choices":[{"delta":{"con'), Cut()))),
    _row("error-cut-start", "The connection is cut before the first word.", Play(change=_then(Cut(), words=0))),
    _row("error-reset", "The connection is reset.", Play(change=_then(Cut(reset=True)))),
    _row("error-eof", "The stream ends early, politely, without a finish.", Play(change=_then())),
    _row("error-hang", "Stops in mid-sentence and hangs.", Play(change=_then(Hang()))),
    _row("error-hang-start", "Sends keep-alives, then hangs before the first word.",
         Play(change=_then(Hang(), words=0))),
    _row("error-length", "Is cut at the length limit.",
         Play(change=_then(Finish("length", "max_tokens"), Bill(), Done()))),
    _row("error-length-empty", "Thinks until the limit and says nothing.",
         Play(rewrite=lambda a: replace(a, text="", reasoning=a.reasoning or "Let me think about that. " * 12,
                                        finish="length", native="max_tokens"))),
    _row("error-empty", "Finishes without a word.", Play(rewrite=_says(text="", reasoning=""))),
    _row("error-empty-null", "Ends without a word and without a finish reason.",
         Play(rewrite=_says(text="", reasoning="", finish=None, native=None))),
    _row("error-filter", "Is filtered in mid-sentence.",
         Play(change=_then(Finish("content_filter", "SAFETY"), Bill(), Done()))),
    _row("error-refusal", "Refuses to answer.", Play(rewrite=_says(text="", refusal="I can't help with that."))),
    _row("error-bad-json", "Sends one event that is not JSON, then goes on.",
         Play(change=_before_finish(Raw("data: {not json at all\n\n")))),
    _row("error-huge", "Sends one event of two million characters.",
         Play(change=_before_finish(Word("x" * _HUGE)))),
)  # fmt: skip

_CALL = ToolCall(id="call_demo1", name="get_time", arguments='{"zone":"Europe/Oslo"}')
_OTHER = ToolCall(id="call_demo2", name="get_weather", arguments='{"place":"Bergen","days":2}')


def _calls(*deltas: dict[str, object], finish: str | None = "tool_calls") -> Play:
    parts: list[Part] = [Delta({"content": None, "tool_calls": [d]}) for d in deltas]
    return Play(rewrite=_says(text="", tool_calls=(), finish=finish, native="tool_use"), change=_before_finish(*parts))


def _function(arguments: str, name: str = "get_time") -> dict[str, object]:
    return {"name": name, "arguments": arguments}


def _interleaved(parts: list[Part]) -> list[Part]:
    first, second = tool_deltas((_CALL,)), tool_deltas((_CALL, _OTHER))[4:]
    mixed = [part for pair in zip(first, second, strict=True) for part in pair]
    return _before_finish(*mixed)(parts)


def _aliased(parts: list[Part]) -> list[Part]:
    return [Delta({"reasoning_content": p.text}, len(p.text)) if isinstance(p, Thought) else p for p in parts]


_THINKS = _says(reasoning="First the question, then the answer.")
_ENCRYPTED = {
    "type": "reasoning.encrypted", "data": "gAAAAdemo", "id": "rs_1", "format": "openai-responses-v1", "index": 1
}  # fmt: skip
_FILE = {"type": "file", "file": {"hash": "demo", "name": "report.pdf", "content": [{"type": "text", "text": "page"}]}}
_BARE_CITATION = {"type": "url_citation", "url_citation": {"url": "https://example.org/a"}}

MESS = (
    _row("usage-empty-choices", "Sends the usage with no choices.",
         Play(change=_instead(Bill, Bill(UsageForm.EMPTY_CHOICES)))),
    _row("usage-none", "Sends no usage.", Play(change=_without(Bill))),
    _row("usage-with-finish", "Sends usage and finish in one chunk.", Play(change=_without(Finish))),
    _row("usage-cached", "Counts half of the prompt as read from the cache.", Play(rewrite=_says(cached_share=0.5))),
    _row("usage-byok", "Is paid with the account's own provider key.", Play(byok=True)),
    _row("no-done", "Leaves [DONE] out.", Play(change=_without(Done))),
    _row("done-twice", "Says [DONE] twice, with data in between.",
         Play(change=lambda parts: [*parts, Raw("data: late\n\n"), Done()])),
    _row("no-finish", "Leaves the finish reason out.", Play(change=_without(Finish, Bill))),
    _row("crlf", "Ends lines with CR LF.", Play(delivery=Delivery(newline="\r\n"))),
    _row("cr", "Ends lines with CR.", Play(delivery=Delivery(newline="\r"))),
    _row("bom", "Begins with a byte order mark.", Play(delivery=Delivery(bom=True))),
    _row("no-space", "Leaves out the space after data:.", Play(delivery=Delivery(data_prefix="data:"))),
    _row("bytes", "Sends every byte alone.", Play(delivery=Delivery(single_bytes=True),
         rewrite=_says(text="Split: æøå 日本語 👩‍🚀 and so on.", reasoning=""))),
    _row("batch", "Sends several events in one write.", Play(delivery=Delivery(batch=12))),
    _row("gzip", "Compresses the stream.", Play(delivery=Delivery(gzip=True))),
    _row("other-fields", "Sends id:, event: and retry: lines and data in several lines.",
         Play(change=_first(Raw('retry: 10\nid: 7\nevent: message\ndata: {"choices":\ndata: []}\n\n'),
                            Raw("data\n\n")))),
    _row("no-comments", "Sends no keep-alives.", Play(change=_without(Comment))),
    _row("keep-alive", "Sends keep-alives only for six seconds.",
         Play(change=_first(*(p for _ in range(30) for p in (Comment(), Pause(0.2)))))),
    _row("trickle", "Sends about four tokens a second.", Play(slow=15.0)),
    _row("bare-deltas", "Sends deltas without a role.", Play(delivery=Delivery(roles=False))),
    _row("debug", "Begins with a debug chunk.",
         Play(change=_first(Event({"choices": [], "debug": {"echo_upstream_body": {"model": "demo"}}})))),
    _row("metadata", "Ends with routing metadata.",
         Play(change=_before_finish(Event({"choices": [], "openrouter_metadata": {
             "requested": "demo/quick", "strategy": "direct", "attempt": 1, "is_byok": False,
             "endpoints": {"total": 1, "available": []}}})))),
    _row("model-echo", "Names the model as it was asked for.", Play(echo_model=True)),
    _row("reasoning-content", "Sends its thinking under the alias.", Play(rewrite=_THINKS, change=_aliased)),
    _row("reasoning-encrypted", "Thinks, with an encrypted part.",
         Play(rewrite=_THINKS, change=_before_finish(Delta({"reasoning_details": [_ENCRYPTED]})))),
    _row("tool-split", "Calls a tool in fragments.",
         Play(rewrite=_says(text="", tool_calls=(_CALL,), finish="tool_calls", native="tool_use"))),
    _row("tool-parallel", "Calls two tools, fragments interleaved.",
         Play(rewrite=_says(text="", finish="tool_calls", native="tool_use"), change=_interleaved)),
    _row("tool-whole", "Calls a tool in one chunk.",
         _calls({"index": 0, "id": "call_w", "type": "function", "function": _function(_CALL.arguments)})),
    _row("tool-no-id", "Calls a tool without an id.",
         _calls({"index": 0, "id": "", "type": "function", "function": _function(_CALL.arguments)})),
    _row("tool-no-index", "Calls a tool without an index.",
         _calls({"id": "call_n", "type": "function", "function": _function(_CALL.arguments)})),
    _row("tool-no-arguments", "Calls a tool without arguments.",
         _calls({"index": 0, "id": "call_e", "type": "function", "function": {"name": "get_time"}})),
    _row("tool-finish-stop", "Calls a tool and finishes with stop.",
         _calls({"index": 0, "id": "call_s", "type": "function", "function": _function(_CALL.arguments)},
                finish="stop")),
    _row("tool-truncated", "Is cut inside a tool call.",
         _calls({"index": 0, "id": "call_t", "type": "function", "function": _function('{"zone":"Eu')},
                finish="length")),
    _row("annotations", "Cites sources, one without a title, and a file.",
         Play(change=_before_finish(Delta({"annotations": [_BARE_CITATION, _BARE_CITATION, _FILE]})))),
    _row("with-image", "Sends an image.", Play(rewrite=lambda a: replace(a, images=(data_url("tui-router"),)))),
    _row("image-only", "Sends an image and no text.",
         Play(rewrite=lambda a: replace(a, text="", images=(data_url("tui-router"),)))),
    _row("audio", "Sends sound with a transcript.",
         Play(change=_before_finish(Delta({"audio": {"id": "a1", "data": "UklGRg==", "transcript": "hello"}})))),
    _row("json-body", "Answers with one JSON body although a stream was asked for.", Play(as_json=True)),
    _row("json-padded", "Answers with JSON after white space.", Play(as_json=True, padding="\n  \n\n")),
)  # fmt: skip

MISHAPS: tuple[Scenario, ...] = (*IN_STREAM, *MESS)
"""Everything that happens inside an answer."""
