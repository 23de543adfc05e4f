"""What the program remembers between starts: favourites, recent models, seen hints, and the prompts that were sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tui_router.storage.database import Database
from tui_router.storage.json_columns import from_text, storable, to_text
from tui_router.storage.rows import to_micros

FAVOURITES = "favourites"
RECENTS = "recents"
HINTS = "hints"
LAST_MODEL = "last_model"
SEEN_MODELS = "seen_models"


class KeyValueStore:
    """Persists JSON values by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or ``default`` if there is none."""
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (storable(name),)).fetchone()
        return from_text(row[0], default) if row else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; any other value counts as empty."""
        found = self.get(name, [])
        return tuple(v for v in found if isinstance(v, str)) if isinstance(found, list) else ()

    def put(self, name: str, value: Any) -> None:
        """Store a value; ``None`` deletes it."""
        self.change(name, lambda _: value)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a value by ``how(value)`` and return it, in one transaction: no concurrent change is lost."""
        with self._database.write() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (storable(name),)).fetchone()
            value = how(from_text(row[0], None) if row else None)
            if value is None:
                connection.execute("DELETE FROM state WHERE name = ?", (storable(name),))
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", (storable(name), to_text(value))
                )
        return value


KEPT = 1_000
"""Most entries; the oldest are deleted."""
LONGEST = 100_000
"""Characters of one entry."""


class PromptHistory:
    """The prompts sent by all instances."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, text: str, now: datetime | None = None) -> None:
        """Add a prompt unless it is blank or repeats the last one."""
        if text.strip():
            with self._database.write() as connection:
                remember(connection, text, to_micros(now or datetime.now(UTC)))

    def entries(self, limit: int = KEPT) -> tuple[str, ...]:
        """Return the newest entries, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT text FROM prompt_history ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return tuple(str(row[0]) for row in reversed(rows))

    def clear(self) -> None:
        """Delete all entries."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM prompt_history")


def remember(connection: sqlite3.Connection, text: str, at: int) -> None:
    """Append a prompt unless it is blank, repeats the last one, or was recorded for ``at`` (microseconds) before."""
    entry = storable(text)[:LONGEST]
    if connection.execute("SELECT 1 FROM prompt_history WHERE created = ? AND text = ?", (at, entry)).fetchone():
        return
    last = connection.execute("SELECT text FROM prompt_history ORDER BY seq DESC LIMIT 1").fetchone()
    if not entry.strip() or (last and last[0] == entry):
        return
    connection.execute("INSERT INTO prompt_history (text, created) VALUES (?, ?)", (entry, at))
    connection.execute("DELETE FROM prompt_history WHERE seq <= (SELECT max(seq) FROM prompt_history) - ?", (KEPT,))
