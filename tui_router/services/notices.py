"""Background notices: failures that belong to no answer, such as a full disk, a bad setting or a lost key.

The screen or shell subscribes. Notices published earlier are kept and delivered on subscription.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from tui_router.domain.problem import AppError, ErrorKind, Problem

Listener = Callable[[Problem], None]
"""Receives a problem on the thread that published it."""
_REPEAT_AFTER = 60.0
"""Seconds after which the same problem is published again."""


class Notices:
    """Delivers each problem once while it lasts. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._kept: list[Problem] = []
        self._told: dict[tuple[ErrorKind, str], float] = {}

    def publish(self, problem: Problem) -> None:
        """Deliver a problem, or keep it until someone subscribes. Repeats of the same kind and title are throttled."""
        key, now = (problem.kind, problem.title), self._clock()
        with self._lock:
            if now - self._told.get(key, float("-inf")) < _REPEAT_AFTER:
                return
            self._told[key] = now
            listeners = tuple(self._listeners)
            if not listeners:
                self._kept.append(problem)
        for listener in listeners:
            listener(problem)

    def guard(self, act: Callable[[], object]) -> None:
        """Run a background task; publish the ``AppError`` it raises."""
        try:
            act()
        except AppError as trouble:
            self.publish(trouble.problem)

    def clear(self, problem: Problem) -> None:
        """Mark a problem as resolved: it is no longer delivered, and its next occurrence is published again."""
        key = (problem.kind, problem.title)
        with self._lock:
            self._told.pop(key, None)
            self._kept = [p for p in self._kept if (p.kind, p.title) != key]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Deliver kept and future problems to ``listener``; call the returned function to unsubscribe."""
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
