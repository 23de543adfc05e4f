"""Every format that conversations are written to and read from: two tuples, the whole plug point."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.formats.chatgpt import is_chatgpt, read_chatgpt
from tui_router.formats.document import Document, Imported
from tui_router.formats.html import write_html
from tui_router.formats.json_export import is_ours, read_json, write_json
from tui_router.formats.markdown import write_markdown, write_markdown_tree
from tui_router.formats.orpg import is_orpg, read_orpg
from tui_router.formats.record import trouble

MAX_CHARACTERS = 512 * 1024 * 1024
"""Longest file that is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One way to write a conversation."""

    name: str
    suffix: str
    help: str
    write: Callable[[Document], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """One kind of file that conversations are read from. ``read`` raises ``Trouble`` that says what is wrong."""

    name: str
    help: str
    recognises: Callable[[object], bool]
    """Whether parsed JSON looks like this format."""
    read: Callable[[object], Imported]


EXPORTERS = (
    Exporter(name="md", suffix=".md", help="Markdown: the thread in view, comparisons included", write=write_markdown),
    Exporter(
        name="md-all", suffix=".md", help="Markdown with every other answer at its place", write=write_markdown_tree
    ),
    Exporter(name="json", suffix=".json", help="Everything, lossless; can be imported again", write=write_json),
    Exporter(
        name="html", suffix=".html", help="One page for a browser: light, dark, lanes side by side", write=write_html
    ),
)
IMPORTERS = (
    Importer(name="tui-router", help="What tui-router exports as JSON", recognises=is_ours, read=read_json),
    Importer(name="openrouter", help="Chatroom of OpenRouter's site (orpg 1 to 3)", recognises=is_orpg, read=read_orpg),
    Importer(name="chatgpt", help="conversations.json of ChatGPT", recognises=is_chatgpt, read=read_chatgpt),
)


def exporter(name: str) -> Exporter:
    """Return the exporter of this name (or suffix, or ``markdown``); raises ``Trouble`` that names them all."""
    wanted = {"markdown": "md", "htm": "html"}.get(name.lower().lstrip("."), name.lower().lstrip("."))
    for known in EXPORTERS:
        if known.name == wanted:
            return known
    names = ", ".join(e.name for e in EXPORTERS)
    raise Trouble(Problem(kind=Kind.USAGE, title=f"No export format is called {name}", hint=f"Choose one of {names}"))


def import_text(text: str) -> Imported:
    """Read the text of a file of any known format; raises ``Trouble`` that says what was wrong with it."""
    if len(text) > MAX_CHARACTERS:
        raise trouble("", f"it is longer than {MAX_CHARACTERS // 1024 // 1024} MB")
    try:
        parsed = list(_values(text.lstrip("\ufeff")))
    except RecursionError:
        raise trouble("", "it is nested too deeply") from None
    if not parsed:
        raise trouble("", "it is empty")
    found = [_imported(value) for value in parsed]
    return Imported(
        documents=tuple(d for one in found for d in one.documents),
        notes=tuple(dict.fromkeys(n for one in found for n in one.notes)),
    )


def _imported(parsed: Any) -> Imported:
    for importer in IMPORTERS:
        if importer.recognises(parsed):
            return importer.read(parsed)
    known = "; ".join(i.help for i in IMPORTERS)
    raise trouble("", f"it is JSON, but of no format that is known here ({known})")


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON values of a text: usually one; several exports put one after another are read too."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise trouble(f"line {error.lineno}", f"not JSON ({error.msg})") from None
        except ValueError as error:
            raise trouble("", f"not JSON ({error})") from None
        yield value
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
