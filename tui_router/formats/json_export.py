"""The program's own file: everything that is known of a conversation, lossless, with a version.

What could drive a terminal is written as a JSON escape, so the file may be shown as it is and still
gives every character back to a reader that wants it; our own import cleans, as every import does.
"""

from __future__ import annotations

import json
from typing import Any

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.domain.safe import clean
from tui_router.formats.document import Document, Imported, document_of
from tui_router.formats.record import from_record, to_record, trouble

FORMAT = "tui-router"
VERSION = 1
MAX_MESSAGES = 200_000
"""Messages of one conversation that are imported at most."""


def write_json(document: Document) -> str:
    """Return the whole conversation, every sibling included, as JSON."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "conversation": to_record(document.conversation),
        "messages": [to_record(m) for m in document.messages],
    }
    return _harmless(json.dumps(record, ensure_ascii=False, indent=1)) + "\n"


def is_ours(parsed: object) -> bool:
    """Say whether parsed JSON was written by ``write_json`` (one conversation, or a list of them)."""
    first = parsed[0] if isinstance(parsed, list) and parsed else parsed
    return isinstance(first, dict) and first.get("format") == FORMAT


def read_json(parsed: object) -> Imported:
    """Read what ``write_json`` wrote; raises ``Trouble`` that says where it does not fit."""
    records = parsed if isinstance(parsed, list) else [parsed]
    return Imported(documents=tuple(_document(r, f"[{n}]" if n else "") for n, r in enumerate(records)))


def _document(record: Any, where: str) -> Document:
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise trouble(where, "not a conversation of tui-router")
    version = record.get("version")
    if not isinstance(version, int) or version < 1:
        raise trouble(where, "it has no version")
    if version > VERSION:
        raise trouble(where, f"it was written by a newer tui-router (format {version}, this one knows {VERSION})")
    written = record.get("messages")
    if not isinstance(written, list):
        raise trouble(f"{where}messages", "a list was expected")
    if len(written) > MAX_MESSAGES:
        raise trouble(f"{where}messages", f"{len(written):,} messages are more than {MAX_MESSAGES:,}")
    conversation = from_record(Conversation, record.get("conversation"), f"{where}conversation")
    messages = [from_record(Message, m, f"{where}messages[{n}]") for n, m in enumerate(written)]
    seen: set[str] = set()
    for number, message in enumerate(messages):
        if not message.id or message.id in seen:
            raise trouble(f"{where}messages[{number}].id", f"{message.id!r} is there twice or is empty")
        seen.add(message.id)
    return document_of(conversation, messages)


def _harmless(text: str) -> str:
    # Only characters within JSON strings can be unsafe here: the rest is punctuation, digits and line feeds.
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
