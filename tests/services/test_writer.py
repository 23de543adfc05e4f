"""The thread that writes: in order, without keeping anybody waiting, and again and again while the disk refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import pytest

from tui_router.domain.problem import AppError, ErrorKind, Problem, Rejected
from tui_router.services.notices import Notices
from tui_router.services.writer import StoreWriter

PATIENCE = 10.0
FULL = Problem(kind=ErrorKind.STORAGE, title="The disk is full", hint="Free some space")
DUPLICATE = Problem(kind=ErrorKind.STORAGE, title="This is stored already")


class Disk:
    """Takes writes, unless it is told what is wrong with it."""

    def __init__(self) -> None:
        self.told: list[Problem] = []
        notices = Notices()
        notices.subscribe(self._tell)
        self.writer = StoreWriter(notices, pause=0.001)
        self.problem: Problem | None = None
        self.written: list[object] = []
        self.threads: set[int] = set()
        self.tries = 0
        self._heard = threading.Condition()

    def _tell(self, problem: Problem) -> None:
        with self._heard:
            self.told.append(problem)
            self._heard.notify_all()

    def write(self, what: object) -> Callable[[], object]:
        def write() -> None:
            self.tries += 1
            self.threads.add(threading.get_ident())
            if self.problem is not None:
                raise AppError(self.problem)
            self.written.append(what)

        return write

    def is_told(self, title: str) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: any(p.title == title for p in self.told), PATIENCE), self.told


@pytest.fixture
def disk() -> Disk:
    return Disk()


def test_writes_are_carried_out_in_order_on_another_thread(disk: Disk) -> None:
    for number in range(200):
        disk.writer.put(disk.write(number))
    assert disk.writer.wait(PATIENCE)
    assert disk.written == list(range(200))
    assert threading.get_ident() not in disk.threads
    assert len(disk.threads) == 1
    assert disk.writer.unsaved == 0


def test_putting_returns_at_once_and_waiting_ends_when_the_patience_does(disk: Disk) -> None:
    gate = threading.Event()
    disk.writer.put(gate.wait)
    disk.writer.put(disk.write("behind"))
    assert not disk.writer.wait(0.01)
    assert disk.writer.unsaved == 2
    gate.set()
    assert disk.writer.wait(PATIENCE)
    assert disk.written == ["behind"]


def test_nobody_is_kept_waiting_for_a_write_that_takes_longer_than_they_would_wait(disk: Disk) -> None:
    gate, began = threading.Event(), threading.Event()

    def slow() -> None:
        began.set()
        gate.wait()

    disk.writer.put(slow)
    assert began.wait(PATIENCE)
    assert not disk.writer.wait(0.05)
    started = monotonic()
    assert not any(disk.writer.wait(0.05) for _ in range(100))
    assert monotonic() - started < 100 * 0.05  # a hundred reads do not wait a hundred times
    gate.set()


def test_a_refused_write_is_kept_told_once_and_carried_out_when_the_disk_allows(disk: Disk) -> None:
    disk.problem = FULL
    for number in range(3):
        disk.writer.put(disk.write(number))
    disk.is_told("Not saved yet: the disk is full")
    assert not disk.writer.wait(PATIENCE)  # known to be refused: nobody waits
    assert disk.writer.problem == FULL
    assert disk.writer.unsaved == 3
    while disk.tries < 5:
        disk.writer.retry(0.001)
    disk.problem = None
    assert disk.writer.retry(PATIENCE)
    assert disk.written == [0, 1, 2]
    assert [p.title for p in disk.told] == ["Not saved yet: the disk is full", "Saved"]
    assert "tried again" in disk.told[0].hint
    assert disk.writer.problem is None


def test_a_second_refusal_is_told_again_and_so_is_another_reason(disk: Disk) -> None:
    disk.problem = FULL
    disk.writer.put(disk.write("a"))
    disk.is_told("Not saved yet: the disk is full")
    disk.problem = Problem(kind=ErrorKind.STORAGE, title="The disk failed")
    disk.writer.retry(0.001)
    disk.is_told("Not saved yet: the disk failed")
    disk.problem = None
    assert disk.writer.retry(PATIENCE)
    disk.problem = FULL
    disk.told.clear()
    disk.writer.put(disk.write("b"))
    disk.is_told("Not saved yet: the disk is full")
    disk.problem = None
    disk.is_told("Saved")


@pytest.mark.parametrize(
    "error",
    [
        Rejected(DUPLICATE),
        AppError(Problem(kind=ErrorKind.USAGE, title="No conversation is called x")),
        ZeroDivisionError("division by zero"),
    ],
    ids=["rejected", "other trouble", "a bug"],
)
def test_a_write_that_can_never_go_through_is_told_and_holds_nothing_back(disk: Disk, error: Exception) -> None:
    calls: list[str] = []

    def fail() -> None:
        calls.append("tried")
        raise error

    disk.writer.put(fail, lambda: calls.append("done"))
    disk.writer.put(disk.write("behind"), lambda: calls.append("written"))
    assert disk.writer.wait(PATIENCE)
    assert disk.written == ["behind"]
    assert calls == ["tried", "written"]
    title = error.problem.title if isinstance(error, AppError) else "Something could not be saved"
    assert [p.title for p in disk.told] == [title]


def test_what_is_refused_when_the_writer_closes_is_counted_and_nothing_is_written_afterwards(disk: Disk) -> None:
    disk.problem = FULL
    disk.writer.put(disk.write("a"))
    disk.writer.put(disk.write("b"))
    assert disk.writer.close(0.05) == 2
    disk.problem = None
    disk.writer.put(disk.write("late"))
    assert not disk.writer.retry(0.05)
    assert disk.written == []
    assert disk.writer.unsaved == 3


def test_closing_writes_what_waits(disk: Disk) -> None:
    for number in range(50):
        disk.writer.put(disk.write(number))
    assert disk.writer.close(PATIENCE) == 0
    assert disk.written == list(range(50))


def test_a_write_that_waits_for_the_writer_does_not_stop_it(disk: Disk) -> None:
    disk.writer.put(lambda: disk.writer.wait(PATIENCE * 10))
    disk.writer.put(disk.write("behind"))
    assert disk.writer.retry(PATIENCE)
    assert disk.written == ["behind"]
