"""A till over a store in memory, with a clock that a test moves: for tests of turns, bills and look-ups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.memory_store import memory_store
from tui_router.domain.charge import Cap, Charge, OpenCharge, Settlement, Shortfall
from tui_router.domain.events import Event
from tui_router.domain.message import Message, Role
from tui_router.domain.model import Model, ModelRef
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.usage import Pricing
from tui_router.openrouter.cancel import Cancel
from tui_router.services.billing import Bill, BillingContext
from tui_router.services.turn import Turn, TurnParts
from tui_router.storage.charges import Charges

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
CENT = Decimal("0.01")
MODELS = {
    "a/paid": Model(id="a/paid", name="Paid", pricing=Pricing(prompt=CENT, completion=CENT)),
    "a/more": Model(id="a/more", name="More", pricing=Pricing(prompt=CENT * 10, completion=CENT * 10)),
    "a/free": Model(id="a/free", name="Free", pricing=Pricing(prompt=Decimal(0), completion=Decimal(0))),
}


class AtOnce:
    """Writes where it stands."""

    problem: Problem | None = None

    def put(self, write: Callable[[], object]) -> None:
        write()


class Held:
    """Writes when it is told to: a disk that is busy."""

    problem: Problem | None = Problem(kind=ErrorKind.STORAGE, title="Another program holds the conversations")

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def put(self, write: Callable[[], object]) -> None:
        self.waiting.append(write)

    def go(self) -> None:
        """Write everything that waits."""
        waiting, self.waiting = self.waiting, []
        for write in waiting:
            write()


class Counter:
    """The ledger of a test and what happened at it."""

    def __init__(self, *caps: Cap, writes: Any = None) -> None:
        self.database = memory_store()
        self.charges = Charges(self.database)
        self.to_look_up: list[OpenCharge] = []
        self.spared: list[tuple[Charge, Settlement | None]] = []
        self.can_spare = True
        self.context = BillingContext(
            store=self.charges,
            writes=writes or AtOnce(),
            caps=lambda conversation_id: caps,
            explain=explained,
            find=MODELS.get,
            fingerprint=lambda: "finger",
            look_up=self.to_look_up.append,
            spare=self._spare,
            now=lambda: NOW,
        )

    def bill(self, model: str = "a/paid", reserved: str = "1") -> Bill:
        """Return a bill for an answer of a model."""
        charge = Charge(
            id="m", at=NOW, model=ModelRef(model), message_id="m", reserved=Decimal(reserved), prompt_tokens=10
        )
        return Bill(self.context, charge)

    def _spare(self, charge: Charge, settlement: Settlement | None) -> bool:
        self.spared.append((charge, settlement))
        return self.can_spare

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """State, cost in dollars, ending and generation of each charge, oldest first."""
        with self.database.read() as connection:
            found = connection.execute("SELECT state, cost, ending, generation_id FROM charges ORDER BY seq")
            return [(s, None if c is None else float(c) / 1e12, e, g) for s, c, e, g in found]


def explained(shortfall: Shortfall, wanted: Decimal) -> Problem:
    """Say which cap it was."""
    return Problem(kind=ErrorKind.BUDGET, title=f"over {shortfall.cap.name}")


def day_cap(limit: str) -> Cap:
    """Return a limit of so much a day."""
    return Cap(name="day", limit=Decimal(limit), since=NOW - timedelta(hours=12))


class Script:
    """A client that plays events; what it yields is counted as sent once the next event was asked for."""

    def __init__(self, *events: Event) -> None:
        self._events = events
        self.played: list[Event] = []

    def stream(self, request: ChatRequest, cancel: Cancel | None = None) -> Iterator[Event]:
        for event in self._events:
            yield event
            self.played.append(event)


class OpenGate:
    """Lets everything through and counts it."""

    def __init__(self) -> None:
        self.starts = 0
        self.released = 0
        self.arrivals = 0
        self.free: list[bool] = []

    def acquire(self, cancel: Any, notify: Any, *, is_free: bool = False) -> Any:
        self.starts += 1
        self.free.append(is_free)
        return self

    def arrived(self) -> None:
        self.arrivals += 1

    def again(self, cancel: Any, notify: Any) -> bool:
        self.starts += 1
        return True

    def refused(self, problem: Problem) -> None: ...

    def release(self) -> None:
        self.released += 1


class Pages:
    """A journal that remembers the order of what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.finished: Message | None = None

    def begin(self, answer: Message) -> None:
        self.told.append("begin")

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        self.told.append(text or reasoning)

    def finish(self, message: Message) -> None:
        self.told.append("finish")
        self.finished = message


def a_turn(counter: Counter, script: Script, model: str = "a/paid", **more: Any) -> Turn:
    """Return a turn that plays a script."""
    answer = Message(
        id="m", parent_id="q", role=Role.ASSISTANT, parts=(), created=NOW, model=ModelRef(model), ending=None
    )
    parts: dict[str, Any] = {"gate": OpenGate(), "journal": Pages(), "bill": counter.bill(model), **more}
    return Turn(
        TurnParts(request=ChatRequest(model=model, messages=()), answer=answer, connect=lambda: script, **parts)
    )


def run(turn: Turn) -> list[Event]:
    """Run a turn and return what it told."""
    told: list[Event] = []
    turn.run(told.append)
    return told
