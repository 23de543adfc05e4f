"""A demo server without delays, and a raw client for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.server import DemoServer


@pytest.fixture
def demo_server() -> Iterator[DemoServer]:
    """Demo server without delays; fails the test on internal errors."""
    with DemoServer(speed=0) as running:
        yield running
    assert running.errors == ()


@pytest.fixture
def client(demo_server: DemoServer) -> Client:
    """Raw client with a valid key."""
    return Client(demo_server)
