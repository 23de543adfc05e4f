"""What an answer is made of, and the steps in which a stream plays it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tui_router.demo_server.wire import Wire

_PIECE = re.compile(r"\s*\S{1,16}|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call of one of the caller's tools."""

    id: str
    name: str
    arguments: str
    """JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that one answer says."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    images: tuple[str, ...] = ()
    """Data URLs."""
    annotations: tuple[Wire, ...] = ()
    refusal: str = ""
    finish: str | None = "stop"
    native: str | None = "end_turn"
    searches: int = 0
    """Web searches to charge for."""
    cached_share: float = 0.0
    """Part of the prompt that counts as read from the cache."""
    hide_reasoning: bool = False
    """Thought and billed, not sent."""


class UsageForm(StrEnum):
    """How the usage arrives."""

    REPEATED_CHOICE = "repeated"
    EMPTY_CHOICES = "empty"
    WITH_FINISH = "with-finish"


@dataclass(frozen=True, slots=True)
class Comment:
    """A keep-alive line."""

    text: str = "OPENROUTER PROCESSING"


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing happens for some seconds, at speed 1."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of reasoning; sent twice in one delta, as the service does."""

    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A chunk with these delta fields; ``weight`` characters of output are charged for it."""

    fields: Mapping[str, object]
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A chunk with fields of its own: merged over the usual head, or alone when ``bare``."""

    fields: Mapping[str, object]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """Text put on the wire as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The chunk that carries the finish reason."""

    reason: str | None = "stop"
    native: str | None = "end_turn"


@dataclass(frozen=True, slots=True)
class Bill:
    """The usage."""

    form: UsageForm = UsageForm.REPEATED_CHOICE


@dataclass(frozen=True, slots=True)
class Done:
    """``data: [DONE]``."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection goes away in the middle; with ``reset`` by an RST instead of an end of file."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """The connection stays open and nothing more ever comes."""


Part: TypeAlias = Comment | Pause | Word | Thought | Delta | Event | Raw | Finish | Bill | Done | Cut | Hang


def pieces(text: str) -> list[str]:
    """Cut text into about one word each, never losing a character."""
    return _PIECE.findall(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the bytes of a stream are put on the wire."""

    newline: str = "\n"
    bom: bool = False
    data_prefix: str = "data: "
    batch: int = 1
    """Events per write."""
    single_bytes: bool = False
    """One byte per write and per HTTP chunk, which splits every character that has more than one."""
    gzip: bool = False
    roles: bool = True
    """Whether role and content are in every delta."""


PLAIN = Delivery()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How fast a model answers at speed 1."""

    first_token: float = 0.4
    """Seconds."""
    rate: float = 60.0
    """Tokens a second."""


def tool_deltas(calls: tuple[ToolCall, ...]) -> list[Part]:
    """Return tool calls as fragments: id and name first, then the arguments in three pieces."""
    parts: list[Part] = []
    for index, call in enumerate(calls):
        opening = {"name": call.name, "arguments": ""}
        first = {"index": index, "id": call.id, "type": "function", "function": opening}
        parts.append(Delta({"content": None, "tool_calls": [first]}, len(call.name)))
        step = max(1, -(-len(call.arguments) // 3))
        for start in range(0, len(call.arguments), step):
            piece = call.arguments[start : start + step]
            parts.append(Delta({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, len(piece)))
    return parts


def script(answer: Answer, tempo: Tempo) -> list[Part]:
    """Return the steps in which the service would stream ``answer``."""
    parts: list[Part] = [Comment(), Pause(tempo.first_token / 2), Comment(), Pause(tempo.first_token / 2)]
    if answer.reasoning:
        if answer.hide_reasoning:
            parts.append(Pause(len(answer.reasoning) / 4 / tempo.rate))
            parts.append(Delta({}, 0))
        else:
            parts += [Thought(p) for p in pieces(answer.reasoning)]
            signed = {"type": "reasoning.text", "signature": "demo-signature", "format": "unknown", "index": 0}
            parts.append(Delta({"reasoning_details": [signed]}))
    parts += [Word(p) for p in pieces(answer.text)]
    if answer.refusal:
        parts.append(Delta({"content": None, "refusal": answer.refusal}, len(answer.refusal)))
    parts += tool_deltas(answer.tool_calls)
    for url in answer.images:
        parts.append(Delta({"images": [{"type": "image_url", "index": 0, "image_url": {"url": url}}]}))
    if answer.annotations:
        parts.append(Delta({"annotations": list(answer.annotations)}))
    return [*parts, Finish(answer.finish, answer.native), Bill(), Done()]


@dataclass(slots=True)
class Played:
    """What of a script has reached the wire so far; the bill is made from it."""

    said: int = 0
    """Characters of visible output."""
    thought: int = 0
    """Characters of reasoning."""
    finish: str | None = None
    native: str | None = None
    failed: bool = False
    cancelled: bool = False
    text: list[str] = field(default_factory=list)
