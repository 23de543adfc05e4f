"""What was sent before, for Up, Down and Ctrl+R."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from tui_router.storage.codec import storable
from tui_router.storage.database import Database
from tui_router.storage.rows import to_micros

KEPT = 1_000
"""Entries; older ones are forgotten."""
LONGEST = 100_000
"""Characters of one entry."""


class PromptHistory:
    """The prompts of all instances, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, text: str, now: datetime | None = None) -> None:
        """Remember what was sent; blank text and the same text again do not count."""
        if text.strip():
            with self._database.write() as connection:
                remember(connection, text, to_micros(now or datetime.now(UTC)))

    def entries(self, limit: int = KEPT) -> tuple[str, ...]:
        """Return the newest entries, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT text FROM prompt_history ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return tuple(str(row[0]) for row in reversed(rows))

    def clear(self) -> None:
        """Forget all."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM prompt_history")


def remember(connection: sqlite3.Connection, text: str, at: int) -> None:
    """Put a prompt of a moment (in microseconds) at the end, unless it stands there, or is of that very moment."""
    entry = storable(text)[:LONGEST]
    if connection.execute("SELECT 1 FROM prompt_history WHERE created = ? AND text = ?", (at, entry)).fetchone():
        return
    last = connection.execute("SELECT text FROM prompt_history ORDER BY seq DESC LIMIT 1").fetchone()
    if not entry.strip() or (last and last[0] == entry):
        return
    connection.execute("INSERT INTO prompt_history (text, created) VALUES (?, ?)", (entry, at))
    connection.execute("DELETE FROM prompt_history WHERE seq <= (SELECT max(seq) FROM prompt_history) - ?", (KEPT,))
