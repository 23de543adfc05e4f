"""Running instances of this program: each one locks a file named after its token until it exits.

The kernel releases the lock however a process ends, ``kill -9`` included, and a reused process id cannot be mistaken
for a running instance. An unlocked file belongs to an instance that did not exit cleanly.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path

from tui_router.domain.problem import AppError
from tui_router.storage.files import PRIVATE_FILE, locked


class Instance:
    """This process as the other instances see it. Thread-safe."""

    def __init__(self, folder: Path | None) -> None:
        self.token = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._folder = folder
        self._handle: int | None = None
        self._lock = threading.Lock()

    def claim(self) -> None:
        """Lock the file of this instance; called before its first write.

        Where files cannot be locked, the others check the process id in the token instead.
        """
        with self._lock:
            if self._handle is not None or self._folder is None:
                return
            # Hold the lock of the folder, or another instance could delete the file as stale before it is locked.
            with contextlib.suppress(AppError, OSError), locked(self._folder):
                handle = os.open(self._folder / self.token, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE)
                self._handle = handle
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Delete the file: this instance exits cleanly."""
        with self._lock:
            if self._handle is None or self._folder is None:
                return
            (self._folder / self.token).unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def is_running(self, token: str) -> bool:
        """Tell whether the instance with this token is running."""
        if token == self.token:
            return True
        return bool(token) and self._folder is not None and _is_held(self._folder / token)

    def remove_stale(self) -> bool:
        """Delete the files of instances that crashed; tell whether there were any."""
        if self._folder is None or not self._folder.is_dir():
            return False
        found = False
        with contextlib.suppress(AppError, OSError), locked(self._folder):
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
    """Check the process id in the token, for file systems without locks."""
    try:
        os.kill(int(token.partition("-")[0]), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
