"""A list that draws only the visible rows, so 5,000 rows cost no more than 30.

The owner passes the number of rows and a function that draws one. The list manages cursor and scrolling, and posts
which row is highlighted or chosen. The ``look`` of a part is the name of a component class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_router.ui import fuzzy


class Part(NamedTuple):
    """A styled piece of a row. Its text must be free of control characters."""

    text: str
    look: str = ""
    """``muted``, ``head``, ``accent``, ``good``, ``warn``, ``bad`` or ``hit``; empty is plain."""


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return ``text`` in exactly ``cells`` cells, cut with an ellipsis or padded; ``right`` aligns it to the right."""
    if cells <= 0:
        return ""
    width = cell_len(text)
    if width > cells:
        return set_cell_size(text, cells - 1) + "…"
    padding = " " * (cells - width)
    return padding + text if right else text + padding


def split_parts(text: str, spans: Iterable[tuple[int, int]], look: str = "") -> list[Part]:
    """Return ``text`` as parts, with the ranges ``spans`` highlighted as hits; ranges past the end are cut."""
    parts: list[Part] = []
    at = 0
    for start, end in spans:
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        parts += [Part(text[at:start], look), Part(text[start:end], "hit")]
        at = end
    parts.append(Part(text[at:], look))
    return [p for p in parts if p.text]


def spans_of(query: str, text: str) -> list[tuple[int, int]]:
    """Return the ranges of ``text`` that match the words of a query, each word on its own."""
    return sorted(span for word in query.split() for span in fuzzy.spans(word, text))


