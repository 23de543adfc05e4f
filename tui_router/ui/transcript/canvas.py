"""Painting the visible rows of many turns from cached strips of exact width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_router.ui.transcript import private
from tui_router.ui.transcript.heights import Heights
from tui_router.ui.transcript.look import EntryKind, Look
from tui_router.ui.transcript.paint import Mark, Painter
from tui_router.ui.transcript.parts import Line, Part
from tui_router.ui.transcript.styles import Styles

if TYPE_CHECKING:
    from tui_router.ui.transcript.entry import Entry

_BLANK_GUTTER: Part = ("  ", "text")
_GUTTERS: Mapping[EntryKind, Part] = {
    EntryKind.USER: ("▌ ", "user_bar"),
    EntryKind.CARD: ("▍ ", "assistant"),
    EntryKind.NOTICE: _BLANK_GUTTER,
    EntryKind.ASSISTANT: _BLANK_GUTTER,
}


class Canvas(ScrollView, can_focus=True):
    """Holds entries and their heights, and paints what of them is in view."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Canvas {
        width: 1fr; height: 1fr; background: $background;
        overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.entries: list[Entry] = []
        self.heights = Heights()
        self.look = Look(width=0)
        self.marked = -1
        self._names: Mapping[str, str] | None = None
        self._painter: Painter | None = None
        self._painted: dict[int, Strip] = {}

    def set_text_styles(self, names: Mapping[str, str]) -> None:
        """Use these styles, by the names of the theme, from now on."""
        self._names = names
        self._painter = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Colours changed: forget strips."""
        self._painter = None
        super().notify_style_update()

    def painter(self) -> Painter:
        """Return the painter for the present width and colours."""
        painter = self._painter
        if painter is None or painter.width != self.size.width:
            ansi = bool(self._names) and any("ansi_" in text for text in (self._names or {}).values())
            styles = Styles(self._names, self.rich_style, ansi=ansi)
            painter = Painter(self.size.width, styles, private.filters(self), self.background_colors[1])
            self._painter = painter
            self._painted.clear()
        return painter

    def marks(self, index: int, row: int, line: Line) -> tuple[Mark, ...]:
        """Return what is laid over a row; selection and search say so above."""
        return ()

    def line_at(self, y: int) -> tuple[int, int, Line] | None:
        """Return turn, row in it and line at virtual row ``y``."""
        if not self.entries or not 0 <= y < self.heights.total:
            return None
        index = self.heights.at(y)
        row = y - self.heights.top(index)
        line = self.entries[index].drawn.line(row)
        return None if line is None else (index, row, line)

    def strips(self, first: int, last: int) -> list[Strip]:
        """Return the strips of rows [first, last) of the screen."""
        painter = self.painter()
        y, stop = self.scroll_offset.y + first, self.scroll_offset.y + last
        found: list[Strip] = []
        index = self.heights.at(y) if self.entries and self.size.width >= 4 else len(self.entries)
        while index < len(self.entries) and y < stop:
            top = self.heights.top(index)
            lines = self.entries[index].drawn.rows(y - top, min(stop - top, self.heights[index]))
            found += [self._strip(painter, index, y - top + n, line) for n, line in enumerate(lines)]
            y = self.heights.top(index + 1)
            index += 1
        return found + [painter.blank] * (last - first - len(found))

    def _strip(self, painter: Painter, index: int, row: int, line: Line | None) -> Strip:
        if line is None:
            return painter.blank
        entry = self.entries[index]
        gutter = ("▎ ", "cursor") if index == self.marked else _GUTTERS[entry.kind]
        if gutter[0].strip() and index != self.marked and not line.parts and row >= self.heights[index] - 1:
            gutter = _BLANK_GUTTER
        return painter.strip(line, gutter, self.marks(index, row, line), entry.offset)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows of ``crop``."""
        strips = self.strips(crop.y, crop.bottom)
        self._painted.update(zip(crop.line_range, strips, strict=True))
        if crop.x or crop.width != self.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        return self.strips(y, y + 1)[0]

    def repaint(self) -> None:
        """Paint the visible rows that look different than before."""
        strips = self.strips(0, self.size.height)
        changed = [y for y, strip in enumerate(strips) if self._painted.get(y) is not strip]
        if changed:
            first, last = changed[0], changed[-1]
            self.refresh(Region(0, first, self.size.width, last - first + 1))
