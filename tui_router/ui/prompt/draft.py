"""What the prompt holds, and what a line of it means, before anything is done with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    pass


class Say(NamedTuple):
    """Words for a model."""

    text: str


class Slash(NamedTuple):
    """A command: the word after the slash, and the rest of the text."""

    name: str
    rest: str


_SLASH = re.compile(r"/([^\s/]\S*)?(?:\s+|$)")


def read_line(text: str) -> Say | Slash:
    """Tell a command from words for a model.

    ``//`` sends a literal slash. Any other word with a leading slash is a command, known or not, so that a
    misspelt one is never sent to a model; a slash followed by a space is just a slash.
    """
    stripped = text.lstrip()
    if stripped.startswith("//"):
        return Say(stripped[1:])
    if stripped.startswith("/") and (found := _SLASH.match(stripped)) and (found[1] or stripped.rstrip() == "/"):
        return Slash(found[1] or "", stripped[found.end() :].rstrip())
    return Say(text)
