"""Runs a turn, the only path of a paid request. A worker thread calls ``run``; any thread may call ``cancel``.

Order: the empty answer is saved, the answer cache is queried (a hit ends the turn), the limiter
grants a slot, the ledger opens a charge, the request is sent, every piece goes to the journal, the charge
is settled, the ending is saved, and only then reported. A retry passes limiter and
ledger again. The turn folds the events itself, so what is saved never depends on a screen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from tui_router.domain.answer_cache import CachedAnswer, replay
from tui_router.domain.charge import RETRIED
from tui_router.domain.events import (
    Cancelled,
    Connecting,
    Ended,
    Event,
    Failed,
    Finished,
    Queued,
    ReasoningDelta,
    Retrying,
    Started,
    TextDelta,
    UsageReport,
)
from tui_router.domain.message import EndingKind, Message
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.stream import StreamState
from tui_router.domain.usage import Usage
from tui_router.openrouter.cancel import Cancel
from tui_router.services.answer_cache import CacheScope
from tui_router.services.billing import Bill
from tui_router.services.conversation_journal import Journal
from tui_router.services.rate_limiter import Slot

_log = logging.getLogger(__name__)


class Streams(Protocol):
    """The part of a client that a turn needs."""

    def stream(self, request: ChatRequest, cancel: Cancel | None = None) -> Iterator[Event]:
        """Yield the events of one answer; exactly one ending; never raises.

        ``Connecting`` precedes each request; the request is sent when the next event is requested.
        """
        ...


class Gate(Protocol):
    """The part of a rate limiter that a turn needs."""

    def acquire(self, cancel: Cancel, notify: Callable[[Queued], None], *, is_free: bool = False) -> Slot | None:
        """Wait for a slot; ``None`` when cancelled. ``is_free``: the request is for a free model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnParts:
    """What a turn is made of."""

    request: ChatRequest
    answer: Message
    """The answer before its first token: id, parent, model, batch and lane are set, ``ending`` is ``None``."""
    seed: str = ""
    """Text that a continued answer begins with."""
    connect: Callable[[], Streams]
    """Returns the client, or raises ``AppError`` (no key). Called on the worker thread."""
    gate: Gate
    journal: Journal
    bill: Bill
    learn: Callable[[ChatRequest, Usage], None] = lambda request, usage: None
    """Receives the usage of a complete answer, to improve estimates."""
    advise: Callable[[str, Problem], Problem] = lambda model, problem: problem
    """Adds the nearest catalogue ids to a model problem."""
    reuse: CacheScope = field(default_factory=CacheScope)
    """Looks up the request in the answer cache, and saves complete answers."""


