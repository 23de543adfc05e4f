"""What was said in conversations and is not on disk yet, laid over what is read from there.

Every change is kept until its write has gone through, so a conversation can be left and opened again while
the disk refuses, and what is lost at the end can be written elsewhere. A write that was dropped stays here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from tui_router.domain.conversation import Conversation
from tui_router.domain.library import Summary
from tui_router.domain.message import Message
from tui_router.services.writer import Write, Writes
from tui_router.storage.overflow_log import OverflowEntry

Found = tuple[Conversation, tuple[Message, ...]]
"""A conversation and all its messages, in the order they were made."""


class Sketch:
    """A conversation while changes are laid over it."""

    def __init__(self, found: Found | None) -> None:
        self.conversation = found[0] if found else None
        self.messages = {m.id: m for m in (found[1] if found else ())}
        self.is_deleted = False

    @property
    def found(self) -> Found | None:
        """The conversation as it is now; ``None`` when it is not there."""
        if self.conversation is None or self.is_deleted:
            return None
        return self.conversation, tuple(self.messages.values())


class UnsavedChange(NamedTuple):
    """One change of a conversation."""

    make: Callable[[Sketch], None]
    has_words: bool = False
    """Whether words of somebody came with it."""


class Unsaved:
    """The changes that wait for the disk. Safe from any thread."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes
        self._lock = threading.Lock()
        self._changes: dict[str, list[UnsavedChange]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The conversations that are not on disk as they are, those changed last at the end."""
        with self._lock:
            return tuple(self._changes)

    @property
    def with_words(self) -> tuple[str, ...]:
        """Those of them in which somebody said something that is not on disk."""
        with self._lock:
            return tuple(i for i, changes in self._changes.items() if any(c.has_words for c in changes))

    def put(self, conversation_id: str, change: UnsavedChange, write: Write, entry: OverflowEntry) -> None:
        """Have a change written; until it is, it is laid over what is read, and ``entry`` outlives a crash."""
        with self._lock:
            changes = self._changes.pop(conversation_id, [])
            self._changes[conversation_id] = [*changes, change]
        self._writes.put(write, lambda: self._written(conversation_id, change), entry)

    def over(self, conversation_id: str, found: Found | None) -> Found | None:
        """Return a conversation as it is in this window; ``found`` is what the disk says."""
        with self._lock:
            changes = tuple(self._changes.get(conversation_id, ()))
        if not changes:
            return found
        sketch = Sketch(found)
        for change in changes:
            change.make(sketch)
        return sketch.found

    def _written(self, conversation_id: str, change: UnsavedChange) -> None:
        with self._lock:
            left = [c for c in self._changes.get(conversation_id, ()) if c is not change]
            if left:
                self._changes[conversation_id] = left
            else:
                self._changes.pop(conversation_id, None)


def saved(conversation: Conversation) -> UnsavedChange:
    """What is known of a conversation beside its messages is this now."""

    def change(sketch: Sketch) -> None:
        sketch.conversation = conversation

    return UnsavedChange(change)


def added(messages: Sequence[Message]) -> UnsavedChange:
    """Messages came, or took their final form."""

    def change(sketch: Sketch) -> None:
        sketch.messages.update({m.id: m for m in messages})

    return UnsavedChange(change, has_words=True)


def removed(message_ids: Sequence[str]) -> UnsavedChange:
    """Messages were deleted."""

    def change(sketch: Sketch) -> None:
        for message_id in message_ids:
            sketch.messages.pop(message_id, None)

    return UnsavedChange(change)


def deleted(is_deleted: bool) -> UnsavedChange:
    """The whole conversation was deleted, or brought back."""

    def change(sketch: Sketch) -> None:
        sketch.is_deleted = is_deleted

    return UnsavedChange(change)


def summary_over(summary: Summary | None, found: Found) -> Summary:
    """Return the row of a conversation in a list, with what is not written yet; ``summary`` is that of the disk."""
    conversation, messages = found
    row = summary or Summary(
        id=conversation.id,
        title=conversation.title,
        updated=conversation.updated,
        created=conversation.created,
        message_count=len(messages),
    )
    return replace(
        row,
        title=conversation.title,
        updated=max(row.updated, conversation.updated),
        model=conversation.model.id if conversation.model else row.model,
        message_count=max(row.message_count, len(messages)),
        tags=conversation.tags,
        is_pinned=conversation.is_pinned,
        is_archived=conversation.is_archived,
    )
