"""Retry delays: pure computation, without a clock and without sleeping."""

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
    """Number and delays (seconds) of retries before the first token."""

    max_retries: int = 5
    """Maximum number of attempts after the first."""
    initial_delay: float = 2.0
    max_delay: float = 60.0
    """Upper bound of the exponential delay."""
    multiplier: float = 2.0
    longest_wait: float = 120.0
    """A server's longer delay is shown to the user instead of waited for."""

    def delay(self, retry: int) -> float:
        """Return the exponential delay before retry number ``retry`` (from 1), without jitter."""
        exponent = min(max(retry, 1) - 1, 64)
        return min(self.max_delay, self.initial_delay * self.multiplier**exponent)

    def wait(self, retry: int, requested: float | None, random: Callable[[], float]) -> float | None:
        """Return the seconds to wait before a retry, or ``None`` if the delay is too long.

        Args:
            retry: Number of the next retry, from 1.
            requested: Delay requested by the server, if any. Takes precedence, and is never shortened.
            random: Returns a number from 0 to 1. Jitter shortens our delays by up to a quarter and lengthens
                requested ones by up to a tenth (at most a second), so that parallel requests spread out.
        """
        if requested is None:
            return self.delay(retry) * (1 - 0.25 * random())
        if requested > self.longest_wait:
            return None
        return requested + min(1.0, requested * 0.1) * random()


def requested_delay(headers: Mapping[str, str], error: Mapping[str, object], now: float) -> float | None:
    """Return the delay in seconds that a server requests, or ``None``.

    Args:
        headers: Response headers with lower-case names.
        error: The ``error`` object of the body, whose metadata may repeat the headers.
        now: Unix seconds, used if the response has no ``Date`` header.
    """
    body_headers = {
        k.lower(): str(v) for k, v in untrusted.mapping(untrusted.mapping(error.get("metadata")).get("headers")).items()
    }
    clock = _parse_http_date(headers.get("date", "")) or now
    availability = untrusted.mapping(error.get("availability"))
    found = (
        _retry_after_delay(headers, clock),
        _retry_after_delay(body_headers, clock),
        _valid_delay(untrusted.number(availability.get("retry_after"))),
        _reset_delay(headers.get("x-ratelimit-reset"), clock),
        _reset_delay(body_headers.get("x-ratelimit-reset"), clock),
    )
    return next((seconds for seconds in found if seconds is not None), None)


def _retry_after_delay(headers: Mapping[str, str], clock: float) -> float | None:
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds) and (seconds := _valid_delay(float(milliseconds) / 1000)) is not None:
        return seconds
    requested = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(requested):
        return _valid_delay(float(requested))
    at = _parse_http_date(requested)
    return _valid_delay(at - clock) if at else None


def _reset_delay(value: object, clock: float) -> float | None:
    at = untrusted.number(value)
    if at is None:
        return None
    if at > 1e11:
        return _valid_delay(at / 1000 - clock)
    return _valid_delay(at - clock if at > 1e9 else at)


def _valid_delay(seconds: float | None) -> float | None:
    return seconds if seconds is not None and 0 < seconds <= _YEAR else None


def _parse_http_date(http_date: str) -> float | None:
    if not http_date:
        return None
    try:
        at = parsedate_to_datetime(http_date)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of the ``Date`` header (lower-case names), or ``None``."""
    at = _parse_http_date(headers.get("date", ""))
    return None if at is None else datetime.fromtimestamp(at, UTC)


def utc_now() -> float:
    """Return the current time in Unix seconds."""
    return datetime.now(UTC).timestamp()
