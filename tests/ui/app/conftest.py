"""A home of one's own for every test, with a stand-in that answers at once; with a valve where answers must wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.app.driver import Home
from tests.valve import Valve
from tui_router.standin.server import Standin


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Standin(speed=0) as standin:
        yield Home(tmp_path / "config", standin)
        assert standin.faults == ()


@pytest.fixture
def slow_home(home: Home) -> Iterator[tuple[Home, Valve]]:
    """A home whose answers can be held on their way."""
    with Valve(home.standin.port) as valve:
        home.environ["OPENROUTER_BASE_URL"] = valve.base_url
        yield home, valve