class LineList(Widget, can_focus=True):
    """Rows drawn on demand, with a cursor and a scrollbar one cell wide."""

    FOCUS_ON_CLICK = False  # a click chooses a row; the keyboard stays where the person types
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line-list--{look}" for look in ("cursor", "muted", "head", "accent", "good", "warn", "bad", "hit", "thumb")
    }
    DEFAULT_CSS = """
    LineList {
        height: 1fr; width: 1fr; color: $foreground; background: transparent;
        .line-list--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        .line-list--muted { color: $text-muted; }
        .line-list--head { color: $text-secondary; text-style: bold; }
        .line-list--accent { color: $text-accent; }
        .line-list--good { color: $text-success; }
        .line-list--warn { color: $text-warning; }
        .line-list--bad { color: $text-error; }
        .line-list--hit { color: $text-accent; text-style: bold underline; }
        .line-list--thumb { color: $scrollbar; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "end(-1)", "First", show=False),
        Binding("end,G", "end(1)", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Highlighted(Message):
        """The cursor moved to another row."""

        def __init__(self, source: LineList, index: int | None) -> None:
            super().__init__()
            self.source = source
            self.index = index
            """The row; ``None`` if there is no row to choose."""

        @property
        def control(self) -> LineList:
            """The list."""
            return self.source

    class Chosen(Message):
        """A row was chosen with Enter or the mouse."""

        def __init__(self, source: LineList, index: int) -> None:
            super().__init__()
            self.source = source
            self.index = index

        @property
        def control(self) -> LineList:
            """The list."""
            return self.source

    def __init__(self, draw: Callable[[int, int], Sequence[Part]], *, id: str | None = None) -> None:
        """Create an empty list. ``draw(index, width)`` returns the parts of a row; excess cells are cut."""
        super().__init__(id=id)
        self._draw_row = draw
        self._row_count = 0
        self._fixed: frozenset[int] = frozenset()
        self._cursor: int | None = None
        self._top = 0
        self._plain = Style()

    @property
    def highlighted(self) -> int | None:
        """The row under the cursor."""
        return self._cursor

    @property
    def row_count(self) -> int:
        """Number of rows, including headings."""
        return self._row_count

    def show(self, count: int, fixed: Iterable[int] = (), at: int | None = None) -> None:
        """Show ``count`` rows, with the cursor at row ``at`` or the next one. Rows in ``fixed`` are headings."""
        self._row_count = count
        self._fixed = frozenset(fixed)
        if at is None:
            self._top = 0
        self._cursor = None
        self._place(self._near(at or 0, 1))
        self.post_message(self.Highlighted(self, self._cursor))
        self.refresh()

    def action_step(self, step: int) -> None:
        """Move the cursor by ``step`` rows, skipping headings; it stops at either end."""
        if self._cursor is None:
            return
        target = self._near(self._cursor + step, 1 if step > 0 else -1, wrap=False)
        if target is None:
            self._show_from(0 if step < 0 else self._row_count)
            return
        self._go(target)

    def action_page(self, direction: int) -> None:
        """Move the cursor by one page."""
        if self._cursor is not None:
            wanted = self._cursor + direction * max(1, self.size.height - 1)
            self._go(self._near(min(max(wanted, 0), self._row_count - 1), direction))

    def action_end(self, direction: int) -> None:
        """Move the cursor to the first or last row."""
        self._go(self._near(0 if direction < 0 else self._row_count - 1, -direction))

    def action_choose(self) -> None:
        """Choose the highlighted row."""
        if self._cursor is not None:
            self.post_message(self.Chosen(self, self._cursor))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint rows, computing their plain style once for all of them."""
        self._plain = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return the row at line ``y`` of the widget."""
        width = self.size.width
        if width <= 0:
            return Strip([], 0)
        index = self._top + y
        plain = self._plain
        has_thumb = self._row_count > self.size.height and width > 2
        inner = width - 1 if has_thumb else width
        segments = self._segments(index, inner, plain) if index < self._row_count else [Segment(" " * inner, plain)]
        if has_thumb:
            mark = "▐" if self._is_thumb(y) else " "
            segments.append(Segment(mark, self.get_component_rich_style("line-list--thumb")))
        return Strip(segments, width)

    def on_click(self, event: events.Click) -> None:
        """Highlight the clicked row, or choose it if it is highlighted already."""
        index = self._top + event.y
        if index >= self._row_count or index in self._fixed:
            return
        if index == self._cursor:
            self.action_choose()
        else:
            self._go(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._show_from(self._top + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll without moving the cursor."""
        event.stop()
        self._show_from(self._top - 3)

    def on_resize(self) -> None:
        """Keep the cursor visible."""
        self._place(self._cursor)

    def _segments(self, index: int, width: int, plain: Style) -> list[Segment]:
        is_cursor = index == self._cursor
        cursor = self.get_component_rich_style("line-list--cursor") if is_cursor else plain
        segments: list[Segment] = []
        left = width
        for text, look in self._draw_row(index, width):
            if left <= 0:
                break
            cells = cell_len(text)
            if cells > left:
                text, cells = fit(text, left), left
            style = cursor if is_cursor or not look else self.get_component_rich_style(f"line-list--{look}")
            if is_cursor and look == "hit":
                style += Style(underline=True)
            segments.append(Segment(text, style))
            left -= cells
        if left > 0:
            segments.append(Segment(" " * left, cursor))
        return segments

    def _is_thumb(self, y: int) -> bool:
        height = max(1, self.size.height)
        length = max(1, height * height // self._row_count)
        room = max(1, self._row_count - height)
        start = round((height - length) * min(1.0, self._top / room))
        return start <= y < start + length

    def _near(self, index: int, direction: int, *, wrap: bool = True) -> int | None:
        """Return the nearest row from ``index`` on that is not a heading, or one in the other direction."""
        step = 1 if direction >= 0 else -1
        at = index
        while 0 <= at < self._row_count:
            if at not in self._fixed:
                return at
            at += step
        return self._near(min(max(index, 0), self._row_count - 1), -step, wrap=False) if wrap else None

    def _go(self, index: int | None) -> None:
        if index is not None and index != self._cursor:
            self._place(index)
            self.post_message(self.Highlighted(self, index))

    def _place(self, index: int | None) -> None:
        self._cursor = index
        if not self.size.height:  # not laid out yet: ``on_resize`` comes back here
            return
        height = self.size.height
        if index is not None:
            first = index - 1 if index - 1 in self._fixed and height > 2 else index  # a heading stays with its row
            self._top = min(self._top, first) if first < self._top else max(self._top, index - height + 1)
        self._show_from(self._top)

    def _show_from(self, top: int) -> None:
        self._top = min(max(0, top), max(0, self._row_count - max(1, self.size.height)))
        self.refresh()
