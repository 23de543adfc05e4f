"""Spare files: what the store does not take just now, as lines of a file beside it, which the next start takes in.

Each process has files of its own and holds a lock on them while it lives. They lie in the folder of the store, or
in the one for temporary files, where others may write too: nothing is opened that is not this person's own file.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tui_router.storage.files import PRIVATE_FILE

_log = logging.getLogger(__name__)

_LONGEST = 256_000_000
"""Bytes of one line that are read: more than any question with all its attachments."""
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_DAMAGED = (ValueError, RecursionError)


class _Open(NamedTuple):
    handle: int
    path: Path


class SpareFile:
    """The spare file of one process for one kind of thing, and those that earlier ones left. Safe from any thread."""

    def __init__(self, what: str, config: Path, elsewhere: Sequence[Path] = ()) -> None:
        """Take a word for what is kept, the folder of the store, which is tried first, and others."""
        owner = hashlib.sha256(str(config.absolute()).encode()).hexdigest()[:12]
        self._begin = f"tui-router-{what}-{owner}-"
        self._folders = (config, *elsewhere)
        self._lock = threading.Lock()
        self._open: list[_Open] = []
        self._is_broken = False

    @property
    def path(self) -> Path | None:
        """Where lines go just now; ``None`` while nothing is kept."""
        return self._open[-1].path if self._open else None

    def keep(self, data: bytes) -> bool:
        """Write whole lines through to the disk; ``False`` when no folder takes them."""
        return self.append(data) or self.begin(data)

    def append(self, data: bytes) -> bool:
        """Write whole lines through to the file that there is; ``False`` when there is none, or it takes no more."""
        with self._lock:
            if not self._open:
                return False
            handle = self._open[-1].handle
            # Half a line that could not be taken back ends here, and costs the next one nothing.
            is_kept = _appended(handle, b"\n" + data if self._is_broken else data)
            self._is_broken = not is_kept
            return is_kept

    def begin(self, data: bytes) -> bool:
        """Write whole lines to a new file; one that there is keeps its lines. ``False`` when no folder takes them."""
        with self._lock:
            # Twice each: a process that starts just now may take the empty file before it is locked.
            for folder in (f for f in self._folders for _ in range(2)):
                path = folder / f"{self._begin}{time.time_ns():020}-{os.getpid()}-{os.urandom(6).hex()}.jsonl"
                with contextlib.suppress(OSError):
                    handle = os.open(path, _NEW, PRIVATE_FILE)
                    if _is_locked(handle) and _appended(handle, data) and os.fstat(handle).st_nlink:
                        self._open.append(_Open(handle, path))
                        self._is_broken = False
                        return True
                    os.close(handle)
                    path.unlink(missing_ok=True)
        return False

    def drop(self) -> None:
        """Forget the files: the store has taken everything."""
        with self._lock:
            for file in self._open:
                with contextlib.suppress(OSError):
                    file.path.unlink(missing_ok=True)
                os.close(file.handle)
            self._open.clear()

    @property
    def is_left(self) -> bool:
        """Whether there may be something of other processes."""
        return next(self._left(), None) is not None

    def adopt(self, take: Callable[[Iterator[object]], None]) -> None:
        """Give ``take`` the lines of each file that a process left which is gone, the oldest file first.

        A line that cannot be read is ``None``. A file goes once ``take`` returns, so it must bear to be given the
        same lines twice; what it raises leaves the file where it is.
        """
        for path in sorted(self._left(), key=lambda p: p.name):
            with contextlib.suppress(OSError), _opened(path) as file:
                # Without links another process has taken it in meanwhile.
                if _is_locked(file.fileno()) and os.fstat(file.fileno()).st_nlink:
                    take(_lines(file))
                    path.unlink(missing_ok=True)

    def _left(self) -> Iterator[Path]:
        ours = {file.path for file in self._open}
        for folder in self._folders:
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    path = folder / entry.name
                    if entry.name.startswith(self._begin) and entry.name.endswith(".jsonl") and path not in ours:
                        yield path


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open what an earlier process left: a plain file of this person, never a link, a pipe or somebody else's file."""
    with os.fdopen(os.open(path, _OLD), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o022:
            _log.warning("%s is no spare file of ours and is left alone", path)
            raise PermissionError(f"not ours: {path}")
        yield file


def _lines(file: BinaryIO) -> Iterator[object]:
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if line.isspace():
            continue
        try:
            yield json.loads(line) if line.endswith(b"\n") else None
        except _DAMAGED:
            _log.warning("line %d of %s (%d bytes) cannot be read", number, file.name, len(line))
            yield None


def _is_locked(handle: int) -> bool:
    """Lock a file; ``False`` when another process holds it. Some network file systems cannot lock: those do."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _appended(handle: int, data: bytes) -> bool:
    before = os.fstat(handle).st_size
    try:
        written = 0
        while written < len(data):
            written += os.write(handle, data[written:] if written else data)
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, before)
        return False
    return True
