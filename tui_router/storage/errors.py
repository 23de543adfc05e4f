"""What a refusing disk says, for a human: the one place where errors of files and of SQLite get their words.

SQLite's errors are told apart by the name they carry, so that this module need not import ``sqlite3``.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NamedTuple

from tui_router.domain.problem import Kind, Problem
from tui_router.domain.safe import clean_line


class Words(NamedTuple):
    """A title and what to do."""

    title: str
    hint: str


_FULL = Words("The disk is full", "Free some space; what is on screen is kept until you leave, and can be copied")
_READ_ONLY = Words("The disk cannot be written", "Check who owns the folder and its mode; reading goes on")
_BUSY = Words("Another program holds the conversations", "Try again in a moment; close a second window if it stays")
_DAMAGED = Words(
    "The conversations file is damaged", "Start the program again: it keeps the file and saves what it can"
)
_NO_OPEN = Words("The conversations cannot be opened", "Check that the folder exists and that you may write in it")
_DISK = Words("The disk failed", "Check the disk and the space left on it, then try again")
_UNKNOWN = Words("The conversations could not be read or written", "Try again; `tui-router doctor` checks the file")
_DUPLICATE = Words("This is stored already, or what it belongs to is gone", "Open the conversation again")

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
"""Errors that pass when another program lets go of the file."""

_BY_ERRNO = {
    errno.ENOSPC: Words("The disk is full", "Free some space, then try again"),
    errno.EDQUOT: Words("The disk quota is used up", "Free some space, then try again"),
    errno.EROFS: Words("The disk cannot be written", "Choose another folder with --config-dir"),
    errno.EACCES: Words("No permission", "Check who owns the file and its mode"),
    errno.EPERM: Words("No permission", "Check who owns the file and its mode"),
    errno.ENOENT: Words("Not there", "Check the path"),
    errno.ENOTDIR: Words("A file is where a folder should be", "Move that file away, or choose another --config-dir"),
    errno.EEXIST: Words("Already there", "Choose another name"),
    errno.EISDIR: Words("A folder is where a file should be", "Move that folder away, or choose another name"),
    errno.ENAMETOOLONG: Words("The name is too long", "Choose a shorter name"),
}


def sqlite_name(error: BaseException) -> str:
    """Return the primary name of an SQLite error, e.g. ``SQLITE_BUSY``; empty when it carries none."""
    name = str(getattr(error, "sqlite_errorname", "") or "")
    return "_".join(name.split("_")[:2])


def is_damage(error: BaseException) -> bool:
    """Say whether an SQLite error means that the file itself is broken."""
    return sqlite_name(error) in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}


_FINAL = {"SQLITE_CONSTRAINT", "SQLITE_TOOBIG", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_MISUSE", "SQLITE_ERROR"}
"""A broken file is not among them: what cannot be written to it is kept until it is written elsewhere."""


def is_final(error: BaseException) -> bool:
    """Say whether an SQLite error will be the same however often the write is tried again."""
    return sqlite_name(error) in _FINAL


def is_refusal(error: BaseException) -> bool:
    """Say whether an SQLite error means that the file can perhaps be read, but not written."""
    return sqlite_name(error) in {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_FULL", "SQLITE_IOERR"}


def database_problem(error: BaseException, path: Path | None) -> Problem:
    """Return what an error of the database means."""
    words = _BY_SQLITE.get(sqlite_name(error), _UNKNOWN)
    where = f"{path}: " if path else ""
    return Problem(kind=Kind.STORAGE, title=words.title, detail=clean_line(f"{where}{error}", 300), hint=words.hint)


def file_problem(error: OSError, path: Path, kind: Kind = Kind.STORAGE) -> Problem:
    """Return what an error of the file system means."""
    words = _BY_ERRNO.get(
        error.errno or 0, Words("The file could not be read or written", "Check the disk and the path")
    )
    return Problem(
        kind=kind, title=words.title, detail=clean_line(f"{path}: {error.strerror or error}", 300), hint=words.hint
    )
