"""Lines to strips of exact width: gutter, marks, sideways offset, filters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from tui_router.ui.transcript.parts import Line, Part
from tui_router.ui.transcript.styles import Styles

Mark = tuple[int, int, str]
"""(first character, character behind the last, style key) laid over a line."""

_MOST = 3_000


def gutter_width(width: int) -> int:
    """Return the cells left of the words in a pane of ``width`` cells."""
    return 2 if width >= 20 else 1 if width >= 8 else 0


def text_width(width: int) -> int:
    """Return the cells for words in a pane of ``width`` cells."""
    return max(1, width - gutter_width(width) - (1 if width >= 8 else 0))


class Painter:
    """Paints lines and keeps the strips. One for each width and set of styles."""

    __slots__ = ("_background", "_filters", "_strips", "blank", "styles", "width")

    def __init__(self, width: int, styles: Styles, filters: Sequence[LineFilter], background: Color) -> None:
        self.width = width
        self.styles = styles
        self._filters = filters
        self._background = background
        self._strips: dict[object, Strip] = {}
        self.blank = self._filtered(Strip([Segment(" " * width, styles("text"))], width))

    def strip(self, line: Line, gutter: Part, marks: tuple[Mark, ...] = (), offset: int = 0) -> Strip:
        """Return the strip of ``line``: exactly ``width`` cells."""
        offset = offset if line.wide else 0
        key = (line.parts, line.wide, gutter, marks, offset)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= _MOST:
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
        """Cut the visible part of a wide line, with marks where it goes on."""
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
    """Return the parts of ``line`` with the marks laid over; later marks lie above earlier ones."""
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
    """Return which character of ``line`` stands in cell ``cell`` of the words; its length behind the end."""
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
    """Return the style key of a character, or an empty text behind the end."""
    at = 0
    for text, key in line.parts:
        at += len(text)
        if character < at:
            return key
    return ""
