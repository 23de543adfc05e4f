"""The model catalogue: serves the cached list and refreshes it in the background. Works offline and without a key."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from tui_router.domain.catalog_diff import Changes, changes
from tui_router.domain.model import Model, is_chat_model, normal_id
from tui_router.domain.model_names import find_exact, resolve
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.recommendations import ModelSection, cards, sections
from tui_router.services.app_state import StateStore
from tui_router.services.endpoints import EndpointSource, Serving

FRESH_FOR = timedelta(hours=1)
_RECENTS = 12
_FAVOURITES_KEY = "favourites"
_RECENTS_KEY = "recents"

_log = logging.getLogger(__name__)


class Source(EndpointSource, Protocol):
    """What the account needs of a client."""

    def models(self) -> tuple[Model, ...]:
        """Fetch the model list; raises ``AppError``."""
        ...


class CachedList(Protocol):
    """A list with its age."""

    @property
    def models(self) -> tuple[Model, ...]:
        """The models."""
        ...

    @property
    def fetched_at(self) -> datetime:
        """When it was fetched, UTC."""
        ...


class Cache(Protocol):
    """Stores the model list on disk."""

    def load(self) -> CachedList | None:
        """Return the cached list, or ``None``. Never raises."""
        ...

    def save(self, models: Sequence[Model], fetched_at: datetime | None = None) -> None:
        """Save a list; raises ``AppError``."""
        ...


class Catalog:
    """Owns the model list. Reads are cheap and thread-safe."""

    def __init__(
        self,
        *,
        source: Callable[[], Source],
        keyed: Callable[[], EndpointSource | None] = lambda: None,
        cache: Cache,
        app_state: StateStore,
        now: Callable[[], datetime],
        fresh_for: timedelta = FRESH_FOR,
    ) -> None:
        """Make it.

        Args:
            source: The public client: the list needs no key and is the same for every key.
            keyed: The client of the active key, if any: endpoint speeds are only available with a key.
            cache: Stores the list on disk.
            notebook: Stores favourites and recent models.
            now: The clock, UTC.
            fresh_for: Age up to which a list counts as fresh.
        """
        self._source = source
        self._cache = cache
        self._app_state = app_state
        self._now = now
        self._fresh_for = fresh_for
        self._lock = threading.RLock()
        self._fetching = threading.Lock()
        self._models: dict[str, Model] | None = None
        self._fetched_at: datetime | None = None
        self.serving = Serving(source, keyed, now, self.get)
        """Who serves a model."""
        self.changes = Changes()
        """Differences found by the last refresh."""
        self.problem: Problem | None = None
        """Why the last refresh failed."""

    @property
    def models(self) -> tuple[Model, ...]:
        """All models in the service's order. Reads the cache on first use; empty if there is none."""
        return tuple(self._known().values())

    @property
    def chat_models(self) -> tuple[Model, ...]:
        """The models that can chat."""
        return tuple(m for m in self.models if is_chat_model(m))

    @property
    def fetched_at(self) -> datetime | None:
        """When the list was fetched; ``None`` if there is no list."""
        self._known()
        return self._fetched_at

    @property
    def is_fresh(self) -> bool:
        """True if no refresh is due. A list with a timestamp in the future (wrong clock) is not fresh."""
        return self.has_prices_of(self._fresh_for)

    def has_prices_of(self, age: timedelta) -> bool:
        """Return whether the list is at most this old."""
        at = self.fetched_at
        return at is not None and timedelta(0) <= self._now() - at < age

    def get(self, model_id: str) -> Model | None:
        """Return the model with an id; routing suffixes and presets are ignored."""
        return find_exact(model_id, self._known()) if model_id else None

    def name_of(self, model_id: str) -> str:
        """Return the display name of a model; the id if the model is not in the list."""
        model = self.get(model_id)
        return model.short_name if model is not None else model_id

    def resolve(self, typed: str) -> Model:
        """Resolve what a person typed to a model; raises ``AppError`` with suggestions.

        Without a list, an id with a slash is used as typed: the service decides.
        """
        models = self._known()
        if models or not typed.strip():
            return resolve(typed, models)
        if "/" in typed.strip("/ "):
            return Model(id=normal_id(typed), name=normal_id(typed))
        raise AppError(_no_list(typed.strip(), self.problem))

    def refresh(self, *, unless_fresh: bool = False) -> Changes:
        """Fetch the list now. Blocks; raises ``AppError`` and keeps the old list on failure.

        With ``unless_fresh`` nothing is fetched if the list is fresh, or if another thread has just fetched it.
        """
        with self._fetching:
            if unless_fresh and self.is_fresh:
                return self.changes
            before = self.models
            try:
                fetched = self._source().models()
            except AppError as trouble:
                self.problem = trouble.problem
                raise
            now = self._now()
            if fetched:
                self._keep(fetched, now)
            self.problem = None
            self.changes = changes(before, fetched or before, now.date())
            return self.changes

    def refresh_behind(self, done: Callable[[Changes | Problem], None], *, force: bool = False) -> bool:
        """Refresh the list on a thread unless it is fresh, then call ``done`` there. Returns whether it was started."""
        if self.is_fresh and not force:
            return False
        threading.Thread(target=self._refresh_and_tell, args=(done,), name="catalogue", daemon=True).start()
        return True

    @property
    def favourites(self) -> tuple[str, ...]:
        """Favourite ids in order; some may no longer be in the catalogue."""
        return _texts(self._app_state.get(_FAVOURITES_KEY))

    def toggle_favourite(self, model_id: str) -> bool:
        """Add a model to the favourites or remove it; returns whether it is a favourite now."""

        def turn(kept: object) -> list[str]:
            old = _texts(kept)
            return [*old, model_id] if model_id not in old else [i for i in old if i != model_id]

        return model_id in _texts(self._app_state.change(_FAVOURITES_KEY, turn))

    @property
    def recents(self) -> tuple[str, ...]:
        """Recently used ids, latest first."""
        return _texts(self._app_state.get(_RECENTS_KEY))

    def used(self, model_id: str) -> None:
        """Record that a model was used."""
        if self.recents[:1] != (model_id,):
            self._app_state.change(
                _RECENTS_KEY, lambda kept: [model_id, *(i for i in _texts(kept) if i != model_id)][:_RECENTS]
            )

    def step(self, model_id: str, by: int) -> str | None:
        """Return the next (or previous) recent model that still exists, cyclically; ``None`` if there is none."""
        row = [i for i in self.recents if self.get(i) or not self._known()]
        if not row or row == [model_id]:
            return None
        place = row.index(model_id) if model_id in row else -by if by > 0 else 0
        return row[(place + by) % len(row)]

    def sections(self, count: int = 5) -> tuple[ModelSection, ...]:
        """Return the sections of the model picker for the current list."""
        return sections(self.models, self._now().date(), count)

    def cards(self) -> tuple[ModelSection, ...]:
        """Return the three models offered on the first run."""
        return cards(self.models, self._now().date())

    def _refresh_and_tell(self, done: Callable[[Changes | Problem], None]) -> None:
        try:
            news: Changes | Problem = self.refresh()
        except AppError as trouble:
            news = trouble.problem
        done(news)

    def _known(self) -> Mapping[str, Model]:
        with self._lock:
            if self._models is None:
                cached = self._cache.load()
                self._models = _by_id(cached.models) if cached else {}
                self._fetched_at = cached.fetched_at if cached else None
            return self._models

    def _keep(self, fetched: Sequence[Model], now: datetime) -> None:
        with self._lock:
            self._models, self._fetched_at = _by_id(fetched), now
        try:
            self._cache.save(fetched, now)
        except AppError as trouble:
            _log.warning("the catalogue could not be cached: %s", trouble)


def _no_list(typed: str, why: Problem | None) -> Problem:
    reason = f" ({why.title})" if why is not None else ""
    return Problem(
        kind=ErrorKind.UNKNOWN_MODEL,
        title=f"The catalogue is not here yet{reason}",
        detail=f"What {typed} stands for cannot be looked up, and nobody else is asked",
        hint="Name the whole id, author/model, or fetch the list with /refresh",
    )


def _by_id(models: Iterable[Model]) -> dict[str, Model]:
    return {m.id: m for m in models}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list | tuple) else ()
