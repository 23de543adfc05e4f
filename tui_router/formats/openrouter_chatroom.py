"""Imports exports of OpenRouter's web Chatroom: ``orpg.1.0``, ``orpg.2.0`` and ``orpg.3.0``.

The format is undocumented; this follows what public converters agree on. Version 3 stores text in ``items`` and
records parents; versions 1 and 2 store text in the messages and only their order. Several answers to one question
become a comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from tui_router.domain import untrusted
from tui_router.domain.message import Message, Part, Reasoning, Role, Text, Timing
from tui_router.domain.model import ModelRef, normal_id
from tui_router.domain.safe import clean
from tui_router.domain.usage import Usage
from tui_router.formats.document import EPOCH, ImportResult, build_imported_document, import_error, stable_id

_VERSIONS = ("orpg.1.0", "orpg.2.0", "orpg.3.0")
_SUPPORTED_ITEMS = ("message", "reasoning", "text")

_Record: TypeAlias = Mapping[str, Any]


def is_chatroom_export(parsed: object) -> bool:
    """Return whether parsed JSON is a Chatroom export of any version."""
    return isinstance(parsed, dict) and str(parsed.get("version", "")).startswith("orpg.")


def read_chatroom(parsed: object) -> ImportResult:
    """Read one Chatroom conversation.

    Raises:
        AppError: The version is unknown, or the messages are not an object.
    """
    export = untrusted.mapping(parsed)
    version = _text(export.get("version"))
    if version not in _VERSIONS:
        raise import_error("version", f"{version or 'none'} is not one of {', '.join(_VERSIONS)}")
    if not isinstance(export.get("messages"), dict):
        raise import_error("messages", "an object was expected")
    ordered = sorted(
        ((key, untrusted.mapping(value)) for key, value in export["messages"].items()),
        key=lambda pair: untrusted.timestamp(pair[1].get("createdAt")) or EPOCH,
    )
    conversation_id = stable_id("orpg", _text(export.get("title")), *(key for key, _ in ordered[:2]))
    parents = _recorded_parents(ordered) if version == "orpg.3.0" else _inferred_parents(ordered)
    messages = [_read_message(key, record, parents[key], conversation_id, export) for key, record in ordered]
    kinds = [untrusted.mapping(i).get("type") for _, record in ordered for i in untrusted.items(record.get("items"))]
    omitted = sum(1 for kind in kinds if kind not in _SUPPORTED_ITEMS)
    notes = (f"Searches, pictures and tool calls skipped: {omitted}.",) if omitted else ()
    document = build_imported_document(conversation_id, _text(export.get("title")), _mark_comparisons(messages))
    return ImportResult(documents=(document,), notes=notes)


def _recorded_parents(ordered: list[tuple[str, _Record]]) -> dict[str, str | None]:
    known = {key for key, _ in ordered}
    parents: dict[str, str | None] = {}
    for key, record in ordered:
        parent = record.get("parentMessageId")
        parents[key] = parent if isinstance(parent, str) and parent in known and parent != key else None
    return parents


def _inferred_parents(ordered: list[tuple[str, _Record]]) -> dict[str, str | None]:
    """Attach answers to the preceding question, and a question to the first answer before it."""
    parents: dict[str, str | None] = {}
    question: str | None = None
    answer: str | None = None
    for key, record in ordered:
        if record.get("type") == "user":
            parents[key] = answer or question
            question, answer = key, None
        else:
            parents[key] = question
            answer = answer or key
    return parents


def _read_message(key: str, record: _Record, parent: str | None, conversation_id: str, export: _Record) -> Message:
    role = Role.USER if record.get("type") == "user" else Role.ASSISTANT
    metadata = untrusted.mapping(record.get("metadata"))
    cost = untrusted.amount(metadata.get("cost"))
    milliseconds = untrusted.number(metadata.get("duration"))
    model = _model_id(record, metadata, export) if role is Role.ASSISTANT else ""
    return Message(
        id=stable_id(conversation_id, key),
        parent_id=stable_id(conversation_id, parent) if parent else None,
        role=role,
        parts=tuple(_read_parts(record, untrusted.mapping(export.get("items")))),
        created=untrusted.timestamp(record.get("createdAt")) or EPOCH,
        model=ModelRef(model) if model else None,
        usage=Usage(cost=cost) if cost is not None and cost >= 0 else None,
        timing=Timing(total=milliseconds / 1000 if milliseconds is not None else None),
    )


def _model_id(record: _Record, metadata: _Record, export: _Record) -> str:
    characters = untrusted.mapping(export.get("characters"))
    character = untrusted.mapping(characters.get(_text(record.get("characterId"))))
    slug = untrusted.mapping(character.get("modelInfo")).get("slug")
    return normal_id(_text(metadata.get("variantSlug")) or _text(character.get("model")) or _text(slug))


def _read_parts(record: _Record, items: _Record) -> Iterator[Part]:
    if "items" not in record:
        if reasoning := _text(record.get("reasoning")):
            yield Reasoning(reasoning)
        if text := _content_text(record.get("content")):
            yield Text(text)
        return
    for reference in map(untrusted.mapping, untrusted.items(record.get("items"))):
        item = untrusted.mapping(untrusted.mapping(items.get(_text(reference.get("id")))).get("data"))
        kind = item.get("type") or reference.get("type")
        text = _content_text(item.get("content"))
        if text and kind in ("message", "text"):
            yield Text(text)
        elif text and kind == "reasoning":
            yield Reasoning(text)


def _content_text(content: object) -> str:
    if isinstance(content, str):
        return _text(content)
    return "".join(_text(untrusted.mapping(piece).get("text")) for piece in untrusted.items(content))


def _mark_comparisons(messages: list[Message]) -> Iterator[Message]:
    """Give several answers to one question a common batch and lane numbers."""
    answers = Counter(m.parent_id for m in messages if m.role is Role.ASSISTANT and m.parent_id)
    lanes: Counter[str] = Counter()
    for message in messages:
        parent = message.parent_id
        if message.role is not Role.ASSISTANT or not parent or answers[parent] < 2:
            yield message
            continue
        yield replace(message, batch=stable_id("batch", parent), lane=lanes[parent])
        lanes[parent] += 1


def _text(value: object) -> str:
    return clean(untrusted.text(value))
