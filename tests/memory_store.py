"""Stores in memory for tests: ``tests/conftest.py`` closes those of a test when it ends."""

from __future__ import annotations

from tui_router.storage.bootstrap import open_in_memory
from tui_router.storage.database import Database

_OPENED: list[Database] = []


def memory_store() -> Database:
    """Return a store in memory that nobody has to close."""
    database = open_in_memory()
    _OPENED.append(database)
    return database


def close_memory_stores() -> None:
    """Close what was opened since the last time."""
    while _OPENED:
        _OPENED.pop().close()
