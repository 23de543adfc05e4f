"""The registry of export and import formats: to add one, extend ``EXPORTERS`` or ``IMPORTERS``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.formats.chatgpt import is_chatgpt, read_chatgpt
from tui_router.formats.document import ConversationDocument, ImportResult, import_error
from tui_router.formats.html import write_html
from tui_router.formats.json_format import is_own_export, read_json, write_json
from tui_router.formats.markdown import write_markdown, write_markdown_tree
from tui_router.formats.openrouter_chatroom import is_chatroom_export, read_chatroom

MAX_IMPORT_CHARACTERS = 512 * 1024 * 1024
"""Maximum length of an imported file, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A format to export conversations to."""

    name: str
    suffix: str
    help: str
    write: Callable[[ConversationDocument], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A format to import conversations from. ``read`` raises ``AppError`` for invalid files."""

    name: str
    help: str
    matches: Callable[[object], bool]
    """Returns whether parsed JSON is of this format."""
    read: Callable[[object], ImportResult]


EXPORTERS = (
    Exporter(name="md", suffix=".md", help="Markdown: the visible thread, including comparisons", write=write_markdown),
    Exporter(name="md-all", suffix=".md", help="Markdown with all alternative answers", write=write_markdown_tree),
    Exporter(name="json", suffix=".json", help="Everything, lossless; can be imported again", write=write_json),
    Exporter(
        name="html", suffix=".html", help="One web page: light or dark, comparisons side by side", write=write_html
    ),
)
IMPORTERS = (
    Importer(name="tui-router", help="JSON exports of tui-router", matches=is_own_export, read=read_json),
    Importer(
        name="openrouter",
        help="Chatroom exports of OpenRouter's website (orpg 1 to 3)",
        matches=is_chatroom_export,
        read=read_chatroom,
    ),
    Importer(name="chatgpt", help="conversations.json of a ChatGPT data export", matches=is_chatgpt, read=read_chatgpt),
)


def find_exporter(name: str) -> Exporter:
    """Return an exporter by name, suffix or ``markdown``. Raises ``AppError`` listing the known names."""
    key = {"markdown": "md", "htm": "html"}.get(name.lower().lstrip("."), name.lower().lstrip("."))
    for known in EXPORTERS:
        if known.name == key:
            return known
    names = ", ".join(e.name for e in EXPORTERS)
    raise AppError(
        Problem(kind=ErrorKind.USAGE, title=f"No export format is called {name}", hint=f"Choose one of {names}")
    )


def import_text(text: str) -> ImportResult:
    """Import a file of any known format. Raises ``AppError`` for invalid files."""
    if len(text) > MAX_IMPORT_CHARACTERS:
        raise import_error("", f"it is longer than {MAX_IMPORT_CHARACTERS // 1024 // 1024} MB")
    try:
        parsed = list(_json_values(text.lstrip("\ufeff")))
    except RecursionError:
        raise import_error("", "it is nested too deeply") from None
    if not parsed:
        raise import_error("", "it is empty")
    found = [_import_value(value) for value in parsed]
    return ImportResult(
        documents=tuple(d for one in found for d in one.documents),
        notes=tuple(dict.fromkeys(n for one in found for n in one.notes)),
    )


def _import_value(parsed: Any) -> ImportResult:
    for importer in IMPORTERS:
        if importer.matches(parsed):
            return importer.read(parsed)
    known = "; ".join(i.help for i in IMPORTERS)
    raise import_error("", f"it is JSON, but in no known format ({known})")


def _json_values(text: str) -> Iterator[Any]:
    """Yield the JSON values of a text: usually one, or several concatenated exports."""
    decoder = json.JSONDecoder()
    at = _skip_whitespace(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise import_error(f"line {error.lineno}", f"not JSON ({error.msg})") from None
        except ValueError as error:
            raise import_error("", f"not JSON ({error})") from None
        yield value
        at = _skip_whitespace(text, at)


def _skip_whitespace(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
