"""Deletes messages of a conversation so that they can be brought back."""

from __future__ import annotations

from dataclasses import dataclass

from tui_router.domain.message import Message
from tui_router.services.conversation import ConversationBase


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion that ``undo`` reverts."""

    messages: tuple[Message, ...]
    head_before: str | None
    head_after: str | None


class Deletions:
    """The deletions of one open conversation, undone in reverse order."""

    def __init__(self, chat: ConversationBase) -> None:
        self._chat = chat
        self._done: list[Deletion] = []
        self._undone: list[Deletion] = []

    def delete(self, message_id: str) -> int:
        """Delete a message and its descendants; returns their number. ``undo`` restores them."""
        message = self._chat.message(message_id)
        ids = self._chat.tree.descendants(message_id)
        gone = tuple(m for m in self._chat.tree if m.id in set(ids))
        head_before = self._chat.conversation.head
        self._chat.tree.discard(ids)
        self._chat.store.delete(ids)
        head = head_before
        if head_before in ids:
            left = self._chat.tree.children(message.parent_id)
            head = self._chat.tree.leaf(left[-1].id) if left else message.parent_id
        self._chat.update(head=head)
        self._done.append(Deletion(gone, head_before, head))
        self._undone.clear()
        return len(gone)

    def undo(self) -> bool:
        """Restore the last deletion; ``False`` if there is none."""
        if not self._done:
            return False
        deletion = self._done.pop()
        for message in deletion.messages:
            self._chat.tree.add(message)
        self._chat.store.restore(deletion.messages)
        self._chat.update(head=deletion.head_before)
        self._undone.append(deletion)
        return True

    def redo(self) -> bool:
        """Repeat the deletion that ``undo`` reverted; ``False`` if there is none."""
        if not self._undone:
            return False
        deletion = self._undone.pop()
        ids = [m.id for m in deletion.messages]
        self._chat.tree.discard(ids)
        self._chat.store.delete(ids)
        self._chat.update(head=deletion.head_after)
        self._done.append(deletion)
        return True
