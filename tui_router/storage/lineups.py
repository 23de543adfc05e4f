"""Named line-ups of models for comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tui_router.storage.codec import storable, to_text
from tui_router.storage.database import Database
from tui_router.storage.rows import as_texts, to_micros

LAST = ""
"""The name under which the line-up that ran last is kept."""


class Lineup(NamedTuple):
    """Models that compete, by lane; the same one may be in it twice."""

    name: str
    models: tuple[str, ...]


class Lineups:
    """The saved line-ups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, models: Sequence[str], name: str = LAST) -> None:
        """Keep a line-up; the same name is replaced. Without a name it is the last one used."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO lineups (name, models, used) VALUES (?, ?, ?)",
                (storable(name), to_text(list(models)), to_micros(datetime.now(UTC))),
            )

    def remove(self, name: str) -> None:
        """Forget a line-up."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM lineups WHERE name = ?", (storable(name),))

    def last(self) -> Lineup | None:
        """Return the line-up that ran last."""
        return next((found for found in self._read() if found.name == LAST), None)

    def named(self) -> tuple[Lineup, ...]:
        """Return the line-ups with a name, the one used last first."""
        return tuple(found for found in self._read() if found.name != LAST)

    def _read(self) -> tuple[Lineup, ...]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT name, models FROM lineups ORDER BY used DESC, name").fetchall()
        return tuple(Lineup(str(name), as_texts(models)) for name, models in rows)
