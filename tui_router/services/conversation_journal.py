"""Persists one conversation while it grows: finished messages, pieces of running answers, and their endings."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.services.library import Library
from tui_router.services.unsaved import UnsavedChange, added, removed, saved
from tui_router.services.writer import Put, Write
from tui_router.storage.overflow_log import (
    OverflowEntry,
    conversation_entry,
    ending_entry,
    history_entry,
    message_deletion_entry,
    messages_entry,
    pieces_entry,
)

_ENDING_PATIENCE = 1.0
"""Seconds that the end of an answer waits for the disk before it is reported anyway."""


class ConversationJournal:
    """``Journal`` and ``ConversationStore`` of one conversation, in the store that it lives in."""

    def __init__(self, conversation: Conversation, *, library: Library, journal_writer: JournalWriter) -> None:
        self._conversation = conversation
        self._library = library
        self._journal_writer = journal_writer

    def begin(self, answer: Message) -> None:
        """Save the empty answer before the request is sent."""
        self.add(self._conversation.id, [answer])

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        """Record a piece; it is written within a quarter of a second."""
        self._journal_writer.note(message_id, text, reasoning)

    def finish(self, message: Message) -> None:
        """Save the final answer in one transaction, and wait briefly for the disk."""
        self._journal_writer.drop(message.id)
        self.change(message)
        self._library.writes.wait(_ENDING_PATIENCE)

    def change(self, message: Message) -> None:
        """Save a new version of a finished message."""
        write = self._library.messages.finish_message
        self._put(self._conversation, added([message]), lambda: write(message), ending_entry(message))

    def save(self, conversation: Conversation) -> None:
        """Save changes outside the messages."""
        before = None if conversation == self._conversation else self._conversation
        write, entry = self._library.conversations.save, conversation_entry(conversation, before)
        self._put(conversation, saved(conversation), lambda: write(conversation, before), entry)

    def add(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Save messages."""
        write, entry = self._library.messages.add_messages, messages_entry(conversation_id, messages)
        self._library.unsaved.put(conversation_id, added(messages), lambda: write(conversation_id, messages), entry)

    def delete(self, message_ids: Sequence[str]) -> None:
        """Delete messages; ``restore`` reverts it."""
        write, entry = self._library.messages.delete_messages, message_deletion_entry(message_ids, is_deleted=True)
        self._put(self._conversation, removed(message_ids), lambda: write(message_ids), entry)

    def restore(self, messages: Sequence[Message]) -> None:
        """Restore deleted messages."""
        ids = [m.id for m in messages]
        write, entry = self._library.messages.restore_messages, message_deletion_entry(ids, is_deleted=False)
        self._put(self._conversation, added(messages), lambda: write(ids), entry)

    def _put(self, conversation: Conversation, change: UnsavedChange, write: Write, entry: OverflowEntry) -> None:
        self._library.unsaved.put(conversation.id, change, write, entry)


def remember(library: Library, prompt: str, now: datetime) -> None:
    """Add a prompt to the history."""
    library.writes.put(lambda: library.history.add(prompt, now), entry=history_entry(prompt, now))


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one answer received since the last write."""

    message_id: str
    text: str
    reasoning: str
    text_before: int = 0
    """Characters of the answer already handed over."""
    reasoning_before: int = 0


class PieceStore(Protocol):
    """The storage that the journal needs. Every call raises ``AppError`` on a write failure."""

    def append_pieces(self, pieces: Sequence[Piece]) -> None:
        """Append what was received since the last call."""
        ...


class Journal(Protocol):
    """Records a running turn. Never raises: a full disk must not lose the visible answer."""

    def begin(self, answer: Message) -> None:
        """Record that the request is about to be sent."""
        ...

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        """Record a piece of text."""
        ...

    def finish(self, message: Message) -> None:
        """Record the final answer."""
        ...


class Unkept:
    """Journal that discards everything, for answers outside a conversation such as titles."""

    def begin(self, answer: Message) -> None:
        """Discard it."""

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        """Discard it."""

    def finish(self, message: Message) -> None:
        """Discard it."""


class JournalWriter:
    """Collects pieces on one thread and queues them for writing within ``interval`` seconds.

    The thread ends when nothing is pending; the next piece starts another.
    """

    def __init__(self, shelf: PieceStore, put: Put, interval: float = 0.2) -> None:
        """Take the store and the write queue: ``put`` writes in order on another thread."""
        self._shelf = shelf
        self._put = put
        self._interval = interval
        self._lock = threading.Lock()
        self._pending: dict[str, tuple[list[str], list[str]]] = {}
        self._before: dict[str, tuple[int, int]] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def note(self, message_id: str, text: str, reasoning: str) -> None:
        """Queue a piece; does not block."""
        with self._lock:
            texts, thoughts = self._pending.setdefault(message_id, ([], []))
            if text:
                texts.append(text)
            if reasoning:
                thoughts.append(reasoning)
            if self._thread is None:
                self._wake.clear()
                self._thread = threading.Thread(target=self._write_for_a_while, name="scribe", daemon=True)
                self._thread.start()

    def drop(self, message_id: str) -> None:
        """Discard pending pieces of an answer whose final state is being saved."""
        with self._lock:
            self._pending.pop(message_id, None)
            self._before.pop(message_id, None)

    def flush(self) -> None:
        """Queue all pending pieces now."""
        with self._lock:
            pieces = self._gather()
        self._write(pieces)

    def close(self) -> None:
        """Queue all pending pieces and end the thread."""
        self._wake.set()
        self.flush()

    def _write_for_a_while(self) -> None:
        while True:
            self._wake.wait(self._interval)
            with self._lock:
                pieces = self._gather()
                if not pieces:
                    self._thread = None
                    return
            self._write(pieces)

    def _gather(self) -> list[Piece]:
        pending, self._pending = self._pending, {}
        pieces = []
        for message_id, (texts, thoughts) in pending.items():
            before = self._before.get(message_id, (0, 0))
            piece = Piece(message_id, "".join(texts), "".join(thoughts), *before)
            self._before[message_id] = before[0] + len(piece.text), before[1] + len(piece.reasoning)
            pieces.append(piece)
        return pieces

    def _write(self, pieces: list[Piece]) -> None:
        if pieces:
            self._put(lambda: self._shelf.append_pieces(pieces), entry=pieces_entry(pieces))
