"""Fixtures for the comparison tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.compare.lanes_app import LanesApp, demo_services
from tui_router.services.startup import Services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with demo_services(tmp_path) as services:
        yield services


@pytest.fixture
def app(services: Services) -> LanesApp:
    return LanesApp(services)
