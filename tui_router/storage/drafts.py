"""What was typed and not sent, and the turns that wait in a queue: for each conversation, and for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import File, Image
from tui_router.storage.codec import from_text, to_text
from tui_router.storage.database import Database
from tui_router.storage.parts import dump_part, load_part
from tui_router.storage.rows import to_micros

_NEW = ""


class SavedDraft(NamedTuple):
    """A draft and the queue behind it."""

    draft: Draft
    queue: tuple[Draft, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return self.draft.is_empty and not self.queue


class Drafts:
    """The unsent turns. A conversation id of ``None`` is the conversation that has not begun."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, conversation_id: str | None, draft: Draft, queue: Sequence[Draft] = ()) -> None:
        """Keep a draft; an empty one is forgotten."""
        saved = SavedDraft(draft, tuple(queue))
        with self._database.write() as connection:
            connection.execute("DELETE FROM drafts WHERE conversation_id = ?", (conversation_id or _NEW,))
            if not saved.is_empty:
                connection.execute(
                    "INSERT INTO drafts (conversation_id, draft, queue, updated) VALUES (?, ?, ?, ?)",
                    (
                        conversation_id or _NEW,
                        to_text(_dump(draft)),
                        to_text([_dump(d) for d in saved.queue]),
                        to_micros(datetime.now(UTC)),
                    ),
                )

    def load(self, conversation_id: str | None) -> SavedDraft:
        """Return the draft; an empty one when there is none."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT draft, queue FROM drafts WHERE conversation_id = ?", (conversation_id or _NEW,)
            ).fetchone()
        if row is None:
            return SavedDraft(Draft())
        queue = from_text(row[1], [])
        return SavedDraft(
            _load(from_text(row[0], {})), tuple(_load(d) for d in queue) if isinstance(queue, list) else ()
        )

    def with_drafts(self) -> tuple[str, ...]:
        """Return the conversations that have a draft or a queue, newest first; for the returning user."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT d.conversation_id FROM drafts d JOIN conversations c ON c.id = d.conversation_id "
                "WHERE c.deleted_at IS NULL ORDER BY d.updated DESC"
            )
            return tuple(row[0] for row in rows)


def _dump(draft: Draft) -> dict[str, Any]:
    return {
        "text": draft.text,
        "chips": dict(draft.chips),
        "attachments": [{"label": a.label, "part": dump_part(a.part)} for a in draft.attachments],
    }


def _load(row: object) -> Draft:
    if not isinstance(row, dict):
        return Draft()
    chips = row.get("chips")
    found = row.get("attachments")
    attachments = []
    for entry in found if isinstance(found, list) else []:
        part = load_part(entry.get("part")) if isinstance(entry, dict) else None
        if isinstance(part, Image | File):
            attachments.append(Attachment(str(entry.get("label", "")), part))
    return Draft(
        text=str(row.get("text", "")),
        chips={str(k): str(v) for k, v in chips.items()} if isinstance(chips, dict) else {},
        attachments=tuple(attachments),
    )
