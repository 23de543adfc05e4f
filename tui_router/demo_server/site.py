"""What every request of one demo server shares, and the forms that an answer to a request can take."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tui_router.demo_server.account import Account
from tui_router.demo_server.catalogue import Catalogue
from tui_router.demo_server.parts import Delivery, Part, Played, Tempo
from tui_router.demo_server.signin import SignIns
from tui_router.demo_server.wire import Envelope, Wire
from tui_router.domain.secret import Secret, redact

_KEPT_REQUESTS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came in. The key is only in ``key``; in ``headers`` it is masked."""

    method: str
    path: str
    """Without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    raw: bytes
    body: object
    """Parsed JSON; ``None`` when there was none or it could not be read."""
    key: Secret | None = None

    def shown(self) -> Wire:
        """Return it for the debug route."""
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": {name: redact(value) for name, value in self.headers.items()},
            "body": self.body,
        }


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[Received] = deque(maxlen=_KEPT_REQUESTS)

    def add(self, request: Received) -> None:
        """Keep one more."""
        with self._lock:
            self._requests.append(request)

    def all(self) -> tuple[Received, ...]:
        """Return what is kept."""
        with self._lock:
            return tuple(self._requests)


@dataclass(slots=True, kw_only=True)
class Site:
    """The shared state of one demo server. Everything in it may be used from any thread."""

    catalogue: Catalogue
    clock: Callable[[], float]
    """Unix seconds."""
    speed: float
    """Divides every wait; 0 is no waiting at all."""
    account: Account = field(default_factory=Account)
    signins: SignIns = field(default_factory=SignIns)
    log: RequestLog = field(default_factory=RequestLog)
    closing: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in one piece. ``cut_at`` bytes are sent of it before the connection goes away."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """An answer as server-sent events."""

    parts: list[Part]
    envelope: Envelope
    delivery: Delivery
    tempo: Tempo
    bill: Callable[[Played], Wire]
    """Makes the usage from what was played so far."""
    settle: Callable[[Played], None]
    """Called once when it is over, whatever way."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """No answer: the connection is closed at once, or left hanging without a byte."""

    hang: bool


Outcome: TypeAlias = Reply | Stream | Abandon
