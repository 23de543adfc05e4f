"""A server that charges and a purse for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.charging_server import ChargingServer
from tests.road.homes import ChargedHome
from tests.road.purse import Purse


@pytest.fixture
def server() -> Iterator[ChargingServer]:
    with ChargingServer() as running:
        yield running
    assert running.faults == []


@pytest.fixture
def purse(tmp_path: Path, server: ChargingServer) -> Purse:
    return Purse(tmp_path, server)


@pytest.fixture
def charged_home(purse: Purse) -> ChargedHome:
    """The app in the folder of the purse, with settings of its own."""
    (purse.config / "settings.toml").unlink()
    return ChargedHome(purse.config, purse.server)
