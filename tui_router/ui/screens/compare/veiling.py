"""A blind answer on its way to the screen: words without names, and nothing that gives its author away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from tui_router.domain.anonymous import Veil, VeiledStream
from tui_router.domain.events import (
    Cancelled,
    Cited,
    Connecting,
    Event,
    Failed,
    Finished,
    FirstToken,
    ImageDelta,
    Queued,
    ReasoningDelta,
    ReasoningDetail,
    Retrying,
    Routed,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReport,
    Working,
)
from tui_router.domain.message import Ending, Message, Part, Reasoning, Text, Timing
from tui_router.domain.problem import Problem


class VeiledEvents:
    """Turns the events of one answer into those that may be shown before the vote."""

    def __init__(self, veil: Veil) -> None:
        self._veil = veil
        self._words = VeiledStream(veil)
        self._thoughts = VeiledStream(veil)

    def cover(self, events: Iterable[Event]) -> list[Event]:
        """Return what may be shown; times, prices and providers are left out, for they tell as much as a name."""
        return [shown for event in events for shown in self._covered(event)]

    def _covered(self, event: Event) -> list[Event]:
        match event:
            case TextDelta(text):
                shown = self._words.feed(text)
                # An empty piece still says that the answer has begun.
                return [*self._rest_of_thoughts(), TextDelta(shown)]
            case ReasoningDelta(text):
                return [ReasoningDelta(self._thoughts.feed(text))]
            case Finished():
                return [*self._rest(), Finished(event.reason)]
            case Failed(problem):
                return [*self._rest(), Failed(covered_problem(problem, self._veil))]
            case Cancelled():
                return [*self._rest(), Cancelled()]
            case Retrying():
                return [replace(event, problem=covered_problem(event.problem, self._veil))]
            case Started() | Routed() | FirstToken() | UsageReport() | ReasoningDetail():
                return []
            case Queued() | Connecting() | Working() | ImageDelta() | ToolCallDelta() | Cited():
                return [event]
            case _:
                assert_never(event)

    def _rest_of_thoughts(self) -> list[Event]:
        rest = self._thoughts.flush()
        return [ReasoningDelta(rest)] if rest else []

    def _rest(self) -> list[Event]:
        thoughts, words = self._rest_of_thoughts(), self._words.flush()
        return [*thoughts, TextDelta(words)] if words else thoughts


def covered_message(message: Message, veil: Veil) -> Message:
    """Return a saved answer as it may be shown before the vote."""
    ending = message.ending
    if ending is not None and ending.problem is not None:
        ending = Ending(ending.kind, covered_problem(ending.problem, veil))
    return replace(
        message,
        parts=tuple(_covered_part(p, veil) for p in message.parts),
        model=None,
        served_model="",
        provider="",
        attempts=(),
        usage=None,
        timing=Timing(),
        ending=ending,
    )


def covered_problem(problem: Problem, veil: Veil) -> Problem:
    """Return a problem without names: no provider, no suggestions, no request id."""
    return Problem(
        kind=problem.kind,
        title=veil.cover(problem.title),
        detail="More is said after the vote" if problem.detail else "",
        hint="",
        retry_after=problem.retry_after,
        status=problem.status,
    )


def _covered_part(part: Part, veil: Veil) -> Part:
    match part:
        case Text(text):
            return Text(veil.cover(text))
        case Reasoning(text):
            return Reasoning(veil.cover(text))
        case _:
            return part
