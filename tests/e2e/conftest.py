"""A machine for every test, with a demo server that answers at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tui_router.demo_server.server import DemoServer


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with DemoServer(speed=0) as demo_server:
        yield Machine(tmp_path, demo_server.base_url)
        assert demo_server.errors == ()
