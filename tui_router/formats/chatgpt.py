"""Imports ``conversations.json`` of a ChatGPT data export: one tree of nodes per conversation.

Nodes without text (hidden system messages, tool plumbing, empty roots) are skipped, and their children are attached
to the nearest imported ancestor. Thoughts become the reasoning of the answer that follows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.message import Message, Part, Reasoning, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.safe import clean
from tui_router.formats.document import (
    EPOCH,
    ConversationDocument,
    ImportResult,
    build_imported_document,
    import_error,
    stable_id,
)
from tui_router.formats.markdown import fenced

_SOURCE = "chatgpt"
_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}


@dataclass(slots=True)
class _ConversationReader:
    """State while one conversation is read."""

    nodes: dict[str, Any]
    default_time: datetime
    """Time of nodes that have none."""
    message_ids: dict[str, str] = field(default_factory=dict)
    """Node id to the id of its message, or of the nearest imported ancestor."""
    reasoning: dict[str, str] = field(default_factory=dict)
    """Node id to reasoning for the answer below it."""
    omitted: int = 0
    """Number of pictures and other assets that the export only references."""


def is_chatgpt(parsed: object) -> bool:
    """Return whether parsed JSON looks like a ChatGPT export: a list of conversations, or one."""
    first = parsed[0] if isinstance(parsed, list) and parsed else parsed
    return isinstance(first, dict) and isinstance(first.get("mapping"), dict)


def read_chatgpt(parsed: object) -> ImportResult:
    """Read all conversations; those without readable messages are skipped with a note.

    Raises:
        AppError: A conversation has no node mapping.
    """
    documents: list[ConversationDocument] = []
    empty = omitted = 0
    for number, record in enumerate(parsed if isinstance(parsed, list) else [parsed]):
        nodes = record.get("mapping") if isinstance(record, dict) else None
        if not isinstance(nodes, dict):
            raise import_error(f"[{number}].mapping", "an object was expected")
        reader = _ConversationReader(nodes=nodes, default_time=untrusted.timestamp(record.get("create_time")) or EPOCH)
        document = _read_conversation(record, reader)
        omitted += reader.omitted
        if document.messages:
            documents.append(document)
        else:
            empty += 1
    notes = [f"Empty conversations skipped: {empty}."] if empty else []
    if omitted:
        notes.append(f"Pictures missing from the export and replaced by a placeholder: {omitted}.")
    return ImportResult(documents=tuple(documents), notes=tuple(notes))


def _read_conversation(record: dict[str, Any], reader: _ConversationReader) -> ConversationDocument:
    name = next(filter(None, (_text(record.get(key)) for key in ("conversation_id", "id", "title"))), "")
    conversation_id = stable_id(_SOURCE, name, str(record.get("create_time")))
    messages: list[Message] = []
    for node_id, parent_node in _walk(reader.nodes):
        node = untrusted.mapping(untrusted.mapping(reader.nodes[node_id]).get("message"))
        parent_id = reader.message_ids.get(parent_node or "", "") or None
        reasoning = reader.reasoning.get(parent_node or "", "")
        message = _read_message(node, reader, stable_id(conversation_id, node_id), parent_id, reasoning)
        if message is None:
            reader.message_ids[node_id] = parent_id or ""
            reader.reasoning[node_id] = "\n\n".join(t for t in (reasoning, _read_reasoning(node)) if t)
            continue
        reader.message_ids[node_id] = message.id
        messages.append(message)
    messages.sort(key=lambda m: m.created)
    head = reader.message_ids.get(_text(record.get("current_node"))) or None
    return build_imported_document(conversation_id, _text(record.get("title")), messages, head=head)


def _walk(nodes: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield (node id, parent id), parents first and each node once, even if links are missing or circular."""
    parents = {i: untrusted.mapping(n).get("parent") for i, n in nodes.items()}
    children: dict[str | None, list[str]] = {}
    for node_id, parent in parents.items():
        known = parent if isinstance(parent, str) and parent in nodes and parent != node_id else None
        children.setdefault(known, []).append(node_id)
    pending: list[tuple[str, str | None]] = [(i, None) for i in reversed(children.get(None, []))]
    while pending:
        node_id, parent = pending.pop()
        yield node_id, parent
        pending.extend((c, node_id) for c in reversed(children.get(node_id, [])))


def _read_message(
    node: Any, reader: _ConversationReader, message_id: str, parent_id: str | None, reasoning: str
) -> Message | None:
    role = _ROLES.get(_text(untrusted.mapping(node.get("author")).get("role")))
    metadata = untrusted.mapping(node.get("metadata"))
    if role is None or metadata.get("is_visually_hidden_from_conversation") is True:
        return None
    text = _read_text(untrusted.mapping(node.get("content")), reader)
    if not text.strip():
        return None
    parts: list[Part] = [Reasoning(reasoning)] if reasoning and role is Role.ASSISTANT else []
    slug = _text(metadata.get("model_slug")) if role is Role.ASSISTANT else ""
    return Message(
        id=message_id,
        parent_id=parent_id,
        role=role,
        parts=(*parts, Text(text)),
        created=untrusted.timestamp(node.get("create_time")) or reader.default_time,
        model=ModelRef(f"openai/{slug}") if slug else None,
    )


def _read_text(content: Any, reader: _ConversationReader) -> str:
    kind = content.get("content_type")
    if kind in ("text", "multimodal_text"):
        pieces = (_read_piece(p, reader) for p in untrusted.items(content.get("parts")))
        return "\n\n".join(p for p in pieces if p)
    if kind == "code":
        code = _text(content.get("text"))
        language = _text(content.get("language"))
        return fenced(code, "" if language == "unknown" else language) if code.strip() else ""
    return ""


def _read_piece(part: Any, reader: _ConversationReader) -> str:
    if isinstance(part, str):
        return _text(part)
    if text := _text(untrusted.mapping(part).get("text")):
        return text
    if untrusted.mapping(part).get("asset_pointer"):
        reader.omitted += 1
        return "*[picture, not in the export]*"
    return ""


def _read_reasoning(node: Any) -> str:
    content = untrusted.mapping(node.get("content"))
    if content.get("content_type") != "thoughts":
        return ""
    thoughts = [untrusted.mapping(t) for t in untrusted.items(content.get("thoughts"))]
    return "\n\n".join(_text(t.get("content")) or _text(t.get("summary")) for t in thoughts).strip()


def _text(value: object) -> str:
    return clean(untrusted.text(value))
