"""The two caches on disk: answers by the digest of their request, and the list of models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tui_router.domain.answer_cache import CachedAnswer, Held
from tui_router.domain.codec import Codec
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.storage.database import Database
from tui_router.storage.files import read_bytes, write_private
from tui_router.storage.json_columns import dump_part, from_text, load_part, storable, to_text
from tui_router.storage.paths import AppPaths
from tui_router.storage.rows import as_count, from_micros, to_micros

MOST_ANSWERS = 10_000
MOST_BYTES = 200_000_000
"""Total size of all answers."""
LARGEST = 10_000_000
"""Bytes; larger answers are not cached."""


class Answers:
    """The answer cache, by digest of the request. The oldest answers are evicted. Methods raise ``AppError``."""

    def __init__(self, database: Database, *, most: int = MOST_ANSWERS, most_bytes: int = MOST_BYTES) -> None:
        self._database = database
        self._most = most
        self._most_bytes = most_bytes

    def find(self, key: str) -> CachedAnswer | None:
        """Return the answer to a request, ``None`` if there is no readable one."""
        with self._database.read() as connection:
            row = connection.execute("SELECT created, answer FROM answers WHERE key = ?", (key,)).fetchone()
        return _answer_of(row) if row is not None else None

    def keep(self, key: str, answer: CachedAnswer, model: str) -> None:
        """Store an answer, replacing an older one to the same request, and evict the oldest ones."""
        text = to_text(
            {
                "served_model": storable(answer.served_model),
                "provider": storable(answer.provider),
                "parts": [dump_part(p) for p in answer.parts],
            }
        )
        size = len(text.encode())
        if size > LARGEST:
            return
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO answers (key, created, model, size, answer) VALUES (?, ?, ?, ?, ?)",
                (key, to_micros(answer.at), storable(model), size, text),
            )
            count, total = connection.execute("SELECT count(*), sum(size) FROM answers").fetchone()
            if count > self._most or total > self._most_bytes:
                connection.execute(
                    "DELETE FROM answers WHERE seq IN (SELECT seq FROM (SELECT seq, row_number() OVER newest AS place, "
                    "sum(size) OVER newest AS total FROM answers WINDOW newest AS (ORDER BY seq DESC)) "
                    "WHERE place > ? OR total > ?)",
                    (self._most, self._most_bytes),
                )

    def clear(self) -> None:
        """Delete all answers."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM answers")

    def held(self) -> Held:
        """Return the number of answers, their size and age."""
        query = "SELECT count(*), coalesce(sum(size), 0), min(created), max(created) FROM answers"
        with self._database.read() as connection:
            count, size, oldest, newest = connection.execute(query).fetchone()
        if not count:
            return Held(count=0, size=0)
        return Held(count=count, size=as_count(size), oldest=from_micros(oldest), newest=from_micros(newest))


def _answer_of(row: tuple[Any, ...]) -> CachedAnswer | None:
    """Return the answer of a row, ``None`` if any part of it is unreadable."""
    stored = from_text(row[1], None)
    if not isinstance(stored, dict) or not isinstance(stored.get("parts"), list) or not isinstance(row[0], int):
        return None
    parts = [load_part(p) for p in stored["parts"]]
    if not parts or None in parts:
        return None
    return CachedAnswer(
        parts=tuple(p for p in parts if p is not None),
        served_model=str(stored.get("served_model", "")),
        provider=str(stored.get("provider", "")),
        at=from_micros(row[0]),
    )


VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedCatalogue:
    """A list of models and the time it was fetched (UTC)."""

    models: tuple[Model, ...]
    fetched_at: datetime


class ModelCache:
    """The cached list of models of one base URL, so that lists of different servers are never mixed up."""

    def __init__(self, paths: AppPaths, base_url: str = DEFAULT_BASE_URL) -> None:
        self._path = paths.catalogue
        self._base_url = base_url

    def load(self) -> CachedCatalogue | None:
        """Return the cached list; ``None`` if it is missing, damaged, or of another version or base URL."""
        try:
            data = read_bytes(self._path)
            document = json.loads(data) if data else None
            if not isinstance(document, dict) or document.get("version") != VERSION:
                return None
            if document.get("base_url") != self._base_url:
                return None
            codec = Codec(Model)
            models = tuple(codec.load(row) for row in document["models"])
            return CachedCatalogue(models=models, fetched_at=datetime.fromisoformat(document["fetched_at"]))
        except (AppError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def save(self, models: Sequence[Model], fetched_at: datetime | None = None) -> None:
        """Store a list. Raises ``AppError``."""
        codec = Codec(Model)
        document = {
            "version": VERSION,
            "base_url": self._base_url,
            "fetched_at": (fetched_at or datetime.now(UTC)).isoformat(),
            "models": [codec.dump(m) for m in models],
        }
        write_private(self._path, json.dumps(document, separators=(",", ":")))
