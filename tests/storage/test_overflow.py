"""Overflow files: charges that the database cannot take are appended to a file and replayed at the next start."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.values import NOON
from tui_router.domain.charge import Charge, ChargeState, Purpose, Settlement
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.bootstrap import open_in_memory
from tui_router.storage.charges import Charges
from tui_router.storage.overflow import OverflowCharges, OverflowFile

CHARGE = Charge(
    id="c1",
    at=NOON,
    model=ModelRef("a/b", "home"),
    purpose=Purpose.MERGE,
    conversation_id="talk",
    message_id="m1",
    lane=2,
    attempt=3,
    key="finger",
    reserved=Decimal("0.25"),
    prompt_tokens=7,
)
END = Settlement(
    state=ChargeState.ESTIMATED,
    usage=Usage(prompt_tokens=7, completion_tokens=9, cost=Decimal("0.001"), is_estimate=True),
    served_model="a/b-1",
    provider="P",
    generation_id="gen-1",
    ending="failed",
    look_up_at=NOON + timedelta(seconds=1),
    is_counted=False,
)


def overflow_of(config: Path, *elsewhere: Path) -> OverflowCharges:
    return OverflowCharges(OverflowFile("charges", config, elsewhere))


def crash(overflow: OverflowCharges | OverflowFile) -> None:
    """Let go of the locks as the kernel does for a process that was killed."""
    files = (overflow._file if isinstance(overflow, OverflowCharges) else overflow)._open
    assert files
    for file in files:
        os.close(file.handle)


def taken(overflow: OverflowCharges) -> list[tuple[Charge, Settlement | None]]:
    found: list[tuple[Charge, Settlement | None]] = []
    overflow.replay(lambda charge, settlement: found.append((charge, settlement)))
    return found


def test_what_a_killed_process_left_comes_back_as_it_was_and_once(tmp_path: Path) -> None:
    overflow = overflow_of(tmp_path)
    assert overflow.keep(CHARGE)
    assert overflow.keep(CHARGE, END)
    crash(overflow)
    assert taken(overflow_of(tmp_path)) == [(CHARGE, None), (CHARGE, END)]
    assert taken(overflow_of(tmp_path)) == []


def test_the_file_of_a_process_that_runs_is_left_to_it(tmp_path: Path) -> None:
    overflow = overflow_of(tmp_path)
    overflow.keep(CHARGE)
    assert taken(overflow_of(tmp_path)) == []
    crash(overflow)
    assert taken(overflow_of(tmp_path)) == [(CHARGE, None)]


def test_nothing_is_left_once_the_store_has_everything(tmp_path: Path) -> None:
    overflow = overflow_of(tmp_path)
    overflow.keep(CHARGE)
    overflow.discard()
    assert list(tmp_path.iterdir()) == []
    assert overflow.keep(CHARGE)


def test_a_folder_that_takes_nothing_is_passed_over(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    overflow = overflow_of(tmp_path / "missing", other)
    assert overflow.keep(CHARGE)
    crash(overflow)
    assert taken(overflow_of(tmp_path / "elsewhere", other)) == []
    assert taken(overflow_of(tmp_path / "missing", other)) == [(CHARGE, None)]
    assert not overflow_of(tmp_path / "missing").keep(CHARGE)


@pytest.mark.parametrize("line", ["{", "7", '{"id": 1}', "", "\x00"])
def test_a_damaged_line_costs_no_other(tmp_path: Path, line: str) -> None:
    overflow = overflow_of(tmp_path)
    overflow.keep(CHARGE)
    os.write(overflow._file._open[0].handle, f"{line}\n".encode())
    overflow.keep(CHARGE, END)
    crash(overflow)
    assert taken(overflow_of(tmp_path)) == [(CHARGE, None), (CHARGE, END)]


def test_the_ledger_takes_a_charge_in_however_often_it_is_given(tmp_path: Path) -> None:
    charges = Charges(open_in_memory())
    for _ in range(2):
        charges.take(CHARGE, None)
    assert [c.id for c in charges.fallen()] == ["c1"]
    for _ in range(2):
        charges.take(CHARGE, END)
    assert charges.fallen() == ()
    assert [c.generation_id for c in charges.pending()] == ["gen-1"]
    assert charges.spent_in("talk") == Decimal("0.001")
    charges.settle("c1", replace(END, state=ChargeState.SETTLED, usage=Usage(cost=Decimal("0.002"))))
    charges.take(CHARGE, END)
    assert charges.spent_in("talk") == Decimal("0.002")


def lines_of(config: Path, *elsewhere: Path) -> list[object]:
    found: list[object] = []
    OverflowFile("words", config, elsewhere).replay(found.extend)
    return found


def test_files_come_in_the_order_they_were_begun_wherever_they_lie(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for folder, line in ((other, b"1\n"), (tmp_path, b"2\n"), (other, b"3\n")):
        overflow = OverflowFile("words", tmp_path, [other])
        overflow._folders = (folder,)
        assert overflow.begin(line)
        crash(overflow)
    assert lines_of(tmp_path, other) == [1, 2, 3]


def test_half_a_line_that_the_disk_took_ends_before_the_next(tmp_path: Path) -> None:
    overflow = OverflowFile("words", tmp_path)
    assert overflow.keep(b"1\n")
    os.write(overflow._open[0].handle, b"[2, 3")
    overflow._is_broken = True
    assert overflow.append(b"4\n")
    crash(overflow)
    assert lines_of(tmp_path) == [1, None, 4]


def test_all_files_of_a_process_go_once_the_store_has_everything(tmp_path: Path) -> None:
    overflow = OverflowFile("words", tmp_path)
    assert overflow.begin(b"1\n")
    assert overflow.begin(b"2\n")
    assert overflow.path in list(tmp_path.iterdir())
    assert not overflow.has_leftovers
    overflow.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["a link", "a pipe", "a folder", "open to others"])
def test_what_is_no_file_of_ours_is_neither_read_nor_removed(tmp_path: Path, what: str) -> None:
    overflow = OverflowFile("words", tmp_path)
    assert overflow.begin(b"1\n")
    (path,) = tmp_path.iterdir()
    crash(overflow)
    if what == "open to others":
        path.chmod(0o666)
    else:
        path.rename(tmp_path / "elsewhere")
        if what == "a link":
            path.symlink_to(tmp_path / "elsewhere")
        elif what == "a pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
    assert lines_of(tmp_path) == []
    assert path in list(tmp_path.iterdir())


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser gives files away")
    overflow = OverflowFile("words", tmp_path)
    assert overflow.begin(b"1\n")
    crash(overflow)
    (path,) = tmp_path.iterdir()
    os.chown(path, 12345, -1)
    assert lines_of(tmp_path) == []
    assert path.exists()


def test_a_new_file_is_private_and_never_one_that_is_there(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        overflow = OverflowFile("words", tmp_path)
        assert overflow.begin(b"1\n")
    finally:
        os.umask(before)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    overflow.discard()
