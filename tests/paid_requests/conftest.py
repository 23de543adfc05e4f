"""A server that charges and a purse for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.charging_server import ChargingServer
from tests.paid_requests.charged_shell import ChargedShell
from tests.paid_requests.homes import ChargedHome


@pytest.fixture
def server() -> Iterator[ChargingServer]:
    with ChargingServer() as running:
        yield running
    assert running.faults == []


@pytest.fixture
def shell(tmp_path: Path, server: ChargingServer) -> ChargedShell:
    return ChargedShell(tmp_path, server)


@pytest.fixture
def charged_home(shell: ChargedShell) -> ChargedHome:
    """The app in the folder of the purse, with settings of its own."""
    (shell.config / "settings.toml").unlink()
    return ChargedHome(shell.config, shell.server)
