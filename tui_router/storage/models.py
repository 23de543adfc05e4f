"""The cached list of models: shown at once, refreshed behind. A cache that cannot be read is no cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.problem import Trouble
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.domain.usage import PriceStep, Pricing
from tui_router.storage.files import read_bytes, write_private
from tui_router.storage.places import Places

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedCatalogue:
    """The models, and when they were fetched (UTC)."""

    models: tuple[Model, ...]
    fetched_at: datetime


class ModelCache:
    """The cache of one address: the list of a test server is never taken for that of the service."""

    def __init__(self, places: Places, base_url: str = DEFAULT_BASE_URL) -> None:
        self._path = places.catalogue
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
            models = tuple(_model(row) for row in document["models"])
            return CachedCatalogue(models=models, fetched_at=datetime.fromisoformat(document["fetched_at"]))
        except (Trouble, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
            return None

    def save(self, models: Sequence[Model], fetched_at: datetime | None = None) -> None:
        """Keep a list; raises ``Trouble`` when the disk refuses."""
        document = {
            "version": VERSION,
            "base_url": self._base_url,
            "fetched_at": (fetched_at or datetime.now(UTC)).isoformat(),
            "models": [_row(m) for m in models],
        }
        write_private(self._path, json.dumps(document, separators=(",", ":")))


def _row(value: Any) -> dict[str, Any]:
    """A frozen value as a sparse JSON object: fields that hold their default are left out."""
    row: dict[str, Any] = {}
    for declared in fields(value):
        current = getattr(value, declared.name)
        default = declared.default_factory() if callable(declared.default_factory) else declared.default
        if current != default:
            row[declared.name] = _plain(current)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, Pricing | PriceStep | ReasoningAbility):
        return _row(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _model(row: dict[str, Any]) -> Model:
    values = dict(row)
    for name in ("inputs", "outputs", "parameters"):
        if name in values:
            values[name] = frozenset(values[name])
    for name in ("created", "expires"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    if "pricing" in values:
        values["pricing"] = _pricing(values["pricing"])
    if "reasoning" in values:
        ability = values["reasoning"]
        values["reasoning"] = ReasoningAbility(**ability | {"efforts": tuple(ability.get("efforts", ()))})
    return Model(**values)


def _pricing(row: dict[str, Any]) -> Pricing:
    values: dict[str, Any] = {n: Decimal(v) if isinstance(v, str) else v for n, v in row.items()}
    if "steps" in values:
        values["steps"] = tuple(_step(s) for s in values["steps"])
    return Pricing(**values)


def _step(row: dict[str, Any]) -> PriceStep:
    values = dict(row)
    for name in ("utc_start", "utc_end"):
        if name in values:
            values[name] = time.fromisoformat(values[name])
    values["prices"] = tuple((n, Decimal(v)) for n, v in values.get("prices", ()))
    return PriceStep(**values)
