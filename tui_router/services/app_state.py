"""Small facts that outlive the program, written behind the screen and read as if they were written already."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

from tui_router.domain.problem import Trouble
from tui_router.services.writer import Writes

_log = logging.getLogger(__name__)


class StateStore(Protocol):
    """The facts on disk."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a fact made of JSON values."""
        ...

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a fact by what ``how`` makes of it, in one step over all windows; raises ``Trouble``."""
        ...


class AppState:
    """Facts with their unwritten changes laid over them. Safe from any thread."""

    def __init__(self, facts: StateStore, writes: Writes) -> None:
        """Take the facts on disk, and what carries writes out."""
        self._facts = facts
        self._writes = writes
        self._lock = threading.RLock()
        self._unwritten: dict[str, tuple[int, Any]] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a fact; ``default`` when there is none."""
        with self._lock:
            if name in self._unwritten:
                value = self._unwritten[name][1]
                return default if value is None else value
        try:
            return self._facts.get(name, default)
        except Trouble as trouble:  # a hint or a figure that cannot be read now is not worth a failure
            _log.warning("%s could not be read: %s", name, trouble)
            return default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a fact that is a list of texts; whatever else it is counts as empty."""
        found = self.get(name, [])
        return tuple(v for v in found if isinstance(v, str)) if isinstance(found, list) else ()

    def put(self, name: str, value: Any) -> None:
        """Keep a fact; ``None`` forgets it."""
        self.change(name, lambda _: value)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a fact by what ``how`` makes of it; it is applied again to what is on disk when that is written."""
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
