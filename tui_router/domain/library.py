"""Rows of lists: conversations, search hits, spend. What storage finds and screens show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One conversation in a list."""

    id: str
    title: str
    updated: datetime
    created: datetime
    model: str = ""
    message_count: int = 0
    cost: Decimal = Decimal(0)
    """Dollars spent in it."""
    tags: tuple[str, ...] = ()
    is_pinned: bool = False
    is_archived: bool = False
    has_draft: bool = False
    is_unfinished: bool = False
    """True when its last answer was interrupted by a crash and not yet continued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One message found by a search."""

    conversation: Summary
    message_id: str
    snippet: str
    """One line around the hit."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each hit within the snippet, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Money and tokens of one group: a day, a model or a conversation."""

    label: str
    cost: Decimal
    requests: int
    prompt_tokens: int
    completion_tokens: int
    day: date | None = None
    estimated: Decimal = Decimal(0)
    """The part of ``cost`` that was computed here and not told by the server."""
    unknown: int = 0
    """Requests whose cost is not known yet; nothing is counted for them."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search as a person typed it, taken apart."""

    words: tuple[str, ...] = ()
    """Every one must occur; the last one may be the beginning of a word."""
    phrases: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pinned: bool | None = None
    archived: bool | None = None
    before: date | None = None
    after: date | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing restricts the result."""
        return self == Query()
