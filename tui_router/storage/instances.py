"""Which instances of this program run: each holds a lock on a file of its own while it lives.

The kernel lets go of the lock however a process ends, ``kill -9`` included, and a reused process id
cannot fool it. A file whose lock is free was left by an instance that did not end cleanly.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path

from tui_router.domain.problem import Trouble
from tui_router.storage.files import PRIVATE_FILE, locked


class Instance:
    """This process, as the others see it. Claimed at the first write."""

    def __init__(self, folder: Path | None) -> None:
        self.token = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._folder = folder
        self._handle: int | None = None
        self._lock = threading.Lock()

    def claim(self) -> None:
        """Take the lock. Where that is impossible the process id in the token has to do."""
        with self._lock:
            if self._handle is not None or self._folder is None:
                return
            # Under the folder's lock, so that no other instance sees the file before it is locked and buries it.
            with contextlib.suppress(Trouble, OSError), locked(self._folder):
                handle = os.open(self._folder / self.token, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE)
                self._handle = handle
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Say goodbye: the exit was clean."""
        with self._lock:
            if self._handle is None or self._folder is None:
                return
            (self._folder / self.token).unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def is_running(self, token: str) -> bool:
        """Say whether the instance with this token still runs."""
        if token == self.token:
            return True
        return bool(token) and self._folder is not None and _is_held(self._folder / token)

    def remove_stale(self) -> bool:
        """Forget instances that ended without a goodbye; say whether there were any."""
        if self._folder is None or not self._folder.is_dir():
            return False
        found = False
        with contextlib.suppress(Trouble, OSError), locked(self._folder):
            for path in self._folder.iterdir():
                if not self.is_running(path.name):
                    path.unlink(missing_ok=True)
                    found = True
        return found


def _is_held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return _process_runs(path.name)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _process_runs(path.name)
    finally:
        os.close(handle)
    return False


def _process_runs(token: str) -> bool:
    """For file systems without locks: the process id at the head of the token."""
    try:
        os.kill(int(token.partition("-")[0]), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
