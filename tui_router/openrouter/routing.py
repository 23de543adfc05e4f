"""What the service tells of its own tries within one request: routing metadata, and earlier errors in an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.message import RouteAttempt

_MOST = 20


def failed_attempts(payload: Mapping[str, Any]) -> tuple[RouteAttempt, ...]:
    """Return the tries that failed, from a chunk, a whole answer or an error body; what succeeded is left out."""
    metadata = untrusted.mapping(payload.get("openrouter_metadata"))
    rows = untrusted.items(metadata.get("attempts")) or _previous_errors(payload)
    found = (_attempt(untrusted.mapping(row)) for row in rows[:_MOST])
    return tuple(attempt for attempt in found if attempt is not None)


def _previous_errors(payload: Mapping[str, Any]) -> list[Any]:
    about = untrusted.mapping(untrusted.mapping(payload.get("error")).get("metadata"))
    return list(untrusted.items(about.get("previous_errors")))


def _attempt(row: Mapping[str, Any]) -> RouteAttempt | None:
    status = untrusted.integer(row.get("status"))
    status = untrusted.integer(row.get("code")) if status is None else status
    attempt = RouteAttempt(
        model=untrusted.line(row.get("model")),
        provider=untrusted.line(row.get("provider"), 60) or untrusted.line(row.get("provider_name"), 60),
        status=status,
        reason=untrusted.line(row.get("message")) or untrusted.line(row.get("error_type"), 60),
    )
    is_empty = attempt == RouteAttempt()
    return None if is_empty or (status is not None and 100 <= status < 400) else attempt
