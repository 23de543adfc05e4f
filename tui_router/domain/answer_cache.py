"""A cached answer: what is kept of it, how old it is, and the events that give it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from tui_router.domain.events import (
    Cited,
    Event,
    ImageDelta,
    ReasoningDelta,
    ReasoningDetail,
    Started,
    TextDelta,
    UsageReport,
)
from tui_router.domain.message import Citation, File, Image, Part, Reasoning, Text, ToolCall, ToolResult
from tui_router.domain.usage import Usage

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswer:
    """A whole answer, without its place in a conversation."""

    parts: tuple[Part, ...]
    served_model: str = ""
    provider: str = ""
    at: datetime
    """When it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the cache holds."""

    count: int
    size: int
    """Bytes of all answers together."""
    oldest: datetime | None = None
    """When the oldest answer was asked for; ``None`` where there is none."""
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRule:
    """Whether the same request is answered from the store."""

    is_on: bool = False
    max_age: timedelta = _UNITS["d"] * 30
    """Older answers are asked for again."""
    of_service: bool = False
    """Whether the service may answer from a cache of its own."""


def read_age(text: str) -> timedelta | None:
    """Return an age as a person types it, such as ``7d``; ``None`` when it is none."""
    number, unit = text.strip()[:-1].strip(), text.strip()[-1:].lower()
    if not (number.isascii() and number.isdecimal() and len(number) <= 5) or unit not in _UNITS or int(number) == 0:
        return None
    return int(number) * _UNITS[unit]


def age_words(age: timedelta) -> str:
    """Return an age as people read it: ``5 s``, ``12 min``, ``2 h``, ``3 d``."""
    seconds = max(0, int(age.total_seconds()))
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def size_words(size: int) -> str:
    """Return bytes as people read them: ``120 B``, ``4 kB``, ``1.5 MB``."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 999_500 else f"{size / 1_000_000:.1f} MB"


def replay(answer: CachedAnswer) -> Iterator[Event]:
    """Yield all events of an earlier answer but its ending. It used nothing and cost nothing."""
    yield Started("", answer.served_model, answer.provider)
    for part in answer.parts:
        yield from _events(part)
    yield UsageReport(Usage(cost=Decimal(0)))


def _events(part: Part) -> Iterator[Event]:
    match part:
        case Text():
            yield TextDelta(part.text)
        case Reasoning():
            if part.text:
                yield ReasoningDelta(part.text)
            yield from (ReasoningDetail(raw) for raw in part.details)
        case Image():
            yield ImageDelta(part)
        case Citation():
            yield Cited(part)
        case File() | ToolCall() | ToolResult():
            pass  # an answer that is whole holds none
        case _:
            assert_never(part)
