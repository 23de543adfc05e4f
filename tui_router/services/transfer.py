"""Exports conversations to files, and imports files of this and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tui_router.domain.message import Message, new_id
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.formats.document import ConversationDocument, build_document
from tui_router.formats.registry import find_exporter, import_text
from tui_router.services.library import Library
from tui_router.storage.files import read_bytes, safe_file_name, write_new


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import."""

    ids: tuple[str, ...]
    """The new conversations."""
    message_count: int
    skipped: int
    """Number of conversations that existed already."""
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """One line about the import."""
        noun = "conversation" if len(self.ids) == 1 else "conversations"
        line = f"Imported {len(self.ids)} {noun} with {self.message_count} messages"
        return f"{line}, {self.skipped} were here already" if self.skipped else line


def export_text(library: Library, conversation_id: str, format_name: str) -> str:
    """Return a conversation in a format; raises ``AppError``."""
    return find_exporter(format_name).write(build_document(*library.open(conversation_id)))


def export_file(library: Library, conversation_id: str, format_name: str, folder: Path) -> Path:
    """Export a conversation to a new file in ``folder``; returns its path. Never overwrites. Raises ``AppError``."""
    chosen = find_exporter(format_name)
    document = build_document(*library.open(conversation_id))
    return save_export(folder, document.conversation.title, chosen.suffix, chosen.write(document))


def import_file(library: Library, path: Path) -> ImportReport:
    """Import the conversations of a file in any known format; raises ``AppError``.

    Conversations that exist already, with the same messages, are skipped.
    """
    data = read_bytes(path)
    if data is None:
        raise AppError(Problem(kind=ErrorKind.FILE, title=f"{path.name} is not there", hint="Check the path"))
    imported = import_text(data.decode("utf-8-sig", "replace"))
    ids: list[str] = []
    count = skipped = 0
    for document in imported.documents:
        if library.conversations.find(document.conversation.id) and _is_known(library, document):
            skipped += 1
            continue
        kept = _kept(library, document)
        ids.append(kept.conversation.id)
        count += len(kept.messages)
    return ImportReport(ids=tuple(ids), message_count=count, skipped=skipped, notes=imported.notes)


def _is_known(library: Library, document: ConversationDocument) -> bool:
    have = {m.id for m in library.messages.load_messages(document.conversation.id)}
    return all(m.id in have for m in document.messages)


def _kept(library: Library, document: ConversationDocument) -> ConversationDocument:
    """Save a document. Ids in use are replaced by new ones, so that existing data is not changed."""
    conversation = replace(document.conversation, is_temporary=False)
    messages: Sequence[Message] = document.messages
    taken = library.conversations.find(conversation.id) is not None
    if taken or any(library.messages.find_message(m.id) for m in messages):
        fresh = {m.id: new_id() for m in messages}
        conversation = replace(conversation, id=new_id(), head=fresh.get(conversation.head or ""))
        messages = [
            replace(
                m,
                id=fresh[m.id],
                parent_id=fresh.get(m.parent_id or ""),
                sources=tuple(fresh[s] for s in m.sources if s in fresh),
            )
            for m in messages
        ]
    library.conversations.save(conversation)
    library.messages.add_messages(conversation.id, messages, head=conversation.head)
    return ConversationDocument(conversation=conversation, messages=tuple(messages), thread=())


def save_export(folder: Path, title: str, suffix: str, text: str) -> Path:
    """Write an export under a safe name without overwriting a file; raises ``AppError``."""
    return write_new(folder / safe_file_name(title, suffix), text)
