"""Small persistent state, written in the background; reads include pending changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

from tui_router.domain.problem import AppError
from tui_router.services.writer import Writes

_log = logging.getLogger(__name__)


class StateStore(Protocol):
    """Persistent values by name."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a JSON value; ``default`` if there is none."""
        ...

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a value by ``how(value)``, atomically across instances; raises ``AppError``."""
        ...


class AppState:
    """Persistent values with pending changes applied. Thread-safe."""

    def __init__(self, facts: StateStore, writes: Writes) -> None:
        """Take the stored values and the write queue."""
        self._facts = facts
        self._writes = writes
        self._lock = threading.RLock()
        self._unwritten: dict[str, tuple[int, Any]] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value; ``default`` if there is none."""
        with self._lock:
            if name in self._unwritten:
                value = self._unwritten[name][1]
                return default if value is None else value
        try:
            return self._facts.get(name, default)
        except AppError as trouble:  # small state that cannot be read is not worth failing for
            _log.warning("%s could not be read: %s", name, trouble)
            return default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a value that is a list of strings; anything else counts as empty."""
        found = self.get(name, [])
        return tuple(v for v in found if isinstance(v, str)) if isinstance(found, list) else ()

    def put(self, name: str, value: Any) -> None:
        """Set a value; ``None`` deletes it."""
        self.change(name, lambda _: value)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a value by ``how(value)``; ``how`` is applied again to the stored value when it is written."""
        with self._lock:
            value = how(self.get(name))
            count = self._unwritten.get(name, (0, None))[0]
            self._unwritten[name] = (count + 1, value)

        def written() -> None:
            with self._lock:
                left, latest = self._unwritten.pop(name)
                if left > 1:
                    self._unwritten[name] = (left - 1, latest)

        self._writes.put(lambda: self._facts.change(name, how), written)
        return value
