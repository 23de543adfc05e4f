"""A folder of one's own and a database in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_router.storage.bootstrap import open_database
from tui_router.storage.database import Database
from tui_router.storage.paths import AppPaths


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    """Three folders below a fresh one, none of them made yet."""
    return AppPaths(config=tmp_path / "config", cache=tmp_path / "cache", log=tmp_path / "log")


@pytest.fixture
def database(paths: AppPaths) -> Iterator[Database]:
    """An open, empty database."""
    with open_database(paths) as opened:
        yield opened
