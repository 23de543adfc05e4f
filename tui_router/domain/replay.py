"""An answer of the cache as the events of a stream, so that whoever shows or saves answers knows one way only."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from tui_router.domain.cached import CachedAnswer
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
