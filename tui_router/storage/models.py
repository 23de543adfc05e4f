"""The cached list of models: shown at once, refreshed behind. A cache that cannot be read is no cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tui_router.domain.model import Model
from tui_router.domain.problem import Trouble
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.storage.codec import Codec
from tui_router.storage.files import read_bytes, write_private
from tui_router.storage.paths import AppPaths

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedCatalogue:
    """The models, and when they were fetched (UTC)."""

    models: tuple[Model, ...]
    fetched_at: datetime


class ModelCache:
    """The cache of one address: the list of a test server is never taken for that of the service."""

    def __init__(self, paths: AppPaths, base_url: str = DEFAULT_BASE_URL) -> None:
        self._path = paths.catalogue
        self._base_url = base_url

    def load(self) -> CachedCatalogue | None:
        """Return the cached list; ``None`` when there is none, it is damaged, or of another version or address."""
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
        except (Trouble, ValueError, TypeError, KeyError, RecursionError):
            return None

    def save(self, models: Sequence[Model], fetched_at: datetime | None = None) -> None:
        """Keep a list; raises ``Trouble`` when the disk refuses."""
        codec = Codec(Model)
        document = {
            "version": VERSION,
            "base_url": self._base_url,
            "fetched_at": (fetched_at or datetime.now(UTC)).isoformat(),
            "models": [codec.dump(m) for m in models],
        }
        write_private(self._path, json.dumps(document, separators=(",", ":")))
