"""What every importer of another program's file needs: careful reading of unknown JSON, and stable ids."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.domain.safe import clean, clean_line
from tui_router.formats.document import Document, document_of
from tui_router.formats.json_export import MAX_MESSAGES
from tui_router.formats.record import trouble

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stable_id(*names: str) -> str:
    """Return an id that is always the same for the same thing, so that a second import is recognised."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()[:16]


def text_of(value: Any) -> str:
    """Return cleaned text, or nothing for anything that is not text."""
    return clean(value) if isinstance(value, str) else ""


def entries(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def number_of(value: Any) -> float | None:
    """Return a finite number, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None


def time_of(value: Any, fallback: datetime = EPOCH) -> datetime:
    """Return a time from seconds since 1970 or ISO text; ``fallback`` when it is neither."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        seconds = number_of(value)
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None else fallback
    except (ValueError, OverflowError, OSError):
        return fallback


def assemble(
    conversation_id: str, title: Any, messages: Iterable[Message], *, head: str | None = None, system: str = ""
) -> Document:
    """Make a document of messages read from another program; raises ``Trouble`` when there are too many."""
    found = tuple(messages)
    if len(found) > MAX_MESSAGES:
        raise trouble("", f"{len(found):,} messages are more than {MAX_MESSAGES:,}")
    times = [m.created for m in found] or [EPOCH]
    about = Conversation(
        id=conversation_id,
        title=clean_line(text_of(title), 200),
        head=head,
        system=system,
        created=min(times),
        updated=max(times),
    )
    return document_of(about, found)
