"""What a turn writes down while it streams, so that a crash at any moment costs a quarter of a second.

Pieces are gathered in memory and written by one thread for all turns, in one transaction each time:
the cost of a write does not grow with the answer, and eight lanes cost one disk flush, not eight.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tui_router.domain.message import Message
from tui_router.services.writer import Put
from tui_router.storage.overflow_log import pieces_entry


@dataclass(frozen=True, slots=True)
class Piece:
    """More of one answer since the last write."""

    message_id: str
    text: str
    reasoning: str
    text_before: int = 0
    """Characters of the answer that were handed over before."""
    reasoning_before: int = 0


class Shelf(Protocol):
    """What the journal needs of storage. Every call raises ``Trouble`` when the disk refuses."""

    def append_pieces(self, pieces: Sequence[Piece]) -> None:
        """Add what has streamed since the last call."""
        ...


class Journal(Protocol):
    """What a turn tells while it runs. Never raises: a full disk must not lose the answer on screen."""

    def begin(self, answer: Message) -> None:
        """The request is about to leave."""
        ...

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        """A piece came."""
        ...

    def finish(self, message: Message) -> None:
        """The answer ended."""
        ...


class Unkept:
    """The journal of what belongs to no conversation: a title, whose words are used and forgotten."""

    def begin(self, answer: Message) -> None:
        """Nothing is kept."""

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None:
        """Nothing is kept."""

    def finish(self, message: Message) -> None:
        """Nothing is kept."""


class Scribe:
    """The one thread that gathers pieces and has them written, at most ``interval`` seconds after they came.

    It lives while something is unwritten and ends by itself; the next piece starts another.
    """

    def __init__(self, shelf: Shelf, put: Put, interval: float = 0.2) -> None:
        """Make the gatherer; ``put`` writes in order, on a thread of its own."""
        self._shelf = shelf
        self._put = put
        self._interval = interval
        self._lock = threading.Lock()
        self._pending: dict[str, tuple[list[str], list[str]]] = {}
        self._before: dict[str, tuple[int, int]] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def note(self, message_id: str, text: str, reasoning: str) -> None:
        """Take a piece; returns at once."""
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
        """Forget unwritten pieces of an answer whose final state is being saved."""
        with self._lock:
            self._pending.pop(message_id, None)
            self._before.pop(message_id, None)

    def flush(self) -> None:
        """Hand what is unwritten to the writer now."""
        with self._lock:
            pieces = self._gather()
        self._write(pieces)

    def close(self) -> None:
        """Write what is unwritten and let the thread end."""
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
