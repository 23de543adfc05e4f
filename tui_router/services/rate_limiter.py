"""Limits how many requests of a key start per minute and run concurrently, and reports queue positions.

The limits are our own, chosen by tier, so that the server rarely has to refuse; when it does, its answer
takes precedence. They span all lanes, conversations and processes of a configuration folder, which exchange what
they started and run through a file. Only the first request in each process's queue reads it.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, Self

from tui_router.domain.events import Queued
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.rate_limit import (
    MINUTE,
    CountingWindow,
    Limit,
    Share,
    Shares,
    Ticket,
    is_first,
    running,
    standing,
    tidied,
)
from tui_router.services.rate_tier import Alone, Exchange

_log = logging.getLogger(__name__)

_LOOK_AGAIN = 0.05
"""Seconds between two polls of a waiting thread; short, because a freed slot does not wake it."""
_LOOK_LATER = 0.2
"""The same when the wait is long, to read the file less often."""
_SIGN = 1.0
"""Seconds between heartbeats of a waiting process."""
_REMEMBERED = 20
"""Number of finished requests used to estimate the duration of one."""


class Stoppable(Protocol):
    """The part of ``Cancel`` that a wait needs."""

    @property
    def is_set(self) -> bool:
        """True once cancelled."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep until cancelled or ``seconds`` have passed; True when cancelled."""
        ...


class Limiter:
    """The rate limiter of one key. First come, first served; thread-safe."""

    def __init__(
        self,
        limit: Callable[[], Limit],
        clock: Callable[[], float] = time.time,
        exchange: Exchange | None = None,
        span: CountingWindow = MINUTE,
    ) -> None:
        self.span = span
        self._limit = limit
        self._clock = clock
        self._exchange = exchange or Alone()
        self._lock = threading.Lock()
        self._mine = Share()
        self._others: Shares = {}
        self._numbers = 0
        self._took: deque[float] = deque(maxlen=_REMEMBERED)
        self._last_end = -math.inf

    @property
    def waiting(self) -> int:
        """Number of waiting requests of this process."""
        return len(self._mine.waiting)

    @property
    def running(self) -> int:
        """Number of running requests of this process."""
        return self._mine.held

    def acquire(self, cancel: Stoppable, notify: Callable[[Queued], None], *, is_free: bool = False) -> Slot | None:
        """Wait for a slot and take it; ``None`` if cancelled first.

        ``notify`` receives the queue position and the wait whenever either changes by a whole unit, on this
        thread. Release the slot when the stream has ended (it is a context manager). ``is_free`` says that a free
        model is asked.
        """
        return Slot(self, is_free=is_free) if self.wait(cancel, notify, is_fresh=True, is_free=is_free) else None

    def wait(self, cancel: Stoppable, notify: Callable[[Queued], None], *, is_fresh: bool, is_free: bool) -> bool:
        """Wait for a start, and for a slot too if ``is_fresh``; ``False`` when cancelled. Called by slots."""
        ticket = self._queue_up(is_fresh=is_fresh, is_free=is_free)
        told: tuple[int, int | None] | None = None
        try:
            while not cancel.is_set:
                with self._lock:
                    queued = self._try_start(ticket)
                if queued is None:
                    return True
                news = (queued.place, None if queued.wait is None else math.ceil(queued.wait))
                if news != told:
                    told = news
                    _log.debug("limiter: queued, place %d, %s", queued.place, queued.expected or "wait unknown")
                    notify(queued)
                cancel.wait(patience(queued))
            return False
        finally:
            with self._lock:
                if any(t.number == ticket.number for t in self._mine.waiting):
                    self._mine = _without(self._mine, ticket)
                    self._tell()

    def pause(self, seconds: float, *, free_only: bool = False) -> None:
        """Start nothing (or no free models) for some seconds, because the service asked for it."""
        _log.debug("limiter: paused for %.1f s%s", seconds, " (free models)" if free_only else "")
        with self._lock:
            until = self._clock() + seconds
            if free_only:
                self._mine = replace(self._mine, free_paused=max(self._mine.free_paused, until))
            else:
                self._mine = replace(self._mine, paused=max(self._mine.paused, until))
            self._tell()

    def arrived(self) -> None:
        """Count a start now, because the server has responded. Called by slots."""
        with self._lock:
            mine = self._mine
            self._mine = replace(mine, flying=mine.flying - 1, starts=(*mine.starts, self._clock()))
            self._tell()

    def leave(self, took: float) -> None:
        """Release a slot, ``took`` seconds after it was taken. Called by slots."""
        with self._lock:
            now = self._clock()
            self._took.append(took)
            self._last_end = now
            cooling = (*self._mine.cooling, now + self.span.linger)
            self._mine = replace(self._mine, held=self._mine.held - 1, cooling=cooling)
            self._tell()

    def now(self) -> float:
        """Return the time of this limiter's clock."""
        return self._clock()

    def close(self) -> None:
        """Stop sharing with other processes."""
        with self._lock:
            self._exchange.close()

    def _queue_up(self, *, is_fresh: bool, is_free: bool) -> Ticket:
        with self._lock:
            self._numbers += 1
            ticket = Ticket(is_fresh, self._clock(), self._numbers, is_free)
            self._mine = replace(self._mine, waiting=(*self._mine.waiting, ticket))
        return ticket

    def _try_start(self, ticket: Ticket) -> Queued | None:
        """Start a ticket if it is its turn; otherwise return its queue position."""
        now, limit = self._clock(), self._limit()
        self._mine = tidied(self._mine, now, self.span)
        # The time may have been adjusted after the clock was set back.
        ticket = next(t for t in self._mine.waiting if t.number == ticket.number)
        free_paused = max([self._mine.free_paused, *(s.free_paused for s in self._others.values())])
        if not is_first(self._mine, ticket, free_paused, now):
            others = {n: tidied(s, now, self.span) for n, s in self._others.items()}
            return self._standing(ticket, others, limit, now) or Queued(2)
        found: Queued | None = None

        def decide(others: Shares) -> Share:
            nonlocal found
            self._others = others
            found = self._standing(ticket, others, limit, now)
            if found is None:
                self._start(ticket)
            elif self._mine.seen < now - _SIGN:
                self._mine = replace(self._mine, seen=now)
            return self._mine

        if not self._exchange.exchange(now, decide):
            return Queued(1)
        if found is None:
            shares = {**self._others, self._exchange.token: self._mine}
            starts = sum(len(s.starts) + s.flying for s in shares.values())
            _log.debug("limiter: started, %d running, %d starts in the window", running(shares, now), starts)
        return found

    def _standing(self, ticket: Ticket, others: Shares, limit: Limit, now: float) -> Queued | None:
        owner = self._exchange.token
        shares = {**others, owner: self._mine}
        return standing(shares, owner, ticket, limit, now, pace=self._pace(limit, now), span=self.span)

    def _pace(self, limit: Limit, now: float) -> float | None:
        """Estimate the seconds until the next running request ends, from earlier ones."""
        if not self._took or not limit.at_once:
            return None
        between = sum(self._took) / len(self._took) / limit.at_once
        return max(between - max(0.0, now - self._last_end), min(between, 1.0))

    def _start(self, ticket: Ticket) -> None:
        mine = _without(self._mine, ticket)
        self._mine = replace(mine, flying=mine.flying + 1, held=mine.held + ticket.is_fresh)

    def _tell(self) -> None:
        now = self._clock()
        self._mine = tidied(self._mine, now, self.span)

        def decide(others: Shares) -> Share:
            self._others = others
            return self._mine

        self._exchange.exchange(now, decide)


