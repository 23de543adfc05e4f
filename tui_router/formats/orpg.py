"""Reads what the Chatroom of OpenRouter's site exports: ``orpg.1.0``, ``orpg.2.0`` and ``orpg.3.0``.

The format is not documented; this follows what public converters agree on. Version 3 keeps words in
``items`` and has parents; versions 1 and 2 keep words in the messages and only their order. Several
answers to one question become a comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tui_router.domain.message import Message, Part, Reasoning, Role, Text, Timing
from tui_router.domain.model import ModelRef, normal_id
from tui_router.domain.usage import Usage
from tui_router.formats.document import Imported
from tui_router.formats.foreign import assemble, entries, items, number_of, stable_id, text_of, time_of
from tui_router.formats.record import trouble

_VERSIONS = ("orpg.1.0", "orpg.2.0", "orpg.3.0")
_READ_ITEMS = ("message", "reasoning", "text")


def is_orpg(parsed: object) -> bool:
    """Say whether parsed JSON comes from the Chatroom, of whatever version."""
    return isinstance(parsed, dict) and str(parsed.get("version", "")).startswith("orpg.")


def read_orpg(parsed: object) -> Imported:
    """Read one conversation of the Chatroom; raises ``Trouble`` for a version that is not known."""
    record = entries(parsed)
    version = text_of(record.get("version"))
    if version not in _VERSIONS:
        raise trouble("version", f"{version or 'none'} is not one of {', '.join(_VERSIONS)}")
    if not isinstance(record.get("messages"), dict):
        raise trouble("messages", "an object was expected")
    in_order = sorted(
        ((key, entries(value)) for key, value in record["messages"].items()),
        key=lambda pair: time_of(pair[1].get("createdAt")),
    )
    room = stable_id("orpg", text_of(record.get("title")), *(key for key, _ in in_order[:2]))
    parents = _given_parents(in_order) if version == "orpg.3.0" else _likely_parents(in_order)
    messages = [_message(key, about, parents[key], room, record) for key, about in in_order]
    kinds = [entries(r).get("type") for _, about in in_order for r in items(about.get("items"))]
    left_out = sum(1 for kind in kinds if kind not in _READ_ITEMS)
    notes = (f"Searches, pictures and tool calls left out: {left_out}.",) if left_out else ()
    return Imported(documents=(assemble(room, record.get("title"), _compared(messages)),), notes=notes)


def _given_parents(in_order: list[tuple[str, dict[str, Any]]]) -> dict[str, str | None]:
    known = {key for key, _ in in_order}
    found: dict[str, str | None] = {}
    for key, about in in_order:
        parent = about.get("parentMessageId")
        found[key] = parent if isinstance(parent, str) and parent in known and parent != key else None
    return found


def _likely_parents(in_order: list[tuple[str, dict[str, Any]]]) -> dict[str, str | None]:
    """Hang answers on the question before them, and a question on the first answer before it."""
    found: dict[str, str | None] = {}
    question: str | None = None
    answer: str | None = None
    for key, about in in_order:
        if about.get("type") == "user":
            found[key] = answer or question
            question, answer = key, None
        else:
            found[key] = question
            answer = answer or key
    return found


def _message(key: str, about: dict[str, Any], parent: str | None, room: str, record: dict[str, Any]) -> Message:
    role = Role.USER if about.get("type") == "user" else Role.ASSISTANT
    figures = entries(about.get("metadata"))
    cost = number_of(figures.get("cost"))
    milliseconds = number_of(figures.get("duration"))
    model = _model(about, figures, record) if role is Role.ASSISTANT else ""
    return Message(
        id=stable_id(room, key),
        parent_id=stable_id(room, parent) if parent else None,
        role=role,
        parts=tuple(_parts(about, entries(record.get("items")))),
        created=time_of(about.get("createdAt")),
        model=ModelRef(model) if model else None,
        usage=Usage(cost=Decimal(str(cost))) if cost is not None and cost >= 0 else None,
        timing=Timing(total=milliseconds / 1000 if milliseconds is not None else None),
    )


def _model(about: dict[str, Any], figures: dict[str, Any], record: dict[str, Any]) -> str:
    character = entries(entries(record.get("characters")).get(text_of(about.get("characterId"))))
    slug = entries(character.get("modelInfo")).get("slug")
    return normal_id(text_of(figures.get("variantSlug")) or text_of(character.get("model")) or text_of(slug))


def _parts(about: dict[str, Any], known: dict[str, Any]) -> Iterator[Part]:
    if "items" not in about:
        if thoughts := text_of(about.get("reasoning")):
            yield Reasoning(thoughts)
        if words := _words(about.get("content")):
            yield Text(words)
        return
    for reference in items(about.get("items")):
        item = entries(entries(known.get(text_of(entries(reference).get("id")))).get("data"))
        kind = item.get("type") or entries(reference).get("type")
        words = _words(item.get("content"))
        if words and kind in ("message", "text"):
            yield Text(words)
        elif words and kind == "reasoning":
            yield Reasoning(words)


def _words(content: Any) -> str:
    if isinstance(content, str):
        return text_of(content)
    return "".join(text_of(entries(piece).get("text")) for piece in items(content))


def _compared(messages: list[Message]) -> Iterator[Message]:
    """Mark answers to one question as asked together."""
    together = Counter(m.parent_id for m in messages if m.role is Role.ASSISTANT and m.parent_id)
    lanes: Counter[str] = Counter()
    for message in messages:
        parent = message.parent_id
        if message.role is not Role.ASSISTANT or not parent or together[parent] < 2:
            yield message
            continue
        yield replace(message, batch=stable_id("batch", parent), lane=lanes[parent])
        lanes[parent] += 1
