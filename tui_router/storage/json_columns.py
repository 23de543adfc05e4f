"""JSON in columns of the database: values as text, and the parts of a message beside its plain words.

The words of a message have a column of their own, for the full-text index; a text part only stores its length. Words
that SQLite cannot hold as text (NUL, lone surrogates) are stored in the JSON as well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from tui_router.domain.codec import Codec, tag_of
from tui_router.domain.message import Citation, File, Image, Part, Reasoning, Text, ToolCall, ToolResult

_PART_CLASSES: tuple[type[Any], ...] = (Reasoning, Image, File, ToolCall, ToolResult, Citation)
_CODECS: dict[str, Codec[Any]] = {tag_of(cls): Codec(cls) for cls in _PART_CLASSES}


class StoredParts(NamedTuple):
    """Two columns."""

    text: str
    parts: str


def to_text(value: Any) -> str:
    """Return JSON that SQLite can store, whatever characters are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if is_storable(text) else json.dumps(value, separators=(",", ":"))


def from_text(text: object, default: Any) -> Any:
    """Return what a JSON text holds; ``default`` when it is empty or not JSON."""
    if not isinstance(text, str) or not text:
        return default
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return default


def is_storable(text: str) -> bool:
    """Say whether a text has no lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """Return a text with each lone surrogate replaced by U+FFFD: SQLite holds UTF-8."""
    return text if is_storable(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def dump_parts(parts: Sequence[Part]) -> StoredParts:
    """Return parts as they are stored."""
    words = "".join(p.text for p in parts if isinstance(p, Text))
    is_plain = "\0" not in words and is_storable(words)
    return StoredParts(
        words if is_plain else storable(words).replace("\0", " "),
        to_text([_dump(p, is_plain) for p in parts]),
    )


def load_parts(text: str, stored: str) -> tuple[Part, ...]:
    """Return the parts; what is not understood is left out, and words are never lost."""
    if stored == f'[{{"t":"text","n":{len(text)}}}]':
        return (Text(text),)  # nearly every message: JSON would take longer than all the rest of the row
    rows = from_text(stored, None)
    if not isinstance(rows, list):
        return (Text(text),) if text else ()
    parts: list[Part] = []
    at = 0
    for row in rows:
        tag = row.get("t") if isinstance(row, dict) else None
        if tag == "text":
            length, own = row.get("n"), row.get("s")
            if isinstance(own, str):
                parts.append(Text(own))
            elif isinstance(length, int) and length >= 0:
                parts.append(Text(text[at : at + length]))
                at += length
        elif tag in _CODECS:
            try:
                parts.append(_CODECS[tag].load(row))
            except ValueError:
                continue
    if text and not any(isinstance(p, Text) for p in parts):
        parts.append(Text(text))
    return tuple(parts)


def dump_part(part: Part) -> dict[str, Any]:
    """Return one part as a JSON object that needs nothing beside it."""
    return _dump(part, False)


def load_part(row: object) -> Part | None:
    """Return one part of ``dump_part``; ``None`` when it cannot be read."""
    found = load_parts("", to_text([row]))
    return found[0] if found else None


def grow(parts: Sequence[Part], text: str, reasoning: str) -> tuple[Part, ...]:
    """Return parts with more words and more thoughts: what streamed after the row was written."""
    grown = list(parts)
    if reasoning:
        _extend(grown, Reasoning, reasoning, 0)
    if text:
        _extend(grown, Text, text, len(grown))
    return tuple(grown)


def _extend(parts: list[Part], kind: type[Text] | type[Reasoning], more: str, place: int) -> None:
    for i in reversed(range(len(parts))):
        part = parts[i]
        if isinstance(part, Text) and kind is Text:
            parts[i] = Text(part.text + more)
            return
        if isinstance(part, Reasoning) and kind is Reasoning:
            parts[i] = Reasoning(part.text + more, part.details, part.seconds)
            return
    parts.insert(place, kind(more))


def _dump(part: Part, is_plain: bool) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"t": "text", "n": len(part.text)} if is_plain else {"t": "text", "s": part.text}
    tag = tag_of(type(part))
    return {"t": tag, **_CODECS[tag].dump(part)}
