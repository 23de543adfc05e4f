"""Typed access to untrusted JSON: values of the wrong type read as absent, and nothing but ``parse_json`` raises."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tui_router.domain.safe import clean_line


def parse_json(text: str | bytes) -> object:
    """Parse JSON.

    Raises:
        ValueError: The text is not JSON, or is nested too deeply for the parser.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object; empty if ``value`` is not one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[Any]:
    """Return an array; empty if ``value`` is not one."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a string unchanged; empty if ``value`` is not one. Not sanitized for display: see ``line``."""
    return value if isinstance(value, str) else ""


def line(value: object, limit: int = 200) -> str:
    """Return a string or number as one sanitized line of at most ``limit`` characters."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return clean_line(value, limit) if isinstance(value, str) else ""


def lines(value: object) -> tuple[str, ...]:
    """Return the strings of an array as sanitized lines; a single string counts as an array of one."""
    found = (line(v) for v in ([value] if isinstance(value, str) else items(value)) if isinstance(v, str))
    return tuple(v for v in found if v)


def number(value: object) -> float | None:
    """Return a finite number, or ``None``. Accepts numeric strings."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def integer(value: object) -> int | None:
    """Return an integer, or ``None``. Accepts numeric strings."""
    found = number(value)
    return int(found) if found is not None and abs(found) < 1e15 else None


def count(value: object) -> int:
    """Return a non-negative integer; 0 if absent."""
    return max(0, integer(value) or 0)


def amount(value: object) -> Decimal | None:
    """Return a finite decimal, or ``None``. Accepts numeric strings."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < 30 else None


def day(value: object) -> date | None:
    """Return the date of an ISO date, an ISO timestamp or Unix seconds; ``None`` for anything else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    at = timestamp(value)
    return at.date() if at else None


def timestamp(value: object) -> datetime | None:
    """Return the UTC time of an ISO timestamp or Unix seconds; ``None`` for anything else."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        seconds = number(value)
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
