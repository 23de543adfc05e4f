"""The endpoints that serve a model. Fetched with a key if there is one: speeds are only available with a key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from tui_router.domain.account import Endpoint
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError, ErrorKind

_FIGURES_FRESH_FOR = timedelta(minutes=10)
"""The service reports speed and uptime over the last 30 minutes."""
_POLICIES_FRESH_FOR = timedelta(hours=1)


class EndpointSource(Protocol):
    """What the account needs of a client."""

    def endpoints(self, model_id: str) -> tuple[Endpoint, ...]:
        """Fetch the endpoints of a model; raises ``AppError``."""
        ...

    def zero_retention(self) -> frozenset[tuple[str, str]]:
        """Fetch (dated model id, tag) of all endpoints without prompt retention; raises ``AppError``."""
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    source: EndpointSource
    at: datetime
    endpoints: tuple[Endpoint, ...]


class Serving:
    """Fetches and caches endpoint tables. Thread-safe; fetches block."""

    def __init__(
        self,
        public: Callable[[], EndpointSource],
        keyed: Callable[[], EndpointSource | None],
        now: Callable[[], datetime],
        row: Callable[[str], Model | None],
    ) -> None:
        self._public = public
        self._keyed = keyed
        self._now = now
        self._row = row
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._zero_retention: tuple[datetime, frozenset[tuple[str, str]]] | None = None

    def endpoints(self, model_id: str) -> tuple[Endpoint, ...]:
        """Return the endpoints of a model, cached for 10 minutes. Raises ``AppError``."""
        source = self._keyed() or self._public()
        kept = self._kept.get(model_id)
        if kept and kept.source is source and self._now() - kept.at < _FIGURES_FRESH_FOR:
            return kept.endpoints
        row = self._row(model_id)
        wanted = row.alias_of if row and row.alias_of else model_id
        try:
            found = source.endpoints(wanted)
        except AppError as trouble:
            if trouble.problem.kind is not ErrorKind.BAD_KEY:
                raise
            found = self._public().endpoints(wanted)
        self._keep(model_id, _Kept(source, self._now(), found))
        return found

    def with_policies(self, model_id: str) -> tuple[Endpoint, ...]:
        """Return the endpoints of a model with their data retention policies. Raises ``AppError``."""
        found = self.endpoints(model_id)
        listed = self._keeps_nothing()
        if not listed:
            return found
        known = tuple(
            e if e.policy.retains is not None else _with_retention(e, (e.model, e.tag) not in listed) for e in found
        )
        self._keep(model_id, replace(self._kept[model_id], endpoints=known))
        return known

    def known(self, model_id: str) -> Sequence[Endpoint]:
        """Return the cached endpoints of a model without fetching."""
        kept = self._kept.get(model_id)
        return kept.endpoints if kept else ()

    def name_of(self, slug: str) -> str:
        """Return a provider's display name for a routing slug if a fetched table has it."""
        with self._lock:
            seen = [e for kept in self._kept.values() for e in kept.endpoints]
        base, _, variant = slug.partition("/")
        name = next((e.provider for e in seen if e.tag.partition("/")[0] == base), base)
        return f"{name} {variant}" if variant else name

    def _keep(self, model_id: str, kept: _Kept) -> None:
        with self._lock:
            self._kept[model_id] = kept

    def _keeps_nothing(self) -> frozenset[tuple[str, str]]:
        kept = self._zero_retention
        if kept is None or self._now() - kept[0] >= _POLICIES_FRESH_FOR:
            kept = self._zero_retention = (self._now(), self._public().zero_retention())
        return kept[1]


def _with_retention(endpoint: Endpoint, retains: bool) -> Endpoint:
    return replace(endpoint, policy=replace(endpoint.policy, retains=retains))
