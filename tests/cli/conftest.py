"""One stand-in that answers at once for all tests of a worker, and a shell of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tui_router.standin.server import Standin


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    with Standin(speed=0) as running:
        yield running
    assert running.faults == ()


@pytest.fixture
def shell(tmp_path: Path, standin: Standin) -> Shell:
    return Shell(tmp_path, standin.base_url)
