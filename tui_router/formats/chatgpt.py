"""Reads ``conversations.json`` of a ChatGPT data export: one tree of nodes per conversation.

Nodes without words (hidden system turns, tool plumbing, empty roots) are left out and their children
hang on the nearest node that is kept. Thoughts become the reasoning of the answer that follows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tui_router.domain.message import Message, Part, Reasoning, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.formats.document import Document, Imported
from tui_router.formats.foreign import assemble, entries, items, stable_id, text_of, time_of
from tui_router.formats.markdown import fenced
from tui_router.formats.record import trouble

_SOURCE = "chatgpt"
_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}


@dataclass(slots=True)
class _Reading:
    """What is known while one conversation is read."""

    nodes: dict[str, Any]
    started: datetime
    """Stands for the time of a node that has none."""
    kept: dict[str, str] = field(default_factory=dict)
    """Id of a node to the id of its message, or of the nearest kept message above it."""
    thoughts: dict[str, str] = field(default_factory=dict)
    """Thinking that waits for the answer below."""
    left_out: int = 0
    """Pictures and other things that the export only names."""


def is_chatgpt(parsed: object) -> bool:
    """Say whether parsed JSON looks like a ChatGPT export: a list of conversations, or one."""
    first = parsed[0] if isinstance(parsed, list) and parsed else parsed
    return isinstance(first, dict) and isinstance(first.get("mapping"), dict)


def read_chatgpt(parsed: object) -> Imported:
    """Read all conversations; one that has no readable turn is noted, not fatal."""
    documents: list[Document] = []
    empty = left_out = 0
    for number, record in enumerate(parsed if isinstance(parsed, list) else [parsed]):
        nodes = record.get("mapping") if isinstance(record, dict) else None
        if not isinstance(nodes, dict):
            raise trouble(f"[{number}].mapping", "an object was expected")
        reading = _Reading(nodes=nodes, started=time_of(record.get("create_time")))
        document = _document(record, reading)
        left_out += reading.left_out
        if document.messages:
            documents.append(document)
        else:
            empty += 1
    notes = [f"Empty conversations left out: {empty}."] if empty else []
    if left_out:
        notes.append(f"Pictures that the export only names, their places marked: {left_out}.")
    return Imported(documents=tuple(documents), notes=tuple(notes))


def _document(record: dict[str, Any], reading: _Reading) -> Document:
    name = text_of(record.get("conversation_id")) or text_of(record.get("id")) or text_of(record.get("title"))
    conversation_id = stable_id(_SOURCE, name, str(record.get("create_time")))
    messages: list[Message] = []
    for node_id, parent_id in _walk(reading.nodes):
        node = entries(entries(reading.nodes[node_id]).get("message"))
        parent = reading.kept.get(parent_id or "", "") or None
        thoughts = reading.thoughts.get(parent_id or "", "")
        message = _message(node, reading, stable_id(conversation_id, node_id), parent, thoughts)
        if message is None:
            reading.kept[node_id] = parent or ""
            reading.thoughts[node_id] = "\n\n".join(t for t in (thoughts, _thoughts(node)) if t)
            continue
        reading.kept[node_id] = message.id
        messages.append(message)
    messages.sort(key=lambda m: m.created)
    head = reading.kept.get(text_of(record.get("current_node"))) or None
    return assemble(conversation_id, record.get("title"), messages, head=head)


def _walk(nodes: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield (node, parent) with parents first; each node once, whatever the links say."""
    parents = {i: entries(n).get("parent") for i, n in nodes.items()}
    children: dict[str | None, list[str]] = {}
    for node_id, parent in parents.items():
        known = parent if isinstance(parent, str) and parent in nodes and parent != node_id else None
        children.setdefault(known, []).append(node_id)
    todo: list[tuple[str, str | None]] = [(i, None) for i in reversed(children.get(None, []))]
    while todo:
        node_id, parent = todo.pop()
        yield node_id, parent
        todo.extend((c, node_id) for c in reversed(children.get(node_id, [])))


def _message(node: dict[str, Any], reading: _Reading, new_id: str, parent: str | None, thoughts: str) -> Message | None:
    role = _ROLES.get(text_of(entries(node.get("author")).get("role")))
    about = entries(node.get("metadata"))
    if role is None or about.get("is_visually_hidden_from_conversation") is True:
        return None
    text = _text(entries(node.get("content")), reading)
    if not text.strip():
        return None
    parts: list[Part] = [Reasoning(thoughts)] if thoughts and role is Role.ASSISTANT else []
    slug = text_of(about.get("model_slug")) if role is Role.ASSISTANT else ""
    return Message(
        id=new_id,
        parent_id=parent,
        role=role,
        parts=(*parts, Text(text)),
        created=time_of(node.get("create_time"), reading.started),
        model=ModelRef(f"openai/{slug}") if slug else None,
    )


def _text(content: dict[str, Any], reading: _Reading) -> str:
    kind = content.get("content_type")
    if kind in ("text", "multimodal_text"):
        return "\n\n".join(p for p in (_piece(p, reading) for p in items(content.get("parts"))) if p)
    if kind == "code":
        code = text_of(content.get("text"))
        language = text_of(content.get("language"))
        return fenced(code, "" if language == "unknown" else language) if code.strip() else ""
    return ""


def _piece(part: Any, reading: _Reading) -> str:
    if isinstance(part, str):
        return text_of(part)
    if words := text_of(entries(part).get("text")):
        return words
    if entries(part).get("asset_pointer"):
        reading.left_out += 1
        return "*[picture, not in the export]*"
    return ""


def _thoughts(node: dict[str, Any]) -> str:
    content = entries(node.get("content"))
    if content.get("content_type") != "thoughts":
        return ""
    found = [entries(t) for t in items(content.get("thoughts"))]
    return "\n\n".join(text_of(t.get("content")) or text_of(t.get("summary")) for t in found).strip()
