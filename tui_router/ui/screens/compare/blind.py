"""Blind mode: removes model names and telltale metadata from answers, and stores which comparisons are blind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from tui_router.domain.blind import CoveredStream, NameCover
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
from tui_router.services.core import Core

_KEY = "compare.hidden"
_MAX_STORED = 50
"""Blind comparisons remembered across restarts; the oldest are dropped."""


class AnonymizedEvents:
    """Converts the events of one answer into events that can be shown before the vote."""

    def __init__(self, veil: NameCover) -> None:
        self._veil = veil
        self._text = CoveredStream(veil)
        self._reasoning = CoveredStream(veil)

    def anonymize(self, events: Iterable[Event]) -> list[Event]:
        """Return the events to show. Times, prices and providers are omitted: they identify a model like its name."""
        return [shown for event in events for shown in self._anonymize_one(event)]

    def _anonymize_one(self, event: Event) -> list[Event]:
        match event:
            case TextDelta(text):
                # Text may be held back until a name is ruled out; the empty delta still marks the start of the answer.
                shown = self._text.feed(text)
                return [*self._flush_reasoning(), TextDelta(shown)]
            case ReasoningDelta(text):
                return [ReasoningDelta(self._reasoning.feed(text))]
            case Finished():
                return [*self._flush(), Finished(event.reason)]
            case Failed(problem):
                return [*self._flush(), Failed(anonymize_problem(problem, self._veil))]
            case Cancelled():
                return [*self._flush(), Cancelled()]
            case Retrying():
                return [replace(event, problem=anonymize_problem(event.problem, self._veil))]
            case Started() | Routed() | FirstToken() | UsageReport() | ReasoningDetail():
                return []
            case Queued() | Connecting() | Working() | ImageDelta() | ToolCallDelta() | Cited():
                return [event]
            case _:
                assert_never(event)

    def _flush_reasoning(self) -> list[Event]:
        rest = self._reasoning.flush()
        return [ReasoningDelta(rest)] if rest else []

    def _flush(self) -> list[Event]:
        reasoning, text = self._flush_reasoning(), self._text.flush()
        return [*reasoning, TextDelta(text)] if text else reasoning


def anonymize_message(message: Message, veil: NameCover) -> Message:
    """Return a saved answer as shown before the vote: without names, model, provider, cost and timing."""
    ending = message.ending
    if ending is not None and ending.problem is not None:
        ending = Ending(ending.kind, anonymize_problem(ending.problem, veil))
    return replace(
        message,
        parts=tuple(_anonymize_part(p, veil) for p in message.parts),
        model=None,
        served_model="",
        provider="",
        attempts=(),
        usage=None,
        timing=Timing(),
        ending=ending,
    )


def anonymize_problem(problem: Problem, veil: NameCover) -> Problem:
    """Return a problem without names, provider, suggestions and request id."""
    return Problem(
        kind=problem.kind,
        title=veil.cover(problem.title),
        detail="Details are shown after the vote" if problem.detail else "",
        hint="",
        retry_after=problem.retry_after,
        status=problem.status,
    )


def _anonymize_part(part: Part, veil: NameCover) -> Part:
    match part:
        case Text(text):
            return Text(veil.cover(text))
        case Reasoning(text):
            return Reasoning(veil.cover(text))
        case _:
            return part


def mark_blind(core: Core, batch: str) -> None:
    """Store that the names of a comparison are hidden, so that they stay hidden when it is opened again."""

    def add(stored: object) -> list[str]:
        return [*_batches(stored), batch][-_MAX_STORED:]

    core.state.change(_KEY, add)


def mark_revealed(core: Core, batch: str) -> None:
    """Store that the names of a comparison have been revealed."""

    def drop(stored: object) -> list[str]:
        return [b for b in _batches(stored) if b != batch]

    if batch in core.state.texts(_KEY):
        core.state.change(_KEY, drop)


def is_blind(core: Core, batch: str) -> bool:
    """Return whether the names of a comparison must stay hidden: asked blind, and neither voted on nor revealed."""
    return batch in core.state.texts(_KEY) and core.leaderboard.vote_on(batch) is None


def _batches(stored: object) -> list[str]:
    return [b for b in stored if isinstance(b, str)] if isinstance(stored, list) else []
