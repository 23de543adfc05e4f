"""How many requests may start in a minute and run at once, per key. What waits knows its place.

These are limits of our own, chosen by tier, so that the server seldom has to say no; when it does, its answer
wins. They hold over all lanes, conversations and processes of a configuration folder: what has started and what
runs is exchanged through a file. Only the first in the queue of each process looks into it.
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
from tui_router.domain.problem import Kind, Problem
from tui_router.domain.rate import (
    MINUTE,
    Limit,
    Share,
    Shares,
    Span,
    Ticket,
    is_first,
    running,
    standing,
    tidied,
)
from tui_router.services.rate_tier import Alone, Exchange

_log = logging.getLogger(__name__)

_LOOK_AGAIN = 0.05
"""Seconds between two looks of a waiting thread; short, since a freed place does not wake it."""
_LOOK_LATER = 0.2
"""The same where a place is far away: the file is read less often."""
_SIGN = 1.0
"""Seconds between two signs of a process that waits."""
_REMEMBERED = 20
"""How many ended requests tell how long one takes."""


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

    def __init__(
        self,
        limit: Callable[[], Limit],
        clock: Callable[[], float] = time.time,
        exchange: Exchange | None = None,
        span: Span = MINUTE,
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
        """How many requests of this process wait."""
        return len(self._mine.waiting)

    @property
    def running(self) -> int:
        """How many requests of this process run."""
        return self._mine.held

    def acquire(self, cancel: Stoppable, notify: Callable[[Queued], None], *, is_free: bool = False) -> Slot | None:
        """Wait for a place and take it; ``None`` when cancelled first.

        ``notify`` is told the place in the queue and the wait whenever either changes by a whole unit, on this
        thread. Release the slot when the stream has ended (it is a context manager). ``is_free`` says that a free
        model is asked.
        """
        return Slot(self, is_free=is_free) if self.wait(cancel, notify, is_fresh=True, is_free=is_free) else None

    def wait(self, cancel: Stoppable, notify: Callable[[Queued], None], *, is_fresh: bool, is_free: bool) -> bool:
        """Wait for a start, and for a place too when ``is_fresh``; ``False`` when cancelled. Slots call this."""
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
        """Start nothing for some seconds, or no free models: the service asked for it."""
        _log.debug("limiter: paused for %.1f s%s", seconds, " (free models)" if free_only else "")
        with self._lock:
            until = self._clock() + seconds
            if free_only:
                self._mine = replace(self._mine, free_paused=max(self._mine.free_paused, until))
            else:
                self._mine = replace(self._mine, paused=max(self._mine.paused, until))
            self._tell()

    def arrived(self) -> None:
        """Count a start at this moment, since the server answered it. Slots call this."""
        with self._lock:
            mine = self._mine
            self._mine = replace(mine, flying=mine.flying - 1, starts=(*mine.starts, self._clock()))
            self._tell()

    def leave(self, took: float) -> None:
        """Give a place back, ``took`` some seconds after it was taken. Slots call this."""
        with self._lock:
            now = self._clock()
            self._took.append(took)
            self._last_end = now
            cooling = (*self._mine.cooling, now + self.span.linger)
            self._mine = replace(self._mine, held=self._mine.held - 1, cooling=cooling)
            self._tell()

    def now(self) -> float:
        """Return the time by the clock of this limiter."""
        return self._clock()

    def close(self) -> None:
        """Leave the other processes."""
        with self._lock:
            self._exchange.close()

    def _queue_up(self, *, is_fresh: bool, is_free: bool) -> Ticket:
        with self._lock:
            self._numbers += 1
            ticket = Ticket(is_fresh, self._clock(), self._numbers, is_free)
            self._mine = replace(self._mine, waiting=(*self._mine.waiting, ticket))
        return ticket

    def _try_start(self, ticket: Ticket) -> Queued | None:
        """Take the place of a ticket whose turn it is, or return where it stands."""
        now, limit = self._clock(), self._limit()
        self._mine = tidied(self._mine, now, self.span)
        # Its time may have been cut when the clock was set back.
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
        """Return the seconds to the next end of a running request, guessed from those before it."""
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
    """A place among the running requests. Released once, however often it is asked to."""

    def __init__(self, limiter: Limiter, *, is_free: bool = False) -> None:
        self._limiter = limiter
        self._is_free = is_free
        self._lock = threading.Lock()
        self._is_held = self._is_flying = True
        self._since = limiter.now()
        self._ended: float | None = None
        """When the last attempt failed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def again(self, cancel: Stoppable, notify: Callable[[Queued], None]) -> bool:
        """Wait for another start while keeping the place; ``False`` when cancelled. For each further attempt."""
        self.arrived()
        self._ended = self._limiter.now() if self._ended is None else self._ended
        # The server may see the end of the attempt before a little later than we do.
        rest = self._ended + self._limiter.span.linger - self._limiter.now()
        if rest > 0 and cancel.wait(min(rest, self._limiter.span.linger)):
            return False
        if not self._limiter.wait(cancel, notify, is_fresh=False, is_free=self._is_free):
            return False
        with self._lock:
            self._is_flying, self._ended = True, None
        return True

    def arrived(self) -> None:
        """Say that the server has answered: the request counts from now on as started at this moment.

        Until then it counts as starting now, since nobody can tell when it reaches the server. Costs nothing the
        second time.
        """
        with self._lock:
            was_flying, self._is_flying = self._is_flying, False
        if was_flying:
            self._limiter.arrived()

    def refused(self, problem: Problem) -> None:
        """Pause the queue when the service itself named a time; what a free model may do pauses only free models.

        A rate limit of one provider says nothing about the others, so it holds nobody else back, and no wait of
        ours helps when the free requests of the day are used up.
        """
        self.arrived()
        self._ended = self._limiter.now()
        if problem.kind is not Kind.RATE_LIMIT or not problem.retry_after or problem.provider:
            return
        window = self._limiter.span.window
        if not self._is_free or problem.retry_after <= 2 * window:
            self._limiter.pause(min(problem.retry_after, window), free_only=self._is_free)

    def release(self) -> None:
        """Give the place to the next in line."""
        self.arrived()
        with self._lock:
            held, self._is_held = self._is_held, False
        if held:
            self._limiter.leave(max(0.0, self._limiter.now() - self._since))


class RateLimits:
    """One limiter for each key and address."""

    def __init__(
        self,
        limit: Callable[[], Limit],
        exchange: Callable[[str], Exchange] = lambda name: Alone(),
        clock: Callable[[], float] = time.time,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """``close`` is called on the way out, for what stands behind ``limit``."""
        self._limit = limit
        self._close = close
        self._exchange = exchange
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: dict[str, Limiter] = {}

    def of(self, name: str) -> Limiter:
        """Return the limiter of a key, by a name that stands for the key and its address."""
        with self._lock:
            if name not in self._limiters:
                self._limiters[name] = Limiter(self._limit, self._clock, self._exchange(name))
            return self._limiters[name]

    def close(self) -> None:
        """Leave the other processes."""
        self._close()
        with self._lock:
            for limiter in self._limiters.values():
                limiter.close()


def _without(share: Share, ticket: Ticket) -> Share:
    return replace(share, waiting=tuple(t for t in share.waiting if t.number != ticket.number))


def patience(queued: Queued) -> float:
    """Return the seconds until it makes sense to look again."""
    if queued.wait is None:
        return _LOOK_AGAIN
    return _LOOK_LATER if queued.wait > 1 else max(0.001, min(_LOOK_AGAIN, queued.wait))
