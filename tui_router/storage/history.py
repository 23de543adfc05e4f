"""What was sent before, for Up, Down and Ctrl+R."""

from __future__ import annotations

from datetime import UTC, datetime

from tui_router.storage.codec import storable
from tui_router.storage.database import Database
from tui_router.storage.rows import to_micros

KEPT = 1_000
"""Entries; older ones are forgotten."""
LONGEST = 100_000
"""Characters of one entry."""


class PromptHistory:
    """The prompts of all windows, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, text: str) -> None:
        """Remember what was sent; blank text and the same text again do not count."""
        entry = storable(text)[:LONGEST]
        if not entry.strip():
            return
        with self._database.write() as connection:
            last = connection.execute("SELECT text FROM prompt_history ORDER BY seq DESC LIMIT 1").fetchone()
            if last and last[0] == entry:
                return
            connection.execute(
                "INSERT INTO prompt_history (text, created) VALUES (?, ?)", (entry, to_micros(datetime.now(UTC)))
            )
            connection.execute(
                "DELETE FROM prompt_history WHERE seq <= (SELECT max(seq) FROM prompt_history) - ?", (KEPT,)
            )

    def entries(self, limit: int = KEPT) -> tuple[str, ...]:
        """Return the newest entries, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT text FROM prompt_history ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return tuple(str(row[0]) for row in reversed(rows))

    def clear(self) -> None:
        """Forget all."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM prompt_history")
