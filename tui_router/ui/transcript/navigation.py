"""Moving between the entries of a transcript: the entry cursor of message mode, and text search."""

from __future__ import annotations

import re

from textual.message import Message
from textual.widget import Widget

from tui_router.ui.transcript.entry_list import EntryList
from tui_router.ui.transcript.measurer import Measurer
from tui_router.ui.transcript.painter import Mark, ViewPainter
from tui_router.ui.transcript.parts import Line
from tui_router.ui.transcript.viewport import Viewport


class CursorMoved(Message, namespace="transcript"):
    """The entry cursor moved; an empty id means that it was removed."""

    def __init__(self, entry_id: str) -> None:
        super().__init__()
        self.entry_id = entry_id


class EntryCursor:
    """The block cursor of message mode: marks one entry, or none."""

    def __init__(
        self, widget: Widget, entries: EntryList, measurer: Measurer, viewport: Viewport, painter: ViewPainter
    ) -> None:
        self._widget = widget
        self._entries = entries
        self._measurer = measurer
        self._viewport = viewport
        self._painter = painter

    @property
    def entry_id(self) -> str:
        """Id of the marked entry; empty if there is none."""
        index = self._painter.cursor
        return self._entries[index].id if 0 <= index < len(self._entries) else ""

    def set(self, entry_id: str) -> None:
        """Mark an entry and scroll it into view; an empty id removes the cursor."""
        index = self._entries.index_of(entry_id)
        self._mark(-1 if index is None else index)

    def move(self, step: int) -> None:
        """Move by ``step`` entries; a new cursor starts at the last visible entry."""
        if not self._entries:
            return
        current = self._painter.cursor
        if current < 0:
            bottom = self._measurer.top + max(0, self._widget.size.height - 1)
            self._mark(self._entries.heights.at(bottom))
        else:
            self._mark(max(0, min(len(self._entries) - 1, current + step)))

    def entries_changed(self, entry_id: str) -> None:
        """Stay on entry ``entry_id``, whose index may have changed."""
        index = self._entries.index_of(entry_id)
        self._painter.cursor = -1 if index is None else index

    def _mark(self, index: int) -> None:
        if index == self._painter.cursor:
            return
        self._painter.cursor = index
        if index >= 0:
            self._viewport.reveal_entry(index)
        self._painter.repaint()
        self._widget.post_message(CursorMoved(self.entry_id))


class TextSearch:
    """Finds text in all entries, marks every match and steps through them."""

    def __init__(
        self, widget: Widget, entries: EntryList, measurer: Measurer, viewport: Viewport, painter: ViewPainter
    ) -> None:
        self._widget = widget
        self._entries = entries
        self._measurer = measurer
        self._viewport = viewport
        self._painter = painter
        self._pattern: re.Pattern[str] | None = None
        self._matches: list[tuple[int, int]] = []
        """(index of the entry, number of the match in its text)"""
        self._match = -1
        self._current: tuple[int, int, int] | None = None
        """(index of the entry, row, character) of the current match on the screen."""

    def find(self, text: str) -> int:
        """Mark all matches of ``text``, ignoring case, and return their number; empty text clears the marks."""
        self.clear()
        self._pattern = re.compile(re.escape(text), re.IGNORECASE) if text else None
        if self._pattern is not None:
            for index, entry in enumerate(self._entries.items):
                count = sum(1 for _ in self._pattern.finditer(entry.text))
                self._matches += [(index, number) for number in range(count)]
        self._painter.repaint()
        return len(self._matches)

    def find_next(self, step: int = 1) -> int:
        """Scroll to the next (1) or previous (-1) match and return its number from 1, or 0 without matches.

        The first match shown is the nearest one below the top of the screen, or above it when stepping back.
        """
        if not self._matches:
            return 0
        if self._match < 0:
            here = self._entries.heights.at(self._measurer.top)
            ahead = [n for n, (index, _) in enumerate(self._matches) if index >= here]
            self._match = (ahead[0] if ahead else 0) - (step < 0)
        else:
            self._match += step
        self._match %= len(self._matches)
        index, number = self._matches[self._match]
        if self._entries[index].folded:
            self._viewport.toggle(index, "all")
        self._measurer.measure_entry(index)
        row, first = self._locate(index, number)
        self._current = (index, row, first)
        self._viewport.scroll_to_row(index, max(0, row - self._widget.size.height // 3))
        self._painter.repaint()
        return self._match + 1

    def clear(self) -> None:
        """Forget all matches."""
        self._matches, self._match, self._current, self._pattern = [], -1, None, None

    def marks(self, index: int, row: int, line: Line) -> tuple[Mark, ...]:
        """Return the marks of the matches on a row."""
        if self._pattern is None:
            return ()
        found: list[Mark] = []
        for match in self._pattern.finditer(line.plain):
            current = self._current == (index, row, match.start())
            found.append((match.start(), match.end(), "find_current" if current else "find"))
        return tuple(found)

    def _locate(self, index: int, number: int) -> tuple[int, int]:
        """Return row and character of match ``number``, or of the nearest one if wrapping splits it."""
        layout = self._entries[index].layout
        places: list[tuple[int, int]] = []
        for row in range(layout.height):
            line = layout.line(row)
            if line is not None and self._pattern is not None:
                places += [(row, match.start()) for match in self._pattern.finditer(line.plain)]
            if len(places) > number:
                break
        return places[min(number, len(places) - 1)] if places else (0, -1)
