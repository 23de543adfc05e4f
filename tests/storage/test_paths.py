"""Where things lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tui_router.storage.paths import find_paths


def test_the_flag_wins_over_the_environment_and_keeps_everything_below_it(tmp_path: Path) -> None:
    paths = find_paths(str(tmp_path / "a"), {"TUI_ROUTER_CONFIG_DIR": str(tmp_path / "b")})
    assert paths.config == tmp_path / "a"
    files = (paths.settings, paths.keys, paths.database, paths.themes, paths.prompts, paths.instances)
    for path in (*files, paths.catalogue, paths.log_file):
        assert path.is_relative_to(tmp_path / "a")
    assert not paths.config.exists()


def test_the_environment_wins_over_the_platform(tmp_path: Path) -> None:
    assert find_paths(None, {"TUI_ROUTER_CONFIG_DIR": str(tmp_path)}).config == tmp_path


def test_the_platform_decides_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    paths = find_paths(None, {})
    assert paths.config.name == "tui-router"
    assert paths.cache != paths.config


def test_paths_and_settings_load_neither_sqlite_nor_what_only_a_save_needs() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import tui_router.storage.paths, tui_router.storage.settings, tui_router.storage.keys\n"
        "late = {'sqlite3', 'tomllib', 'tomlkit', 'platformdirs', 'subprocess', 'keyring', 'httpx', 'textual'}\n"
        "print(sorted(late & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
