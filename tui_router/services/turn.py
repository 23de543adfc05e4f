"""One answer on its way: a worker thread is in ``run``; any thread may call ``cancel``.

The turn keeps a fold of its own, so that what is saved never depends on a screen. An empty answer is
on disk before the request leaves (the question already is), every piece is noted in the journal, and
the ending is saved before anybody is told of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

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
    TextDelta,
    UsageReport,
)
from tui_router.domain.message import Message
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.request import ChatRequest
from tui_router.domain.stream import StreamState
from tui_router.domain.usage import Usage
from tui_router.openrouter.cancel import Cancel
from tui_router.services.journal import Journal
from tui_router.services.limits import Slot

_log = logging.getLogger(__name__)


class Streams(Protocol):
    """What a turn needs of a client."""

    def stream(self, request: ChatRequest, cancel: Cancel | None = None) -> Iterator[Event]:
        """Yield the events of one answer; exactly one ending; never raises."""
        ...


class Gate(Protocol):
    """What a turn needs of a limiter."""

    def acquire(self, cancel: Cancel, notify: Callable[[Queued], None]) -> Slot | None:
        """Wait for a place; ``None`` when cancelled."""
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
    """Returns the client, or raises ``Trouble`` (no key). Called on the worker thread."""
    gate: Gate
    journal: Journal
    price: Callable[[Usage], Usage]
    """Fills in the cost where the server did not say it."""


class Turn:
    """One request and the answer that grows from it."""

    def __init__(self, parts: TurnParts) -> None:
        self.parts = parts
        self.state = StreamState()
        self._cancel = Cancel()
        self._message = parts.answer

    @property
    def id(self) -> str:
        """The id of the answer."""
        return self.parts.answer.id

    @property
    def message(self) -> Message:
        """The answer as it stands; final once the ending was seen."""
        return self._message

    @property
    def is_running(self) -> bool:
        """True until the ending was saved."""
        return self._message.ending is None

    def cancel(self) -> None:
        """Stop at once: wakes every wait and shuts the socket down. Safe from any thread, twice."""
        self._cancel.cancel()

    def run(self, put: Callable[[Event], None]) -> None:
        """Stream the answer into ``put``, ending in exactly one of ``Finished | Failed | Cancelled``.

        Call it once, on a thread that may block. What ``put`` is given is already saved or noted.
        """
        try:
            self._run(put)
        except Trouble as trouble:
            self._settle(Failed(trouble.problem), put)
        except Exception as error:  # a worker's whole turn: a bug must not look like silence
            _log.exception("a turn failed")
            detail = f"{type(error).__name__}: the log has more"
            self._settle(Failed(Problem(kind=Kind.BUG, title="Something went wrong in here", detail=detail)), put)

    def look_up_cost(self, find: Callable[[str], Usage | None]) -> Message | None:
        """Ask what a stopped or cut answer cost, once it has ended; returns the completed message."""
        message = self._message
        if message.ending is None or message.usage is not None or not message.generation_id:
            return None
        usage = find(message.generation_id)
        if usage is None:
            return None
        self._message = replace(message, usage=usage)
        self.parts.journal.finish(self._message)
        return self._message

    def _run(self, put: Callable[[Event], None]) -> None:
        parts = self.parts
        parts.journal.begin(parts.answer)
        if parts.seed:
            self._take(TextDelta(parts.seed), put)
        slot = parts.gate.acquire(self._cancel, lambda queued: self._take(queued, put))
        if slot is None:
            self._settle(Cancelled(), put)
            return
        with slot:
            self._stream(slot, put)

    def _stream(self, slot: Slot, put: Callable[[Event], None]) -> None:
        self._take(Connecting(), put)
        client = self.parts.connect()
        for event in client.stream(self.parts.request, self._cancel):
            if isinstance(event, Finished | Failed | Cancelled):
                if isinstance(event, Failed):
                    slot.refused(event.problem)
                self._settle(event, put)
                return
            if isinstance(event, Retrying):
                slot.retrying(event)
            self._take(event, put)

    def _take(self, event: Event, put: Callable[[Event], None]) -> None:
        if isinstance(event, UsageReport):
            event = UsageReport(self.parts.price(event.usage))
        self.state.apply(event)
        if isinstance(event, TextDelta):
            self.parts.journal.note(self.id, text=event.text)
        elif isinstance(event, ReasoningDelta):
            self.parts.journal.note(self.id, reasoning=event.text)
        put(event)

    def _settle(self, ending: Ended, put: Callable[[Event], None]) -> None:
        if self._message.ending is not None:
            return
        self.state.apply(ending)
        state = self.state
        self._message = replace(
            self._message,
            parts=state.parts(),
            served_model=state.model,
            provider=state.provider,
            usage=state.usage,
            timing=state.timing,
            ending=state.ending,
            generation_id=state.generation_id,
        )
        self.parts.journal.finish(self._message)
        put(ending)
