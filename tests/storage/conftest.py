"""A folder of one's own and a database in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_router.storage.database import Database
from tui_router.storage.opening import open_database
from tui_router.storage.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Three folders below a fresh one, none of them made yet."""
    return Places(config=tmp_path / "config", cache=tmp_path / "cache", log=tmp_path / "log")


@pytest.fixture
def database(places: Places) -> Iterator[Database]:
    """An open, empty database."""
    with open_database(places) as opened:
        yield opened
