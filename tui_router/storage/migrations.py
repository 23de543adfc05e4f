"""The schema, as migrations from one version to the next. A released step is never changed.

Times are microseconds since 1970 (UTC), money is in millionths of a millionth of a dollar (``PICO``): both
are whole numbers, so that sums are exact.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tui_router.storage.files import PRIVATE_FILE, write_private

BACKUPS_KEPT = 3

_FIRST = (
    """
    CREATE TABLE conversations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL DEFAULT '',
        head TEXT,
        system TEXT NOT NULL DEFAULT '',
        model TEXT,
        connection TEXT,
        options TEXT NOT NULL DEFAULT '{}',
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0,
        archived INTEGER NOT NULL DEFAULT 0,
        message_count INTEGER NOT NULL DEFAULT 0,
        cost INTEGER NOT NULL DEFAULT 0,
        unfinished INTEGER NOT NULL DEFAULT 0,
        deleted_at INTEGER
    )
    """,
    "CREATE INDEX conversations_by_time ON conversations (deleted_at, archived, pinned DESC, updated DESC, seq DESC)",
    """
    CREATE TABLE tags (
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (conversation_id, place)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        parent_id TEXT,
        role TEXT NOT NULL,
        text TEXT NOT NULL DEFAULT '',
        parts TEXT NOT NULL DEFAULT '[]',
        created INTEGER NOT NULL,
        model TEXT,
        connection TEXT,
        served_model TEXT,
        provider TEXT,
        usage TEXT,
        first_token REAL,
        seconds REAL,
        ending TEXT,
        problem TEXT,
        generation_id TEXT,
        batch TEXT,
        lane INTEGER,
        sources TEXT,
        state TEXT NOT NULL DEFAULT 'done',
        owner TEXT,
        indexed INTEGER NOT NULL DEFAULT 0,
        deleted_at INTEGER
    )
    """,
    "CREATE INDEX messages_by_conversation ON messages (conversation_id, seq)",
    "CREATE INDEX messages_open ON messages (state) WHERE state <> 'done'",
    """
    CREATE TABLE pieces (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        reasoning TEXT NOT NULL
    )
    """,
    "CREATE INDEX pieces_by_message ON pieces (message_id, seq)",
    """
    CREATE VIRTUAL TABLE messages_fts
    USING fts5 (text, content='', prefix='1 2', tokenize='unicode61 remove_diacritics 2')
    """,
    "CREATE VIRTUAL TABLE titles_fts USING fts5 (title, content='', tokenize='unicode61 remove_diacritics 2')",
    """
    CREATE TABLE drafts (
        conversation_id TEXT PRIMARY KEY,
        draft TEXT NOT NULL,
        queue TEXT NOT NULL DEFAULT '[]',
        updated INTEGER NOT NULL
    )
    """,
    "CREATE TABLE prompt_history (seq INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, created INTEGER NOT NULL)",
    """
    CREATE TABLE spend (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        day TEXT NOT NULL,
        model TEXT NOT NULL,
        connection TEXT NOT NULL,
        conversation_id TEXT,
        message_id TEXT UNIQUE,
        cost INTEGER,
        is_estimate INTEGER NOT NULL DEFAULT 0,
        prompt_tokens INTEGER NOT NULL DEFAULT 0,
        completion_tokens INTEGER NOT NULL DEFAULT 0,
        first_token REAL,
        seconds REAL
    )
    """,
    "CREATE INDEX spend_by_time ON spend (at)",
    """
    CREATE TABLE votes (
        batch TEXT PRIMARY KEY,
        outcome TEXT NOT NULL,
        winner INTEGER,
        models TEXT NOT NULL,
        tags TEXT NOT NULL DEFAULT '[]',
        blind INTEGER NOT NULL DEFAULT 0,
        created INTEGER NOT NULL
    )
    """,
    "CREATE TABLE lineups (name TEXT PRIMARY KEY, models TEXT NOT NULL, used INTEGER NOT NULL)",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

_CHARGES = """
    CREATE TABLE charges (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        at INTEGER NOT NULL,
        day TEXT NOT NULL,
        purpose TEXT NOT NULL DEFAULT 'answer',
        conversation_id TEXT,
        message_id TEXT,
        lane INTEGER NOT NULL DEFAULT 0,
        attempt INTEGER NOT NULL DEFAULT 1,
        key TEXT NOT NULL DEFAULT '',
        model TEXT NOT NULL,
        connection TEXT NOT NULL,
        served_model TEXT NOT NULL DEFAULT '',
        provider TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL,
        owner TEXT,
        reserved INTEGER NOT NULL DEFAULT 0,
        cost INTEGER,
        prompt_tokens INTEGER NOT NULL DEFAULT 0,
        completion_tokens INTEGER NOT NULL DEFAULT 0,
        cached_tokens INTEGER NOT NULL DEFAULT 0,
        cache_write_tokens INTEGER NOT NULL DEFAULT 0,
        reasoning_tokens INTEGER NOT NULL DEFAULT 0,
        web_searches INTEGER NOT NULL DEFAULT 0,
        prices TEXT NOT NULL DEFAULT '',
        generation_id TEXT NOT NULL DEFAULT '',
        ending TEXT NOT NULL DEFAULT '',
        first_token REAL,
        seconds REAL,
        look_ups INTEGER NOT NULL DEFAULT 0,
        look_up_at INTEGER
    )
    """
SPEND_AS_CHARGES = (
    "INSERT OR IGNORE INTO charges (id, at, day, conversation_id, message_id, model, connection, state, cost, "
    "prompt_tokens, completion_tokens, first_token, seconds) "
    "SELECT 'v1-' || seq, at, day, conversation_id, message_id, model, connection, "
    "CASE WHEN is_estimate OR cost IS NULL OR cost < 0 THEN 'estimated' ELSE 'settled' END, "
    "CASE WHEN cost >= 0 THEN cost END, prompt_tokens, completion_tokens, first_token, seconds FROM {source} "
)
"""Copies rows of the ``spend`` table of version 1 to ``charges``."""

_SECOND = (
    _CHARGES,
    "CREATE INDEX charges_by_time ON charges (at)",
    "CREATE INDEX charges_by_conversation ON charges (conversation_id)",
    "CREATE INDEX charges_by_message ON charges (message_id)",
    "CREATE INDEX charges_open ON charges (state) WHERE state = 'open'",
    "CREATE INDEX charges_to_look_up ON charges (look_up_at) WHERE look_up_at IS NOT NULL",
    "ALTER TABLE messages ADD COLUMN attempts TEXT",
    SPEND_AS_CHARGES.format(source="spend"),
    "DROP TABLE spend",
    """
    CREATE TABLE draft_parts (
        conversation_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        part TEXT NOT NULL,
        PRIMARY KEY (conversation_id, digest)
    )
    """,
    # Version 1 kept the previous model after a comparison, although the user had not chosen it to continue.
    "UPDATE conversations SET model = NULL, connection = NULL WHERE EXISTS (SELECT 1 FROM messages h "
    "WHERE h.id = conversations.head AND h.role = 'assistant' AND h.batch <> '' AND h.model <> conversations.model)",
    "ALTER TABLE messages ADD COLUMN cached_at INTEGER",
    """
    CREATE TABLE answers (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        created INTEGER NOT NULL,
        model TEXT NOT NULL,
        size INTEGER NOT NULL,
        answer TEXT NOT NULL
    )
    """,
    "CREATE INDEX answers_by_size ON answers (seq, size)",
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
"""Step ``n`` migrates from version ``n`` to ``n + 1``; each is a tuple of statements."""

VERSION = len(STEPS)

TABLES = (
    "conversations",
    "tags",
    "messages",
    "pieces",
    "drafts",
    "draft_parts",
    "prompt_history",
    "charges",
    "votes",
    "lineups",
    "state",
    "answers",
)
"""All tables except the full-text indexes, which are rebuilt from them; parents first."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version; 0 for an empty database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: sqlite3.Connection, path: Path | None = None, steps: Sequence[Sequence[str]] = STEPS
) -> Path | None:
    """Migrate a database in one transaction; return the path of the backup, ``None`` for a new database.

    After a failure (crash, full disk, failing step) the file is unchanged.
    """
    before = version_of(connection)
    copy = back_up(connection, path, before) if path and 0 < before < len(steps) else None
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version_of(connection), len(steps)):
            for statement in steps[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return copy


def back_up(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Back up a database beside itself, readable by the owner only, and delete the oldest backups."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    copy = path.with_name(f"{path.name}.backup-v{version}-{stamp}")
    write_private(copy, b"", mode=PRIVATE_FILE)
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
    copies = sorted(path.parent.glob(f"{path.name}.backup-v*"), key=lambda p: p.name.rpartition("-")[2])
    for old in copies[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
    return copy
