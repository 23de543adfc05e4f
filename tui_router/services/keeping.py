"""Persists one conversation: its journal while it streams, and everything else that is saved of it.

Nothing here waits for the disk but the ending of an answer, and that only for a moment: normally it is
saved before anybody is told of it, and a disk that refuses holds no answer back.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.services.journal import Scribe
from tui_router.services.library import Library
from tui_router.services.unsaved import added, removed, saved

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
        library = self._library
        library.unsaved.put(self._conversation.id, added([message]), lambda: library.messages.finish_message(message))

    def save(self, conversation: Conversation) -> None:
        """Save what changed beside the messages."""
        before = None if conversation == self._conversation else self._conversation
        library = self._library
        library.unsaved.put(
            conversation.id, saved(conversation), lambda: library.conversations.save(conversation, before)
        )

    def add(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Save messages."""
        library = self._library
        library.unsaved.put(
            conversation_id, added(messages), lambda: library.messages.add_messages(conversation_id, messages)
        )

    def delete(self, message_ids: Sequence[str]) -> None:
        """Delete messages so that they can come back."""
        library = self._library
        library.unsaved.put(
            self._conversation.id, removed(message_ids), lambda: library.messages.delete_messages(message_ids)
        )

    def restore(self, messages: Sequence[Message]) -> None:
        """Bring deleted messages back."""
        library, ids = self._library, [m.id for m in messages]
        library.unsaved.put(self._conversation.id, added(messages), lambda: library.messages.restore_messages(ids))
