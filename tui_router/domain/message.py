"""A message: who said it, its parts, and how it ended."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Problem
from tui_router.domain.usage import Usage


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Text:
    """Words, as Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought before it answered."""

    text: str
    details: tuple[str, ...] = ()
    """The provider's structured twins as JSON texts, merged, in order; sent back unchanged to the same model."""
    seconds: float | None = None
    """How long it thought, where that was measured."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: bytes as base64, or an address."""

    media_type: str
    data: str = ""
    """Base64, without a ``data:`` prefix."""
    url: str = ""
    name: str = ""

    @property
    def size(self) -> int:
        """Bytes of the picture; 0 for an address."""
        return len(self.data) * 3 // 4 - self.data[-2:].count("=") if self.data else 0


@dataclass(frozen=True, slots=True)
class File:
    """An attached file. Text files carry ``text``, others base64 ``data``."""

    name: str
    media_type: str = "text/plain"
    text: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model asks for a tool to run. ``arguments`` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered to the call with this id."""

    call_id: str
    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that an answer names. Offsets count characters of the answer's text; 0, 0 when unknown."""

    url: str
    title: str = ""
    excerpt: str = ""
    start: int = 0
    end: int = 0


Part = Text | Reasoning | Image | File | ToolCall | ToolResult | Citation


class EndingKind(StrEnum):
    """How an answer ended. Only ``COMPLETE`` and ``TOOL_CALLS`` ended by themselves."""

    COMPLETE = "complete"
    TOOL_CALLS = "tool_calls"
    LENGTH = "length"
    FILTERED = "filtered"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


ENDING_WORDS = {
    EndingKind.LENGTH: "Cut at the length limit",
    EndingKind.FILTERED: "Filtered",
    EndingKind.CANCELLED: "Stopped",
    EndingKind.INTERRUPTED: "Interrupted",
    EndingKind.FAILED: "Failed",
}
"""What a reader is told under an answer that did not end by itself."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended, with the problem where one is known."""

    kind: EndingKind
    problem: Problem | None = None


COMPLETE = Ending(EndingKind.COMPLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteAttempt:
    """A try that failed before the answer came: one of the service's own, or one that we sent again."""

    model: str = ""
    """Empty is the model that was asked."""
    provider: str = ""
    status: int | None = None
    reason: str = ""
    """Why it failed, in a few words, where that is known."""
    wait: float | None = None
    """Seconds that we waited before the next try; ``None`` where the service went on by itself."""
    cost: Decimal | None = None
    """Dollars that it cost on top of the answer; ``None`` where nothing was reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds, measured from sending the request on a monotonic clock."""

    first_token: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation. Never changed: an edit or a new answer is a new sibling."""

    id: str
    parent_id: str | None
    role: Role
    parts: tuple[Part, ...]
    created: datetime
    """UTC."""
    model: ModelRef | None = None
    """Who was asked; for a question, who it was written for."""
    served_model: str = ""
    """What really ran, where the server named another."""
    provider: str = ""
    attempts: tuple[RouteAttempt, ...] = ()
    """What failed before this answer came, in order."""
    usage: Usage | None = None
    timing: Timing = Timing()
    ending: Ending | None = COMPLETE
    """``None`` while the answer is still streaming (or queued)."""
    generation_id: str = ""
    batch: str = ""
    """Answers asked together (a comparison) share this id."""
    lane: int = 0
    """Place within the batch, from 0."""
    sources: tuple[str, ...] = ()
    """Ids of the answers that this one was merged from."""
    cached_at: datetime | None = None
    """When it was first given, where it came from an answer cache (UTC)."""

    @property
    def text(self) -> str:
        """The words, without reasoning, joined."""
        return "".join(p.text for p in self.parts if isinstance(p, Text))

    @property
    def reasoning(self) -> str:
        """The thinking, joined."""
        return "".join(p.text for p in self.parts if isinstance(p, Reasoning))

    @property
    def cost(self) -> Decimal | None:
        """Dollars that it cost together with the tries before it; ``None`` when nobody said."""
        known = [a.cost for a in self.attempts if a.cost is not None]
        if self.usage is not None and self.usage.cost is not None:
            known.append(self.usage.cost)
        return sum(known, Decimal(0)) if known else None

    @property
    def cached_age(self) -> timedelta | None:
        """How old it was when it came from an answer cache; ``None`` where it was made anew."""
        return None if self.cached_at is None else max(timedelta(0), self.created - self.cached_at)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources, each address once, in order."""
        found: dict[str, Citation] = {}
        for part in self.parts:
            if isinstance(part, Citation):
                found.setdefault(part.url, part)
        return tuple(found.values())


def new_id() -> str:
    """Return a fresh id for a message, a conversation or a batch: 16 hex digits."""
    return os.urandom(8).hex()
