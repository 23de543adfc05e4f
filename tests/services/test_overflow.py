"""What waits for the store is kept where a crash leaves it: only what waits, only once, and only meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tui_router.domain.problem import ErrorKind, Problem, Rejected
from tui_router.services.notices import Notices
from tui_router.services.overflow import ON_NO_DISK, OverflowWriter
from tui_router.services.writer import StoreWriter
from tui_router.storage.overflow_log import BlobTable, OverflowEntry

PATIENCE = 10.0


class Paper:
    """A spare file in memory, that can be waited for."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.keeps = self.drops = 0
        self.is_full = False
        self._changed = threading.Condition()

    def keep(self, entries: Sequence[OverflowEntry]) -> bool:
        with self._changed:
            self.keeps += 1
            if not self.is_full:
                self.lines += [entry(BlobTable())["n"] for entry in entries]
            self._changed.notify_all()
            return not self.is_full

    def discard(self) -> None:
        with self._changed:
            self.drops += 1
            self.lines.clear()
            self._changed.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.lines


class Store:
    """A writer whose disk hangs while its gate is shut."""

    def __init__(self, patience: float = 0.01) -> None:
        self.paper = Paper()
        self.told: list[Problem] = []
        notices = Notices()
        notices.subscribe(self.told.append)
        self.gate = threading.Event()
        self.sparing = OverflowWriter(self.paper, notices, patience=patience, interval=0.01)
        self.writer = StoreWriter(notices, self.sparing, pause=0.001)

    def put(self, number: int | None, write: Callable[[], object] | None = None) -> None:
        entry: OverflowEntry | None = None if number is None else lambda _: {"n": number}
        self.writer.put(write or self.gate.wait, entry=entry)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.gate.set()
    made.writer.close(PATIENCE)


def test_what_waits_is_kept_in_order_and_only_once_and_goes_when_it_is_written(store: Store) -> None:
    for number in range(3):
        store.put(number)
    store.put(None)
    store.paper.until(lambda: store.paper.lines == [0, 1, 2])
    store.put(3)
    store.paper.until(lambda: store.paper.lines == [0, 1, 2, 3])
    store.gate.set()
    store.paper.until(lambda: store.paper.drops == 1)
    assert store.writer.wait(PATIENCE)
    store.gate.clear()
    store.put(4)
    store.paper.until(lambda: store.paper.lines == [4])


def test_what_the_store_takes_in_time_is_kept_nowhere() -> None:
    store = Store(patience=60)
    store.gate.set()
    for number in range(100):
        store.put(number)
    assert store.writer.wait(PATIENCE)
    store.writer.close(PATIENCE)
    assert (store.paper.keeps, store.paper.drops) == (0, 0)


def test_what_has_no_words_makes_no_file(store: Store) -> None:
    store.put(None)
    store.paper.until(lambda: store.paper.keeps == 1)
    store.gate.set()
    assert store.writer.close(PATIENCE) == 0
    assert store.paper.drops == 0


def test_a_write_that_is_refused_for_good_counts_as_done(store: Store) -> None:
    def refuse() -> None:
        store.gate.wait()
        raise Rejected(Problem(kind=ErrorKind.STORAGE, title="No"))

    store.put(0, refuse)
    store.put(1)
    store.paper.until(lambda: store.paper.lines == [0, 1])
    store.gate.set()
    store.paper.until(lambda: store.paper.drops == 1)


def test_leaving_keeps_what_has_not_waited_yet() -> None:
    store = Store(patience=60)
    store.put(0)
    store.put(1)
    assert store.writer.close(0.2) == 2
    store.paper.until(lambda: store.paper.lines == [0, 1])
    store.gate.set()


def test_a_spare_file_that_takes_nothing_is_told_once_and_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_router.services.overflow._REFUSED_INTERVAL", 0.01)
    store.paper.is_full = True
    store.put(0)
    store.paper.until(lambda: store.paper.keeps == 3)
    assert store.told == [ON_NO_DISK]
    store.paper.is_full = False
    store.paper.until(lambda: store.paper.lines == [0])
    store.paper.is_full = True
    store.put(1)
    tries = store.paper.keeps
    store.paper.until(lambda: store.paper.keeps > tries + 1)
    assert store.told == [ON_NO_DISK, ON_NO_DISK]
