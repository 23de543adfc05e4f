"""How many requests may start within a minute and run at once, counted over all processes that share a key.

Pure: each process has a ``Share`` of what was started, runs and waits. Times are epoch seconds, since processes
share nothing else; after the clock was set back, nothing waits longer than one window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from tui_router.domain.account import KeyInfo
from tui_router.domain.events import Queued
from tui_router.domain.settings import CUSTOM_TIER

STALE = 3.0
"""Seconds without a sign after which a waiting process (a suspended one) is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingWindow:
    """For how long things count. Seconds."""

    window: float = 60.0
    """Over which the service counts."""
    margin: float = 2.0
    """By which a start counts longer here than there: two clocks never agree quite."""
    linger: float = 1.0
    """For which a request still counts as running after its end: the server may see the end later than we do."""

    @property
    def whole(self) -> float:
        """How long a start counts here."""
        return self.window + self.margin


MINUTE = CountingWindow()


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
    if typed := re.fullmatch(CUSTOM_TIER, tier):
        return Limit(int(typed[1]), int(typed[2]))
    if tier == "auto":
        tier = "free" if key is not None and key.is_free_tier else "standard"
    return TIERS.get(tier, TIERS["standard"])


class Ticket(NamedTuple):
    """A request that waits. The smaller one goes first."""

    is_fresh: bool
    """False for a further attempt: it has its place among the running ones, and keeps others from it."""
    since: float
    number: int
    """Tells tickets of one process apart."""
    is_free: bool = False
    """True when a free model is asked: only such wait for the limits of free models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one process has started, runs and waits for."""

    starts: tuple[float, ...] = ()
    """When requests reached the server, at the latest."""
    flying: int = 0
    """Requests that left and that the server has not answered: they may arrive at any moment, so they count as now."""
    held: int = 0
    """Requests that run, those between two attempts included."""
    cooling: tuple[float, ...] = ()
    """Until when requests that have ended still count as running."""
    waiting: tuple[Ticket, ...] = ()
    seen: float = 0.0
    """The last sign of a process that waits."""
    paused: float = 0.0
    """Until when nothing starts, since the service asked for it."""
    free_paused: float = 0.0
    """The same, for free models only."""

    @property
    def is_empty(self) -> bool:
        """True when it no longer matters to anybody."""
        times = self.starts or self.cooling or self.waiting or self.paused or self.free_paused
        return not (times or self.flying or self.held)


Shares = Mapping[str, Share]
"""By the name of the process."""


def tidied(share: Share, now: float, span: CountingWindow = MINUTE) -> Share:
    """Return a share without what is over; times in the future, left by a clock that was set back, are cut."""
    return replace(
        share,
        starts=tuple(min(s, now) for s in share.starts if s > now - span.whole),
        cooling=tuple(min(c, now + span.linger) for c in share.cooling if c > now),
        waiting=tuple(t._replace(since=min(t.since, now)) for t in share.waiting),
        seen=min(share.seen, now),
        paused=min(share.paused, now + span.window) if share.paused > now else 0.0,
        free_paused=min(share.free_paused, now + span.window) if share.free_paused > now else 0.0,
    )


def left_behind(share: Share, now: float, span: CountingWindow = MINUTE) -> Share:
    """Return what remains of the share of a process that has gone: its places come free, its starts still count."""
    return Share(
        starts=(*share.starts, *(now,) * share.flying),
        cooling=(*share.cooling, *(now + span.linger,) * share.held),
        paused=share.paused,
        free_paused=share.free_paused,
    )


def together(one: Share, other: Share) -> Share:
    """Return two shares as one, without what only a running process has."""
    return Share(
        starts=one.starts + other.starts,
        cooling=one.cooling + other.cooling,
        paused=max(one.paused, other.paused),
        free_paused=max(one.free_paused, other.free_paused),
    )


def running(shares: Shares, now: float) -> int:
    """Return how many requests the server may be serving."""
    return sum(s.held + sum(c > now for c in s.cooling) for s in shares.values())


def standing(
    shares: Shares,
    owner: str,
    ticket: Ticket,
    limit: Limit,
    now: float,
    *,
    pace: float | None = None,
    span: CountingWindow = MINUTE,
) -> Queued | None:
    """Return where a waiting ticket stands, or ``None`` when its request may start.

    Args:
        shares: Tidied, the owner's own included.
        owner: The process that the ticket belongs to.
        ticket: What waits.
        limit: The limit in force.
        now: Epoch seconds.
        pace: Seconds between two ends of running requests, where that is known.
        span: For how long things count.
    """
    ahead = list(_ahead(shares, owner, ticket, now))
    wait = max(_window_wait(shares, len(ahead), limit, now, span), _pause(shares, ticket, now))
    crowd = 0
    if limit.at_once is not None and ticket.is_fresh:
        crowd = running(shares, now) + sum(t.is_fresh for t in ahead) + 1 - limit.at_once
    if not ahead and crowd <= 0 and wait <= 0:
        return None
    if crowd <= 0:
        return Queued(len(ahead) + 1, max(0.0, wait))
    cooling = sorted(c - now for s in shares.values() for c in s.cooling)
    if crowd <= len(cooling):
        return Queued(len(ahead) + 1, max(wait, cooling[crowd - 1]))
    # When a running answer ends can only be guessed from those before it.
    return Queued(len(ahead) + 1, None if pace is None else max(wait, crowd * pace))


def is_first(share: Share, ticket: Ticket, free_paused: float, now: float) -> bool:
    """Say whether no other ticket of a process goes before this one: only the first asks the others."""
    return not any(t < ticket and _is_able(t, free_paused, now) for t in share.waiting)


def _ahead(shares: Shares, owner: str, ticket: Ticket, now: float) -> Iterator[Ticket]:
    free_paused = max(s.free_paused for s in shares.values())
    mine = (ticket.is_fresh, ticket.since, owner, ticket.number)
    for name, share in shares.items():
        if name != owner and share.seen < now - STALE:
            continue
        for other in share.waiting:
            theirs = (other.is_fresh, other.since, name, other.number)
            if theirs < mine and _is_able(other, free_paused, now):
                yield other


def _is_able(ticket: Ticket, free_paused: float, now: float) -> bool:
    return not ticket.is_free or free_paused <= now


def _pause(shares: Shares, ticket: Ticket, now: float) -> float:
    return max(max(s.paused, s.free_paused if ticket.is_free else 0.0) for s in shares.values()) - now


def _window_wait(shares: Shares, ahead: int, limit: Limit, now: float, span: CountingWindow) -> float:
    if limit.per_minute is None:
        return 0.0
    flying = sum(s.flying for s in shares.values())
    times = [*sorted(t for s in shares.values() for t in s.starts), *(now,) * flying]
    over = len(times) + ahead + 1 - limit.per_minute
    if over <= 0:
        return 0.0
    # Those ahead will start as old starts leave the window; beyond that it is whole windows.
    rounds, rest = divmod(over - 1, max(1, len(times)))
    oldest = times[rest] if times else now
    return oldest + span.whole * (1 + rounds) - now
