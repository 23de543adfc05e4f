"""Converts rows to values and back. Reading never fails: a malformed row must not make a conversation unreadable."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from tui_router.domain.codec import Codec
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Ending, EndingKind, Message, Role, RouteAttempt, Timing
from tui_router.domain.model import DEFAULT_CONNECTION, ModelRef
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import Problem
from tui_router.domain.usage import Usage
from tui_router.storage.json_columns import dump_parts, from_text, load_parts, storable, to_text

PICO = Decimal("0.000000000001")
"""The stored unit of money, in dollars."""
_MOST_PICO = 2**62
_MOST_COUNT = 2**53
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_PROBLEM, _USAGE, _OPTIONS, _ATTEMPT = Codec(Problem), Codec(Usage), Codec(ChatOptions), Codec(RouteAttempt)

MESSAGE_COLUMNS = (
    "id", "parent_id", "role", "text", "parts", "created", "model", "connection", "served_model", "provider",
    "usage", "first_token", "seconds", "ending", "problem", "generation_id", "batch", "lane", "sources", "attempts",
    "cached_at", "state",
)  # fmt: skip
CONVERSATION_COLUMNS = (
    "id", "title", "head", "system", "model", "connection", "options", "created", "updated", "pinned", "archived",
)  # fmt: skip


def to_micros(moment: datetime) -> int:
    """Return a time as microseconds since 1970; a naive time counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def from_micros(micros: Any) -> datetime:
    """Return the time (UTC); 1970 if it is invalid."""
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except (TypeError, OverflowError):
        return _EPOCH


def to_pico(cost: Decimal | None) -> int | None:
    """Return dollars in stored units; ``None`` if unknown or out of range."""
    if cost is None or not cost.is_finite() or abs(cost) > 4_000_000:
        return None
    return int((cost / PICO).to_integral_value(rounding=ROUND_HALF_EVEN))


def from_pico(units: object) -> Decimal:
    """Return stored units in dollars; 0 if invalid."""
    if not isinstance(units, int) or abs(units) > _MOST_PICO or not units:
        return Decimal(0)
    return (Decimal(units) * PICO).normalize()


def message_row(message: Message) -> dict[str, Any]:
    """Return the columns of a message."""
    stored = dump_parts(message.parts)
    model, ending = message.model, message.ending
    return {
        "id": storable(message.id),
        "parent_id": storable(message.parent_id) if message.parent_id is not None else None,
        "role": message.role.value,
        "text": stored.text,
        "parts": stored.parts,
        "created": to_micros(message.created),
        "model": storable(model.id) if model else None,
        "connection": storable(model.connection) if model and model.connection != DEFAULT_CONNECTION else None,
        "served_model": storable(message.served_model) or None,
        "provider": storable(message.provider) or None,
        "usage": to_text(_USAGE.dump(message.usage)) if message.usage is not None else None,
        "first_token": message.timing.first_token,
        "seconds": message.timing.total,
        "ending": ending.kind.value if ending else None,
        "problem": to_text(_PROBLEM.dump(ending.problem)) if ending and ending.problem else None,
        "generation_id": storable(message.generation_id) or None,
        "batch": storable(message.batch) or None,
        "lane": message.lane or None,
        "sources": to_text(list(message.sources)) if message.sources else None,
        "attempts": to_text([_ATTEMPT.dump(a) for a in message.attempts]) if message.attempts else None,
        "cached_at": to_micros(message.cached_at) if message.cached_at else None,
        "state": "done" if ending else "streaming",
    }


