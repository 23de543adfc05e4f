"""The moment after which nothing more is waited for; it may be put off again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST = 6
"""Keep-alives put a curfew off for so many times its length at most; words put it off for ever."""


class Curfew:
    """Calls ``cut`` when its moment has come, on a thread of its own. Costs nothing until it is set."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self._cut = cut
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._at = self._latest = 0.0
        self._has_rung = False

    @property
    def is_set(self) -> bool:
        """True from the first ``set`` to ``lift``."""
        return self._timer is not None

    @property
    def has_rung(self) -> bool:
        """True once its moment had come."""
        return self._has_rung

    def set(self, seconds: float) -> None:
        """Set it, or put it off, to so many seconds from now."""
        with self._lock:
            now = time.monotonic()
            self._at, self._latest = now + seconds, now + seconds * LONGEST
            if self._timer is None:
                self._start(seconds)

    def put_off(self, seconds: float) -> None:
        """Put it off for a sign of life that carries nothing."""
        with self._lock:
            self._at = min(self._latest, time.monotonic() + seconds)

    def lift(self) -> None:
        """Forget it."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _start(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            left = self._at - time.monotonic()
            if left > 0:
                self._start(left)
                return
            self._has_rung = True
        self._cut()
