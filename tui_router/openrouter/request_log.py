"""Debug logging of requests: address, sizes, status, ids and times; never a key.

Prompts and answers are logged only on request. Server error messages are never logged, as they may repeat them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping

from tui_router.domain.events import Cancelled, Ended, Failed, Finished, Retrying
from tui_router.domain.problem import Problem
from tui_router.domain.safe import clean
from tui_router.domain.secret import redact
from tui_router.openrouter.server_errors import request_id

_log = logging.getLogger(__name__)

_MAX_TEXT = 8000
"""Maximum number of logged characters of a body or an answer."""


class RequestLogger:
    """Logs one request; nearly free while debug logging is off."""

    def __init__(self, clock: Callable[[], float], *, with_content: bool = False) -> None:
        self._clock = clock
        self._is_enabled = _log.isEnabledFor(logging.DEBUG)
        self._with_content = with_content and self._is_enabled
        self._request_id = os.urandom(3).hex() if self._is_enabled else ""
        self._started_at = clock()
        self._connected: float | None = None
        self._first_byte: float | None = None
        self._first_token: float | None = None
        self._bytes_in = 0
        self._status = 0
        self._generation_id = ""
        self._texts: list[str] = []

    def sent(self, method: str, address: str, body: bytes | None, *, model: str = "", attempt: int = 1) -> None:
        """Log a request about to be sent; ``address`` is its full URL."""
        if not self._is_enabled:
            return
        target = address.partition("://")[2].partition("?")[0]
        size = len(body or b"")
        model_part = f", model {model}" if model else ""
        _log.debug(
            "request %s: %s %s, %d bytes out%s, attempt %d", self._request_id, method, target, size, model_part, attempt
        )
        if self._with_content and body:
            self._log_text("body", body.decode("utf-8", "replace"))

    def connected(self) -> None:
        """Record a new connection; called again after the TLS handshake."""
        self._connected = self._clock() - self._started_at

    def responded(self, status: int, headers: Mapping[str, str]) -> None:
        """Log the status and headers (lower-case names) of the response."""
        self._status, self._generation_id = status, request_id(headers)
        how = "on an open connection" if self._connected is None else f"connected after {self._connected:.3f} s"
        after = self._clock() - self._started_at
        _log.debug(
            "request %s: status %d after %.3f s, %s, id %s",
            self._request_id, status, after, how, self._generation_id or "none",
        )  # fmt: skip

    def received(self, size: int) -> None:
        """Record received body bytes."""
        if self._first_byte is None:
            self._first_byte = self._clock() - self._started_at
        self._bytes_in += size

    def first_token(self, after: float) -> None:
        """Record the first token, in seconds after sending."""
        self._first_token = after

    def text(self, text: str) -> None:
        """Record text of the answer."""
        if self._with_content:
            self._texts.append(text)

    def ended(self, ending: Ended | None, generation_id: str = "", problem: Problem | None = None) -> None:
        """Log the outcome."""
        if not self._is_enabled:
            return
        if self._texts:
            self._log_text("answer", "".join(self._texts))
        first = f"first byte {_seconds(self._first_byte)}, first token {_seconds(self._first_token)}"
        _log.debug(
            "request %s: %s, total %.3f s, %s, %d bytes in, status %s, id %s",
            self._request_id, _outcome(ending, problem), self._clock() - self._started_at, first, self._bytes_in,
            self._status or "none", generation_id or self._generation_id or "none",
        )  # fmt: skip

    def _log_text(self, what: str, text: str) -> None:
        _log.debug("request %s %s: %r", self._request_id, what, redact(clean(text))[:_MAX_TEXT])


def log_retry(retrying: Retrying) -> None:
    """Log why and when a request is retried."""
    _log.debug("retry %d of %d in %.1f s: %s", retrying.attempt, retrying.of, retrying.wait, _reason(retrying.problem))


def log_resend() -> None:
    """Log that a request is resent without the rejected reasoning."""
    _log.debug("resent without the earlier reasoning, which was rejected")


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
