"""Lines of the overflow file for words that the database cannot take right now: drafts, messages, pieces of answers.

A line describes one write, so a growing answer costs only its new words. Large texts that repeat from line to line
(an attached picture, a long paste in a draft) get a line of their own, once per file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.storage.overflow import OverflowFile
from tui_router.storage.rows import conversation_row, message_row, to_micros

_LONG = 1_000
"""Texts of this many characters or more get a line of their own."""


class BlobTable:
    """The large texts of one file, by digest."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.fresh: dict[str, str] = {}

    def need(self, digest: str, text: Callable[[], str]) -> None:
        """Add a text to the file unless it has it; it precedes the line that refers to it."""
        if digest not in self.seen:
            self.fresh[digest] = text()
            self.seen.add(digest)

    def put(self, text: str) -> str | dict[str, str]:
        """Return a short text itself, or a reference to a long one."""
        if len(text) < _LONG:
            return text
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.need(digest, lambda: text)
        return {"blob": digest}


OverflowEntry = Callable[[BlobTable], Mapping[str, Any]]
"""Builds the line of one write. Called only when the line is needed, on another thread."""


class StreamedPart(Protocol):
    """A streamed piece of one answer, with its offset."""

    @property
    def message_id(self) -> str:
        """The message of the answer."""
        ...

    @property
    def text(self) -> str:
        """New words."""
        ...

    @property
    def reasoning(self) -> str:
        """New reasoning."""
        ...

    @property
    def text_before(self) -> int:
        """Offset of ``text`` in the answer, in characters."""
        ...

    @property
    def reasoning_before(self) -> int:
        """Offset of ``reasoning``, in characters."""
        ...


class OverflowLog:
    """Appends the unsaved writes of one process to its overflow file. Not thread-safe."""

    def __init__(self, file: OverflowFile, token: str) -> None:
        """``token`` is that of this instance, which owns the streaming answers."""
        self.file = file
        self._token = token
        self._blobs = BlobTable()

    def keep(self, entries: Sequence[OverflowEntry]) -> bool:
        """Append the lines of these writes and flush them; ``False`` when no folder accepts them."""
        if not entries or self.file.append(_lines(entries, self._blobs)):
            return True
        # Each file must be readable without the ones before it.
        self._blobs = BlobTable()
        owner: list[OverflowEntry] = [lambda _: {"is": "window", "token": self._token}]
        return self.file.begin(_lines([*owner, *entries], self._blobs))

    def discard(self) -> None:
        """Delete the files: the database has every write."""
        self.file.discard()
        self._blobs = BlobTable()


def conversation_entry(conversation: Conversation, before: Conversation | None = None) -> OverflowEntry:
    """Return the line for a conversation without its messages; ``before`` limits it to what changed since."""
    return lambda _: {
        "is": "conversation",
        "row": conversation_row(conversation),
        "tags": list(conversation.tags),
        "before": None if before is None else conversation_row(before) | {"tags": list(before.tags)},
    }


def messages_entry(conversation_id: str, messages: Sequence[Message]) -> OverflowEntry:
    """Return the line for new messages."""
    return lambda _: {"is": "messages", "of": conversation_id, "rows": [message_row(m) for m in messages]}


def pieces_entry(pieces: Sequence[StreamedPart]) -> OverflowEntry:
    """Return the line for streamed pieces."""
    return lambda _: {
        "is": "pieces",
        "pieces": [[p.message_id, p.text_before, p.text, p.reasoning_before, p.reasoning] for p in pieces],
    }


def ending_entry(message: Message) -> OverflowEntry:
    """Return the line for a finished answer."""
    return lambda _: {"is": "ending", "row": message_row(message)}


def message_deletion_entry(message_ids: Iterable[str], *, is_deleted: bool) -> OverflowEntry:
    """Return the line for deleting or restoring messages."""
    return _deletion("messages", tuple(message_ids), is_deleted)


def conversation_deletion_entry(conversation_id: str, *, is_deleted: bool) -> OverflowEntry:
    """Return the line for deleting or restoring a conversation."""
    return _deletion("conversations", (conversation_id,), is_deleted)


def history_entry(text: str, at: datetime) -> OverflowEntry:
    """Return the line for a prompt of the history."""
    return lambda _: {"is": "history", "text": text, "at": to_micros(at)}


def _deletion(table: str, ids: Sequence[str], is_deleted: bool) -> OverflowEntry:
    at = to_micros(datetime.now(UTC))
    return lambda _: {"is": "deletion", "of": table, "ids": list(ids), "gone": is_deleted, "at": at}


def _lines(entries: Sequence[OverflowEntry], blobs: BlobTable) -> bytes:
    made: list[Mapping[str, Any]] = []
    for entry in entries:
        line = entry(blobs)
        made += [{"is": "blob", "digest": d, "text": t} for d, t in blobs.fresh.items()]
        blobs.fresh.clear()
        made.append(line)
    # ASCII escapes, because UTF-8 cannot encode lone surrogates.
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in made).encode("ascii")