def message_of(row: tuple[Any, ...]) -> Message:
    """Return the message of a row with ``MESSAGE_COLUMNS``."""
    (
        message_id, parent_id, role, text, parts, created, model, connection, served_model, provider,
        usage, first_token, seconds, ending, problem, generation_id, batch, lane, sources, attempts,
        cached_at, state,
    ) = row  # fmt: skip
    return Message(
        id=as_text(message_id),
        parent_id=as_text(parent_id) if parent_id is not None else None,
        role=_role(role),
        parts=load_parts(as_text(text), as_text(parts)),
        created=from_micros(created),
        model=_ref(model, connection),
        served_model=as_text(served_model),
        provider=as_text(provider),
        attempts=_attempts(attempts) if attempts else (),
        usage=_read(_USAGE, usage) if usage is not None else None,
        timing=Timing(first_token=as_seconds(first_token), total=as_seconds(seconds)),
        ending=None if state != "done" else _ending(ending, problem),
        generation_id=as_text(generation_id),
        batch=as_text(batch),
        lane=lane if isinstance(lane, int) else 0,
        sources=as_texts(sources) if sources else (),
        cached_at=from_micros(cached_at) if isinstance(cached_at, int) else None,
    )


def conversation_row(conversation: Conversation) -> dict[str, Any]:
    """Return the columns of a conversation; its tags have a table of their own."""
    model = conversation.model
    return {
        "id": conversation.id,
        "title": storable(conversation.title).replace("\0", " "),
        "head": conversation.head,
        "system": storable(conversation.system),
        "model": storable(model.id) if model else None,
        "connection": storable(model.connection) if model and model.connection != DEFAULT_CONNECTION else None,
        "options": to_text(_OPTIONS.dump(conversation.options)),
        "created": to_micros(conversation.created),
        "updated": to_micros(conversation.updated),
        "pinned": int(conversation.is_pinned),
        "archived": int(conversation.is_archived),
    }


def conversation_of(row: tuple[Any, ...], tags: tuple[str, ...] = ()) -> Conversation:
    """Return the conversation of a row with ``CONVERSATION_COLUMNS``."""
    identity, title, head, system, model, connection, options, created, updated, pinned, archived = row
    return Conversation(
        id=as_text(identity),
        title=as_text(title),
        head=as_text(head) if head is not None else None,
        system=as_text(system),
        model=_ref(model, connection),
        options=_read(_OPTIONS, options) or ChatOptions(),
        created=from_micros(created),
        updated=from_micros(updated),
        tags=tags,
        is_pinned=bool(pinned),
        is_archived=bool(archived),
    )


def usage_text(usage: Usage) -> str:
    """Return a usage as stored."""
    return to_text(_USAGE.dump(usage))


def problem_text(problem: Problem) -> str:
    """Return a problem as stored."""
    return to_text(_PROBLEM.dump(problem))


def _ending(kind: object, problem: object) -> Ending:
    try:
        known = EndingKind(str(kind))
    except ValueError:
        # An ending of a later version: do not treat the answer as complete.
        known = EndingKind.INTERRUPTED
    return Ending(known, _read(_PROBLEM, problem) if problem else None)


def _attempts(text: object) -> tuple[RouteAttempt, ...]:
    found = from_text(text, ())
    read = (_read_value(_ATTEMPT, row) for row in found) if isinstance(found, list) else ()
    return tuple(attempt for attempt in read if attempt is not None)


def _read(codec: Codec[Any], text: object) -> Any:
    return _read_value(codec, from_text(text, None))


def _read_value(codec: Codec[Any], value: object) -> Any:
    try:
        return codec.load(value)
    except ValueError:
        return None


def _role(value: object) -> Role:
    try:
        return Role(str(value))
    except ValueError:
        return Role.ASSISTANT


def _ref(model: object, connection: object) -> ModelRef | None:
    if model is None:
        return None
    return ModelRef(as_text(model), DEFAULT_CONNECTION if connection is None else as_text(connection))


def as_seconds(value: object) -> float | None:
    """Return a column of seconds; ``None`` if invalid."""
    return float(value) if isinstance(value, int | float) and 0 <= value < math.inf else None


def as_count(value: object) -> int:
    """Return a column of counts; 0 if invalid."""
    return int(value) if isinstance(value, int | float) and 0 <= value < _MOST_COUNT else 0


def as_texts(text: object) -> tuple[str, ...]:
    """Return a column with a JSON list of texts; other values in it are dropped."""
    found = from_text(text, ())
    return tuple(t for t in found if isinstance(t, str)) if isinstance(found, list) else ()


def as_text(value: object) -> str:
    """Return a column as text, whatever its type."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
