"""Persists drafts and queued turns, for each conversation and for the next new one.

Attachments have rows of their own, because a draft is saved every second while its attachments rarely change.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tui_router.domain.draft import Attachment, Draft, Unsent
from tui_router.domain.message import File, Image
from tui_router.storage.database import Database
from tui_router.storage.json_columns import dump_part, from_text, load_part, to_text
from tui_router.storage.overflow_log import BlobTable, OverflowEntry
from tui_router.storage.rows import to_micros

_NEW = "new:"
"""Prefix of the key of a draft without a conversation; the token of its instance follows."""
_BESIDE = "@"
"""Separates conversation and instance in the key of a draft when another instance owns the conversation's own row."""


class Drafts:
    """Unsent turns. The conversation id ``None`` is the next new conversation of this instance.

    Two windows may show one conversation. The first that writes owns its row; what another one writes meanwhile has
    a row beside it. So no window overwrites the words of another, and a queued question is sent by one of them only.
    When an instance has ended, the next one that opens the conversation takes over what it left.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._beside: set[str] = set()
        """Conversations whose own row another instance holds: drafts of this one have rows beside them."""
        self._taken_over: dict[str, dict[str, str]] = {}
        """By conversation: the rows that were loaded, with their owners. The next save replaces them."""
        self._digests: dict[int, tuple[Image | File, str]] = {}

    def save(self, conversation_id: str | None, draft: Draft, queue: Sequence[Draft] = ()) -> None:
        """Save a draft and its queue; delete them if both are empty."""
        unsent = Unsent(draft=draft, queue=tuple(queue))
        parts = {
            self._digest(a.part): lambda part=a.part: to_text(dump_part(part))
            for d in (draft, *unsent.queue)
            for a in d.attachments
        }
        with self._database.write() as connection:
            key = self._own_key(connection, conversation_id)
            delete_beside(connection, self._taken_over.get(conversation_id or "", {}), key)
            if unsent.is_empty:
                connection.execute("DELETE FROM drafts WHERE conversation_id = ?", (key,))
            else:
                connection.execute(
                    "INSERT INTO drafts (conversation_id, draft, queue, updated) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (conversation_id) DO UPDATE SET draft = excluded.draft, queue = excluded.queue, "
                    "updated = excluded.updated",
                    (
                        key,
                        to_text(self._dump(draft) | {"owner": self._database.instance.token}),
                        to_text([self._dump(d) for d in unsent.queue]),
                        to_micros(datetime.now(UTC)),
                    ),
                )
            keep_parts(connection, key, {} if unsent.is_empty else parts)
        self._taken_over.pop(conversation_id or "", None)

    def entry(self, kept: Mapping[str | None, Unsent]) -> OverflowEntry:
        """Return the overflow line for unsent turns by conversation."""
        at = to_micros(datetime.now(UTC))

        def line(blobs: BlobTable) -> dict[str, Any]:
            drafts = [self._line(blobs, conversation_id, unsent) for conversation_id, unsent in kept.items()]
            return {"is": "drafts", "drafts": drafts, "at": at}

        return line

    def load(self, conversation_id: str | None) -> Unsent:
        """Return the draft and its queue; empty ones when there are none, or when another living instance has them.

        Of several that ended instances left, the newest is the draft, and the others are in the queue.
        """
        key = conversation_id or self._key(None)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT conversation_id, draft, queue FROM drafts WHERE conversation_id = ? "
                "OR substr(conversation_id, 1, ?) = ? ORDER BY updated DESC",
                (key, len(key) + 1, f"{key}{_BESIDE}"),
            ).fetchall()
            free = [row for row in rows if self._is_free(*row[:2])]
            found = [_unsent(draft, queue, _parts(connection, row_key)) for row_key, draft, queue in free]
        if conversation_id is not None:
            self._taken_over[conversation_id] = {str(row_key): owner_of(draft) for row_key, draft, _ in free}
        if not found:
            return Unsent()
        newest, *others = found
        left = [d for unsent in others for d in (unsent.draft, *unsent.queue) if not d.is_empty]
        return Unsent(draft=newest.draft, queue=(*newest.queue, *left))

    def with_drafts(self) -> tuple[str, ...]:
        """Return the ids of conversations with a draft or a queue, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT c.id FROM drafts d JOIN conversations c ON c.id = d.conversation_id "
                f"OR substr(d.conversation_id, 1, length(c.id) + 1) = c.id || '{_BESIDE}' "
                "WHERE c.deleted_at IS NULL ORDER BY d.updated DESC"
            )
            return tuple(dict.fromkeys(row[0] for row in rows))

    def adopt(self) -> None:
        """Take over the newest draft without a conversation of an instance that has ended."""
        key = self._key(None)
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT conversation_id FROM drafts WHERE conversation_id = '' OR conversation_id LIKE 'new:%' "
                "ORDER BY updated DESC"
            ).fetchall()
        keys = [str(row[0]) for row in rows]
        instance = self._database.instance
        left = [k for k in keys if not instance.is_running(k.removeprefix(_NEW))]
        if key in keys or not left:
            return
        with self._database.write() as connection:
            for table in ("drafts", "draft_parts"):
                connection.execute(f"UPDATE {table} SET conversation_id = ? WHERE conversation_id = ?", (key, left[0]))

    def _key(self, conversation_id: str | None) -> str:
        token = self._database.instance.token
        if conversation_id is None:
            return f"{_NEW}{token}"
        return key_beside(conversation_id, token) if conversation_id in self._beside else conversation_id

    def _own_key(self, connection: sqlite3.Connection, conversation_id: str | None) -> str:
        """Return the key to write under: the conversation's own, unless another living instance holds it."""
        if conversation_id is not None and conversation_id not in self._beside:
            row = connection.execute(
                "SELECT draft FROM drafts WHERE conversation_id = ?", (conversation_id,)
            ).fetchone()
            if row is not None and not self._is_free(conversation_id, row[0]):
                self._beside.add(conversation_id)
        return self._key(conversation_id)

    def _is_free(self, key: str, draft: object) -> bool:
        """Say whether a row is this instance's own, or of one that has ended."""
        instance = self._database.instance
        owner = key.partition(_BESIDE)[2] or owner_of(draft)
        return owner in ("", instance.token) or not instance.is_running(owner)

    def _digest(self, part: Image | File) -> str:
        known = self._digests.get(id(part))
        if known is not None and known[0] is part:
            return known[1]
        digest = hashlib.sha256(to_text(dump_part(part)).encode("utf-8", "replace")).hexdigest()
        if len(self._digests) > 100:
            self._digests.clear()
        self._digests[id(part)] = (part, digest)
        return digest

    def _line(self, blobs: BlobTable, conversation_id: str | None, unsent: Unsent) -> dict[str, Any]:
        for part in (a.part for d in (unsent.draft, *unsent.queue) for a in d.attachments):
            blobs.need(self._digest(part), lambda part=part: to_text(dump_part(part)))  # type: ignore[misc]
        rows = [self._dump(d) for d in (unsent.draft, *unsent.queue)]
        for row in rows:
            row["chips"] = {marker: blobs.put(paste) for marker, paste in row["chips"].items()}
            row["text"] = blobs.put(row["text"])
        rows[0]["owner"] = self._database.instance.token
        taken = self._taken_over.get(conversation_id or "", {})
        return {"key": self._key(conversation_id), "draft": rows[0], "queue": rows[1:], "taken": taken}

    def _dump(self, draft: Draft) -> dict[str, Any]:
        row: dict[str, Any] = {
            "text": draft.text,
            "chips": dict(draft.chips),
            "attachments": [{"label": a.label, "digest": self._digest(a.part)} for a in draft.attachments],
        }
        return row | {name: value for name, value in (("edits", draft.edits), ("model", draft.model)) if value}


