"""Everything that can happen while an answer streams: one closed union.

A stream ends in exactly one of ``Finished``, ``Failed`` or ``Cancelled``; it never raises. Events
carry the seconds they need, so a recorded list of events folds to the same state for ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from tui_router.domain.message import Citation, EndingKind, Image, RouteAttempt
from tui_router.domain.problem import Problem
from tui_router.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Queued:
    """Our own limiter holds the request back."""

    place: int
    """1 is next."""
    wait: float | None = None
    """Seconds until its turn, where that can be told."""

    @property
    def expected(self) -> str:
        """The wait in a few characters, e.g. ``~12 s``; empty when it cannot be told."""
        if self.wait is None:
            return ""
        seconds = max(1, math.ceil(self.wait))
        return f"~{seconds} s" if seconds < 120 else f"~{round(seconds / 60)} min"

    @property
    def standing(self) -> str:
        """Place and wait, e.g. ``3rd · ~12 s``."""
        tens, ones = divmod(self.place, 10)
        ending = "th" if tens % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(ones, "th")
        return " · ".join(filter(None, (f"{self.place}{ending}", self.expected)))

    @property
    def words(self) -> str:
        """What a person reads: ``queued · 3rd · ~12 s``."""
        return f"queued · {self.standing}"


@dataclass(frozen=True, slots=True)
class Connecting:
    """A request is on its way; the first sign after a queue or a wait."""

    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Retrying:
    """A try failed before any token; another one follows after a wait."""

    attempt: int
    """Number of the retry to come, from 1."""
    of: int
    wait: float
    problem: Problem
    cost: Decimal | None = None
    """Dollars that the failed try cost, as far as is known; the turn adds it."""


@dataclass(frozen=True, slots=True)
class Started:
    """The server accepted the request. May come again when it learns more."""

    generation_id: str = ""
    model: str = ""
    provider: str = ""
    cache_age: float | None = None
    """Seconds since the service was first asked, where it answers from its cache."""


@dataclass(frozen=True, slots=True)
class Routed:
    """The service tells which of its own tries failed within one request."""

    attempts: tuple[RouteAttempt, ...]


@dataclass(frozen=True, slots=True)
class Working:
    """A keep-alive: the provider is working, nothing to show yet."""


@dataclass(frozen=True, slots=True)
class FirstToken:
    """The first content of any kind came ``after`` this many seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More words of the answer (safe to show)."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More words of the thinking (safe to show)."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDetail:
    """One merged item of the provider's structured thinking, as JSON; sent back on the next turn."""

    raw: str


@dataclass(frozen=True, slots=True)
class ImageDelta:
    """A whole picture."""

    image: Image


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call; pieces with the same index belong together."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A source."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What was used; the last one wins."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer ended as the server meant it to."""

    reason: EndingKind = EndingKind.COMPLETE
    seconds: float | None = None
    native_reason: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer did not come, or was cut off; what came stays."""

    problem: Problem
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """We stopped it."""

    seconds: float | None = None


Ended = Finished | Failed | Cancelled
Event = (
    Queued
    | Connecting
    | Retrying
    | Started
    | Routed
    | Working
    | FirstToken
    | TextDelta
    | ReasoningDelta
    | ReasoningDetail
    | ImageDelta
    | ToolCallDelta
    | Cited
    | UsageReport
    | Ended
)
Content = TextDelta | ReasoningDelta | ReasoningDetail | ImageDelta | ToolCallDelta | Cited
"""Events after which nothing is ever sent again by itself."""
