"""Text selection across entries, and its plain text without decoration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tui_router.ui.transcript.entry_list import EntryList
from tui_router.ui.transcript.measurer import Measurer
from tui_router.ui.transcript.painter import Mark, ViewPainter
from tui_router.ui.transcript.parts import DECORATION, Line, name_of
from tui_router.ui.transcript.viewport import Viewport

_WORD = re.compile(r"[\w@./:~-]+|\S")


class Point(NamedTuple):
    """A position in the transcript: index of the entry, row in it, character in the row."""

    entry: int
    row: int
    character: int


class SelectedRange(NamedTuple):
    """The text between two points, the first one not after the second."""

    start: Point
    end: Point

    @classmethod
    def between(cls, a: Point, b: Point) -> SelectedRange:
        """Return the range between two points given in any order."""
        return cls(*sorted((a, b)))

    def on(self, entry: int, row: int, length: int) -> tuple[int, int] | None:
        """Return the selected characters of a row, or ``None`` if it is outside."""
        place = (entry, row)
        if not self.start[:2] <= place <= self.end[:2]:
            return None
        first = self.start.character if place == self.start[:2] else 0
        last = self.end.character if place == self.end[:2] else length
        return (min(first, length), min(last, length)) if first <= last else None

    @property
    def is_empty(self) -> bool:
        """True if it contains no text."""
        return self.start == self.end


def clean_text(rows: Iterator[tuple[Line, int, int]]) -> str:
    """Return the text of ``rows`` (line, first character, end) without bars and frames, with wrapped rows joined."""
    texts: list[str] = []
    joinable = False
    for line, first, last in rows:
        text = _text(line, first, last)
        visible = bool(line.plain.strip())
        if visible and not line.copied.strip():
            joinable = False
            continue
        if texts and joinable and line.glue is not None:
            texts[-1] = texts[-1] + line.glue + text.rstrip()
        else:
            texts.append(text.rstrip())
        joinable = True
    return "\n".join(texts).strip("\n")


def _text(line: Line, first: int, last: int) -> str:
    found: list[str] = []
    at = 0
    for text, key in line.parts:
        name = name_of(key)
        if name not in DECORATION and not (name == "indent" and line.glue is not None):
            found.append(text[max(0, first - at) : max(0, last - at)])
        at += len(text)
    return "".join(found)


def word_at(line: Line, character: int) -> tuple[int, int]:
    """Return start and end of the word around a character."""
    for found in _WORD.finditer(line.plain):
        if found.start() <= character < found.end():
            return found.span()
    return character, character


def paragraph_at(line_of: Callable[[int], Line | None], row: int) -> tuple[int, int]:
    """Return the first and last row of the wrapped paragraph that contains ``row``."""
    first = last = row
    while first > 0 and (line := line_of(first)) is not None and line.glue is not None:
        first -= 1
    while (line := line_of(last + 1)) is not None and line.glue is not None:
        last += 1
    return first, last


class TextSelection:
    """The selection of a transcript, made with the mouse or extended with the keyboard."""

    def __init__(self, entries: EntryList, measurer: Measurer, viewport: Viewport, painter: ViewPainter) -> None:
        self._entries = entries
        self._measurer = measurer
        self._viewport = viewport
        self._painter = painter
        self._start: Point | None = None
        self._end: Point | None = None

    @property
    def range(self) -> SelectedRange | None:
        """The selected range, or ``None``."""
        if self._start is None or self._end is None or self._start == self._end:
            return None
        return SelectedRange.between(self._start, self._end)

    def text(self) -> str:
        """Return the selected text without bars and frames, wrapped rows joined; empty without a selection."""
        selected = self.range
        return clean_text(self._rows(selected)) if selected is not None else ""

    def select(self, start: Point, end: Point) -> None:
        """Select the text between two points."""
        self._start, self._end = start, end
        self._painter.repaint()

    def move_end(self, end: Point) -> None:
        """Extend the selection to a point."""
        self._end = end
        self._painter.repaint()

    def clear(self) -> None:
        """Select nothing."""
        self._start = self._end = None
        self._painter.repaint()

    def extend(self, rows: int = 0, characters: int = 0) -> None:
        """Move the end of the selection. A new one starts at the entry cursor, or at the top visible row."""
        if not self._entries:
            return
        heights = self._entries.heights
        if self._start is None or self._end is None:
            cursor = self._painter.cursor
            y = heights.top(cursor) if cursor >= 0 else self._measurer.top
            self._start = self._end = self.point_at(y, 0)
        end = self._end
        y = max(0, min(heights.total - 1, heights.top(end.entry) + end.row + rows))
        self._measurer.measure(y - 1, y + 2)
        found = self._entries.line_at(y)
        length = len(found[2].plain) if found else 0
        character = end.character + characters
        if rows and not characters and found:
            character = length if rows > 0 else min(end.character, length)
        self._end = self.point_at(y, max(0, min(length, character)))
        self._viewport.reveal_row(y)
        self._painter.repaint()

    def entries_changed(self, first: int) -> None:
        """Drop the selection if it reaches entry ``first`` or beyond: those were replaced."""
        selected = self.range
        if first == 0 or (selected is not None and selected.end.entry >= first):
            self._start = self._end = None

    def marks(self, index: int, row: int, line: Line) -> tuple[Mark, ...]:
        """Return the mark of the selection on a row."""
        selected = self.range
        if selected is None:
            return ()
        found = selected.on(index, row, len(line.plain))
        return ((found[0], found[1], "selection"),) if found and found[0] < found[1] else ()

    def point_at(self, y: int, character: int) -> Point:
        """Return the point at row ``y`` of the transcript."""
        heights = self._entries.heights
        index = heights.at(y)
        return Point(index, max(0, min(y, heights.total - 1) - heights.top(index)), character)

    def _rows(self, selected: SelectedRange) -> Iterator[tuple[Line, int, int]]:
        """Yield the selected rows, rendering those that never were in view."""
        entries, heights = self._entries.items, self._entries.heights
        now = self._measurer.clock()
        anchor = self._measurer.anchor()
        for index in range(selected.start.entry, min(selected.end.entry, len(entries) - 1) + 1):
            layout = entries[index].layout
            first = selected.start.row if index == selected.start.entry else 0
            last = selected.end.row + 1 if index == selected.end.entry else layout.height
            layout.build(first, max(first + 1, last), now)
            heights.put(index, layout.height)
            last = selected.end.row + 1 if index == selected.end.entry else layout.height
            for row in range(first, last):
                line = layout.line(row)
                found = selected.on(index, row, len(line.plain)) if line is not None else None
                if line is not None and found is not None:
                    yield line, *found
        self._measurer.heights_changed(anchor)
