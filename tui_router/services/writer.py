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

from tui_router.domain.problem import Kind, Problem, Rejected, Trouble

_log = logging.getLogger(__name__)

Write = Callable[[], object]
SAVED = Problem(kind=Kind.STORAGE, title="Saved", detail="The disk takes writes again: everything is saved")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two tries of a write that was refused."""
_IDLE = 30.0
"""Seconds without a write after which the thread ends; the next write starts another."""


class StoreWriter:
    """Writes for one database. Safe from any thread."""

    def __init__(
        self,
        publish: Callable[[Problem], None],
        *,
        pause: float = _FIRST_PAUSE,
    ) -> None:
        """Make a writer.

        Args:
            publish: Told once when the disk refuses, and once when it takes writes again.
            pause: Seconds before the first further try; doubles up to five seconds.
        """
        self._publish = publish
        self._pause = pause
        self._changed = threading.Condition()
        self._queue: deque[Write] = deque()
        self._thread: threading.Thread | None = None
        self._is_running = False
        self._is_closed = False
        self._put = self._done = 0
        self._problem: Problem | None = None

    @property
    def unsaved(self) -> int:
        """How many writes wait."""
        return self._put - self._done

    @property
    def problem(self) -> Problem | None:
        """Why the disk refuses; ``None`` while it does not."""
        return self._problem

    def put(self, write: Write) -> None:
        """Write soon, after everything that was put before; returns at once."""
        with self._changed:
            self._queue.append(write)
            self._put += 1
            if not self._is_running:
                self._is_running = True
                self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, patience: float) -> bool:
        """Wait until all that was put so far is on disk, at most ``patience`` seconds; ``False`` when it is not."""
        if threading.current_thread() is self._thread:
            return False  # a write of ours that waits for itself would wait in vain
        with self._changed:
            wanted = self._put
            return self._changed.wait_for(lambda: self._done >= wanted, patience)

    def do(self, write: Write, patience: float) -> bool:
        """Put a write and wait for it."""
        self.put(write)
        return self.wait(patience)

    def retry(self) -> None:
        """Try again now, without the pause."""
        with self._changed:
            self._changed.notify_all()

    def close(self, patience: float) -> int:
        """Write what waits, at most ``patience`` seconds, and end the thread; returns how much is not saved."""
        self.wait(patience)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        return self.unsaved

    def _work(self) -> None:
        while (write := self._next()) is not None:
            if not self._write(write):
                return
            with self._changed:
                self._queue.popleft()
                self._done += 1
                self._changed.notify_all()

    def _next(self) -> Write | None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._queue or self._is_closed, _IDLE) or not self._queue:
                self._is_running = False
                return None
            return self._queue[0]

    def _write(self, write: Write) -> bool:
        """Carry a write out, however long that takes; ``False`` when the writer was closed while the disk refused."""
        pause = self._pause
        while not self._is_closed or self._problem is None:
            try:
                write()
            except Trouble as trouble:
                if isinstance(trouble, Rejected) or trouble.problem.kind is not Kind.STORAGE:
                    _log.warning("a write was refused and dropped: %s", trouble)
                    self._publish(trouble.problem)
                    return True
                self._refused(trouble.problem)
            except Exception as error:  # the thread of all writes must not die of one
                _log.exception("a write failed and was dropped")
                self._publish(_bug(error))
                return True
            else:
                self._recovered()
                return True
            with self._changed:
                self._changed.wait(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)
        return False

    def _refused(self, problem: Problem) -> None:
        is_news = self._problem is None or self._problem.title != problem.title
        self._problem = problem
        if is_news:
            _log.warning("not saved yet: %s", problem.sentence())
            self._publish(not_saved_yet(problem))

    def _recovered(self) -> None:
        if self._problem is not None:
            self._problem = None
            self._publish(SAVED)


def not_saved_yet(problem: Problem) -> Problem:
    """Return what is told while a disk refuses: nothing is lost, it is tried again."""
    title = problem.title[:1].lower() + problem.title[1:]
    return replace(problem, title=f"Not saved yet: {title}", hint=f"{problem.hint}. It is tried again until it works")


def _bug(error: BaseException) -> Problem:
    detail = f"{type(error).__name__}: the log has more"
    return Problem(kind=Kind.BUG, title="Something could not be saved", detail=detail)
