"""Turns errors of the file system and of SQLite into ``Problem`` values with a title and a hint.

SQLite errors are recognised by ``sqlite_errorname``, so this module does not import ``sqlite3``.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NamedTuple

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean_line


class ErrorText(NamedTuple):
    """The title of an error, and what the user can do."""

    title: str
    hint: str


_FULL = ErrorText("The disk is full", "Free some space; what is on screen is kept until you leave, and can be copied")
_READ_ONLY = ErrorText("The disk cannot be written", "Check who owns the folder and its mode; reading goes on")
_BUSY = ErrorText("Another program holds the conversations", "Try again in a moment; close a second window if it stays")
_DAMAGED = ErrorText(
    "The conversations file is damaged", "Start the program again: it keeps the file and saves what it can"
)
_NO_OPEN = ErrorText("The conversations cannot be opened", "Check that the folder exists and that you may write in it")
_DISK = ErrorText("The disk failed", "Check the disk and the space left on it, then try again")
_UNKNOWN = ErrorText("The conversations could not be read or written", "Try again; `tui-router doctor` checks the file")
_DUPLICATE = ErrorText("This is stored already, or what it belongs to is gone", "Open the conversation again")

_BY_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_AUTH": _READ_ONLY,
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_PROTOCOL": _BUSY,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CANTOPEN": _NO_OPEN,
    "SQLITE_IOERR": _DISK,
    "SQLITE_CONSTRAINT": _DUPLICATE,
}

BUSY = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"})
"""Temporary errors: another program has locked the file."""

_BY_ERRNO = {
    errno.ENOSPC: ErrorText("The disk is full", "Free some space, then try again"),
    errno.EDQUOT: ErrorText("The disk quota is used up", "Free some space, then try again"),
    errno.EROFS: ErrorText("The disk cannot be written", "Choose another folder with --config-dir"),
    errno.EACCES: ErrorText("No permission", "Check who owns the file and its mode"),
    errno.EPERM: ErrorText("No permission", "Check who owns the file and its mode"),
    errno.ENOENT: ErrorText("Not there", "Check the path"),
    errno.ENOTDIR: ErrorText(
        "A file is where a folder should be", "Move that file away, or choose another --config-dir"
    ),
    errno.EEXIST: ErrorText("Already there", "Choose another name"),
    errno.EISDIR: ErrorText("A folder is where a file should be", "Move that folder away, or choose another name"),
    errno.ENAMETOOLONG: ErrorText("The name is too long", "Choose a shorter name"),
}


def sqlite_name(error: BaseException) -> str:
    """Return the primary name of an SQLite error, such as ``SQLITE_BUSY``; empty for other errors."""
    name = str(getattr(error, "sqlite_errorname", "") or "")
    return "_".join(name.split("_")[:2])


def is_damage(error: BaseException) -> bool:
    """Tell whether an SQLite error means that the file is corrupt."""
    return sqlite_name(error) in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}


_FINAL = {"SQLITE_CONSTRAINT", "SQLITE_TOOBIG", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_MISUSE", "SQLITE_ERROR"}
"""Corruption is not final: pending writes are kept until they are written to a recovered file."""


def is_final(error: BaseException) -> bool:
    """Tell whether retrying the write is pointless."""
    return sqlite_name(error) in _FINAL


def is_refusal(error: BaseException) -> bool:
    """Tell whether an SQLite error means that the file cannot be written but may be readable."""
    return sqlite_name(error) in {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_FULL", "SQLITE_IOERR"}


def database_problem(error: BaseException, path: Path | None) -> Problem:
    """Return the problem for a database error."""
    words = _BY_SQLITE.get(sqlite_name(error), _UNKNOWN)
    where = f"{path}: " if path else ""
    return Problem(
        kind=ErrorKind.STORAGE, title=words.title, detail=clean_line(f"{where}{error}", 300), hint=words.hint
    )


def file_problem(error: OSError, path: Path, kind: ErrorKind = ErrorKind.STORAGE) -> Problem:
    """Return the problem for a file system error."""
    words = _BY_ERRNO.get(
        error.errno or 0, ErrorText("The file could not be read or written", "Check the disk and the path")
    )
    return Problem(
        kind=kind, title=words.title, detail=clean_line(f"{path}: {error.strerror or error}", 300), hint=words.hint
    )
