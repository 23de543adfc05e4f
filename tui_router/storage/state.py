"""Small things the program remembers between starts: favourites, recent models, hints that were seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_router.storage.codec import from_text, storable, to_text
from tui_router.storage.database import Database

FAVOURITES = "favourites"
RECENTS = "recents"
HINTS = "hints"
LAST_MODEL = "last_model"
SEEN_MODELS = "seen_models"


class State:
    """JSON values by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value; ``default`` when there is none."""
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (storable(name),)).fetchone()
        return from_text(row[0], default) if row else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a value that is a list of texts; whatever else it is counts as empty."""
        found = self.get(name, [])
        return tuple(v for v in found if isinstance(v, str)) if isinstance(found, list) else ()

    def put(self, name: str, value: Any) -> None:
        """Keep a value; ``None`` forgets it."""
        self.change(name, lambda _: value)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a value by what ``how`` makes of it, in one transaction, so that instances do not undo each other."""
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
