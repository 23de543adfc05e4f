"""A separate home for every test, with a demo server that answers immediately, or waits for a valve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.app.driver import Home
from tests.valve import Valve
from tui_router.demo_server.server import DemoServer


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with DemoServer(speed=0) as demo_server:
        yield Home(tmp_path / "config", demo_server)
        assert demo_server.errors == ()


@pytest.fixture
def slow_home(home: Home) -> Iterator[tuple[Home, Valve]]:
    """A home whose answers can be held on their way."""
    with Valve(home.demo_server.port) as valve:
        home.environ["OPENROUTER_BASE_URL"] = valve.base_url
        yield home, valve
