"""One demo server that answers at once for all tests of a worker, and a shell of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tui_router.demo_server.server import DemoServer


@pytest.fixture(scope="session")
def demo_server() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as running:
        yield running
    assert running.errors == ()


@pytest.fixture
def shell(tmp_path: Path, demo_server: DemoServer) -> Shell:
    return Shell(tmp_path, demo_server.base_url)
