"""Atomic, private file writes: a temporary file is flushed, then renamed. No reader ever sees a partial file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean_line
from tui_router.storage.errors import file_problem

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u2400-\u2421\ufffd]+')
_NAME_BYTES = 180


def make_private_folder(folder: Path) -> None:
    """Create a folder with mode 0700, and its parents; remove the permissions of others. Raises ``AppError``."""
    try:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=PRIVATE_FOLDER)
            if not folder.is_dir():
                raise NotADirectoryError(20, "a file is where a folder should be", str(folder))
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            with contextlib.suppress(OSError):  # not ours, e.g. a shared folder given by --config-dir
                folder.chmod(PRIVATE_FOLDER)
    except OSError as error:
        raise AppError(file_problem(error, folder)) from error


def write_private(path: Path, text: str | bytes, *, mode: int | None = None) -> None:
    """Replace a file atomically. Raises ``AppError``.

    ``mode`` sets the permissions; by default an existing file keeps its own and a new one gets 0600.
    A symbolic link is kept and its target replaced.
    """
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    target = Path(os.path.realpath(path))
    make_private_folder(path.parent)
    try:
        wanted = mode if mode is not None else _mode_of(target)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
        try:
            _write_new(temporary, data, wanted)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        flush_folder(target.parent)
    except OSError as error:
        raise AppError(file_problem(error, path)) from error


def write_new(path: Path, text: str | bytes) -> Path:
    """Write a new file with mode 0600 and return its path: a taken name gets `` (2)``, … Raises ``AppError``."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    temporary = path.with_name(f".{path.name[:60]}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_new(temporary, data, PRIVATE_FILE)
            for chosen in _names_beside(path):
                # A hard link never replaces a file, so two writers cannot take the same name.
                with contextlib.suppress(FileExistsError):
                    os.link(temporary, chosen)
                    break
        finally:
            temporary.unlink(missing_ok=True)
        flush_folder(path.parent)
    except OSError as error:
        raise AppError(file_problem(error, path)) from error
    return chosen


def keep_beside(path: Path, suffix: str) -> Path:
    """Copy a file to ``path.suffix``, or ``suffix-2``, … if that has other contents; return the copy."""
    data = read_bytes(path) or b""
    number = 1
    while True:
        copy = path.with_name(f"{path.name}{suffix}" + (f"-{number}" if number > 1 else ""))
        there = read_bytes(copy)
        if there is None:
            write_private(copy, data, mode=PRIVATE_FILE)
            return copy
        if there == data:
            return copy
        number += 1


def read_bytes(path: Path) -> bytes | None:
    """Return the contents of a file, ``None`` if it does not exist. Raises ``AppError``."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AppError(file_problem(error, path)) from error


def tighten(path: Path) -> Problem | None:
    """Remove the permissions of other users; return a notice if there were any. The owner keeps theirs."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & 0o077:
            return None
        private = mode & PRIVATE_FILE
        path.chmod(private)
    except FileNotFoundError:
        return None
    except OSError as error:
        return file_problem(error, path)
    return Problem(
        kind=ErrorKind.SETTINGS,
        title=f"{path.name} could be read by others",
        detail=f"Its mode was {mode:04o}; it is {private:04o} now",
        hint="If other people use this machine, replace the keys that it holds",
    )


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder while its files are read, changed and written, so that instances do not overwrite each other."""
    make_private_folder(folder)
    handle: int | None = None
    try:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        pass  # some network file systems cannot lock; writes are still atomic
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def safe_file_name(title: str, suffix: str = "", fallback: str = "conversation") -> str:
    """Return a title as a safe file name: no separators, control characters or reserved names; bounded length."""
    name = _UNSAFE.sub(" ", clean_line(title))
    name = " ".join(name.split()).strip(". ").lstrip("-~")
    while len(name.encode()) > _NAME_BYTES:
        name = name[:-1].rstrip(". ")
    if not name or _RESERVED.match(name):
        name = f"{fallback} {name}".strip()
    return name + suffix


def flush_folder(folder: Path) -> None:
    """Flush a folder, so that a rename in it survives a power failure."""
    with contextlib.suppress(OSError):  # some file systems cannot flush a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mode_of(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return PRIVATE_FILE


def _write_new(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        if mode != PRIVATE_FILE:
            os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def _names_beside(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
