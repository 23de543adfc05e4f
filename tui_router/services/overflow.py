"""Protects queued writes from a crash: saves them in an overflow file, on a separate thread.

A write that has waited briefly is saved there together with all later ones, in order, at most twice per
second and only if new. The file is deleted once the store has everything.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import gettempdir
from time import monotonic
from typing import NamedTuple, Protocol

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.notices import Notices
from tui_router.storage.charges import Charges
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.overflow import OverflowCharges, OverflowFile
from tui_router.storage.overflow_log import OverflowEntry, OverflowLog
from tui_router.storage.paths import AppPaths

PATIENCE = 0.25
"""Seconds that a write waits for the store before its text is saved in the overflow file too."""
_INTERVAL = 0.5
"""Seconds between two writes to the overflow file."""
_REFUSED_INTERVAL = 2.0
"""Seconds after which a overflow file that was refused is tried again."""
_IDLE = 30.0
"""Seconds without a write after which the thread ends; the next write starts another."""
ON_NO_DISK = Problem(
    kind=ErrorKind.STORAGE,
    title="What you write is on no disk",
    detail="Neither the conversations file nor a file beside it takes anything just now",
    hint="Free the disk; copy what you need before you close the terminal",
)


class Spare(Protocol):
    """Stores text meanwhile. Used from one thread."""

    def keep(self, entries: Sequence[OverflowEntry]) -> bool:
        """Write and sync entries; ``False`` if no folder can be written."""
        ...

    def discard(self) -> None:
        """Delete the saved entries."""
        ...


class _Waiting(NamedTuple):
    since: float
    entry: OverflowEntry | None


class OverflowWriter:
    """Watches the write queue of one store. Thread-safe."""

    def __init__(self, spare: Spare, notices: Notices, *, patience: float = PATIENCE, interval: float = _INTERVAL):
        self._spare = spare
        self._notices = notices
        self._patience = patience
        self._interval = interval
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._written = self._kept = 0
        """Number of writes that the store has, and number of the last one in the overflow file."""
        self._has_file = self._is_closed = self._is_refused = False
        self._thread: threading.Thread | None = None

    def note(self, entry: OverflowEntry | None) -> None:
        """Record a queued write."""
        with self._changed:
            self._waiting.append(_Waiting(monotonic(), entry))
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._watch, name="spare", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def written(self) -> None:
        """Record that the first queued write was stored or finally rejected."""
        with self._changed:
            self._waiting.popleft()
            self._written += 1
            if not self._waiting:
                self._changed.notify_all()

    def close(self, patience: float) -> None:
        """Save what the store does not have, or delete the file; waits up to ``patience`` seconds."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(patience)

    @property
    def _has_fresh(self) -> bool:
        return max(self._kept, self._written) < self._written + len(self._waiting)

    def _watch(self) -> None:
        while (act := self._next()) is not None:
            act()
            if self._is_closed and self._is_refused:
                return
            pause = _REFUSED_INTERVAL if self._is_refused else self._interval
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or not self._waiting, pause)

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next action and return it; ``None`` if the thread may end."""
        with self._changed:
            while True:
                if not self._waiting and self._has_file:
                    return self._drop
                if self._is_closed:
                    return self._keep if self._has_fresh else None
                if not self._waiting:
                    if not self._changed.wait(_IDLE) and not self._waiting and not self._is_closed:
                        self._thread = None
                        return None
                    continue
                left = self._waiting[0].since + self._patience - monotonic()
                if self._has_fresh and left <= 0:
                    return self._keep
                self._changed.wait(left if self._has_fresh else None)

    def _keep(self) -> None:
        with self._changed:
            fresh = islice(self._waiting, max(0, self._kept - self._written), None)
            entries = [w.entry for w in fresh if w.entry is not None]
            until = self._written + len(self._waiting)
        if self._spare.keep(entries):
            self._kept = until
            self._has_file = self._has_file or bool(entries)
            if entries and self._is_refused:
                self._is_refused = False
                self._notices.clear(ON_NO_DISK)
        else:
            self._is_refused = True
            self._notices.publish(ON_NO_DISK)

    def _drop(self) -> None:
        self._has_file = False
        self._spare.discard()


class OverflowFiles:
    """The overflow files of one store: one for words, one for charges, which are waited for before a request leaves."""

    def __init__(self, paths: AppPaths, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices
        folders = refuges(paths)
        self._file = OverflowFile("words", folders[0], folders[1:])
        self.words = OverflowLog(self._file, database.instance.token)
        self.charges = OverflowCharges(OverflowFile("charges", folders[0], folders[1:]))

    @property
    def has_words(self) -> bool:
        """Whether earlier processes may have left text."""
        return not self._database.is_temporary and self._file.has_leftovers

    def take_in_words(self) -> None:
        """Replay saved text into the store; unfinished answers are marked as interrupted. Raises ``AppError``."""
        from tui_router.storage.overflow_replay import replay_overflow  # hardly ever needed

        self._say_damaged(replay_overflow(self._database, self._file), "words")
        Messages(self._database).recover_unfinished()

    def take_in_charges(self) -> None:
        """Replay saved charges into the store; if it fails, the next start tries again."""
        if not self._database.is_temporary:
            with suppress(AppError):
                self._say_damaged(self.charges.replay(Charges(self._database).take), "charges")

    def _say_damaged(self, count: int, what: str) -> None:
        if count:
            self._notices.publish(_damaged(count, what))


def refuges(paths: AppPaths) -> tuple[Path, ...]:
    """Return folders for files when the store fails: beside it, or in the temporary folder, possibly another disk."""
    return paths.config, Path(gettempdir())


def _damaged(count: int, what: str) -> Problem:
    lines = "1 line" if count == 1 else f"{count} lines"
    return Problem(
        kind=ErrorKind.STORAGE,
        title=f"Not all {what} of an earlier run came back",
        detail=f"{lines} of what was kept beside the conversations file could not be read",
        hint="Everything else is there",
    )
