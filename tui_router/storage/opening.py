"""Opening the conversations: new, older, newer, damaged, read-only, locked, on a disk without WAL.

What is there is never overwritten: a newer file is left as it is, an older one is copied before it is
brought up to date, a damaged one is moved aside whole and what can be read of it is saved.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.storage.database import BUSY_TIMEOUT, Database, connect
from tui_router.storage.faults import database_problem, file_problem, is_damage, is_refusal
from tui_router.storage.files import PRIVATE_FILE, locked, make_private_folder, tighten
from tui_router.storage.instances import Instance
from tui_router.storage.migrations import STEPS, migrate, version_of
from tui_router.storage.paths import AppPaths
from tui_router.storage.salvage import salvage, set_aside


def open_temporary() -> Database:
    """Return a store in memory with the same shape: what is put there never reaches the disk."""
    database = Database(None)
    with database.read() as connection:
        migrate(connection)
    return database


def open_database(
    paths: AppPaths, *, steps: Sequence[Sequence[str]] = STEPS, timeout: float = BUSY_TIMEOUT
) -> Database:
    """Open the conversations; ``Database.notices`` holds what there is to say about it.

    Raises ``Trouble`` when they can neither be read nor begun: a newer file, a lock held too long, no folder.
    """
    path, instance = paths.database, Instance(paths.instances)
    make_private_folder(paths.config)
    notices: list[Problem] = []
    # One instance at a time opens: two must not both migrate, or move the same damaged file away.
    with locked(paths.config):
        _refuse_newer(path, len(steps), timeout)
        is_unclean = instance.remove_stale()
        try:
            notices += _prepare(path, steps, timeout, check=is_unclean)
            mode = "rw"
        except sqlite3.Error as error:
            if is_damage(error):
                notices += _start_again(path, steps, timeout)
                mode = "rw"
            elif is_refusal(error):
                mode = _readable_mode(path, error, len(steps))
                notices.append(_read_only(path, error))
            else:
                raise Trouble(database_problem(error, path)) from error
    return Database(path, instance=instance, mode=mode, notices=tuple(notices), timeout=timeout)


def _prepare(path: Path, steps: Sequence[Sequence[str]], timeout: float, *, check: bool) -> list[Problem]:
    """Create, check, switch to WAL and migrate; returns notices."""
    notices = []
    if not path.exists():
        _create(path)
    elif loose := tighten(path):
        notices.append(loose)
    with closing(connect(path, timeout=timeout)) as connection:
        if check and (verdict := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise _damage(str(verdict))
        notices += choose_journal(connection, path)
        if (copy := _bring_up(connection, path, steps)) is not None:
            notices.append(_migrated(copy))
    return notices


def choose_journal(connection: sqlite3.Connection, path: Path) -> list[Problem]:
    """Switch to the write-ahead log, or, where the disk cannot keep one, to the plain journal, and say so."""
    with contextlib.suppress(sqlite3.OperationalError):
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
            return []
    connection.execute("PRAGMA journal_mode = DELETE")
    return [_no_wal(path)]


def _bring_up(connection: sqlite3.Connection, path: Path, steps: Sequence[Sequence[str]]) -> Path | None:
    return migrate(connection, path, steps) if version_of(connection) < len(steps) else None


def _create(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))
    except FileExistsError:
        return
    except OSError as error:
        raise Trouble(file_problem(error, path)) from error


def _refuse_newer(path: Path, version: int, timeout: float) -> None:
    """Look at the version without a chance of changing a byte: a reader neither recovers nor tidies the file."""
    if not path.exists():
        return
    found = 0
    with contextlib.suppress(sqlite3.Error), closing(connect(path, mode="ro", timeout=timeout)) as connection:
        found = version_of(connection)
    if found > version:
        raise Trouble(
            Problem(
                kind=Kind.STORAGE,
                title="The conversations were written by a newer version",
                detail=f"{path} has version {found}; this program knows up to {version}. Nothing was changed",
                hint="Update tui-router, or choose another folder with --config-dir",
            )
        )


def _readable_mode(path: Path, error: sqlite3.Error, version: int) -> str:
    for mode in ("ro", "immutable"):
        try:
            with closing(connect(path, mode=mode)) as connection:
                connection.execute("SELECT count(*) FROM conversations").fetchone()
                if version_of(connection) == version:
                    return mode
        except sqlite3.Error:
            continue
    raise Trouble(database_problem(error, path)) from error


def _start_again(path: Path, steps: Sequence[Sequence[str]], timeout: float) -> list[Problem]:
    kept = set_aside(path)
    notices = _prepare(path, steps, timeout, check=False)
    with closing(connect(path, timeout=timeout)) as connection:
        saved = salvage(kept, connection)
    notices.append(
        Problem(
            kind=Kind.STORAGE,
            title="The conversations file was damaged",
            detail=f"It was kept as {kept.name}; {saved.conversations} conversations with {saved.messages} messages "
            "could be saved from it",
            hint=f"The whole file lies at {kept}; `sqlite3 FILE .recover` may find more",
        )
    )
    return notices


def _damage(verdict: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(verdict)
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


def _read_only(path: Path, error: sqlite3.Error) -> Problem:
    why = database_problem(error, path)
    return Problem(
        kind=Kind.STORAGE,
        title="Nothing can be saved: the conversations are open for reading only",
        detail=why.detail,
        hint=why.hint,
    )


def _no_wal(path: Path) -> Problem:
    return Problem(
        kind=Kind.STORAGE,
        title="This disk cannot keep a write-ahead log",
        detail=f"{path} is written in the slower, equally safe way; two windows wait for each other more often",
        hint="If this is a network disk, choose a local folder with --config-dir",
    )


def _migrated(copy: Path) -> Problem:
    return Problem(
        kind=Kind.STORAGE,
        title="The conversations were brought up to date",
        detail=f"The file as it was is kept as {copy.name}",
        hint=f"It lies at {copy}",
    )
