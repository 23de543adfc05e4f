"""Interprets what is typed or pasted: a message, a slash command, or the path of a dragged file."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_SLASH = re.compile(r"/([^\s/]\S*)?(?:\s+|$)")
_DRAGGED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
"""File types to attach when their path is pasted. The path of a text file may be meant as text."""


class PlainText(NamedTuple):
    """Text for a model."""

    text: str


class SlashCommand(NamedTuple):
    """A command: the word after the slash, and the rest of the text."""

    name: str
    rest: str


def parse_input(text: str) -> PlainText | SlashCommand:
    """Tell a slash command from text for a model.

    ``//`` sends a literal slash, and so does a slash followed by a space. Any other word with a leading slash is a
    command, known or not, so that a misspelt one is never sent to a model.
    """
    stripped = text.lstrip()
    if stripped.startswith("//"):
        return PlainText(stripped[1:])
    if stripped.startswith("/") and (found := _SLASH.match(stripped)) and (found[1] or stripped.rstrip() == "/"):
        return SlashCommand(found[1] or "", stripped[found.end() :].rstrip())
    return PlainText(text)


def dragged_file(text: str) -> str | None:
    """Return the path if a paste is that of an existing picture or PDF dragged into the terminal, however quoted."""
    line = text.strip()
    if not line or "\n" in line or len(line) > 4096 or not line.strip("'\"").lower().endswith(_DRAGGED):
        return None
    if line.startswith("file://"):
        line = unquote(urlsplit(line).path)
    elif line[0] in "'\"" or "\\" in line:
        import shlex  # rare, and not needed at start-up

        try:
            words = shlex.split(line)
        except ValueError:
            return None
        line = words[0] if len(words) == 1 else ""
    if not line.startswith(("/", "~")):
        return None
    path = os.path.expanduser(line)
    return path if os.path.isfile(path) else None
