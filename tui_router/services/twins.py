"""Equal requests that want to run at the same time: the first one goes, the others wait for its answer."""

from __future__ import annotations

import threading


class Twins:
    """Who is asked just now. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, str] = {}
        """What is asked, by who asks it."""

    def enter(self, name: str, key: str) -> bool:
        """Begin to ask ``key``; ``False`` while somebody else does. An empty key is equal to no other."""
        with self._lock:
            if key and key in self._asked.values():
                return False
            if key:
                self._asked[name] = key
            return True

    def leave(self, name: str) -> None:
        """It has ended."""
        with self._lock:
            self._asked.pop(name, None)
