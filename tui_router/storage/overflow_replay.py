"""Replays the overflow files of earlier processes into the database: in order, each line at most once.

Newer data wins: a line never overwrites what another instance, or the same process, has written since. A file is
replayed in one transaction; lines that cannot be understood are skipped and counted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_router.storage.database import Database
from tui_router.storage.drafts import delete_beside, keep_parts, key_beside, owner_of
from tui_router.storage.errors import is_final, sqlite_name
from tui_router.storage.fulltext import index_message, reindex_title, unindex_message
from tui_router.storage.json_columns import storable, to_text
from tui_router.storage.messages import CRASHED, insert_message, streamed
from tui_router.storage.overflow import OverflowFile
from tui_router.storage.rows import CONVERSATION_COLUMNS, MESSAGE_COLUMNS, problem_text
from tui_router.storage.state import remember

_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
_CHAT_COLUMNS = ("head", "system", "model", "connection", "options")
"""Columns that a later line may change in a conversation of another instance; the rest is edited by the user."""


def replay_overflow(database: Database, file: OverflowFile) -> int:
    """Replay every file of ended processes; return the number of skipped lines. Raises ``AppError``."""
    skipped = 0

    def take(lines: Iterator[object]) -> None:
        nonlocal skipped
        with database.write() as connection:
            replay = _Replay(connection)
            for line in lines:
                replay.replay(line)
        skipped += replay.skipped

    file.replay(take)
    return skipped


class _Replay:
    """Applies the lines of one file to the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.skipped = 0
        self._connection = connection
        self._instance = ""
        self._blobs: dict[str, str] = {}
        self._ours: set[str] = set()
        """Ids of conversations and messages that this file created or last wrote."""
        self._lengths: dict[str, list[int]] = {}
        self._kinds = {
            "window": self._replay_window,
            "blob": self._replay_blob,
            "conversation": self._replay_conversation,
            "messages": self._replay_messages,
            "pieces": self._replay_pieces,
            "ending": self._replay_ending,
            "deletion": self._replay_deletion,
            "drafts": self._replay_drafts,
            "history": self._replay_history,
        }

    def replay(self, line: Any) -> None:
        """Apply one line, or skip it."""
        self._connection.execute("SAVEPOINT line")
        try:
            self._kinds[line["is"]](line)
        except (*_DAMAGED, sqlite3.Error) as error:
            # Only errors of the disk carry an SQLite error name; a value that SQLite cannot store has none.
            if isinstance(error, sqlite3.Error) and sqlite_name(error) and not is_final(error):
                raise
            self._connection.execute("ROLLBACK TO line")
            self.skipped += 1
        self._connection.execute("RELEASE line")

    def _replay_window(self, line: Any) -> None:
        self._instance = str(line["token"])

    def _replay_blob(self, line: Any) -> None:
        self._blobs[line["digest"]] = str(line["text"])

    def _replay_conversation(self, line: Any) -> None:
        row = {c: line["row"][c] for c in CONVERSATION_COLUMNS}
        identity, tags = row["id"], [str(tag) for tag in line["tags"]]
        columns = ", ".join(CONVERSATION_COLUMNS)
        found = self._connection.execute(f"SELECT {columns} FROM conversations WHERE id = ?", (identity,)).fetchone()
        if found is None:
            marks = ", ".join(f":{c}" for c in row)
            self._connection.execute(f"INSERT INTO conversations ({columns}) VALUES ({marks})", row)
            self._ours.add(identity)
            here: dict[str, Any] = dict(row) | {"title": ""}
        else:
            here = dict(zip(CONVERSATION_COLUMNS, found, strict=True))
        changes = self._changes(row, here, line["before"])
        if changes:
            fields = ", ".join(f"{c} = :{c}" for c in changes)
            self._connection.execute(f"UPDATE conversations SET {fields} WHERE id = :id", changes | {"id": identity})
        if "title" in changes:
            (seq,) = self._connection.execute("SELECT seq FROM conversations WHERE id = ?", (identity,)).fetchone()
            reindex_title(self._connection, seq, str(here["title"]), row["title"])
        self._replay_tags(identity, tags, line["before"])

    def _changes(self, row: dict[str, Any], here: dict[str, Any], before: Any) -> dict[str, Any]:
        """Return the new values of the columns that a line may change."""
        if row["id"] in self._ours:
            may = set(row)
        elif before is not None:
            may = {c for c in row if before.get(c) != row[c] and here[c] == before.get(c)}
        elif row["updated"] >= here["updated"]:
            may = {*_CHAT_COLUMNS, "updated"} | ({"title"} if not here["title"] else set())
        else:
            may = set()
        wanted = {c: row[c] for c in may - {"id", "created"} if row[c] != here[c]}
        if "updated" in wanted:
            wanted["updated"] = max(wanted["updated"], here["updated"])
        return wanted

    def _replay_tags(self, identity: str, tags: Sequence[str], before: Any) -> None:
        rows = self._connection.execute(
            "SELECT tag FROM tags WHERE conversation_id = ? ORDER BY place", (identity,)
        ).fetchall()
        if identity in self._ours or (before is not None and [r[0] for r in rows] == before["tags"]):
            self._connection.execute("DELETE FROM tags WHERE conversation_id = ?", (identity,))
            self._connection.executemany(
                "INSERT INTO tags (conversation_id, place, tag) VALUES (?, ?, ?)",
                [(identity, place, storable(tag)) for place, tag in enumerate(tags)],
            )

    def _replay_messages(self, line: Any) -> None:
        conversation = line["of"]
        fresh = []
        for stored in line["rows"]:
            row = {c: stored[c] for c in MESSAGE_COLUMNS if c in stored}
            found = self._connection.execute("SELECT 1 FROM messages WHERE id = ?", (row["id"],)).fetchone()
            if found is None:
                insert_message(self._connection, conversation, row, self._instance)
                self._ours.add(row["id"])
                fresh.append(row["created"])
        if fresh:
            self._connection.execute(
                "UPDATE conversations SET updated = max(updated, ?), message_count = message_count + ?, "
                "unfinished = 0 WHERE id = ?",
                (max(fresh), len(fresh), conversation),
            )

    def _replay_pieces(self, line: Any) -> None:
        for message_id, *more in line["pieces"]:
            if message_id not in self._lengths:
                self._lengths[message_id] = [len(t) for t in streamed(self._connection, message_id)]
            lengths, fresh = self._lengths[message_id], ["", ""]
            for place, (begin, text) in enumerate((more[:2], more[2:])):
                # Skip the part that the database has already.
                fresh[place] = text.encode("utf-8", "replace").decode()[max(0, lengths[place] - begin) :]
                lengths[place] = max(lengths[place], begin + len(text))
            if any(fresh):
                self._connection.execute(
                    "INSERT INTO pieces (message_id, text, reasoning) "
                    "SELECT id, ?, ? FROM messages WHERE id = ? AND state <> 'done'",
                    (*fresh, message_id),
                )

    def _replay_ending(self, line: Any) -> None:
        row = {c: line["row"][c] for c in MESSAGE_COLUMNS if c in line["row"]} | {"owner": None}
        identity = row["id"]
        found = self._connection.execute(
            "SELECT state, problem, conversation_id FROM messages WHERE id = ?", (identity,)
        ).fetchone()
        was_cut = found is not None and found[1] == problem_text(CRASHED)
        if found is None:
            raise ValueError("the message does not exist")
        if found[0] == "done" and not was_cut and identity not in self._ours:
            return
        changes = ", ".join(f"{c} = :{c}" for c in row if c not in {"id", "parent_id", "role", "created"})
        unindex_message(self._connection, identity)
        self._connection.execute(f"UPDATE messages SET {changes} WHERE id = :id", row)
        self._connection.execute("DELETE FROM pieces WHERE message_id = ?", (identity,))
        if row["state"] == "done":
            index_message(self._connection, identity)
        if was_cut:
            self._connection.execute("UPDATE conversations SET unfinished = 0 WHERE id = ?", (found[2],))
        self._ours.add(identity)

    def _replay_deletion(self, line: Any) -> None:
        table = {"messages": "messages", "conversations": "conversations"}[line["of"]]
        for identity in line["ids"]:
            if line["gone"]:
                where, moment = "deleted_at IS NULL", line["at"]
            else:
                where, moment = f"deleted_at <= {int(line['at'])}", None
            self._connection.execute(f"UPDATE {table} SET deleted_at = ? WHERE id = ? AND {where}", (moment, identity))
            if table == "messages":
                self._connection.execute(
                    "UPDATE conversations SET message_count = (SELECT count(*) FROM messages m "
                    "WHERE m.conversation_id = conversations.id AND m.deleted_at IS NULL) "
                    "WHERE id = (SELECT conversation_id FROM messages WHERE id = ?)",
                    (identity,),
                )

    def _replay_drafts(self, line: Any) -> None:
        for unsent in line["drafts"]:
            drafts = [self._filled(row) for row in (unsent["draft"], *unsent["queue"])]
            self._replay_draft(unsent["key"], drafts, line["at"], unsent.get("taken", {}))

    def _replay_draft(self, key: str, drafts: Sequence[dict[str, Any]], at: int, taken: Mapping[str, str]) -> None:
        """Replay a draft; ``taken`` are the rows that its instance had loaded from ended ones, with their owners."""
        find = "SELECT updated, draft FROM drafts WHERE conversation_id = ?"
        found = self._connection.execute(find, (key,)).fetchone()
        owner = str(drafts[0].get("owner", ""))
        if found is not None and owner and owner_of(found[1]) not in ("", owner, taken.get(key)):
            # Another window's words: both are kept, whichever is newer.
            key = key_beside(key, owner)
            found = self._connection.execute(find, (key,)).fetchone()
        if found is not None and found[0] > at:
            return
        digests = {a["digest"] for row in drafts for a in row["attachments"]}
        is_empty = not drafts[1:] and not drafts[0]["text"].strip() and not digests
        delete_beside(self._connection, taken, key)
        self._connection.execute("DELETE FROM drafts WHERE conversation_id = ?", (key,))
        if not is_empty:
            self._connection.execute(
                "INSERT INTO drafts (conversation_id, draft, queue, updated) VALUES (?, ?, ?, ?)",
                (key, to_text(drafts[0]), to_text(drafts[1:]), at),
            )
        there = {digest: self._blobs[digest] for digest in digests if digest in self._blobs}
        keep_parts(self._connection, key, {d: lambda text=text: text for d, text in there.items()})  # type: ignore[misc]

    def _filled(self, row: Any) -> dict[str, Any]:
        """Return a draft with the long texts in place of their references."""
        chips = {marker: self._text(paste) for marker, paste in row["chips"].items()}
        return {**row, "text": self._text(row["text"]), "chips": chips}

    def _text(self, reference: Any) -> str:
        if isinstance(reference, str):
            return reference
        return self._blobs.get(reference["blob"], "")

    def _replay_history(self, line: Any) -> None:
        remember(self._connection, str(line["text"]), int(line["at"]))
