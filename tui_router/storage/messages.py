"""Persists messages: added before anything is sent, extended while they stream, finished in one transaction.

The row of a streaming answer is owned by the instance that writes it (``owner``). When that instance has crashed (see
``instances``), the answer is marked as interrupted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from tui_router.domain.message import EndingKind, Message
from tui_router.domain.problem import ErrorKind, Problem, Rejected
from tui_router.domain.usage import Usage
from tui_router.storage.database import Database
from tui_router.storage.fulltext import index_message, unindex_message
from tui_router.storage.json_columns import dump_parts, grow, load_parts
from tui_router.storage.rows import MESSAGE_COLUMNS, message_of, message_row, problem_text, to_micros, usage_text

_COLUMNS = ", ".join(f"m.{c}" for c in MESSAGE_COLUMNS)
_STATE = MESSAGE_COLUMNS.index("state")
CRASHED = Problem(
    kind=ErrorKind.INTERRUPTED,
    title="Interrupted",
    detail="The program ended while this answer was being written",
    hint="Continue it, or ask again",
)
"""The problem of an answer that was interrupted by a crash."""
NOT_THERE = Problem(
    kind=ErrorKind.STORAGE,
    title="This answer is not saved",
    detail="Its place could not be written when it began",
    hint="Copy it now; check the disk before the next question",
)
"""The problem of an answer that ends without a row."""


class StreamedText(Protocol):
    """Text of one answer that streamed since the last write."""

    @property
    def message_id(self) -> str:
        """The message of the answer."""
        ...

    @property
    def text(self) -> str:
        """New words."""
        ...

    @property
    def reasoning(self) -> str:
        """New reasoning."""
        ...


class Messages:
    """The messages of all conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_messages(self, conversation_id: str, messages: Sequence[Message], head: str | None = None) -> None:
        """Insert messages, streaming ones included, in one transaction and update the conversation.

        ``head`` sets the end of the current path.
        """
        if not messages:
            return
        with self._database.write() as connection:
            for message in messages:
                insert_message(connection, conversation_id, message_row(message), self._database.instance.token)
            newest = max(to_micros(m.created) for m in messages)
            connection.execute(
                "UPDATE conversations SET updated = max(updated, ?), message_count = message_count + ?, "
                "unfinished = 0, head = coalesce(?, head) WHERE id = ?",
                (newest, len(messages), head, conversation_id),
            )

    def append_pieces(self, pieces: Sequence[StreamedText]) -> None:
        """Append streamed text; the cost does not depend on the length of the answers.

        Pieces of finished answers are ignored.
        """
        with self._database.write() as connection:
            connection.executemany(
                "INSERT INTO pieces (message_id, text, reasoning) "
                "SELECT id, ?, ? FROM messages WHERE id = ? AND state <> 'done'",
                [(*_column_texts(p), p.message_id) for p in pieces if p.text or p.reasoning],
            )

    def checkpoint(self, message: Message) -> None:
        """Save the full state of a streaming answer: images, tool calls, provider."""
        row = message_row(message)
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE messages SET text = :text, parts = :parts, served_model = :served_model, provider = :provider, "
                "usage = :usage, first_token = :first_token, generation_id = :generation_id "
                "WHERE id = :id AND state <> 'done'",
                row,
            ).rowcount
            if changed:
                connection.execute("DELETE FROM pieces WHERE message_id = ?", (message.id,))

    def finish_message(self, message: Message) -> None:
        """Save the final state of an answer and index it. Raises ``Rejected`` if it has no row."""
        row = message_row(message) | {"owner": None}
        changes = ", ".join(f"{c} = :{c}" for c in row if c not in {"id", "parent_id", "role", "created"})
        with self._database.write() as connection:
            unindex_message(connection, message.id)
            if not connection.execute(f"UPDATE messages SET {changes} WHERE id = :id", row).rowcount:
                raise Rejected(NOT_THERE)
            connection.execute("DELETE FROM pieces WHERE message_id = ?", (message.id,))
            if message.ending is not None:
                index_message(connection, message.id)

    def price(self, message_id: str, usage: Usage) -> None:
        """Update the usage of an answer that became known after it ended."""
        with self._database.write() as connection:
            connection.execute("UPDATE messages SET usage = ? WHERE id = ?", (usage_text(usage), message_id))

    def load_messages(self, conversation_id: str) -> tuple[Message, ...]:
        """Return all messages of a conversation in order of creation."""
        with self._database.read() as connection:
            return read_messages(connection, "m.conversation_id = ? AND m.deleted_at IS NULL", (conversation_id,))

    def load_tail(self, conversation_id: str, head: str | None, count: int) -> tuple[Message, ...]:
        """Return the last ``count`` messages of the path that ends at ``head``, oldest first."""
        path = (
            "WITH RECURSIVE path (id, parent_id, depth) AS ("
            "SELECT id, parent_id, 1 FROM messages WHERE id = ? AND conversation_id = ? AND deleted_at IS NULL "
            "UNION ALL SELECT m.id, m.parent_id, path.depth + 1 FROM messages m JOIN path ON m.id = path.parent_id "
            "WHERE path.depth < ? AND m.deleted_at IS NULL) SELECT id FROM path ORDER BY depth DESC"
        )
        with self._database.read() as connection:
            ids = [row[0] for row in connection.execute(path, (head, conversation_id, count))]
            found = {m.id: m for m in read_messages(connection, f"m.id IN ({_marks(ids)})", ids)}
        return tuple(found[i] for i in ids if i in found)

    def find_message(self, message_id: str) -> tuple[str, Message] | None:
        """Return (conversation id, message), or ``None``."""
        with self._database.read() as connection:
            found = read_messages(connection, "m.id = ?", (message_id,))
            place = connection.execute("SELECT conversation_id FROM messages WHERE id = ?", (message_id,)).fetchone()
        return (place[0], found[0]) if found else None

    def delete_messages(self, message_ids: Sequence[str]) -> None:
        """Mark messages as deleted; ``restore_messages`` undoes this until they are purged."""
        self._mark(message_ids, to_micros(datetime.now(UTC)))

    def restore_messages(self, message_ids: Sequence[str]) -> None:
        """Restore deleted messages."""
        self._mark(message_ids, None)

    def recover_unfinished(self) -> tuple[str, ...]:
        """Mark answers of crashed instances as interrupted; return the ids of their conversations.

        Answers of running instances are not touched.
        """
        if self._database.is_read_only:
            return ()
        instance = self._database.instance
        with self._database.read() as connection:
            owners = connection.execute("SELECT DISTINCT owner FROM messages WHERE state <> 'done'").fetchall()
        fallen = [o or "" for (o,) in owners if not instance.is_running(o or "")]
        if not fallen:
            return ()
        with self._database.write() as connection:
            # Query again under the write lock: another instance may have recovered them.
            where = f"m.state <> 'done' AND coalesce(m.owner, '') IN ({_marks(fallen)})"
            rows = connection.execute(
                f"SELECT m.id, m.conversation_id FROM messages m WHERE {where}", fallen
            ).fetchall()
            for message_id, conversation_id in rows:
                _interrupt(connection, message_id, conversation_id)
        return tuple(dict.fromkeys(str(c) for _, c in rows))

    def _mark(self, message_ids: Sequence[str], deleted_at: int | None) -> None:
        with self._database.write() as connection:
            touched: set[str] = set()
            for message_id in message_ids:
                connection.execute("UPDATE messages SET deleted_at = ? WHERE id = ?", (deleted_at, message_id))
                found = connection.execute("SELECT conversation_id FROM messages WHERE id = ?", (message_id,))
                touched.update(row[0] for row in found)
            for conversation_id in touched:
                connection.execute(
                    "UPDATE conversations SET message_count = (SELECT count(*) FROM messages "
                    "WHERE conversation_id = ? AND deleted_at IS NULL) WHERE id = ?",
                    (conversation_id, conversation_id),
                )


