"""Words that the store does not take just now: what would be written, as lines of a spare file.

A line says what one write would change, so that a growing answer costs its new words only. What is large and stays
the same from line to line (an attached picture, a long paste in a draft) has a line of its own, once a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.storage.rows import conversation_row, message_row, to_micros
from tui_router.storage.spare import SpareFile

_LONG = 1_000
"""Characters from which on a text has a line of its own."""


class Blobs:
    """What is large in the lines of one file, by its digest."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.fresh: dict[str, str] = {}

    def need(self, digest: str, text: Callable[[], str]) -> None:
        """Have a text in the file, before the line that names it."""
        if digest not in self.seen:
            self.fresh[digest] = text()
            self.seen.add(digest)

    def put(self, text: str) -> str | dict[str, str]:
        """Return what stands for a text in a line: a short one does so itself."""
        if len(text) < _LONG:
            return text
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.need(digest, lambda: text)
        return {"blob": digest}


Entry = Callable[[Blobs], Mapping[str, Any]]
"""Makes the line of one write, should it be needed: then on another thread."""


class Part(Protocol):
    """More of one answer, and how much of it came before."""

    @property
    def message_id(self) -> str:
        """Which answer."""
        ...

    @property
    def text(self) -> str:
        """More words."""
        ...

    @property
    def reasoning(self) -> str:
        """More thoughts."""
        ...

    @property
    def text_before(self) -> int:
        """Characters of the words that came before."""
        ...

    @property
    def reasoning_before(self) -> int:
        """Characters of the thoughts that came before."""
        ...


class SpareWords:
    """The words of one process in spare files. Used from one thread."""

    def __init__(self, file: SpareFile, window: str) -> None:
        """Take the file and the token of this window, whose answers these are."""
        self.file = file
        self._window = window
        self._blobs = Blobs()

    def keep(self, entries: Sequence[Entry]) -> bool:
        """Write what these writes would change through to the disk; ``False`` when no folder takes it."""
        if not entries or self.file.append(_lines(entries, self._blobs)):
            return True
        # A file can be read without those before it.
        self._blobs = Blobs()
        window: list[Entry] = [lambda _: {"is": "window", "token": self._window}]
        return self.file.begin(_lines([*window, *entries], self._blobs))

    def drop(self) -> None:
        """Forget what was kept: the store has taken everything."""
        self.file.drop()
        self._blobs = Blobs()


def conversation_entry(conversation: Conversation, before: Conversation | None = None) -> Entry:
    """Return the line of a conversation as it is now beside its messages; with ``before``, of what changed."""
    return lambda _: {
        "is": "conversation",
        "row": conversation_row(conversation),
        "tags": list(conversation.tags),
        "before": None if before is None else conversation_row(before) | {"tags": list(before.tags)},
    }


def messages_entry(conversation_id: str, messages: Sequence[Message]) -> Entry:
    """Return the line of new messages."""
    return lambda _: {"is": "messages", "of": conversation_id, "rows": [message_row(m) for m in messages]}


def pieces_entry(pieces: Sequence[Part]) -> Entry:
    """Return the line of what has streamed."""
    return lambda _: {
        "is": "pieces",
        "pieces": [[p.message_id, p.text_before, p.text, p.reasoning_before, p.reasoning] for p in pieces],
    }


def ending_entry(message: Message) -> Entry:
    """Return the line of an answer in its final state."""
    return lambda _: {"is": "ending", "row": message_row(message)}


def deletion_entry(message_ids: Iterable[str], *, is_deleted: bool) -> Entry:
    """Return the line of messages that go, or come back."""
    return _deletion("messages", tuple(message_ids), is_deleted)


def departure_entry(conversation_id: str, *, is_deleted: bool) -> Entry:
    """Return the line of a conversation that goes, or comes back."""
    return _deletion("conversations", (conversation_id,), is_deleted)


def history_entry(text: str, at: datetime) -> Entry:
    """Return the line of a prompt for the history."""
    return lambda _: {"is": "history", "text": text, "at": to_micros(at)}


def _deletion(table: str, ids: Sequence[str], is_deleted: bool) -> Entry:
    at = to_micros(datetime.now(UTC))
    return lambda _: {"is": "deletion", "of": table, "ids": list(ids), "gone": is_deleted, "at": at}


def _lines(entries: Sequence[Entry], blobs: Blobs) -> bytes:
    made: list[Mapping[str, Any]] = []
    for entry in entries:
        line = entry(blobs)
        made += [{"is": "blob", "digest": d, "text": t} for d, t in blobs.fresh.items()]
        blobs.fresh.clear()
        made.append(line)
    # ASCII, so that lone surrogates pass too.
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in made).encode("ascii")