class Turn:
    """One request and its streamed answer."""

    def __init__(self, parts: TurnParts) -> None:
        self.parts = parts
        self.state = StreamState()
        self._cancel = Cancel()
        self._message = parts.answer
        self._slot: Slot | None = None

    @property
    def id(self) -> str:
        """The id of the answer."""
        return self.parts.answer.id

    @property
    def message(self) -> Message:
        """The current answer; final once it has ended."""
        return self._message

    @property
    def is_running(self) -> bool:
        """True until the ending was saved."""
        return self._message.ending is None

    def cancel(self) -> None:
        """Stop immediately: wakes all waits and closes the socket. Thread-safe and idempotent."""
        self._cancel.cancel()

    def run(self, put: Callable[[Event], None]) -> None:
        """Stream the answer into ``put``, ending in exactly one of ``Finished | Failed | Cancelled``.

        Call it once, on a thread that may block. What ``put`` is given is already saved or noted.
        """
        try:
            self._run(put)
        except AppError as trouble:
            self._settle(Failed(trouble.problem), put)
        except Exception as error:  # a worker's whole turn: a bug must not look like silence
            _log.exception("a turn failed")
            detail = f"{type(error).__name__}: the log has more"
            self._settle(Failed(Problem(kind=ErrorKind.BUG, title="Something went wrong in here", detail=detail)), put)
        finally:
            if self._slot is not None:
                self._slot.release()

    def price(self, usage: Usage) -> None:
        """Set the usage when the cost was found after the end."""
        self._message = replace(self._message, usage=usage)

    def _run(self, put: Callable[[Event], None]) -> None:
        parts = self.parts
        parts.journal.begin(parts.answer)
        if parts.seed:
            self._take(TextDelta(parts.seed), put)
        if (cached := parts.reuse.find(parts.request)) is not None:
            self._replay(cached, put)
            return
        stream = parts.connect().stream(parts.request, self._cancel)
        try:
            for event in stream:
                if isinstance(event, Finished | Failed | Cancelled):
                    self._settle(event, put)
                    return
                if isinstance(event, Connecting) and (refusal := self._leave(event, put)) is not None:
                    self._settle(refusal, put)
                    return
                self._take(event, put)
        finally:
            if isinstance(stream, Generator):
                stream.close()

    def _replay(self, cached: CachedAnswer, put: Callable[[Event], None]) -> None:
        """Replay a cached answer as events; nothing is sent or charged."""
        if self._cancel.is_set:
            self._settle(Cancelled(), put)
            return
        self._message = replace(self._message, cached_at=cached.at)
        for event in replay(cached):
            self.state.apply(event)
            put(event)
        self._settle(Finished(), put)

    def _leave(self, event: Connecting, put: Callable[[Event], None]) -> Ended | None:
        """Wait for the limiter and open a charge for the next request; returns why it must not be sent."""

        def notify(queued: Queued) -> None:
            self._take(queued, put)

        if self._slot is None:
            is_free = self.parts.request.asks_free_model
            self._slot = self.parts.gate.acquire(self._cancel, notify, is_free=is_free)
            has_place = self._slot is not None
        else:
            has_place = self._slot.again(self._cancel, notify)
        if not has_place:
            return Cancelled()
        problem = self.parts.bill.open(event.attempt, self._cancel)
        if problem is not None:
            return Failed(problem)
        if self._cancel.is_set:
            self.parts.bill.void()
            return Cancelled()
        return None

    def _take(self, event: Event, put: Callable[[Event], None]) -> None:
        bill = self.parts.bill
        if isinstance(event, UsageReport):
            event = UsageReport(bill.used(event.usage))
        elif isinstance(event, Started):
            bill.began(event.generation_id, event.model, event.provider)
            if self._slot is not None:
                self._slot.arrived()
        elif isinstance(event, Retrying):
            usage = bill.close(RETRIED, problem=event.problem)
            event = replace(event, cost=usage.cost if usage is not None else None)
            if self._slot is not None:
                self._slot.refused(event.problem)
        self.state.apply(event)
        if isinstance(event, TextDelta):
            self.parts.journal.note(self.id, text=event.text)
        elif isinstance(event, ReasoningDelta):
            self.parts.journal.note(self.id, reasoning=event.text)
        put(event)

    def _settle(self, ending: Ended, put: Callable[[Event], None]) -> None:
        if self._message.ending is not None:
            return
        if isinstance(ending, Failed):
            ending = replace(ending, problem=self.parts.advise(self.parts.request.model, ending.problem))
        problem = ending.problem if isinstance(ending, Failed) else None
        if problem is not None and self._slot is not None:
            self._slot.refused(problem)
        self.state.apply(ending)
        state, parts = self.state, self.parts
        kind = state.ending.kind if state.ending is not None else EndingKind.FAILED
        is_cached = self._message.cached_at is not None
        usage = parts.bill.close(kind.value, words=_made(state, parts.seed), timing=state.timing, problem=problem)
        self._message = replace(
            self._message,
            parts=state.parts(),
            served_model=state.model,
            provider=state.provider,
            attempts=state.attempts,
            usage=state.usage if is_cached else usage,
            timing=state.timing,
            ending=state.ending,
            generation_id=state.generation_id,
            cached_at=self._message.cached_at or _cached_at(self._message, state.cache_age),
        )
        parts.journal.finish(self._message)
        if usage is not None and not usage.is_estimate and kind is EndingKind.COMPLETE:
            parts.learn(parts.request, usage)
        if not is_cached:
            parts.reuse.keep(parts.request, self._message)
        put(ending)


def _cached_at(answer: Message, age: float | None) -> datetime | None:
    """Return when an answer from the service's own cache was first generated."""
    return None if age is None else answer.created - timedelta(seconds=age)


def _made(state: StreamState, seed: str) -> str:
    """Return the generated text: reasoning and answer, without the text that it continued."""
    return state.reasoning + state.text.removeprefix(seed)