def read_messages(connection: sqlite3.Connection, where: str, values: Sequence[Any]) -> tuple[Message, ...]:
    """Return messages, oldest first, with the text streamed so far; ``where`` is SQL on ``m``."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM messages m WHERE {where} ORDER BY m.seq", values).fetchall()
    return tuple(message_of(_with_pieces(connection, row) if row[_STATE] != "done" else row) for row in rows)


def _with_pieces(connection: sqlite3.Connection, row: tuple[Any, ...]) -> tuple[Any, ...]:
    texts, thoughts = streamed(connection, row[0])
    columns = dict(zip(MESSAGE_COLUMNS, row, strict=True))
    stored = dump_parts(grow(load_parts(str(columns["text"]), str(columns["parts"])), texts, thoughts))
    return tuple((columns | {"text": stored.text, "parts": stored.parts}).values())


def _interrupt(connection: sqlite3.Connection, message_id: str, conversation_id: str) -> None:
    row = connection.execute("SELECT text, parts FROM messages WHERE id = ?", (message_id,)).fetchone()
    texts, thoughts = streamed(connection, message_id)
    stored = dump_parts(grow(load_parts(str(row[0]), str(row[1])), texts, thoughts))
    connection.execute(
        "UPDATE messages SET text = ?, parts = ?, state = 'done', owner = NULL, ending = ?, problem = ? WHERE id = ?",
        (stored.text, stored.parts, EndingKind.INTERRUPTED.value, problem_text(CRASHED), message_id),
    )
    connection.execute("DELETE FROM pieces WHERE message_id = ?", (message_id,))
    index_message(connection, message_id)
    connection.execute("UPDATE conversations SET unfinished = 1 WHERE id = ?", (conversation_id,))


def insert_message(connection: sqlite3.Connection, conversation_id: str, row: dict[str, Any], instance: str) -> None:
    """Insert the row of a message; a streaming answer is owned by ``instance``."""
    is_done = row["state"] == "done"
    row = row | {"conversation_id": conversation_id} | ({} if is_done else {"owner": instance})
    marks = ", ".join(f":{c}" for c in row)
    connection.execute(f"INSERT INTO messages ({', '.join(row)}) VALUES ({marks})", row)
    if is_done:
        index_message(connection, row["id"])


def streamed(connection: sqlite3.Connection, message_id: str) -> tuple[str, str]:
    """Return the words and the reasoning that streamed since the row was written."""
    pieces = connection.execute("SELECT text, reasoning FROM pieces WHERE message_id = ? ORDER BY seq", (message_id,))
    return _joined(pieces.fetchall())


def _column_texts(piece: StreamedText) -> tuple[str, str]:
    # A piece may be cut inside a surrogate pair, which SQLite cannot store.
    return piece.text.encode("utf-8", "replace").decode(), piece.reasoning.encode("utf-8", "replace").decode()


def _joined(rows: Iterable[tuple[Any, Any]]) -> tuple[str, str]:
    texts, thoughts = [], []
    for text, reasoning in rows:
        texts.append(str(text))
        thoughts.append(str(reasoning))
    return "".join(texts), "".join(thoughts)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
