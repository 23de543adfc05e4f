"""Unsaved conversation changes, applied to what is read from disk.

Every change is kept until its write succeeds, so a conversation can be closed and reopened while
the disk fails, and unsaved changes can be exported at exit. Changes whose write was dropped stay here.
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


class ConversationOverlay:
    """A conversation with changes being applied."""

    def __init__(self, found: Found | None) -> None:
        self.conversation = found[0] if found else None
        self.messages = {m.id: m for m in (found[1] if found else ())}
        self.is_deleted = False

    @property
    def found(self) -> Found | None:
        """The resulting conversation; ``None`` if it does not exist."""
        if self.conversation is None or self.is_deleted:
            return None
        return self.conversation, tuple(self.messages.values())


class UnsavedChange(NamedTuple):
    """One change of a conversation."""

    make: Callable[[ConversationOverlay], None]
    has_words: bool = False
    """Whether the change contains message text."""


class UnsavedChanges:
    """The changes that are not on disk yet. Thread-safe."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes
        self._lock = threading.Lock()
        self._changes: dict[str, list[UnsavedChange]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of conversations with unsaved changes, last changed at the end."""
        with self._lock:
            return tuple(self._changes)

    @property
    def with_words(self) -> tuple[str, ...]:
        """Ids of conversations with unsaved message text."""
        with self._lock:
            return tuple(i for i, changes in self._changes.items() if any(c.has_words for c in changes))

    def put(self, conversation_id: str, change: UnsavedChange, write: Write, entry: OverflowEntry) -> None:
        """Queue a change for writing. Until written it is applied to reads, and ``entry`` survives a crash."""
        with self._lock:
            changes = self._changes.pop(conversation_id, [])
            self._changes[conversation_id] = [*changes, change]
        self._writes.put(write, lambda: self._written(conversation_id, change), entry)

    def over(self, conversation_id: str, found: Found | None) -> Found | None:
        """Return a conversation with unsaved changes applied; ``found`` is the stored version."""
        with self._lock:
            changes = tuple(self._changes.get(conversation_id, ()))
        if not changes:
            return found
        sketch = ConversationOverlay(found)
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
    """Return a change that replaces a conversation's metadata."""

    def change(sketch: ConversationOverlay) -> None:
        sketch.conversation = conversation

    return UnsavedChange(change)


def added(messages: Sequence[Message]) -> UnsavedChange:
    """Return a change that adds or updates messages."""

    def change(sketch: ConversationOverlay) -> None:
        sketch.messages.update({m.id: m for m in messages})

    return UnsavedChange(change, has_words=True)


def removed(message_ids: Sequence[str]) -> UnsavedChange:
    """Return a change that deletes messages."""

    def change(sketch: ConversationOverlay) -> None:
        for message_id in message_ids:
            sketch.messages.pop(message_id, None)

    return UnsavedChange(change)


def deleted(is_deleted: bool) -> UnsavedChange:
    """Return a change that deletes or restores the conversation."""

    def change(sketch: ConversationOverlay) -> None:
        sketch.is_deleted = is_deleted

    return UnsavedChange(change)


def summary_over(summary: Summary | None, found: Found) -> Summary:
    """Return the list row of a conversation with unsaved changes; ``summary`` is the stored row."""
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
