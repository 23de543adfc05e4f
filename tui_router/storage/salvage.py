"""What can still be read of a damaged database, put into a new one. Best effort: it never raises for a bad page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tui_router.domain.problem import Trouble
from tui_router.storage.database import connect
from tui_router.storage.faults import file_problem
from tui_router.storage.index import rebuild_index
from tui_router.storage.migrations import SPEND_AS_CHARGES, TABLES

_SIDES = ("", "-wal", "-shm")


class Saved(NamedTuple):
    """How much was saved."""

    conversations: int
    messages: int


def set_aside(path: Path) -> Path:
    """Move a database with its side files to ``name.corrupt-<time>``; returns the new path."""
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
        raise Trouble(file_problem(error, path)) from error
    return kept


def salvage(damaged: Path, fresh: sqlite3.Connection) -> Saved:
    """Copy every readable row into a new database and build its full-text index."""
    fresh.execute("PRAGMA foreign_keys = OFF")
    fresh.execute("BEGIN IMMEDIATE")
    try:
        with closing(connect(damaged, mode="ro")) as old:
            for table in TABLES:
                _copy(old, fresh, table)
            _copy_spend(old, fresh)
    except sqlite3.Error:
        pass  # not a database at all: there is nothing to save
    _adopt_orphans(fresh)
    rebuild_index(fresh)
    fresh.execute("COMMIT")
    fresh.execute("PRAGMA foreign_keys = ON")
    return Saved(
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
    # From both ends: a broken page in the middle hides only what lies on it.
    for order in ("", " ORDER BY rowid DESC"):
        for row in _readable(old, f"SELECT {columns} FROM {table} NOT INDEXED{order}"):
            try:
                fresh.execute(insert, row)
            except sqlite3.Error:
                continue


def _copy_spend(old: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    """What the first version kept of spending, as charges."""
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