class Slot:
    """A slot for one running request. Releasing it twice has no effect."""

    def __init__(self, limiter: Limiter, *, is_free: bool = False) -> None:
        self._limiter = limiter
        self._is_free = is_free
        self._lock = threading.Lock()
        self._is_held = self._is_flying = True
        self._since = limiter.now()
        self._ended: float | None = None
        """Time of the last failed attempt."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def again(self, cancel: Stoppable, notify: Callable[[Queued], None]) -> bool:
        """Wait for another start while keeping the slot, for a retry; ``False`` when cancelled."""
        self.arrived()
        self._ended = self._limiter.now() if self._ended is None else self._ended
        # The server may see the end of the previous attempt a little later than we do.
        rest = self._ended + self._limiter.span.linger - self._limiter.now()
        if rest > 0 and cancel.wait(min(rest, self._limiter.span.linger)):
            return False
        if not self._limiter.wait(cancel, notify, is_fresh=False, is_free=self._is_free):
            return False
        with self._lock:
            self._is_flying, self._ended = True, None
        return True

    def arrived(self) -> None:
        """Record the server's response: the request counts as started at this moment.

        Until then it counts as starting now, because its arrival time at the server is unknown. Further calls do
        nothing.
        """
        with self._lock:
            was_flying, self._is_flying = self._is_flying, False
        if was_flying:
            self._limiter.arrived()

    def refused(self, problem: Problem) -> None:
        """Pause the queue if the service named a time; a limit on free models pauses only those.

        A rate limit of one provider says nothing about the others, so it does not delay other requests, and no wait of
        ours helps when the free requests of the day are used up.
        """
        self.arrived()
        self._ended = self._limiter.now()
        if problem.kind is not ErrorKind.RATE_LIMIT or not problem.retry_after or problem.provider:
            return
        window = self._limiter.span.window
        if not self._is_free or problem.retry_after <= 2 * window:
            self._limiter.pause(min(problem.retry_after, window), free_only=self._is_free)

    def release(self) -> None:
        """Release the slot."""
        self.arrived()
        with self._lock:
            held, self._is_held = self._is_held, False
        if held:
            self._limiter.leave(max(0.0, self._limiter.now() - self._since))


class RateLimits:
    """One rate limiter for each key and address."""

    def __init__(
        self,
        limit: Callable[[], Limit],
        exchange: Callable[[str], Exchange] = lambda name: Alone(),
        clock: Callable[[], float] = time.time,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """``close`` is called on shutdown, to close the source of ``limit``."""
        self._limit = limit
        self._close = close
        self._exchange = exchange
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: dict[str, Limiter] = {}

    def of(self, name: str) -> Limiter:
        """Return the limiter of a key and address, identified by ``name``."""
        with self._lock:
            if name not in self._limiters:
                self._limiters[name] = Limiter(self._limit, self._clock, self._exchange(name))
            return self._limiters[name]

    def close(self) -> None:
        """Stop sharing with other processes."""
        self._close()
        with self._lock:
            for limiter in self._limiters.values():
                limiter.close()


def _without(share: Share, ticket: Ticket) -> Share:
    return replace(share, waiting=tuple(t for t in share.waiting if t.number != ticket.number))


def patience(queued: Queued) -> float:
    """Return the seconds until the next poll."""
    if queued.wait is None:
        return _LOOK_AGAIN
    return _LOOK_LATER if queued.wait > 1 else max(0.001, min(_LOOK_AGAIN, queued.wait))
