"""The file in which processes tell each other what they have started."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_router.domain.rate_limit import Share, Shares, Ticket
from tui_router.storage import rate
from tui_router.storage.rate import RateFile, _parsed

NOW = 1_700_000_000.0
BUSY = Share(starts=(NOW - 1.5, NOW), flying=1, held=2, waiting=(Ticket(True, NOW, 3, True),), seen=NOW, paused=NOW + 9)

IDLE = Share()


def seen_by(file: RateFile, mine: Share = IDLE, now: float = NOW) -> dict[str, Share]:
    """Exchange, and return what the others have."""
    found: list[Shares] = []

    def decide(others: Shares) -> Share:
        found.append(others)
        return mine

    file.exchange(now, decide)
    assert len(found) == 1
    return dict(found[0])


def test_each_process_sees_the_shares_of_the_others(tmp_path: Path) -> None:
    one, other = RateFile(tmp_path, "key"), RateFile(tmp_path, "key")
    assert seen_by(one, BUSY) == {}
    assert seen_by(other) == {one.token: BUSY}
    assert seen_by(one) == {}
    assert seen_by(other) == {}


def test_each_key_has_a_file_of_its_own_that_only_the_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "rate"
    seen_by(RateFile(folder, "one"), BUSY)
    assert seen_by(RateFile(folder, "two")) == {}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / n).stat().st_mode) for n in ("one.json", "one.lock")} == {0o600}


@pytest.mark.parametrize("is_killed", [True, False])
def test_what_a_process_leaves_behind_still_counts_but_holds_no_place(tmp_path: Path, is_killed: bool) -> None:
    one, other = RateFile(tmp_path, "key"), RateFile(tmp_path, "key")
    seen_by(one, BUSY)
    if is_killed:
        handle = one._instance._handle
        assert handle is not None
        os.close(handle)  # as the kernel does
    else:
        one.close()
    (left,) = seen_by(other).values()
    assert sorted(left.starts) == [NOW - 1.5, NOW, NOW]
    assert (left.held, left.flying, left.waiting, len(left.cooling)) == (0, 0, (), 2)
    assert left.paused == BUSY.paused
    assert seen_by(other, now=NOW + 100) == {}


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"[]", b'{"shares": {"a": {"starts": [1e999]}}}', b"\xff{"])
def test_a_damaged_file_is_begun_anew_and_heals(tmp_path: Path, damage: bytes) -> None:
    one, other = RateFile(tmp_path, "key"), RateFile(tmp_path, "key")
    seen_by(one, BUSY)
    (tmp_path / "key.json").write_bytes(damage)
    assert seen_by(other) == {}
    seen_by(one, BUSY)
    assert seen_by(other) == {one.token: BUSY}


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_in_the_file_is_read_without_a_fault(data: bytes) -> None:
    assert isinstance(_parsed(data), dict)


def test_a_folder_that_cannot_be_used_means_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "rate").write_text("a file is in the way")
    assert seen_by(RateFile(tmp_path / "rate", "key"), BUSY) == {}


def test_a_full_disk_still_lets_a_process_see_the_others(tmp_path: Path) -> None:
    one, other = RateFile(tmp_path, "key"), RateFile(tmp_path, "key")
    seen_by(one, BUSY)
    (tmp_path / ".key.json.tmp").mkdir()  # nothing can be written beside the file
    assert seen_by(other, BUSY) == {one.token: BUSY}
    assert seen_by(other, BUSY) == {one.token: BUSY}


def test_while_another_process_decides_nothing_is_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "_PATIENCE", 0.0)
    one, other = RateFile(tmp_path, "key"), RateFile(tmp_path, "key")
    seen_by(one, BUSY)
    handle = os.open(tmp_path / "key.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    decided: list[Shares] = []

    def decide(others: Shares) -> Share:
        decided.append(others)
        return IDLE

    assert not other.exchange(NOW, decide)
    assert decided == []
    os.close(handle)
    assert seen_by(other) == {one.token: BUSY}


def test_who_is_stuck_with_the_lock_is_not_waited_for_and_the_others_still_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "_PATIENCE", 0.0)
    one, other = RateFile(tmp_path, "key"), RateFile(tmp_path, "key")
    seen_by(one, BUSY)
    assert seen_by(other) == {one.token: BUSY}
    handle = os.open(tmp_path / "key.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    monkeypatch.setattr(rate, "_LONGEST_HOLD", -1.0)
    assert seen_by(other) == {one.token: BUSY}
    assert other._not_before > time.monotonic()
    os.close(handle)
    other._not_before = 0.0
    assert seen_by(other) == {one.token: BUSY}
