"""A machine for every test, with a stand-in that answers at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tui_router.standin.server import Standin


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Standin(speed=0) as standin:
        yield Machine(tmp_path, standin.base_url)
        assert standin.faults == ()
