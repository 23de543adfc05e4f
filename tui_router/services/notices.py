"""The one place where a failure is told that belongs to no answer: a refused disk, a broken setting, a lost key.

Whoever shows things subscribes. What was published before is kept and handed over at the subscription.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from tui_router.domain.problem import Problem

Listener = Callable[[Problem], None]
"""Told a problem, on the thread that published it."""


class Notices:
    """Passes problems on. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._kept: list[Problem] = []

    def publish(self, problem: Problem) -> None:
        """Tell whoever listens, or keep it until somebody does."""
        with self._lock:
            listeners = tuple(self._listeners)
            if not listeners:
                self._kept.append(problem)
        for listener in listeners:
            listener(problem)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` what was kept, and everything from now on; call what is returned to stop."""
        with self._lock:
            kept, self._kept = self._kept, []
            self._listeners.append(listener)
        for problem in kept:
            listener(problem)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop
