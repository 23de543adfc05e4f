"""Values of untrusted JSON, by type: anything of the wrong shape reads as absent, nothing raises."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tui_router.domain.safe import clean_line


def parse_json(text: str | bytes) -> object:
    """Return the value of a JSON text; raises ``ValueError`` for anything that is not JSON.

    Nesting that is too deep for the parser counts as not JSON.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[Any]:
    """Return an array, or an empty one."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a string as it is, or an empty one. Not cleaned: see ``line`` for what is shown."""
    return value if isinstance(value, str) else ""


def line(value: object, limit: int = 200) -> str:
    """Return a string or a number as one safe line of at most ``limit`` characters."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return clean_line(value, limit) if isinstance(value, str) else ""


def lines(value: object) -> tuple[str, ...]:
    """Return the strings of an array as safe lines; a lone string counts as an array of one."""
    found = (line(v) for v in ([value] if isinstance(value, str) else items(value)) if isinstance(v, str))
    return tuple(v for v in found if v)


def number(value: object) -> float | None:
    """Return a finite number, also from a numeric string, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def integer(value: object) -> int | None:
    """Return a whole number, also from a numeric string, or ``None``."""
    found = number(value)
    return int(found) if found is not None and abs(found) < 1e15 else None


def count(value: object) -> int:
    """Return a whole number that is not negative; 0 when absent."""
    return max(0, integer(value) or 0)


def amount(value: object) -> Decimal | None:
    """Return a finite decimal from a number or a numeric string, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < 30 else None


def day(value: object) -> date | None:
    """Return the day of an ISO date, an ISO date and time, or epoch seconds; ``None`` for others."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    at = moment(value)
    return at.date() if at else None


def moment(value: object) -> datetime | None:
    """Return the UTC time of an ISO date and time or of epoch seconds; ``None`` for others."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        seconds = number(value)
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