def delete_beside(connection: sqlite3.Connection, taken: Iterable[str], own: str) -> None:
    """Delete the rows beside a conversation's own that were taken over into ``own``.

    The conversation's own row is never deleted here: by now it may be that of another living instance.
    """
    for key in taken:
        if key == own or _BESIDE not in key:
            continue
        for table in ("drafts", "draft_parts"):
            connection.execute(f"DELETE FROM {table} WHERE conversation_id = ?", (key,))


def keep_parts(connection: sqlite3.Connection, key: str, parts: Mapping[str, Callable[[], str]]) -> None:
    """Store exactly these attachments of a draft, by digest; existing rows are kept."""
    rows = connection.execute("SELECT digest FROM draft_parts WHERE conversation_id = ?", (key,)).fetchall()
    there = {str(row[0]) for row in rows}
    for digest in there - set(parts):
        connection.execute("DELETE FROM draft_parts WHERE conversation_id = ? AND digest = ?", (key, digest))
    for digest in set(parts) - there:
        connection.execute(
            "INSERT INTO draft_parts (conversation_id, digest, part) VALUES (?, ?, ?)", (key, digest, parts[digest]())
        )


def _parts(connection: sqlite3.Connection, key: object) -> dict[str, str]:
    rows = connection.execute("SELECT digest, part FROM draft_parts WHERE conversation_id = ?", (key,))
    return {str(digest): str(part) for digest, part in rows}


def _unsent(draft: object, queue: object, parts: Mapping[str, str]) -> Unsent:
    waiting = from_text(queue, [])
    return Unsent(
        draft=_load(from_text(draft, {}), parts),
        queue=tuple(_load(d, parts) for d in waiting) if isinstance(waiting, list) else (),
    )


def key_beside(key: str, token: str) -> str:
    """Return the key of an instance's draft beside the row of another instance."""
    return f"{key}{_BESIDE}{token}"


def owner_of(draft: object) -> str:
    """Return the token of the instance that wrote a stored draft; empty for rows of earlier versions."""
    row = from_text(draft, {})
    return str(row.get("owner", "")) if isinstance(row, dict) else ""


def _load(row: object, parts: Mapping[str, str]) -> Draft:
    if not isinstance(row, dict):
        return Draft()
    chips = row.get("chips")
    found = row.get("attachments")
    return Draft(
        text=str(row.get("text", "")),
        chips={str(k): str(v) for k, v in chips.items()} if isinstance(chips, dict) else {},
        attachments=tuple(_attachments(found if isinstance(found, list) else [], parts)),
        edits=str(row.get("edits", "")),
        model=str(row.get("model", "")),
    )


def _attachments(rows: Iterable[object], parts: Mapping[str, str]) -> Iterable[Attachment]:
    for row in rows:
        if not isinstance(row, dict):
            continue
        stored = from_text(parts.get(str(row.get("digest"))), None)
        part = load_part(stored if stored is not None else row.get("part"))
        if isinstance(part, Image | File):
            yield Attachment(str(row.get("label", "")), part)
