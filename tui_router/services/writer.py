"""The one thread that writes to a store: in order, off the screen's thread, and never giving up on a word.

A write that the disk refuses stays at the head of the queue and is tried again until it goes through;
everything behind it waits, so that nothing is written out of order. Reads see what is on disk: whoever
must read back what was just put waits for it with ``wait``.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import NamedTuple, Protocol

from tui_router.domain.problem import Kind, Problem, Rejected, Trouble
from tui_router.services.notices import Notices
from tui_router.services.overflow import OverflowWriter
from tui_router.storage.overflow_log import OverflowEntry

_log = logging.getLogger(__name__)

Write = Callable[[], object]
SAVED = Problem(kind=Kind.STORAGE, title="Saved", detail="The disk takes writes again: everything is saved")
READ_PATIENCE = 0.05
"""Seconds that a read waits for the writes before it."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two tries of a write that was refused."""
_LONG = 0.5
"""Seconds that a write takes on a disk with which something is wrong."""
_IDLE = 30.0
"""Seconds without a write after which the thread ends; the next write starts another."""


class Put(Protocol):
    """Hands a write over; see ``Writes.put``."""

    def __call__(
        self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None
    ) -> None:
        """Write soon."""
        ...


class Writes(Protocol):
    """Carries writes out, in order."""

    def put(self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None) -> None:
        """Write soon, after everything that was put before.

        ``done`` is called once it is on disk; ``entry`` is what is kept elsewhere until then, should that take long.
        """
        ...

    def wait(self, patience: float) -> bool:
        """Wait until all that was put so far is on disk, at most ``patience`` seconds; ``False`` when it is not."""
        ...


class AtOnce:
    """Carries writes out where they are put: for a store in memory, which keeps nobody waiting."""

    def put(self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None) -> None:
        """Write now; raises what the store raises."""
        write()
        if done is not None:
            done()

    def wait(self, patience: float) -> bool:
        """Everything is written already."""
        return True


class _Job(NamedTuple):
    write: Write
    done: Callable[[], object] | None


class StoreWriter:
    """Writes for one database. Safe from any thread."""

    def __init__(self, notices: Notices, sparing: OverflowWriter | None = None, *, pause: float = _FIRST_PAUSE) -> None:
        """Make a writer.

        Args:
            notices: Told once when the disk refuses, and once when it takes writes again.
            sparing: Keeps what waits where a crash leaves it.
            pause: Seconds before the first further try; doubles up to five seconds.
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
        """When the write at the head was first tried."""
        self._problem: Problem | None = None
        self._was_refused = False
        """True from the first write after a refusal until everything is written."""

    @property
    def unsaved(self) -> int:
        """How many writes wait."""
        return self._put - self._done

    @property
    def problem(self) -> Problem | None:
        """Why writes fail at the moment; ``None`` if they succeed."""
        return self._problem

    @property
    def is_stuck(self) -> bool:
        """True while the disk refuses, or keeps a write waiting."""
        with self._changed:
            return self._done < self._put and (self._problem is not None or monotonic() - self._began > _LONG)

    def put(self, write: Write, done: Callable[[], object] | None = None, entry: OverflowEntry | None = None) -> None:
        """Write soon, after everything that was put before; returns at once. See ``Writes``."""
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
        """Wait until all that was put so far is on disk, at most ``patience`` seconds; ``False`` when it is not.

        While the disk refuses, or takes longer over one write than that, nobody is kept waiting.
        """
        if threading.current_thread() is self._thread:
            return False  # a write of ours that waits for itself would wait in vain
        with self._changed:
            wanted = self._put
            if self._done < wanted and (self._problem or monotonic() - self._began > patience):
                return False
            return self._changed.wait_for(lambda: self._done >= wanted, patience)

    def do(self, write: Write, patience: float) -> bool:
        """Put a write and wait for it."""
        self.put(write)
        return self.wait(patience)

    def retry(self, patience: float) -> bool:
        """Try again now, and wait until everything is on disk, at most ``patience`` seconds."""
        self._again.set()
        with self._changed:
            wanted = self._put
            return self._changed.wait_for(lambda: self._done >= wanted, patience)

    def close(self, patience: float) -> int:
        """Write what waits, at most ``patience`` seconds, and end the thread; returns how much is not saved."""
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
            if self._was_refused and len(self._queue) == 1:  # the last one: now everything is saved
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
        """Write, however often it takes; ``False`` when the writer was closed before that worked."""
        pause = self._pause
        while not self._is_closed:
            try:
                job.write()
            except Trouble as trouble:
                if isinstance(trouble, Rejected) or trouble.problem.kind is not Kind.STORAGE:
                    _log.warning("a write was refused and dropped: %s", trouble)
                    self._notices.publish(trouble.problem)
                    return True
                self._refused(trouble.problem)
            except Exception as error:  # the thread of all writes must not die of one
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
    """Return what is told while a disk refuses: nothing is lost, it is tried again."""
    title = problem.title[:1].lower() + problem.title[1:]
    hints = (problem.hint, "It is tried again until it works")
    return replace(problem, title=f"Not saved yet: {title}", hint=". ".join(h for h in hints if h))


def _bug(error: BaseException) -> Problem:
    detail = f"{type(error).__name__}: the log has more"
    return Problem(kind=Kind.BUG, title="Something could not be saved", detail=detail, hint="Copy what you need")
