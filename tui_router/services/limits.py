"""How many requests may start in a minute and run at once, per key. What waits knows its place.

These are limits of our own, chosen by tier, so that the server seldom has to say no; when it does,
its answer wins. They hold over all lanes and conversations of this process, not across processes.
"""

from __future__ import annotations

import math
import threading
import time
from bisect import insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol, Self

from tui_router.domain.account import KeyInfo
from tui_router.domain.events import Queued
from tui_router.domain.problem import Kind, Problem

WINDOW = 60.0
"""Seconds over which starts are counted."""

_LOOK_AGAIN = 0.05
"""Seconds between two looks of a waiting thread; short, since a freed place does not wake it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Requests a minute and at once; ``None`` is no limit."""

    per_minute: int | None
    at_once: int | None


TIERS = {
    "free": Limit(20, 5),
    "standard": Limit(200, 50),
    "pro": Limit(1000, 100),
    "unlimited": Limit(None, None),
}
"""The presets of the provider guide. The service itself knows only the 20 a minute of free models."""


def limit_of(tier: str, key: KeyInfo | None = None) -> Limit:
    """Return the limit of a tier. ``auto`` is ``free`` for an account that never bought credit, else ``standard``."""
    if tier == "auto":
        tier = "free" if key is not None and key.is_free_tier else "standard"
    return TIERS.get(tier, TIERS["standard"])


class Stoppable(Protocol):
    """What a wait needs of a ``Cancel``."""

    @property
    def is_set(self) -> bool:
        """True once stopped."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep, at most until stopped; True when stopped."""
        ...


class Limiter:
    """The queue of one key. First come, first served; safe from any thread."""

    def __init__(self, limit: Callable[[], Limit], clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[object] = []
        self._running = 0
        self._starts: list[float] = []
        self._paused_until = -math.inf

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many requests run."""
        return self._running

    def acquire(self, cancel: Stoppable, notify: Callable[[Queued], None]) -> Slot | None:
        """Wait for a place and take it; ``None`` when cancelled first.

        ``notify`` is told the place in the queue and the wait whenever either changes by a whole
        unit, on this thread. Release the slot when the stream has ended (it is a context manager).
        """
        ticket = object()
        with self._lock:
            self._waiting.append(ticket)
        told: tuple[int, int | None] | None = None
        try:
            while not cancel.is_set:
                with self._lock:
                    queued = self._try_start(ticket)
                if queued is None:
                    return Slot(self)
                news = (queued.place, None if queued.wait is None else math.ceil(queued.wait))
                if news != told:
                    told = news
                    notify(queued)
                cancel.wait(_LOOK_AGAIN if queued.wait is None else max(0.001, min(_LOOK_AGAIN, queued.wait)))
            return None
        finally:
            with self._lock:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)

    def pause(self, seconds: float) -> None:
        """Start nothing for some seconds: the service asked for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def count_start(self, after: float = 0.0) -> None:
        """Count a request that starts without a place of its own (a retry), ``after`` some seconds."""
        with self._lock:
            insort(self._starts, self._clock() + after)

    def leave(self) -> None:
        """Give a place back. Slots call this."""
        with self._lock:
            self._running -= 1

    def _try_start(self, ticket: object) -> Queued | None:
        """Take the place of a ticket whose turn it is, or return where it stands."""
        now, limit = self._clock(), self._limit()
        while self._starts and self._starts[0] <= now - WINDOW:
            self._starts.pop(0)
        place = self._waiting.index(ticket) + 1
        full = limit.at_once is not None and self._running + place > limit.at_once
        wait = max(self._window_wait(place, now, limit), self._paused_until - now)
        if place == 1 and not full and wait <= 0:
            self._waiting.remove(ticket)
            self._running += 1
            insort(self._starts, now)
            return None
        # Nobody can tell when a running answer ends, so a full house has no wait.
        return Queued(place, None if full else max(0.0, wait))

    def _window_wait(self, place: int, now: float, limit: Limit) -> float:
        if limit.per_minute is None:
            return 0.0
        over = len(self._starts) + place - limit.per_minute
        if over <= 0:
            return 0.0
        # Those ahead will start as old starts leave the window; beyond that it is whole windows.
        rounds, rest = divmod(over - 1, max(1, len(self._starts)))
        oldest = self._starts[rest] if self._starts else now
        return oldest + WINDOW * (1 + rounds) - now


class Slot:
    """A place among the running requests. Released once, however often it is asked to."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._lock = threading.Lock()
        self._is_held = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def again(self, cancel: Stoppable, notify: Callable[[Queued], None]) -> bool:
        """Count another start in the same place; ``False`` when cancelled."""
        self._limiter.count_start()
        return not cancel.is_set

    def refused(self, problem: Problem) -> None:
        """Pause the queue when the service itself named a time.

        A rate limit of one provider says nothing about the others, so it holds nobody else back.
        """
        if problem.kind is Kind.RATE_LIMIT and problem.retry_after and not problem.provider:
            self._limiter.pause(min(problem.retry_after, WINDOW))

    def release(self) -> None:
        """Give the place to the next in line."""
        with self._lock:
            held, self._is_held = self._is_held, False
        if held:
            self._limiter.leave()


class Limits:
    """One limiter for each key and address."""

    def __init__(
        self,
        tier: Callable[[], str],
        key_info: Callable[[], KeyInfo | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tier = tier
        self._key_info = key_info
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: dict[Hashable, Limiter] = {}

    def of(self, key: Hashable) -> Limiter:
        """Return the limiter of a key (a ``Secret`` with its address, or anything that stands for them)."""
        with self._lock:
            if key not in self._limiters:
                self._limiters[key] = Limiter(lambda: limit_of(self._tier(), self._key_info()), self._clock)
            return self._limiters[key]
