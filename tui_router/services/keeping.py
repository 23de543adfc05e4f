"""Persists one conversation: its journal while it streams, and everything else that is saved of it.

Nothing here waits for the disk but the ending of an answer, and that only for a moment: normally it is
saved before anybody is told of it, and a disk that refuses holds no answer back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.services.journal import Scribe
from tui_router.services.library import Library
from tui_router.services.unsaved import Change, added, removed, saved
from tui_router.services.writer import Write
from tui_router.storage.overflow_log import (
    OverflowEntry,
    conversation_entry,
    ending_entry,
    history_entry,
    message_deletion_entry,
    messages_entry,
)

_ENDING_PATIENCE = 1.0
"""Seconds that the ending of an answer waits until it is on disk; after that it is told all the same."""


class Keeping:
    """``Journal`` and ``Keeper`` of one conversation, in the store that it lives in."""

    def __init__(self, conversation: Conversation, *, library: Library, scribe: Scribe) -> None:
        self._conversation = conversation
        self._library = library
        self._scribe = scribe

    def begin(self, answer: Message) -> None:
        """Save the empty answer before the request leaves."""
        self.add(self._conversation.id, [answer])

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        """Take a piece, which is written within a quarter of a second."""
        self._scribe.note(message_id, text, reasoning)

    def finish(self, message: Message) -> None:
        """Save the final state in one transaction."""
        self._scribe.drop(message.id)
        self.change(message)
        self._library.writes.wait(_ENDING_PATIENCE)

    def change(self, message: Message) -> None:
        """Save another state of a message that has ended."""
        write = self._library.messages.finish_message
        self._put(self._conversation, added([message]), lambda: write(message), ending_entry(message))

    def save(self, conversation: Conversation) -> None:
        """Save what changed beside the messages."""
        before = None if conversation == self._conversation else self._conversation
        write, entry = self._library.conversations.save, conversation_entry(conversation, before)
        self._put(conversation, saved(conversation), lambda: write(conversation, before), entry)

    def add(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Save messages."""
        write, entry = self._library.messages.add_messages, messages_entry(conversation_id, messages)
        self._library.unsaved.put(conversation_id, added(messages), lambda: write(conversation_id, messages), entry)

    def delete(self, message_ids: Sequence[str]) -> None:
        """Delete messages so that they can come back."""
        write, entry = self._library.messages.delete_messages, message_deletion_entry(message_ids, is_deleted=True)
        self._put(self._conversation, removed(message_ids), lambda: write(message_ids), entry)

    def restore(self, messages: Sequence[Message]) -> None:
        """Bring deleted messages back."""
        ids = [m.id for m in messages]
        write, entry = self._library.messages.restore_messages, message_deletion_entry(ids, is_deleted=False)
        self._put(self._conversation, added(messages), lambda: write(ids), entry)

    def _put(self, conversation: Conversation, change: Change, write: Write, entry: OverflowEntry) -> None:
        self._library.unsaved.put(conversation.id, change, write, entry)


def remember(library: Library, prompt: str, now: datetime) -> None:
    """Keep a prompt in the history for another day."""
    library.writes.put(lambda: library.history.add(prompt, now), entry=history_entry(prompt, now))
