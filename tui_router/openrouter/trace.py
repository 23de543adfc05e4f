"""What the debug log says of one request: address, sizes, status, ids and times. Never a key.

The words of the user and of the model are in it only when that was asked for; what a server says of an error is
left out too, since it may repeat them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping

from tui_router.domain.events import Cancelled, Ended, Failed, Finished, Retrying
from tui_router.domain.problem import Problem
from tui_router.domain.safe import clean
from tui_router.domain.secret import redact
from tui_router.openrouter.problems import request_id

_log = logging.getLogger(__name__)

_MOST_WORDS = 8000
"""Characters of a body or an answer in the log."""


class Trace:
    """Follows one request. Costs next to nothing while nobody wants to read it."""

    def __init__(self, clock: Callable[[], float], *, with_words: bool = False) -> None:
        self._clock = clock
        self._is_on = _log.isEnabledFor(logging.DEBUG)
        self._with_words = with_words and self._is_on
        self._name = os.urandom(3).hex() if self._is_on else ""
        self._began = clock()
        self._connected: float | None = None
        self._first_byte: float | None = None
        self._first_token: float | None = None
        self._bytes_in = 0
        self._status = 0
        self._id = ""
        self._words: list[str] = []

    def sent(self, method: str, address: str, body: bytes | None, *, model: str = "", attempt: int = 1) -> None:
        """A request is about to leave; ``address`` is the whole one."""
        if not self._is_on:
            return
        place = address.partition("://")[2].partition("?")[0]
        size = len(body or b"")
        about = f", model {model}" if model else ""
        _log.debug("request %s: %s %s, %d bytes out%s, attempt %d", self._name, method, place, size, about, attempt)
        if self._with_words and body:
            self._say_words("body", body.decode("utf-8", "replace"))

    def connected(self) -> None:
        """A new connection stands (again when it is encrypted)."""
        self._connected = self._clock() - self._began

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers (lower-case names) are there."""
        self._status, self._id = status, request_id(headers)
        how = "on an open connection" if self._connected is None else f"connected after {self._connected:.3f} s"
        after = self._clock() - self._began
        _log.debug("request %s: status %d after %.3f s, %s, id %s", self._name, status, after, how, self._id or "none")

    def received(self, size: int) -> None:
        """Some bytes of the body came."""
        if self._first_byte is None:
            self._first_byte = self._clock() - self._began
        self._bytes_in += size

    def token(self, after: float) -> None:
        """The first token came."""
        self._first_token = after

    def words(self, text: str) -> None:
        """Some words of the answer came."""
        if self._with_words:
            self._words.append(text)

    def ended(self, ending: Ended | None, generation_id: str = "", problem: Problem | None = None) -> None:
        """Nothing more will come."""
        if not self._is_on:
            return
        if self._words:
            self._say_words("answer", "".join(self._words))
        first = f"first byte {_seconds(self._first_byte)}, first token {_seconds(self._first_token)}"
        _log.debug(
            "request %s: %s, total %.3f s, %s, %d bytes in, status %s, id %s",
            self._name, _outcome(ending, problem), self._clock() - self._began, first, self._bytes_in,
            self._status or "none", generation_id or self._id or "none",
        )  # fmt: skip

    def _say_words(self, what: str, text: str) -> None:
        _log.debug("request %s %s: %r", self._name, what, redact(clean(text))[:_MOST_WORDS])


def trace_retry(retrying: Retrying) -> None:
    """Say why a request is sent again, and when."""
    _log.debug("retry %d of %d in %.1f s: %s", retrying.attempt, retrying.of, retrying.wait, _reason(retrying.problem))


def trace_resend() -> None:
    """Say that a request is sent again without the thinking that was refused."""
    _log.debug("sent again at once, without the earlier thinking: it was refused")


def _outcome(ending: Ended | None, problem: Problem | None) -> str:
    match ending:
        case Finished():
            return f"finished ({ending.reason.value})"
        case Cancelled():
            return "cancelled"
        case Failed():
            return f"failed: {_reason(ending.problem)}"
        case None:
            return f"failed: {_reason(problem)}" if problem is not None else "finished"


def _reason(problem: Problem) -> str:
    status = f", status {problem.status}" if problem.status else ""
    asked = f", asked to wait {problem.retry_after:.1f} s" if problem.retry_after else ""
    provider = f", provider {problem.provider}" if problem.provider else ""
    return f"{problem.kind.value} ({problem.title}{status}{asked}{provider})"


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f} s"
