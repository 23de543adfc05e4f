"""JSON export and import: a lossless, versioned form of a whole conversation.

``domain.codec`` converts the values. Characters that could control a terminal are written as JSON escapes, so the
file is safe to print and still lossless; the import sanitizes all text.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tui_router.domain.codec import Codec, InvalidRecord
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.domain.safe import clean
from tui_router.formats.document import (
    MAX_MESSAGES,
    ConversationDocument,
    ImportResult,
    build_document,
    import_error,
)

FORMAT = "tui-router"
VERSION = 1


def write_json(document: ConversationDocument) -> str:
    """Write a whole conversation, including all alternatives, as JSON."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "conversation": _encode(document.conversation),
        "messages": [_encode(m) for m in document.messages],
    }
    return _escape_unsafe(json.dumps(record, ensure_ascii=False, indent=1)) + "\n"


def is_own_export(parsed: object) -> bool:
    """Return whether parsed JSON was written by ``write_json``: one conversation, or a list."""
    first = parsed[0] if isinstance(parsed, list) and parsed else parsed
    return isinstance(first, dict) and first.get("format") == FORMAT


def read_json(parsed: object) -> ImportResult:
    """Read the output of ``write_json``. Raises ``AppError`` with the location of the first error."""
    records = parsed if isinstance(parsed, list) else [parsed]
    return ImportResult(documents=tuple(_read_document(r, f"[{n}]" if n else "") for n, r in enumerate(records)))


def _read_document(record: Any, where: str) -> ConversationDocument:
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise import_error(where, "not a conversation of tui-router")
    version = record.get("version")
    if not isinstance(version, int) or version < 1:
        raise import_error(where, "it has no version")
    if version > VERSION:
        raise import_error(where, f"it was written by a newer tui-router (format {version}, this one knows {VERSION})")
    messages_json = record.get("messages")
    if not isinstance(messages_json, list):
        raise import_error(f"{where}messages", "a list was expected")
    if len(messages_json) > MAX_MESSAGES:
        raise import_error(f"{where}messages", f"{len(messages_json):,} messages are more than {MAX_MESSAGES:,}")
    conversation = _decode(Conversation, record.get("conversation"), f"{where}conversation")
    messages = [_decode(Message, m, f"{where}messages[{n}]") for n, m in enumerate(messages_json)]
    seen: set[str] = set()
    for number, message in enumerate(messages):
        if not message.id or message.id in seen:
            raise import_error(f"{where}messages[{number}].id", f"{message.id!r} is there twice or is empty")
        seen.add(message.id)
    return build_document(conversation, messages)


def _encode(value: Any) -> dict[str, Any]:
    return _codec_of(type(value)).dump(value)  # type: ignore[arg-type]  # mypy thinks that a class is not hashable


def _decode(cls: type[Any], record: Any, where: str) -> Any:
    try:
        return _codec_of(cls).load(record)  # type: ignore[arg-type]
    except InvalidRecord as error:
        located = error.below(where) if where else error
        raise import_error(located.place, located.reason) from None


@cache
def _codec_of(cls: type[Any]) -> Codec[Any]:
    return Codec(cls, strict=True)


def _escape_unsafe(text: str) -> str:
    # Unsafe characters can only be inside JSON strings; the rest is punctuation, digits and line feeds.
    cleaned = clean(text)
    if cleaned == text:
        return text
    unsafe = {c for c in set(text) if clean(c) != c}
    return text.translate({ord(c): _escape(ord(c)) for c in unsafe})


def _escape(code: int) -> str:
    if code < 0x10000:
        return f"\\u{code:04x}"
    offset = code - 0x10000
    return f"\\u{0xD800 + (offset >> 10):04x}\\u{0xDC00 + (offset & 0x3FF):04x}"
