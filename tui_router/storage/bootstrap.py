"""Opens the database: creates, checks and migrates the file, and recovers what it can of a damaged one.

An existing file is never overwritten. A file of a newer version stays untouched, an older one is backed up before
its migration, and a damaged one is moved aside whole before its readable rows are copied into a new file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.storage.database import BUSY_TIMEOUT, Database, connect
from tui_router.storage.errors import database_problem, file_problem, is_damage, is_refusal
from tui_router.storage.files import PRIVATE_FILE, locked, make_private_folder, tighten
from tui_router.storage.fulltext import rebuild_index
from tui_router.storage.instances import Instance
from tui_router.storage.migrations import SPEND_AS_CHARGES, STEPS, TABLES, migrate, version_of
from tui_router.storage.paths import AppPaths


def open_in_memory() -> Database:
    """Return an empty database in memory, for temporary conversations."""
    database = Database(None)
    with database.read() as connection:
        migrate(connection)
    return database


def open_database(
    paths: AppPaths, *, steps: Sequence[Sequence[str]] = STEPS, timeout: float = BUSY_TIMEOUT
) -> Database:
    """Open the database, creating, migrating or recovering it as needed; ``Database.notices`` tells what was done.

    Raises ``AppError`` if it can be neither read nor created: a newer version, a lock held too long, no folder.
    """
    path, instance = paths.database, Instance(paths.instances)
    make_private_folder(paths.config)
    notices: list[Problem] = []
    # One instance at a time: two must not both migrate, or both move the same damaged file.
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
                raise AppError(database_problem(error, path)) from error
    return Database(path, instance=instance, mode=mode, notices=tuple(notices), timeout=timeout)


def _prepare(path: Path, steps: Sequence[Sequence[str]], timeout: float, *, check: bool) -> list[Problem]:
    """Create, check and migrate the file; return notices."""
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
    """Switch to WAL; where the file system does not support it, use a rollback journal and return a notice."""
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
        raise AppError(file_problem(error, path)) from error


def _refuse_newer(path: Path, version: int, timeout: float) -> None:
    """Raise ``AppError`` for a newer file. Opened read-only, because a writer could recover or checkpoint it."""
    if not path.exists():
        return
    found = 0
    with contextlib.suppress(sqlite3.Error), closing(connect(path, mode="ro", timeout=timeout)) as connection:
        found = version_of(connection)
    if found > version:
        raise AppError(
            Problem(
                kind=ErrorKind.STORAGE,
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
    raise AppError(database_problem(error, path)) from error


def _start_again(path: Path, steps: Sequence[Sequence[str]], timeout: float) -> list[Problem]:
    kept = set_aside(path)
    notices = _prepare(path, steps, timeout, check=False)
    with closing(connect(path, timeout=timeout)) as connection:
        saved = recover_rows(kept, connection)
    notices.append(
        Problem(
            kind=ErrorKind.STORAGE,
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
        kind=ErrorKind.STORAGE,
        title="Nothing can be saved: the conversations are open for reading only",
        detail=why.detail,
        hint=why.hint,
    )


def _no_wal(path: Path) -> Problem:
    return Problem(
        kind=ErrorKind.STORAGE,
        title="This disk cannot keep a write-ahead log",
        detail=f"{path} is written in the slower, equally safe way; two windows wait for each other more often",
        hint="If this is a network disk, choose a local folder with --config-dir",
    )


def _migrated(copy: Path) -> Problem:
    return Problem(
        kind=ErrorKind.STORAGE,
        title="The conversations were brought up to date",
        detail=f"The file as it was is kept as {copy.name}",
        hint=f"It lies at {copy}",
    )


_SIDES = ("", "-wal", "-shm")


class RecoveredRows(NamedTuple):
    """Number of recovered rows."""

    conversations: int
    messages: int


def set_aside(path: Path) -> Path:
    """Rename a database and its side files to ``name.corrupt-<time>``; return the new path. Raises ``AppError``."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    kept, number = path.with_name(f"{path.name}.corrupt-{stamp}"), 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.corrupt-{stamp}-{number}")
    try:
        for side in _SIDES:
            source = path.with_name(path.name + side)
            if source.exists():
                source.rename(kept.with_name(kept.name + side))
    except OSError as error:
        raise AppError(file_problem(error, path)) from error
    return kept


def recover_rows(damaged: Path, fresh: sqlite3.Connection) -> RecoveredRows:
    """Copy every readable row into a new database and build its full-text index. Damaged pages are skipped."""
    fresh.execute("PRAGMA foreign_keys = OFF")
    fresh.execute("BEGIN IMMEDIATE")
    try:
        with closing(connect(damaged, mode="ro")) as old:
            for table in TABLES:
                _copy(old, fresh, table)
            _copy_spend(old, fresh)
    except sqlite3.Error:
        pass  # not a database: nothing to recover
    _adopt_orphans(fresh)
    rebuild_index(fresh)
    fresh.execute("COMMIT")
    fresh.execute("PRAGMA foreign_keys = ON")
    return RecoveredRows(
        int(fresh.execute("SELECT count(*) FROM conversations").fetchone()[0]),
        int(fresh.execute("SELECT count(*) FROM messages").fetchone()[0]),
    )


def _copy(old: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> None:
    ours = {row[1] for row in fresh.execute(f"PRAGMA table_info({table})")}
    try:
        names = [row[1] for row in old.execute(f"PRAGMA table_info({table})") if row[1] in ours]
    except sqlite3.Error:
        return
    if not names:
        return
    columns = ", ".join(names)
    insert = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})"
    # Read from both ends, so that a damaged page in the middle hides only its own rows.
    for order in ("", " ORDER BY rowid DESC"):
        for row in _readable(old, f"SELECT {columns} FROM {table} NOT INDEXED{order}"):
            try:
                fresh.execute(insert, row)
            except sqlite3.Error:
                continue


def _copy_spend(old: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    """Copy the ``spend`` table of version 1 as charges."""
    columns = "seq, at, day, model, connection, conversation_id, message_id, cost, is_estimate, prompt_tokens, "
    columns += "completion_tokens, first_token, seconds"
    fresh.execute(f"CREATE TEMP TABLE old_spend ({columns.replace('seq', 'seq PRIMARY KEY')})")
    insert = f"INSERT OR IGNORE INTO old_spend ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"
    for row in _readable(old, f"SELECT {columns} FROM spend NOT INDEXED"):
        fresh.execute(insert, row)
    fresh.execute(SPEND_AS_CHARGES.format(source="old_spend"))
    fresh.execute("DROP TABLE old_spend")


def _readable(old: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    try:
        yield from old.execute(query)
    except sqlite3.Error:
        return


def _adopt_orphans(fresh: sqlite3.Connection) -> None:
    fresh.execute(
        "INSERT INTO conversations (id, title, created, updated) "
        "SELECT conversation_id, 'Recovered', min(created), max(created) FROM messages "
        "WHERE conversation_id NOT IN (SELECT id FROM conversations) GROUP BY conversation_id"
    )
    for table, column, parent in (("tags", "conversation_id", "conversations"), ("pieces", "message_id", "messages")):
        fresh.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {parent})")
    fresh.execute(
        "UPDATE conversations SET message_count = (SELECT count(*) FROM messages m "
        "WHERE m.conversation_id = conversations.id AND m.deleted_at IS NULL)"
    )
