"""Looking through many conversations a page at a time, and at the end of one without opening it."""

from __future__ import annotations

from dataclasses import dataclass

from tui_router.domain.library import Summary
from tui_router.domain.message import Message
from tui_router.services.library import Library

PAGE_SIZE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some neighbouring conversations of a long list."""

    start: int
    """Place of the first one in the list."""
    total: int
    """How many the whole list has."""
    rows: tuple[Summary, ...]


def load_page(library: Library, number: int, *, archived: bool | None = False) -> Page:
    """Return page ``number`` (from 0) of the list, pinned first, then the newest; ``archived`` ``None`` is both."""
    start = number * PAGE_SIZE
    rows = library.recent(archived=archived, limit=PAGE_SIZE, offset=start)
    is_whole = not start and len(rows) < PAGE_SIZE
    total = len(rows) if is_whole else library.conversations.count(archived=archived)
    return Page(start=start, total=total, rows=rows)


def load_tail(library: Library, conversation_id: str, message_id: str = "", count: int = 4) -> tuple[Message, ...]:
    """Return the last messages of the path to a message, or to where the conversation ends; oldest first."""
    head = message_id
    if not head:
        found = library.find(conversation_id)
        head = (found.head if found else None) or ""
    return library.messages.load_tail(conversation_id, head, count)
