"""When to try again and how long to wait: pure numbers, no clock of its own, no sleep."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tui_router.domain import untrusted

_YEAR = 366 * 86400.0
_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a request is sent again before its first token. Seconds."""

    max_retries: int = 5
    """Tries after the first."""
    initial_delay: float = 2.0
    max_delay: float = 60.0
    """Longest wait of our own."""
    multiplier: float = 2.0
    longest_wait: float = 120.0
    """A longer wait asked for by the server is offered to the user, not taken."""

    def delay(self, retry: int) -> float:
        """Return our own wait before retry number ``retry`` (from 1), without jitter."""
        exponent = min(max(retry, 1) - 1, 64)
        return min(self.max_delay, self.initial_delay * self.multiplier**exponent)

    def wait(self, retry: int, asked: float | None, random: Callable[[], float]) -> float | None:
        """Return the seconds to wait before a retry, or ``None`` when it should not be waited for.

        Args:
            retry: Number of the retry to come, from 1.
            asked: What the server asked for, where it did. It wins, and is never undercut.
            random: Returns a number from 0 to 1. Own waits shrink by up to a quarter, asked ones
                grow by up to a tenth (at most a second), so that lanes do not fire together.
        """
        if asked is None:
            return self.delay(retry) * (1 - 0.25 * random())
        if asked > self.longest_wait:
            return None
        return asked + min(1.0, asked * 0.1) * random()


def asked_wait(headers: Mapping[str, str], error: Mapping[str, object], now: float) -> float | None:
    """Return the seconds that a server asks to wait, or ``None`` when it says nothing usable.

    Args:
        headers: Response headers with lower-case names.
        error: The ``error`` object of the body; the same headers may be repeated in its metadata.
        now: Epoch seconds, used where the response has no ``Date`` of its own.
    """
    inner = {
        k.lower(): str(v) for k, v in untrusted.mapping(untrusted.mapping(error.get("metadata")).get("headers")).items()
    }
    clock = _epoch(headers.get("date", "")) or now
    availability = untrusted.mapping(error.get("availability"))
    found = (
        _retry_after(headers, clock),
        _retry_after(inner, clock),
        _usable(untrusted.number(availability.get("retry_after"))),
        _reset(headers.get("x-ratelimit-reset"), clock),
        _reset(inner.get("x-ratelimit-reset"), clock),
    )
    return next((seconds for seconds in found if seconds is not None), None)


def _retry_after(headers: Mapping[str, str], clock: float) -> float | None:
    millis = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(millis) and (seconds := _usable(float(millis) / 1000)) is not None:
        return seconds
    asked = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(asked):
        return _usable(float(asked))
    at = _epoch(asked)
    return _usable(at - clock) if at else None


def _reset(value: object, clock: float) -> float | None:
    at = untrusted.number(value)
    if at is None:
        return None
    if at > 1e11:
        return _usable(at / 1000 - clock)
    return _usable(at - clock if at > 1e9 else at)


def _usable(seconds: float | None) -> float | None:
    return seconds if seconds is not None and 0 < seconds <= _YEAR else None


def _epoch(http_date: str) -> float | None:
    if not http_date:
        return None
    try:
        at = parsedate_to_datetime(http_date)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the moment that a response says it was made, from headers with lower-case names."""
    at = _epoch(headers.get("date", ""))
    return None if at is None else datetime.fromtimestamp(at, UTC)


def utc_now() -> float:
    """Return epoch seconds; the default clock of what reads dates."""
    return datetime.now(UTC).timestamp()
