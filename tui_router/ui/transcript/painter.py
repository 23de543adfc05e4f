"""Paints styled lines as strips of exact width, and the visible rows of a transcript from cached strips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui_router.ui.transcript import textual_private
from tui_router.ui.transcript.appearance import Styles
from tui_router.ui.transcript.entry_list import EntryList
from tui_router.ui.transcript.parts import Line, Part

Mark = tuple[int, int, str]
"""(first character, end, style key): a style laid over part of a line."""

_MOST_STRIPS = 3_000
_BLANK_GUTTER: Part = ("  ", "text")
_CURSOR_GUTTER: Part = ("▎ ", "cursor")
# Keyed by the value of ``EntryKind``: entries must not be loaded before the first paint.
_GUTTERS: Mapping[str, Part] = {
    "user": ("▌ ", "user_bar"),
    "card": ("▍ ", "assistant"),
    "notice": _BLANK_GUTTER,
    "assistant": _BLANK_GUTTER,
}


def gutter_width(width: int) -> int:
    """Return the cells left of the text in a pane of ``width`` cells."""
    return 2 if width >= 20 else 1 if width >= 8 else 0


def text_width(width: int) -> int:
    """Return the cells available for text in a pane of ``width`` cells."""
    return max(1, width - gutter_width(width) - (1 if width >= 8 else 0))


class Painter:
    """Paints lines and caches the strips, for one width and one set of styles."""

    __slots__ = ("_background", "_filters", "_strips", "blank", "styles", "width")

    def __init__(self, width: int, styles: Styles, filters: Sequence[LineFilter], background: Color) -> None:
        self.width = width
        self.styles = styles
        self._filters = filters
        self._background = background
        self._strips: dict[object, Strip] = {}
        self.blank = self._filtered(Strip([Segment(" " * width, styles("text"))], width))

    def strip(self, line: Line, gutter: Part, marks: tuple[Mark, ...] = (), offset: int = 0) -> Strip:
        """Return the strip of ``line``, exactly ``width`` cells wide."""
        offset = offset if line.wide else 0
        key = (line.parts, line.wide, gutter, marks, offset)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= _MOST_STRIPS:
                self._strips.clear()
            strip = self._strips[key] = self._paint(line, gutter, marks, offset)
        return strip

    def _paint(self, line: Line, gutter: Part, marks: tuple[Mark, ...], offset: int) -> Strip:
        styles, width = self.styles, self.width
        edge = gutter_width(width)
        segments = [Segment(gutter[0][:edge].ljust(edge), styles(gutter[1]))] if edge else []
        words = [Segment(text, styles(key)) for text, key in (_marked(line, marks) if marks else line.parts)]
        cells = sum(cell_len(segment.text) for segment in words)
        if line.wide and (offset or cells > width - edge):
            words, cells = self._window(words, cells, offset, width - edge)
        used = edge + cells
        base = styles("text")
        if used < width:
            words.append(Segment(" " * (width - used), base))
            return self._filtered(Strip([*segments, *words], width))
        strip = Strip([*segments, *words], used)
        return self._filtered(strip if used == width else strip.crop(0, width))

    def _window(self, words: list[Segment], cells: int, offset: int, room: int) -> tuple[list[Segment], int]:
        """Cut out the visible part of a wide line, with ‹ and › where it continues."""
        offset = max(0, min(offset, cells - room))
        more = cells - offset > room
        left = 1 if offset and room > 2 else 0
        right = 1 if more and room > 2 else 0
        inner = list(Strip(words, cells).crop(offset + left, offset + room - right))
        muted = self.styles("muted")
        framed = [*([Segment("‹", muted)] if left else []), *inner, *([Segment("›", muted)] if right else [])]
        return framed, sum(segment.cell_length for segment in framed)

    def _filtered(self, strip: Strip) -> Strip:
        for line_filter in self._filters:
            strip = strip.apply_filter(line_filter, self._background)
        return strip


def _marked(line: Line, marks: Sequence[Mark]) -> list[Part]:
    """Return the parts of ``line`` with the marks laid over; later marks are on top."""
    edges = sorted({edge for a, b, _ in marks for edge in (a, b)})
    parts: list[Part] = []
    at = 0
    for text, key in line.parts:
        cuts = [at, *(edge for edge in edges if at < edge < at + len(text)), at + len(text)]
        for a, b in pairwise(cuts):
            names = [key.partition("@")[0], *(name for first, last, name in marks if first <= a and b <= last)]
            parts.append((text[a - at : b - at], "+".join(names)))
        at += len(text)
    return parts


def character_at(line: Line, cell: int, offset: int = 0) -> int:
    """Return the index of the character of ``line`` in text cell ``cell``; past the end, the length of the line."""
    cell += offset if line.wide else 0
    plain = line.plain
    if plain.isascii():
        return max(0, min(len(plain), cell))
    used = 0
    for first, _, cells in split_graphemes(plain)[0]:
        if used + cells > cell:
            return first
        used += cells
    return len(plain)


def key_at(line: Line, character: int) -> str:
    """Return the style key of a character, or an empty string past the end."""
    at = 0
    for text, key in line.parts:
        at += len(text)
        if character < at:
            return key
    return ""


class ViewPainter:
    """Paints the rows of a transcript that are in view, and repaints only those that changed."""

    def __init__(self, widget: Widget, entries: EntryList) -> None:
        self._widget = widget
        self._entries = entries
        self.cursor = -1
        """Index of the entry under the block cursor; -1 for none."""
        self.markers: tuple[Callable[[int, int, Line], tuple[Mark, ...]], ...] = ()
        """Functions from entry index, row and line to marks; those of later functions are on top."""
        self._names: Mapping[str, str] | None = None
        self._painter: Painter | None = None
        self._painted: dict[int, Strip] = {}

    def set_styles(self, names: Mapping[str, str]) -> None:
        """Use these styles, keyed by the style names of the theme."""
        self._names = names
        self.reset()

    def reset(self) -> None:
        """Discard cached strips: colours changed."""
        self._painter = None

    def strips(self, first: int, last: int) -> list[Strip]:
        """Return the strips of screen rows [first, last)."""
        painter = self._line_painter()
        widget, entries, heights = self._widget, self._entries.items, self._entries.heights
        y, stop = widget.scroll_offset.y + first, widget.scroll_offset.y + last
        found: list[Strip] = []
        index = heights.at(y) if entries and widget.size.width >= 4 else len(entries)
        while index < len(entries) and y < stop:
            top = heights.top(index)
            lines = entries[index].layout.rows(y - top, min(stop - top, heights[index]))
            found += [self._strip(painter, index, y - top + n, line) for n, line in enumerate(lines)]
            y = heights.top(index + 1)
            index += 1
        return found + [painter.blank] * (last - first - len(found))

    def paint(self, crop: Region) -> list[Strip]:
        """Return the strips of a region of the screen."""
        strips = self.strips(crop.y, crop.bottom)
        self._painted.update(zip(crop.line_range, strips, strict=True))
        if crop.x or crop.width != self._widget.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def repaint(self) -> None:
        """Refresh the visible rows that changed since they were painted."""
        widget = self._widget
        strips = self.strips(0, widget.size.height)
        # Strips are cached, so an unchanged row is the same object.
        changed = [y for y, strip in enumerate(strips) if self._painted.get(y) is not strip]
        if changed:
            first, last = changed[0], changed[-1]
            widget.refresh(Region(0, first, widget.size.width, last - first + 1))

    def _line_painter(self) -> Painter:
        painter, widget = self._painter, self._widget
        if painter is None or painter.width != widget.size.width:
            ansi = bool(self._names) and any("ansi_" in text for text in (self._names or {}).values())
            styles = Styles(self._names, widget.rich_style, ansi=ansi)
            painter = Painter(widget.size.width, styles, textual_private.filters(widget), widget.background_colors[1])
            self._painter = painter
            self._painted.clear()
        return painter

    def _strip(self, painter: Painter, index: int, row: int, line: Line | None) -> Strip:
        if line is None:
            return painter.blank
        entry = self._entries.items[index]
        gutter = _CURSOR_GUTTER if index == self.cursor else _GUTTERS[entry.kind]
        # The blank row that separates entries gets no bar, unless it is part of the cursor.
        if gutter[0].strip() and index != self.cursor and not line.parts and row >= self._entries.heights[index] - 1:
            gutter = _BLANK_GUTTER
        marks: tuple[Mark, ...] = ()
        for marker in self.markers:
            marks += marker(index, row, line)
        return painter.strip(line, gutter, marks, entry.offset)
