"""The wheel holds all that the program reads besides its code."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.source import ROOT

_DATA = (".toml", ".tcss", ".json", ".md", ".sql", ".typed", ".txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel and return the names of its files."""
    folder: Path = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_every_module_and_every_data_file_of_the_package_is_in_the_wheel(wheel: set[str]) -> None:
    package = {p.relative_to(ROOT).as_posix() for p in (ROOT / "tui_router").rglob("*") if p.is_file()}
    wanted = {name for name in package if name.endswith((".py", *_DATA))}
    assert wanted - wheel == set()
    assert "tui_router/py.typed" in wheel


def test_every_theme_is_in_the_wheel_where_the_program_looks_for_it(wheel: set[str]) -> None:
    themes = {f"tui_router/themes/{p.name}" for p in (ROOT / "themes").glob("*.toml")}
    assert themes
    assert themes <= wheel


def test_the_wheel_holds_the_licence_and_no_tests(wheel: set[str]) -> None:
    assert any(name.endswith("LICENSE") for name in wheel)
    assert not [name for name in wheel if name.startswith(("tests/", "screenshots/"))]
