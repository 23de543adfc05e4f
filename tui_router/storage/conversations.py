"""Persists conversations: lists, loads, saves, deletes and restores them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_router.domain.conversation import Conversation
from tui_router.domain.library import Summary
from tui_router.domain.message import Message
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.storage.database import Database
from tui_router.storage.fulltext import reindex_title, unindex_message
from tui_router.storage.json_columns import storable
from tui_router.storage.messages import read_messages
from tui_router.storage.rows import (
    CONVERSATION_COLUMNS,
    as_count,
    as_text,
    conversation_of,
    conversation_row,
    from_micros,
    from_pico,
    to_micros,
)

PURGE_AFTER = timedelta(days=30)
"""How long deleted conversations and messages can be restored."""
SUMMARY_COLUMNS = (
    "c.id, c.title, c.updated, c.created, c.model, c.message_count, c.cost, c.pinned, c.archived, c.unfinished, "
    "EXISTS (SELECT 1 FROM drafts d WHERE d.conversation_id = c.id)"
)
_ORDER = "c.pinned DESC, c.updated DESC, c.seq DESC"


class Conversations:
    """The conversations of one database. ``save`` accepts temporary ones only in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, conversation: Conversation, before: Conversation | None = None) -> None:
        """Create or update a conversation without its messages. Raises ``AppError``.

        With ``before`` only the differences are written, so that changes of other instances survive.
        """
        if conversation.is_temporary and not self._database.is_temporary:
            raise AppError(
                Problem(
                    kind=ErrorKind.BUG,
                    title="A temporary conversation is not saved",
                    hint="Make it permanent first, or leave it",
                )
            )
        row = conversation_row(conversation)
        old = conversation_row(before) if before else {}
        with self._database.write() as connection:
            found = connection.execute(
                "SELECT seq, title FROM conversations WHERE id = ?", (conversation.id,)
            ).fetchone()
            if found is None:
                marks = ", ".join(f":{c}" for c in row)
                seq = connection.execute(
                    f"INSERT INTO conversations ({', '.join(row)}) VALUES ({marks})", row
                ).lastrowid
                reindex_title(connection, int(seq or 0), "", row["title"])
                _put_tags(connection, conversation)
                return
            changes = {c: v for c, v in row.items() if c not in {"id", "created"} and (not old or old[c] != v)}
            if "title" in changes:
                reindex_title(connection, found[0], str(found[1]), row["title"])
            if changes:
                fields = ", ".join(
                    "updated = max(updated, :updated)" if c == "updated" else f"{c} = :{c}" for c in changes
                )
                connection.execute(
                    f"UPDATE conversations SET {fields} WHERE id = :id", changes | {"id": conversation.id}
                )
            if before is None or before.tags != conversation.tags:
                _put_tags(connection, conversation)

    def load(self, conversation_id: str) -> tuple[Conversation, tuple[Message, ...]] | None:
        """Return a conversation and its messages in order of creation; ``None`` if it does not exist."""
        with self._database.read() as connection:
            conversation = _find(connection, conversation_id)
            if conversation is None:
                return None
            where = "m.conversation_id = ? AND m.deleted_at IS NULL"
            return conversation, read_messages(connection, where, (conversation_id,))

    def find(self, conversation_id: str) -> Conversation | None:
        """Return a conversation without its messages; ``None`` if it does not exist."""
        with self._database.read() as connection:
            return _find(connection, conversation_id)

    def matching_ids(self, beginning: str, limit: int = 5) -> tuple[str, ...]:
        """Return the ids that begin with a text, newest first; for ``--resume``."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id FROM conversations WHERE substr(id, 1, ?) = ? AND deleted_at IS NULL "
                "ORDER BY updated DESC LIMIT ?",
                (len(beginning), storable(beginning), limit),
            )
            return tuple(row[0] for row in rows)

    def last(self) -> str | None:
        """Return the id of the most recently used conversation."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT id FROM conversations WHERE deleted_at IS NULL ORDER BY updated DESC, seq DESC LIMIT 1"
            ).fetchone()
        return row[0] if row else None

    def list_summaries(
        self, *, archived: bool | None = False, limit: int = 200, offset: int = 0
    ) -> tuple[Summary, ...]:
        """Return conversations, pinned ones first, then newest first; ``archived=None`` lists both kinds."""
        where, values = "c.deleted_at IS NULL", []
        if archived is not None:
            where, values = f"{where} AND c.archived = ?", [int(archived)]
        with self._database.read() as connection:
            return read_summaries(connection, f"{where} ORDER BY {_ORDER} LIMIT ? OFFSET ?", [*values, limit, offset])

    def count(self, *, archived: bool | None = None) -> int:
        """Return the number of conversations; ``archived=None`` counts both kinds."""
        where, values = ("", ()) if archived is None else (" AND archived = ?", (int(archived),))
        with self._database.read() as connection:
            row = connection.execute(
                f"SELECT count(*) FROM conversations WHERE deleted_at IS NULL{where}", values
            ).fetchone()
        return int(row[0])

    def all_tags(self) -> tuple[tuple[str, int], ...]:
        """Return every tag with the number of its conversations, most used first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT t.tag, count(*) FROM tags t JOIN conversations c ON c.id = t.conversation_id "
                "WHERE c.deleted_at IS NULL GROUP BY t.tag ORDER BY 2 DESC, 1"
            )
            return tuple((str(tag), int(count)) for tag, count in rows)

    def delete(self, conversation_id: str) -> None:
        """Mark a conversation as deleted; ``restore`` undoes this until it is purged."""
        self._set_deleted(conversation_id, to_micros(datetime.now(UTC)))

    def restore(self, conversation_id: str) -> None:
        """Restore a deleted conversation."""
        self._set_deleted(conversation_id, None)

    def purge(self, before: datetime | None = None) -> int:
        """Erase what was deleted more than 30 days ago, or before a time; return the number of rows."""
        limit = to_micros(before or datetime.now(UTC) - PURGE_AFTER)
        gone = "deleted_at IS NOT NULL AND deleted_at < ?"
        in_gone = f"(m.{gone}) OR m.conversation_id IN (SELECT id FROM conversations WHERE {gone})"
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT m.id FROM messages m WHERE {in_gone}", (limit, limit)).fetchall()
            titles = connection.execute(f"SELECT id FROM conversations WHERE {gone}", (limit,)).fetchall()
        if not rows and not titles:
            return 0
        with self._database.write() as connection:
            for (message_id,) in rows:
                unindex_message(connection, message_id)
                connection.execute("DELETE FROM messages WHERE id = ?", (message_id,))
            for seq, title in connection.execute(
                f"SELECT seq, title FROM conversations WHERE {gone}", (limit,)
            ).fetchall():
                reindex_title(connection, seq, str(title), "")
            for table in ("drafts", "draft_parts"):
                connection.execute(
                    f"DELETE FROM {table} WHERE conversation_id IN (SELECT id FROM conversations WHERE {gone})",
                    (limit,),
                )
            connection.execute(f"DELETE FROM conversations WHERE {gone}", (limit,))
        return len(rows) + len(titles)

    def _set_deleted(self, conversation_id: str, moment: int | None) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE conversations SET deleted_at = ? WHERE id = ?", (moment, conversation_id))


def read_summaries(connection: sqlite3.Connection, where: str, values: Sequence[Any]) -> tuple[Summary, ...]:
    """Return summaries of conversations; ``where`` is SQL on ``c`` and may include order and limit."""
    rows = connection.execute(f"SELECT {SUMMARY_COLUMNS} FROM conversations c WHERE {where}", values).fetchall()
    tags = _tags_of(connection, [row[0] for row in rows])
    return tuple(_summary(row, tags.get(row[0], ())) for row in rows)


def _summary(row: tuple[Any, ...], tags: tuple[str, ...]) -> Summary:
    identity, title, updated, created, model, count, cost, pinned, archived, unfinished, has_draft = row
    return Summary(
        id=as_text(identity),
        title=as_text(title),
        updated=from_micros(updated),
        created=from_micros(created),
        model=as_text(model),
        message_count=as_count(count),
        cost=from_pico(cost),
        tags=tags,
        is_pinned=bool(pinned),
        is_archived=bool(archived),
        has_draft=bool(has_draft),
        is_unfinished=bool(unfinished),
    )


def _find(connection: sqlite3.Connection, conversation_id: str) -> Conversation | None:
    columns = ", ".join(CONVERSATION_COLUMNS)
    row = connection.execute(
        f"SELECT {columns} FROM conversations WHERE id = ? AND deleted_at IS NULL", (storable(conversation_id),)
    ).fetchone()
    return conversation_of(row, _tags_of(connection, [row[0]]).get(row[0], ())) if row else None


def _tags_of(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    # With many ids, reading the whole table is faster than a long list of placeholders.
    few = len(ids) <= 200
    where = f"WHERE conversation_id IN ({', '.join('?' * len(ids))})" if few else ""
    rows = connection.execute(
        f"SELECT conversation_id, tag FROM tags {where} ORDER BY conversation_id, place", ids if few else ()
    )
    for identity, tag in rows:
        found.setdefault(identity, []).append(str(tag))
    return {i: tuple(t) for i, t in found.items()}


def _put_tags(connection: sqlite3.Connection, conversation: Conversation) -> None:
    connection.execute("DELETE FROM tags WHERE conversation_id = ?", (conversation.id,))
    connection.executemany(
        "INSERT INTO tags (conversation_id, place, tag) VALUES (?, ?, ?)",
        [(conversation.id, place, storable(tag)) for place, tag in enumerate(conversation.tags)],
    )
