"""What the charging server wrote down: each request it got, and each generation it charged, exactly."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

PATIENCE = 20.0
"""Seconds after which something counts as never happening."""
_LOOK_AGAIN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """One generation and what it cost."""

    id: str
    model: str
    """Who served it, which may be a fallback."""
    asked: str
    """Who was asked."""
    key: str
    cost: Decimal
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    is_cancelled: bool
    is_told: bool
    """True when the answer itself says what it cost."""
    written: float
    """When, on ``time.monotonic``; its record can be looked up some time later."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request for an answer."""

    key: str
    model: str
    question: str
    """The last words of the user."""
    attempt: int
    """How often this model was asked these words, this time included."""
    body: Any
    arrived: float = field(default_factory=time.monotonic)
    left: float | None = None
    """When it ended; ``None`` while it runs."""
    generation: str = ""
    sent: int = 0
    """Pieces of the answer that were sent."""


class Book:
    """Charges and visits. Safe from any thread; ``wait_for`` waits until something is written down."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.charges: dict[str, Charged] = {}
        self.looked_up: list[str] = []
        """Ids that ``/generation`` was asked for, found or not."""
        self.asked: Counter[str] = Counter()
        """How many requests came by the first word of their question."""
        self._changed = threading.Condition()
        self._attempts: dict[tuple[str, str], int] = {}

    @property
    def total(self) -> Decimal:
        """Everything that was charged."""
        with self._changed:
            return sum((c.cost for c in self.charges.values()), Decimal(0))

    @property
    def running(self) -> tuple[Visit, ...]:
        """Requests that have not ended."""
        with self._changed:
            return tuple(v for v in self.visits if v.left is None)

    def arrive(self, key: str, model: str, question: str, body: Any) -> Visit:
        """Write a request down."""
        with self._changed:
            attempt = self._attempts[model, question] = self._attempts.get((model, question), 0) + 1
            visit = Visit(key=key, model=model, question=question, attempt=attempt, body=body)
            self.visits.append(visit)
            self.asked[question.partition(" ")[0]] += 1
            self._changed.notify_all()
            return visit

    def sent(self, visit: Visit) -> None:
        """Count a piece of an answer."""
        with self._changed:
            visit.sent += 1
            self._changed.notify_all()

    def charge(self, charged: Charged) -> None:
        """Write a charge down, before its answer says what it cost."""
        with self._changed:
            self.charges[charged.id] = charged
            self._changed.notify_all()

    def leave(self, visit: Visit) -> None:
        """Write down that a request ended."""
        with self._changed:
            visit.left = time.monotonic()
            self._changed.notify_all()

    def look_up(self, generation_id: str) -> Charged | None:
        """Return the charge of a generation."""
        with self._changed:
            self.looked_up.append(generation_id)
            self._changed.notify_all()
            return self.charges.get(generation_id)

    def wait_for(self, condition: Callable[[Book], object], what: str) -> None:
        """Wait until a condition holds; giving up is a failure. It is asked when something is written, and at times."""
        end = time.monotonic() + PATIENCE
        with self._changed:
            while not condition(self):
                self._changed.wait(_LOOK_AGAIN)
                if time.monotonic() < end:
                    continue
                raise AssertionError(f"never came: {what}; {len(self.visits)} requests, {len(self.charges)} charges")

    def wait_until_idle(self) -> None:
        """Wait until every request has ended and is charged."""
        self.wait_for(lambda book: all(v.left is not None for v in book.visits), "the end of all requests")

    def most_at_once(self) -> int:
        """Return how many requests ran at the same time at most."""
        with self._changed:
            marks = [(v.arrived, 1) for v in self.visits] + [(v.left, -1) for v in self.visits if v.left is not None]
        most = now = 0
        for _, change in sorted(marks):
            now += change
            most = max(most, now)
        return most

    def as_json(self) -> dict[str, Any]:
        """Return everything for another process."""
        with self._changed:
            charges, visits = list(self.charges.values()), list(self.visits)
        return {
            "total": str(sum((c.cost for c in charges), Decimal(0))),
            "charges": [{"id": c.id, "model": c.model, "key": c.key, "cost": str(c.cost)} for c in charges],
            "visits": [
                {"model": v.model, "question": v.question, "attempt": v.attempt, "arrived": v.arrived, "left": v.left}
                for v in visits
            ],
        }
