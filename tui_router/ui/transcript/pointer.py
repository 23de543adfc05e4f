"""The mouse in a transcript: selecting across turns, words and paragraphs; links, folds and actions."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.message import Message
from textual.timer import Timer

from tui_router.ui.transcript.paint import Mark, character_at, gutter_width, key_at
from tui_router.ui.transcript.parts import Line, target_of
from tui_router.ui.transcript.selection import Point, Span, clean_text, paragraph_at, word_at
from tui_router.ui.transcript.surface import Surface


class Pointed(Surface):
    """A surface that can be pointed at."""

    class LinkClicked(Message):
        """A link was clicked; it is for the screen to show its target and to ask."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    class ActionClicked(Message):
        """An action of an entry was chosen."""

        def __init__(self, entry_id: str, action: str) -> None:
            super().__init__()
            self.entry_id = entry_id
            self.action = action

    class EntryClicked(Message):
        """A turn was clicked, beside anything that does something."""

        def __init__(self, entry_id: str) -> None:
            super().__init__()
            self.entry_id = entry_id

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._from: Point | None = None
        self._to: Point | None = None
        self._dragging = False
        self._mouse = (0, 0)
        self._pull: Timer | None = None

    @property
    def selection(self) -> Span | None:
        """What is selected."""
        if self._from is None or self._to is None or self._from == self._to:
            return None
        return Span.between(self._from, self._to)

    def selected_text(self) -> str:
        """Return the selected words without bars and frames, wrapped rows joined; empty without a selection."""
        span = self.selection
        return clean_text(self._rows(span)) if span is not None else ""

    def select_between(self, start: Point, end: Point) -> None:
        """Select from one place to another."""
        self._from, self._to = start, end
        self.repaint()

    def clear_selection(self) -> None:
        """Select nothing."""
        self._from = self._to = None
        self.repaint()

    def extend_selection(self, rows: int = 0, characters: int = 0) -> None:
        """Move the end of the selection; it begins at the top visible row, or at the marked turn."""
        if not self.entries:
            return
        if self._from is None or self._to is None:
            y = self.heights.top(self.marked) if self.marked >= 0 else self.scroll_offset.y
            self._from = self._to = self._point(y, 0)
        to = self._to
        if to is None:
            return
        y = max(0, min(self.heights.total - 1, self.heights.top(to.entry) + to.row + rows))
        self.measure(y - 1, y + 2)
        found = self.line_at(y)
        length = len(found[2].plain) if found else 0
        character = to.character + characters
        if rows and not characters and found:
            character = length if rows > 0 else min(to.character, length)
        self._to = self._point(y, max(0, min(length, character)))
        self._show_row(y)
        self.repaint()

    def marks(self, index: int, row: int, line: Line) -> tuple[Mark, ...]:
        """Lay the selection over a row."""
        span = self.selection
        if span is None:
            return ()
        found = span.on(index, row, len(line.plain))
        return ((found[0], found[1], "selection"),) if found and found[0] < found[1] else ()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a selection."""
        if event.button != 1 or not self.entries:
            return
        self._from = self._to = self._under(event.x, event.y)
        self._dragging = True
        self.capture_mouse()
        self.repaint()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Carry the end of the selection along; beyond an edge the view scrolls."""
        if not self._dragging:
            return
        self._mouse = (event.x, event.y)
        self._to = self._under(event.x, max(0, min(self.size.height - 1, event.y)))
        outside = event.y < 0 or event.y >= self.size.height
        if outside and self._pull is None:
            self._pull = self.set_interval(0.05, self._scroll_along)
        elif not outside:
            self._let_go()
        self.repaint()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the selection."""
        if not self._dragging:
            return
        self._dragging = False
        self._let_go()
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Follow what is under the mouse; twice selects a word, three times a paragraph."""
        if self.selection is not None and event.chain == 1:
            return
        found = self.line_at(event.y + self.scroll_offset.y)
        if found is None:
            return
        index, row, line = found
        entry = self.entries[index]
        character = character_at(line, event.x - gutter_width(self.size.width), entry.offset)
        kind, _, rest = target_of(key_at(line, character)).partition(":")
        if event.chain == 2:
            first, last = word_at(line, character)
            self.select_between(Point(index, row, first), Point(index, row, last))
        elif event.chain >= 3:
            first, last = paragraph_at(entry.drawn.line, row)
            end = entry.drawn.line(last)
            self.select_between(Point(index, first, 0), Point(index, last, len(end.plain) if end else 0))
        elif kind == "link":
            self.post_message(self.LinkClicked(entry.drawn.address(row, int(rest))))
        elif kind == "act":
            self.post_message(self.ActionClicked(entry.id, rest))
        elif kind == "fold":
            self.unfold(index, rest)
        else:
            self.post_message(self.EntryClicked(entry.id))

    def unfold(self, index: int, what: str) -> None:
        """Fold or unfold a part of a turn; the top visible row stays where it is."""
        anchor = self.held()
        entry = self.entries[index]
        entry.toggle(what)
        self.heights.put(index, entry.drawn.height)
        self.reindex(anchor)
        self.measure_shown()
        self.refresh()

    def _rows(self, span: Span) -> Iterator[tuple[Line, int, int]]:
        now = self.clock()
        anchor = self.held()
        for index in range(span.start.entry, min(span.end.entry, len(self.entries) - 1) + 1):
            drawn = self.entries[index].drawn
            first = span.start.row if index == span.start.entry else 0
            last = span.end.row + 1 if index == span.end.entry else drawn.height
            drawn.build(first, max(first + 1, last), now)
            self.heights.put(index, drawn.height)
            last = span.end.row + 1 if index == span.end.entry else drawn.height
            for row in range(first, last):
                line = drawn.line(row)
                found = span.on(index, row, len(line.plain)) if line is not None else None
                if line is not None and found is not None:
                    yield line, *found
        self.reindex(anchor)

    def _point(self, y: int, character: int) -> Point:
        index = self.heights.at(y)
        return Point(index, max(0, min(y, self.heights.total - 1) - self.heights.top(index)), character)

    def _under(self, x: int, y: int) -> Point:
        y += self.scroll_offset.y
        found = self.line_at(y)
        if found is None:
            return self._point(max(0, y), 0 if y < self.heights.total else 1 << 20)
        index, row, line = found
        return Point(index, row, character_at(line, x - gutter_width(self.size.width), self.entries[index].offset))

    def _show_row(self, y: int) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if y < top:
            self.scroll_to(y=y, animate=False)
        elif y >= top + height:
            self.scroll_to(y=y - height + 1, animate=False)

    def _scroll_along(self) -> None:
        x, y = self._mouse
        step = y if y < 0 else y - self.size.height + 1
        self.scroll_to(y=self.scroll_offset.y + max(-5, min(5, step)), animate=False)
        self._to = self._under(x, 0 if y < 0 else self.size.height - 1)
        self.repaint()

    def _let_go(self) -> None:
        if self._pull is not None:
            self._pull.stop()
            self._pull = None
