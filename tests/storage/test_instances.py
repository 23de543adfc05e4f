"""Running instances."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tui_router.storage.instances import Instance


def test_an_instance_runs_from_claim_to_release(tmp_path: Path) -> None:
    one, other = Instance(tmp_path / "w"), Instance(tmp_path / "w")
    assert not other.is_running(one.token)
    one.claim()
    one.claim()
    assert other.is_running(one.token)
    assert one.is_running(one.token)
    assert not other.remove_stale()
    one.release()
    one.release()
    assert not other.is_running(one.token)
    assert list((tmp_path / "w").iterdir()) == []


def test_a_killed_instance_is_found_and_removed_once(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    code = (
        "import sys, os, signal; from pathlib import Path; from tui_router.storage.instances import Instance\n"
        "w = Instance(Path(sys.argv[1])); w.claim(); print(w.token, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        token = process.stdout.readline().strip()
        mine = Instance(folder)
        assert mine.is_running(token)
        assert not mine.remove_stale()
        process.kill()
        process.wait()
        assert not mine.is_running(token)
        assert mine.remove_stale()
        assert not mine.remove_stale()


def test_without_a_folder_only_oneself_runs() -> None:
    instance = Instance(None)
    instance.claim()
    assert instance.is_running(instance.token)
    assert not instance.is_running("1-other")
    assert not instance.is_running("")
    assert not instance.remove_stale()
    instance.release()


def test_where_a_lock_cannot_be_taken_the_process_id_decides(tmp_path: Path) -> None:
    # A folder cannot be opened for writing: the same road as a file system without locks.
    for token, runs in ((f"{os.getpid()}-a", True), ("999999999-b", False), ("word-c", False), ("1-init", True)):
        (tmp_path / token).mkdir()
        assert Instance(tmp_path).is_running(token) is runs


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    instance = Instance(tmp_path / "file")
    instance.claim()
    assert instance.is_running(instance.token)
    instance.release()
