"""A program in a pseudo-terminal: its bytes with their times, its screen, and keys for it.

Headless Textual neither paints nor writes, so that escape sequences, key encodings, terminal modes, exits and
latencies can only be seen here. Waiting is always for a condition; a time-out is a failure, never a result.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import pyte

TIMEOUT = 30.0
"""Seconds after which a condition counts as never met."""


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that /dev/tty and Ctrl+C work (runs in the child)."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Child:
    """A child process on a terminal of its own. A context manager: leaving kills it."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 100,
        rows: int = 30,
        environ: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        child_environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environ or {})}
        for name in ("NO_COLOR", "COLUMNS", "LINES", "TMUX", "STY"):
            if name not in (environ or {}):
                child_environ.pop(name, None)
        self.columns, self.rows = columns, rows
        self.output = bytearray()
        self.status: int | None = None
        self._pieces: list[tuple[float, int]] = []
        self._changed = threading.Condition()
        self._is_closed = False
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes: list[Any] = termios.tcgetattr(other)
        """The terminal's modes before the child started."""
        self.fd, self._other = main, other
        self.started = time.perf_counter()
        """When the child was started, on ``time.perf_counter``."""
        self._process = subprocess.Popen(
            argv,
            stdin=other,
            stdout=other,
            stderr=other,
            env=child_environ,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        self.pid = self._process.pid
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            now = time.perf_counter()
            with self._changed:
                if data:
                    self.output += data
                    self._pieces.append((now, len(self.output)))
                else:
                    self._is_closed = True
                self._changed.notify_all()
                if not data:
                    return

    def send(self, keys: str | bytes) -> float:
        """Write keys to the child; returns when, on ``time.perf_counter``."""
        now = time.perf_counter()
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self.fd, data) :]
        return now

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self._other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def position(self) -> int:
        """How many bytes have been written so far: a start for ``wait_for``."""
        with self._changed:
            return len(self.output)

    def written_at(self) -> float:
        """When bytes came last, on ``time.perf_counter``."""
        with self._changed:
            return self._pieces[-1][0] if self._pieces else self.started

    def wait_for(self, needle: str | bytes, start: int = 0, timeout: float = TIMEOUT) -> float:
        """Wait until bytes appear in the output; returns when they did, on ``time.perf_counter``."""
        wanted = needle.encode() if isinstance(needle, str) else needle
        deadline = time.perf_counter() + timeout
        with self._changed:
            while True:
                at = self.output.find(wanted, start)
                if at >= 0:
                    return next(when for when, end in self._pieces if end >= at + len(wanted))
                left = deadline - time.perf_counter()
                if self._is_closed or left <= 0:
                    raise AssertionError(f"{needle!r} did not appear; the screen:\n{self._draw()}")
                self._changed.wait(left)

    def wait_until(self, condition: Callable[[str], bool], timeout: float = TIMEOUT) -> str:
        """Wait until the screen, as text, meets a condition; returns the screen."""
        deadline = time.perf_counter() + timeout
        with self._changed:
            while True:
                seen = len(self.output)
                screen = self._draw()
                if condition(screen):
                    return screen
                left = deadline - time.perf_counter()
                if (self._is_closed and len(self.output) == seen) or left <= 0:
                    raise AssertionError(f"the condition was never met; the screen:\n{screen}")
                if len(self.output) == seen:
                    self._changed.wait(left)

    def screen(self) -> str:
        """Return what the terminal shows, as lines of text."""
        with self._changed:
            return self._draw()

    def cursor(self) -> tuple[int, int]:
        """Return the cursor's column and row, from 0."""
        with self._changed:
            cursor = self._emulate().cursor
            return cursor.x, cursor.y

    def _draw(self) -> str:
        return "\n".join(line.rstrip() for line in self._emulate().display)

    def _emulate(self) -> pyte.Screen:
        screen = pyte.Screen(self.columns, self.rows)
        # pyte prints the parameters of private CSI sequences that it does not know (kitty's > and <).
        pyte.ByteStream(screen).feed(_without_private(bytes(self.output)))
        return screen

    def modes_now(self) -> list[Any]:
        """Return the terminal's modes as they are now."""
        return termios.tcgetattr(self._other)

    def wait_exit(self, timeout: float = TIMEOUT) -> float:
        """Wait until the child has ended; returns when, on ``time.perf_counter``. Its code is in ``status``."""
        try:
            self.status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the child did not end; the screen:\n{self.screen()}") from None
        return time.perf_counter()

    def kill(self) -> None:
        """End the child by force, if it still runs, and close the terminal."""
        if self.status is None:
            self._process.kill()
            self.status = self._process.wait()
        if self._other >= 0:
            os.close(self._other)
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed, 2)
            os.close(self.fd)
            self._other = -1


def _without_private(data: bytes) -> bytes:
    return re.sub(
        rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\|\x1b\[22;2t|\x1b\[23;2t", b"", data
    )
