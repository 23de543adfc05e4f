"""The output file of a batch: one JSON object per line, locked by one batch at a time.

A file is only modified if an earlier batch wrote all of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import stat
from io import FileIO
from pathlib import Path
from typing import Any, Self

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.storage.files import read_bytes

_BEGINNING = b'{"key": "' + b"0" * 24
_OURS = re.compile(rb'\{"key": "[0-9a-f]{24}')


def as_line(record: dict[str, Any]) -> str:
    """Return a record as one line of ASCII, without the newline."""
    return json.dumps(record, ensure_ascii=True, default=str).replace("\x7f", "\\u007f")


class AnswerFile:
    """Context manager that opens and locks the output; raises ``AppError`` if it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._needs_newline = False

    def __enter__(self) -> Self:
        """Open the file for appending and lock it against other batches."""
        try:
            self._check_kind()
            self._file = FileIO(self._path, "a")
        except OSError as error:
            raise _unwritable(self._path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.__exit__()
            title = f"Another batch writes to {clean(self._path.name)}"
            hint = "Wait until it has ended, or choose another file with -o"
            raise AppError(Problem(kind=ErrorKind.FILE, title=title, hint=hint)) from None
        except OSError:
            pass  # some network file systems cannot lock
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file, which releases the lock."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def keys(self) -> frozenset[str]:
        """Return the keys of answered questions, and remove a truncated last line."""
        data = read_bytes(self._path) or b""
        whole, _, tail = data.rpartition(b"\n")
        lines = whole.split(b"\n")
        found = {self._key(number, line) for number, line in enumerate(lines, start=1) if line.strip()}
        self._needs_newline = bool(tail)
        if (last := _key_of(tail)) is not None:
            found.add(last)
        elif tail.strip():
            has_ours = any(_OURS.match(line) for line in lines)
            if not (_OURS.match(tail) or (has_ours and _OURS.match(tail + _BEGINNING[len(tail) :]))):
                raise self._foreign(data.count(b"\n") + 1)
            self._cut(len(data) - len(tail))
            self._needs_newline = False
        return frozenset(found)

    def add(self, record: dict[str, Any]) -> None:
        """Append an answer completely or not at all."""
        rest = ("\n" * self._needs_newline + as_line(record) + "\n").encode()
        size = None
        try:
            if self._file is None:
                raise OSError("it is closed")
            size = os.fstat(self._file.fileno()).st_size
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            if size is not None:
                with contextlib.suppress(AppError):
                    self._cut(size)
            raise _unwritable(self._path, error) from error
        self._needs_newline = False

    def _check_kind(self) -> None:
        """Refuse files that cannot be read back: reading a device never ends, and reading a pipe blocks."""
        try:
            mode = self._path.stat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISREG(mode):
            title = f"{clean(str(self._path))} is no regular file"
            hint = "Name a file with -o: a batch reads its answers back to go on where it was"
            raise AppError(Problem(kind=ErrorKind.FILE, title=title, hint=hint))

    def _key(self, number: int, line: bytes) -> str:
        key = _key_of(line)
        if key is None:
            raise self._foreign(number)
        return key

    def _foreign(self, number: int) -> AppError:
        wrong = "not an answer of an earlier batch; choose another file for the output"
        return AppError(
            Problem(
                kind=ErrorKind.FILE,
                title="The file cannot be used",
                detail=f"{clean(self._path.name)}, line {number}: {wrong}",
                hint="Name a new file with -o, or one that a batch wrote; this one was left as it is",
            )
        )

    def _cut(self, size: int) -> None:
        try:
            os.truncate(self._path, size)
        except OSError as error:
            raise _unwritable(self._path, error) from error


def _key_of(line: bytes) -> str | None:
    """Return the key of a complete answer; ``None`` for anything else."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    key = value.get("key") if isinstance(value, dict) else None
    return key if isinstance(key, str) else None


def _unwritable(path: Path, error: OSError) -> AppError:
    detail = clean(f"{path}: {error.strerror or error}")
    hint = "Check that the folder is there, that you may write in it and that space is left, or choose another with -o"
    return AppError(Problem(kind=ErrorKind.STORAGE, title="The answers cannot be written", detail=detail, hint=hint))
