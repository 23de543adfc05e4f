"""Answers, the steps that stream them, and the scenarios that alter those steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tui_router.demo_server.payloads import CannedResponse, JsonObject

_PIECE = re.compile(r"\s*\S{1,16}|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoToolCall:
    """A call of one of the client's tools."""

    id: str
    name: str
    arguments: str
    """A JSON document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAnswer:
    """The content of one answer."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[DemoToolCall, ...] = ()
    images: tuple[str, ...] = ()
    """Data URLs."""
    annotations: tuple[JsonObject, ...] = ()
    refusal: str = ""
    finish: str | None = "stop"
    native_finish: str | None = "end_turn"
    web_searches: int = 0
    """Number of web searches to charge for."""
    cached_share: float = 0.0
    """Fraction of the prompt tokens read from the cache."""
    hide_reasoning: bool = False
    """Whether reasoning is billed but not sent."""


class UsageStyle(StrEnum):
    """Where a stream reports usage."""

    REPEATED_CHOICE = "repeated"
    EMPTY_CHOICES = "empty"
    WITH_FINISH = "with-finish"


@dataclass(frozen=True, slots=True)
class SendComment:
    """A keep-alive comment."""

    text: str = "OPENROUTER PROCESSING"


@dataclass(frozen=True, slots=True)
class Pause:
    """A delay, in seconds at speed 1."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SendText:
    """A piece of the text."""

    text: str


@dataclass(frozen=True, slots=True)
class SendReasoning:
    """A piece of reasoning, sent in two fields of one delta as OpenRouter does."""

    text: str


@dataclass(frozen=True, slots=True)
class SendDelta:
    """A chunk with arbitrary delta fields, billed as ``weight`` characters of output."""

    fields: Mapping[str, object]
    weight: int = 0


@dataclass(frozen=True, slots=True)
class SendChunk:
    """A chunk with arbitrary top-level fields, added to the usual ones unless ``bare``."""

    fields: Mapping[str, object]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class SendRaw:
    """Raw text."""

    text: str


@dataclass(frozen=True, slots=True)
class SendFinish:
    """The chunk with the finish reason."""

    reason: str | None = "stop"
    native_finish: str | None = "end_turn"


@dataclass(frozen=True, slots=True)
class SendUsage:
    """The chunk with the usage."""

    form: UsageStyle = UsageStyle.REPEATED_CHOICE


@dataclass(frozen=True, slots=True)
class SendDone:
    """The ``data: [DONE]`` terminator."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Closes the connection mid-stream; ``reset`` sends an RST instead of a FIN."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Keeps the connection open and sends nothing more."""


StreamStep: TypeAlias = (
    SendComment
    | Pause
    | SendText
    | SendReasoning
    | SendDelta
    | SendChunk
    | SendRaw
    | SendFinish
    | SendUsage
    | SendDone
    | Disconnect
    | Stall
)


def split_words(text: str) -> list[str]:
    """Split text into pieces of about one word; joined, they equal ``text``."""
    return _PIECE.findall(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How a stream is encoded into bytes and writes."""

    newline: str = "\n"
    byte_order_mark: bool = False
    data_prefix: str = "data: "
    batch: int = 1
    """Events per write."""
    byte_by_byte: bool = False
    """Write each byte as its own HTTP chunk, splitting multi-byte characters."""
    gzip: bool = False
    with_roles: bool = True
    """Whether every delta has role and content."""


PLAIN_FRAMING = Framing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpeed:
    """Latency and throughput of a model at speed 1."""

    first_token: float = 0.4
    """Seconds until the first token."""
    rate: float = 60.0
    """Tokens per second."""


def tool_call_steps(calls: tuple[DemoToolCall, ...]) -> list[StreamStep]:
    """Return tool calls as fragments: id and name, then the arguments in three pieces."""
    steps: list[StreamStep] = []
    for index, call in enumerate(calls):
        opening = {"name": call.name, "arguments": ""}
        first = {"index": index, "id": call.id, "type": "function", "function": opening}
        steps.append(SendDelta({"content": None, "tool_calls": [first]}, len(call.name)))
        step = max(1, -(-len(call.arguments) // 3))
        for start in range(0, len(call.arguments), step):
            piece = call.arguments[start : start + step]
            steps.append(SendDelta({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, len(piece)))
    return steps


def answer_steps(answer: DemoAnswer, model_speed: ModelSpeed) -> list[StreamStep]:
    """Return the steps in which OpenRouter would stream ``answer``."""
    steps: list[StreamStep] = [
        SendComment(),
        Pause(model_speed.first_token / 2),
        SendComment(),
        Pause(model_speed.first_token / 2),
    ]
    if answer.reasoning:
        if answer.hide_reasoning:
            steps.append(Pause(len(answer.reasoning) / 4 / model_speed.rate))
            steps.append(SendDelta({}, 0))
        else:
            steps += [SendReasoning(p) for p in split_words(answer.reasoning)]
            signed = {"type": "reasoning.text", "signature": "demo-signature", "format": "unknown", "index": 0}
            steps.append(SendDelta({"reasoning_details": [signed]}))
    steps += [SendText(p) for p in split_words(answer.text)]
    if answer.refusal:
        steps.append(SendDelta({"content": None, "refusal": answer.refusal}, len(answer.refusal)))
    steps += tool_call_steps(answer.tool_calls)
    for url in answer.images:
        steps.append(SendDelta({"images": [{"type": "image_url", "index": 0, "image_url": {"url": url}}]}))
    if answer.annotations:
        steps.append(SendDelta({"annotations": list(answer.annotations)}))
    return [*steps, SendFinish(answer.finish, answer.native_finish), SendUsage(), SendDone()]


@dataclass(slots=True)
class StreamProgress:
    """What has been sent of a stream so far; usage is computed from it."""

    text_chars: int = 0
    """Characters of output other than reasoning."""
    reasoning_chars: int = 0
    """Characters of reasoning."""
    finish: str | None = None
    native_finish: str | None = None
    failed: bool = False
    cancelled: bool = False
    text: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnError:
    """Responds with an error, or with a 200 that contains one."""

    response: CannedResponse
    failures: int = 0
    """Consecutive failures before one request succeeds; 0 means all requests fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseConnection:
    """Closes the connection without a response."""

    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverRespond:
    """Accepts the request and never sends a byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alter:
    """Answers the request in an unusual way."""

    edit_answer: Callable[[DemoAnswer], DemoAnswer] | None = None
    """Edits the answer's content."""
    edit_steps: Callable[[list[StreamStep]], list[StreamStep]] | None = None
    """Edits the steps of the stream."""
    framing: Framing = PLAIN_FRAMING
    as_json: bool = False
    """Respond with one JSON body even if the request asks for a stream."""
    padding: str = ""
    """Text before a JSON body."""
    echo_requested_id: bool = False
    """Report the requested model id instead of the dated slug."""
    byok: bool = False
    slowdown: float = 1.0
    """Divides the tokens per second."""


ScenarioEffect: TypeAlias = ReturnError | CloseConnection | NeverRespond | Alter


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A test scenario, selected by the model id ``demo/<name>`` or the header ``X-Demo-Scenario: <name>``."""

    name: str
    description: str
    """One sentence for the description of the catalog row."""
    effect: ScenarioEffect
    listed: bool = True
    """Whether the catalog lists it; unlisted scenarios can be requested too."""
