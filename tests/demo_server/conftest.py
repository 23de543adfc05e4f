"""A demo server without delays and a raw client for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.server import DemoServer


@pytest.fixture
def demo_server() -> Iterator[DemoServer]:
    """A demo server that never waits; fails the test when something broke inside it."""
    with DemoServer(speed=0) as running:
        yield running
    assert running.faults == ()


@pytest.fixture
def client(demo_server: DemoServer) -> Client:
    """A raw client with a good key."""
    return Client(demo_server)
