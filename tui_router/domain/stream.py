"""The fold: events in, the state of one answer out. No I/O, no clock, no thread, no lock.

The worker folds to save, each view folds to draw, the command line folds to print. The same
events give the same answer everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import assert_never

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
from tui_router.domain.message import (
    Citation,
    Ending,
    EndingKind,
    Image,
    Part,
    Reasoning,
    RouteAttempt,
    Text,
    Timing,
    ToolCall,
)
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.usage import Usage


class Phase(StrEnum):
    """Where an answer stands."""

    QUEUED = "queued"
    CONNECTING = "connecting"
    RETRYING = "retrying"
    WAITING = "waiting"
    THINKING = "thinking"
    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class StreamState:
    """The state of one answer. Mutable, with one owner; ``apply`` is the only way to change it."""

    __slots__ = (
        "_calls",
        "_details",
        "_reasoning",
        "_text",
        "attempts",
        "cache_age",
        "citations",
        "ending",
        "first_token",
        "generation_id",
        "has_left",
        "images",
        "model",
        "phase",
        "provider",
        "queued",
        "retrying",
        "seconds",
        "usage",
    )

    def __init__(self) -> None:
        self.phase = Phase.CONNECTING
        self.has_left = False
        """True once the request is let out: before that its row is written to the ledger."""
        self.generation_id = ""
        self.model = ""
        self.provider = ""
        self.cache_age: float | None = None
        self.attempts: tuple[RouteAttempt, ...] = ()
        self.queued: Queued | None = None
        self.retrying: Retrying | None = None
        self.first_token: float | None = None
        self.seconds: float | None = None
        self.usage: Usage | None = None
        self.ending: Ending | None = None
        self.images: list[Image] = []
        self.citations: list[Citation] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._details: list[str] = []
        self._calls: dict[int, ToolCall] = {}

    def apply(self, event: Event) -> None:
        """Fold one event in. Events after the ending change nothing."""
        if self.ending is not None:
            return
        match event:
            case Queued():
                self.phase, self.queued = Phase.QUEUED, event
            case Connecting():
                self.phase, self.queued, self.has_left = Phase.CONNECTING, None, True
            case Retrying():
                self.phase, self.retrying = Phase.RETRYING, event
                self.attempts = with_retry(self.attempts, event)
            case Started():
                self._start(event)
            case Routed():
                self.attempts += event.attempts
            case Working():
                if self.phase in (Phase.CONNECTING, Phase.QUEUED, Phase.RETRYING):
                    self.phase = Phase.WAITING
            case FirstToken():
                self.first_token = event.after
            case TextDelta():
                self._text.append(event.text)
                self.phase = Phase.ANSWERING
            case ReasoningDelta():
                self._reasoning.append(event.text)
                self.phase = Phase.THINKING
            case ReasoningDetail():
                self._details.append(event.raw)
            case ImageDelta():
                self.images.append(event.image)
                self.phase = Phase.ANSWERING
            case ToolCallDelta():
                self._call(event)
            case Cited():
                self.citations.append(event.citation)
            case UsageReport():
                self.usage = event.usage
            case Finished():
                self._end(Phase.DONE, Ending(self._reason(event.reason)), event.seconds)
            case Failed():
                kind = EndingKind.INTERRUPTED if event.problem.kind is ErrorKind.INTERRUPTED else EndingKind.FAILED
                self._end(Phase.FAILED, Ending(kind, event.problem), event.seconds)
            case Cancelled():
                self._end(Phase.STOPPED, Ending(EndingKind.CANCELLED), event.seconds)
            case _:
                assert_never(event)

    @property
    def text(self) -> str:
        """The words so far."""
        if len(self._text) > 1:
            self._text[:] = ["".join(self._text)]
        return self._text[0] if self._text else ""

    @property
    def reasoning(self) -> str:
        """The thinking so far."""
        if len(self._reasoning) > 1:
            self._reasoning[:] = ["".join(self._reasoning)]
        return self._reasoning[0] if self._reasoning else ""

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls so far, in order."""
        return tuple(call for _, call in sorted(self._calls.items()))

    @property
    def timing(self) -> Timing:
        """Seconds to the first token and in all."""
        return Timing(first_token=self.first_token, total=self.seconds)

    @property
    def problem(self) -> Problem | None:
        """Why it failed, when it did."""
        return self.ending.problem if self.ending else None

    def parts(self) -> tuple[Part, ...]:
        """Return the answer so far as the parts of a message."""
        parts: list[Part] = []
        if self._reasoning or self._details:
            parts.append(Reasoning(self.reasoning, tuple(self._details)))
        if self.text:
            parts.append(Text(self.text))
        parts.extend(self.images)
        parts.extend(self.tool_calls)
        parts.extend(self.citations)
        return tuple(parts)

    def _start(self, event: Started) -> None:
        self.generation_id = event.generation_id or self.generation_id
        self.model = event.model or self.model
        self.provider = event.provider or self.provider
        self.cache_age = event.cache_age if event.cache_age is not None else self.cache_age
        if self.phase in (Phase.CONNECTING, Phase.QUEUED, Phase.RETRYING):
            self.phase = Phase.WAITING

    def _call(self, event: ToolCallDelta) -> None:
        old = self._calls.get(event.index, ToolCall("", ""))
        self._calls[event.index] = ToolCall(
            old.id or event.id or f"call_{event.index}", old.name or event.name, old.arguments + event.arguments
        )
        self.phase = Phase.ANSWERING

    def _reason(self, reason: EndingKind) -> EndingKind:
        if reason is EndingKind.COMPLETE and self._calls:
            return EndingKind.TOOL_CALLS
        return reason

    def _end(self, phase: Phase, ending: Ending, seconds: float | None) -> None:
        self.phase, self.ending, self.seconds = phase, ending, seconds
        self.queued = None


def with_retry(attempts: tuple[RouteAttempt, ...], event: Retrying) -> tuple[RouteAttempt, ...]:
    """Return the attempts with the one that a retry follows; one that the service told already is completed."""
    problem = event.problem
    told = attempts[-1] if attempts and attempts[-1].wait is None else None
    if told is not None and told.status == problem.status and told.provider in (problem.provider, ""):
        return (*attempts[:-1], replace(told, reason=problem.title, wait=event.wait, cost=event.cost))
    found = RouteAttempt(
        provider=problem.provider, status=problem.status, reason=problem.title, wait=event.wait, cost=event.cost
    )
    return (*attempts, found)


def coalesce(events: Iterable[Event]) -> list[Event]:
    """Join neighbouring deltas and keep-alives: fewer events that fold to the same state."""
    joined: list[Event] = []
    pieces: list[str] = []
    kind: type[TextDelta] | type[ReasoningDelta] | None = None
    for event in events:
        if isinstance(event, TextDelta | ReasoningDelta):
            if kind is not None and type(event) is not kind:
                joined.append(kind("".join(pieces)))
                pieces = []
            kind = type(event)
            pieces.append(event.text)
            continue
        if kind is not None:
            joined.append(kind("".join(pieces)))
            kind, pieces = None, []
        if not (isinstance(event, Working) and joined and isinstance(joined[-1], Working)):
            joined.append(event)
    if kind is not None:
        joined.append(kind("".join(pieces)))
    return joined
