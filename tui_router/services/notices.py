"""The one place where a failure is told that belongs to no answer: a refused disk, a broken setting, a lost key.

Whoever shows things subscribes. What was published before is kept and handed over at the subscription.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from tui_router.domain.problem import Kind, Problem, Trouble

Listener = Callable[[Problem], None]
"""Told a problem, on the thread that published it."""
_REPEAT_AFTER = 60.0
"""Seconds after which the same problem is told again."""


class Notices:
    """Passes problems on, each once while it lasts. Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._kept: list[Problem] = []
        self._told: dict[tuple[Kind, str], float] = {}

    def publish(self, problem: Problem) -> None:
        """Tell whoever listens, or keep it until somebody does; one of the same kind and title is told once a while."""
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
        """Do what nobody asked for just now, e.g. bring a figure up to date; what it raises is published."""
        try:
            act()
        except Trouble as trouble:
            self.publish(trouble.problem)

    def clear(self, problem: Problem) -> None:
        """The problem is over: the next of its kind and title is news, and nobody is told of this one any more."""
        key = (problem.kind, problem.title)
        with self._lock:
            self._told.pop(key, None)
            self._kept = [p for p in self._kept if (p.kind, p.title) != key]

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
