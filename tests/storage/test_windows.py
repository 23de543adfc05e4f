"""Which windows run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tui_router.storage.windows import Window


def test_a_window_runs_from_its_claim_to_its_goodbye(tmp_path: Path) -> None:
    one, other = Window(tmp_path / "w"), Window(tmp_path / "w")
    assert not other.is_running(one.token)
    one.claim()
    one.claim()
    assert other.is_running(one.token)
    assert one.is_running(one.token)
    assert not other.bury_fallen()
    one.release()
    one.release()
    assert not other.is_running(one.token)
    assert list((tmp_path / "w").iterdir()) == []


def test_a_killed_window_is_found_and_buried_once(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    code = (
        "import sys, os, signal; from pathlib import Path; from tui_router.storage.windows import Window\n"
        "w = Window(Path(sys.argv[1])); w.claim(); print(w.token, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        token = process.stdout.readline().strip()
        mine = Window(folder)
        assert mine.is_running(token)
        assert not mine.bury_fallen()
        process.kill()
        process.wait()
        assert not mine.is_running(token)
        assert mine.bury_fallen()
        assert not mine.bury_fallen()


def test_without_a_folder_only_oneself_runs() -> None:
    window = Window(None)
    window.claim()
    assert window.is_running(window.token)
    assert not window.is_running("1-other")
    assert not window.is_running("")
    assert not window.bury_fallen()
    window.release()


def test_where_a_lock_cannot_be_taken_the_process_id_decides(tmp_path: Path) -> None:
    # A folder cannot be opened for writing: the same road as a file system without locks.
    for token, runs in ((f"{os.getpid()}-a", True), ("999999999-b", False), ("word-c", False), ("1-init", True)):
        (tmp_path / token).mkdir()
        assert Window(tmp_path).is_running(token) is runs


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    window = Window(tmp_path / "file")
    window.claim()
    assert window.is_running(window.token)
    window.release()
