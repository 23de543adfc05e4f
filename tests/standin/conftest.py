"""A stand-in without delays and a raw client for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.standin.raw_client import Client
from tui_router.standin.server import Standin


@pytest.fixture
def standin() -> Iterator[Standin]:
    """A stand-in that never waits; fails the test when something broke inside it."""
    with Standin(speed=0) as running:
        yield running
    assert running.faults == ()


@pytest.fixture
def client(standin: Standin) -> Client:
    """A raw client with a good key."""
    return Client(standin)
