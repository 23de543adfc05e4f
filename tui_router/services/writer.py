"""The write queue of a store: one thread writes in order, off the UI thread, and retries until it succeeds.

A failed write stays at the head of the queue and is retried until it succeeds;
later writes wait, so that nothing is written out of order. Reads see what is on disk: to
read back a queued write, call ``wait`` first.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import NamedTuple, Protocol

from tui_router.domain.problem import AppError, ErrorKind, Problem, Rejected
from tui_router.services.notices import Notices
from tui_router.services.overflow import OverflowWriter
from tui_router.storage.overflow_log import OverflowEntry

_log = logging.getLogger(__name__)

Write = Callable[[], object]
SAVED = Problem(kind=ErrorKind.STORAGE, title="Saved", detail="The disk takes writes again: everything is saved")
READ_PATIENCE = 0.05
"""Seconds that a read waits for the writes before it."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two tries of a write that was refused."""
_LONG = 0.5
"""Seconds that a write takes on a disk with which something is wrong."""
_IDLE = 30.0
"""Seconds without a write after which the thread ends; the next write starts another."""


class Put(Protocol):
    """Queues a write; see ``Writes.put``."""

    def __call__(
        self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None
    ) -> None:
        """Queue a write."""
        ...


class Writes(Protocol):
    """Executes writes in order."""

    def put(self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None) -> None:
        """Queue a write after all earlier ones.

        ``done`` is called once it is on disk; ``entry`` is saved in the overflow file if that takes long.
        """
        ...

    def wait(self, patience: float) -> bool:
        """Wait until all queued writes are on disk, at most ``patience`` seconds; ``False`` if they are not."""
        ...


class ImmediateWrites:
    """Executes writes synchronously, for a store in memory."""

    def put(self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None) -> None:
        """Write now; propagates the store's exceptions."""
        write()
        if done is not None:
            done()

    def wait(self, patience: float) -> bool:
        """Return True: everything is already written."""
        return True


class _Job(NamedTuple):
    write: Write
    done: Callable[[], object] | None


class StoreWriter:
    """The write queue of one database. Thread-safe."""

    def __init__(self, notices: Notices, sparing: OverflowWriter | None = None, *, pause: float = _FIRST_PAUSE) -> None:
        """Make a writer.

        Args:
            notices: Receives a notice when writes start to fail, and when they succeed again.
            sparing: Protects waiting writes from a crash.
            pause: Seconds before the first retry; doubles up to five seconds.
        """
        self._notices = notices
        self._overflow = sparing
        self._pause = pause
        self._changed = threading.Condition()
        self._again = threading.Event()
        self._queue: deque[_Job] = deque()
        self._thread: threading.Thread | None = None
        self._is_running = self._is_closed = False
        self._put = self._done = 0
        self._began = monotonic()
        """Time of the first attempt of the write at the head."""
        self._problem: Problem | None = None
        self._was_refused = False
        """True from the first successful write after a failure until the queue is empty."""

    @property
    def unsaved(self) -> int:
        """Number of waiting writes."""
        return self._put - self._done

    @property
    def problem(self) -> Problem | None:
        """Why writes fail at the moment; ``None`` if they succeed."""
        return self._problem

    @property
    def is_stuck(self) -> bool:
        """True while writes fail or are slow."""
        with self._changed:
            return self._done < self._put and (self._problem is not None or monotonic() - self._began > _LONG)

    def put(self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None) -> None:
        """Queue a write after all earlier ones; does not block. See ``Writes``."""
        with self._changed:
            self._queue.append(_Job(write, done))
            self._put += 1
            if self._overflow is not None:
                self._overflow.note(entry)
            if not self._is_running and not self._is_closed:
                self._is_running = True
                self._began = monotonic()
                self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, patience: float) -> bool:
        """Wait until all queued writes are on disk, at most ``patience`` seconds; ``False`` if they are not.

        Returns immediately while writes fail, or if the current write already takes longer than ``patience``.
        """
        if threading.current_thread() is self._thread:
            return False  # a queued write that waits for the queue would deadlock
        with self._changed:
            wanted = self._put
            if self._done < wanted and (self._problem or monotonic() - self._began > patience):
                return False
            return self._changed.wait_for(lambda: self._done >= wanted, patience)

    def do(self, write: Write, patience: float) -> bool:
        """Queue a write and wait for it."""
        self.put(write)
        return self.wait(patience)

    def retry(self, patience: float) -> bool:
        """Retry now, and wait until all writes are on disk, at most ``patience`` seconds."""
        self._again.set()
        with self._changed:
            wanted = self._put
            return self._changed.wait_for(lambda: self._done >= wanted, patience)

    def close(self, patience: float) -> int:
        """Write for at most ``patience`` seconds and end the thread; returns the number of unsaved writes."""
        self.retry(patience)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._again.set()
        if self._overflow is not None:
            self._overflow.close(patience)
        return self.unsaved

    def _work(self) -> None:
        while (job := self._next()) is not None and self._carry_out(job):
            if self._was_refused and len(self._queue) == 1:  # the last one: everything is saved now
                self._was_refused = False
                self._notices.publish(SAVED)
            with self._changed:
                self._queue.popleft()
                self._done += 1
                self._began = monotonic()
                if self._overflow is not None:
                    self._overflow.written()
                self._changed.notify_all()

    def _next(self) -> _Job | None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._queue or self._is_closed, _IDLE) or self._is_closed:
                self._is_running = False
                return None
            self._began = monotonic()
            return self._queue[0]

    def _carry_out(self, job: _Job) -> bool:
        """Write with retries; ``False`` if the writer was closed before it succeeded."""
        pause = self._pause
        while not self._is_closed:
            try:
                job.write()
            except AppError as trouble:
                if isinstance(trouble, Rejected) or trouble.problem.kind is not ErrorKind.STORAGE:
                    _log.warning("a write was refused and dropped: %s", trouble)
                    self._notices.publish(trouble.problem)
                    return True
                self._refused(trouble.problem)
            except Exception as error:  # one bad write must not end the writer thread
                _log.exception("a write failed and was dropped")
                self._notices.publish(_bug(error))
                return True
            else:
                self._recovered()
                if job.done is not None:
                    job.done()
                return True
            self._again.wait(pause)
            self._again.clear()
            pause = min(_LONGEST_PAUSE, pause * 2)
        return False

    def _refused(self, problem: Problem) -> None:
        before = self._problem
        if before is None or before.title != problem.title:
            _log.warning("not saved yet: %s", problem.sentence())
            if before is not None:
                self._notices.clear(not_saved_yet(before))
            self._notices.clear(SAVED)
            self._notices.publish(not_saved_yet(problem))
        self._problem = problem

    def _recovered(self) -> None:
        problem, self._problem = self._problem, None
        if problem is not None:
            _log.info("the disk takes writes again")
            self._notices.clear(not_saved_yet(problem))
            self._was_refused = True


def not_saved_yet(problem: Problem) -> Problem:
    """Return the notice while writes fail: nothing is lost, it is retried."""
    title = problem.title[:1].lower() + problem.title[1:]
    hints = (problem.hint, "It is tried again until it works")
    return replace(problem, title=f"Not saved yet: {title}", hint=". ".join(h for h in hints if h))


def _bug(error: BaseException) -> Problem:
    detail = f"{type(error).__name__}: the log has more"
    return Problem(kind=ErrorKind.BUG, title="Something could not be saved", detail=detail, hint="Copy what you need")
