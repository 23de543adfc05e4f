"""What is selected: from one place to another, across turns, and the clean text of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tui_router.ui.transcript.parts import DECORATION, Line, name_of

_WORD = re.compile(r"[\w@./:~-]+|\S")


class Point(NamedTuple):
    """A place in the transcript: turn, row in it, character in the row."""

    entry: int
    row: int
    character: int


class Span(NamedTuple):
    """What lies between two points, the first one not after the second."""

    start: Point
    end: Point

    @classmethod
    def between(cls, a: Point, b: Point) -> Span:
        """Return the span between two points in any order."""
        return cls(*sorted((a, b)))

    def on(self, entry: int, row: int, length: int) -> tuple[int, int] | None:
        """Return which characters of a row are inside, or ``None``."""
        place = (entry, row)
        if not self.start[:2] <= place <= self.end[:2]:
            return None
        first = self.start.character if place == self.start[:2] else 0
        last = self.end.character if place == self.end[:2] else length
        return (min(first, length), min(last, length)) if first <= last else None

    @property
    def is_empty(self) -> bool:
        """True when nothing lies between."""
        return self.start == self.end


def clean_text(rows: Iterator[tuple[Line, int, int]]) -> str:
    """Return the words of ``rows`` (line, first character, last): no bars, no frames, wrapped rows joined."""
    text: list[str] = []
    joinable = False
    for line, first, last in rows:
        words = _words(line, first, last)
        drawn = bool(line.plain.strip())
        if drawn and not line.copied.strip():
            joinable = False
            continue
        if text and joinable and line.glue is not None:
            text[-1] = text[-1] + line.glue + words.rstrip()
        else:
            text.append(words.rstrip())
        joinable = True
    return "\n".join(text).strip("\n")


def _words(line: Line, first: int, last: int) -> str:
    found: list[str] = []
    at = 0
    for text, key in line.parts:
        name = name_of(key)
        if name not in DECORATION and not (name == "indent" and line.glue is not None):
            found.append(text[max(0, first - at) : max(0, last - at)])
        at += len(text)
    return "".join(found)


def word_at(line: Line, character: int) -> tuple[int, int]:
    """Return the word around a character."""
    for found in _WORD.finditer(line.plain):
        if found.start() <= character < found.end():
            return found.span()
    return character, character


def paragraph_at(line_of: Callable[[int], Line | None], row: int) -> tuple[int, int]:
    """Return the first and last row of the wrapped text that ``row`` belongs to."""
    first = last = row
    while first > 0 and (line := line_of(first)) is not None and line.glue is not None:
        first -= 1
    while (line := line_of(last + 1)) is not None and line.glue is not None:
        last += 1
    return first, last
