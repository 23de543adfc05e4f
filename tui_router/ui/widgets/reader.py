"""A pager for long text. Only the visible rows are drawn, so a megabyte costs no more than a page.

The owner passes a function that lays the text out for a width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_router.ui.widgets.line_list import Part, fit

Rows = Sequence[Sequence[Part]]
Layout = Callable[[int], Rows]
"""Returns the rows for a width in cells."""

_LOOKS = ("muted", "head", "accent", "good", "warn", "bad", "hit", "added", "removed", "thumb")


def no_rows(width: int) -> Rows:
    """Lay out nothing."""
    return ()


class Reader(Widget, can_focus=True):
    """Rows of text with a scrollbar one cell wide, controlled by pager keys and the mouse wheel."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"reader--{look}" for look in _LOOKS}
    DEFAULT_CSS = """
    Reader {
        height: 1fr; width: 1fr; color: $foreground; background: transparent;
        .reader--muted { color: $text-muted; }
        .reader--head { color: $text-primary; text-style: bold; }
        .reader--accent { color: $text-accent; }
        .reader--good { color: $text-success; }
        .reader--warn { color: $text-warning; }
        .reader--bad { color: $text-error; }
        .reader--hit { color: $text-accent; text-style: bold underline; }
        .reader--added { background: $success 22%; text-style: bold; }
        .reader--removed { background: $error 22%; text-style: strike; }
        .reader--thumb { color: $scrollbar; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "rows(-1)", "Up", show=False),
        Binding("down,j", "rows(1)", "Down", show=False),
        Binding("pageup,b", "pages(-1)", "Page up", show=False),
        Binding("pagedown,space", "pages(1)", "Page down", show=False),
        Binding("home,g,ctrl+home", "ends(-1)", "First", show=False),
        Binding("end,G,ctrl+end", "ends(1)", "Last", show=False),
    ]

    class Moved(Message):
        """The visible rows changed."""

        def __init__(self, source: Reader) -> None:
            super().__init__()
            self.source = source

        @property
        def control(self) -> Reader:
            """The reader."""
            return self.source

    def __init__(self, layout: Layout = no_rows, *, has_thumb: bool = True, id: str | None = None) -> None:
        """Create a reader; without ``has_thumb`` the text takes the full width."""
        super().__init__(id=id)
        self._layout: Layout = layout
        self._rows: Rows = ()
        self._laid = -1
        self._top = 0
        self._start: Callable[[], int] | None = None
        self._has_thumb = has_thumb
        self._styles: dict[str, Style] = {}

    @property
    def top(self) -> int:
        """The first visible row."""
        return self._top

    @property
    def row_count(self) -> int:
        """Number of rows at the current width."""
        return len(self._rows)

    @property
    def share(self) -> float:
        """Scroll position from 0 to 1."""
        last = max(0, len(self._rows) - self.size.height)
        return self._top / last if last else 1.0

    def show(self, layout: Layout, *, at: Callable[[], int] | None = None) -> None:
        """Show another text; ``at`` is called for the first visible row once the rows are laid out."""
        self._layout = layout
        self._laid = -1
        self._start = at
        self._top = 0
        self._lay_out()

    def use_styles(self, styles: Mapping[str, Style]) -> None:
        """Override the styles of some looks, e.g. with those of a theme."""
        self._styles = dict(styles)
        self.refresh()

    def go_to(self, row: int) -> None:
        """Put a row at the top, as far as there is text below it."""
        self._show_from(row)

    def action_rows(self, by: int) -> None:
        """Scroll by rows."""
        self._show_from(self._top + by)

    def action_pages(self, by: int) -> None:
        """Scroll by screens, one row of each kept in sight."""
        self._show_from(self._top + by * max(1, self.size.height - 1))

    def action_ends(self, which: int) -> None:
        """Go to the first (-1) or last (1) row."""
        self._show_from(0 if which < 0 else len(self._rows))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._show_from(self._top + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self._show_from(self._top - 3)

    def on_resize(self) -> None:
        """Lay out anew where the width changed, about where the reader was."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Return the row at line ``y`` of the widget."""
        width = self.size.width
        if width <= 0:
            return Strip([], 0)
        index = self._top + y
        inner = self._text_width()
        segments = self._segments(self._rows[index] if index < len(self._rows) else (), inner)
        if inner < width:
            mark = "▐" if self._is_thumb(y) else " "
            segments.append(Segment(mark, self.get_component_rich_style("reader--thumb")))
        return Strip(segments, width)

    def _segments(self, row: Sequence[Part], width: int) -> list[Segment]:
        plain = self.rich_style
        segments: list[Segment] = []
        left = width
        for text, look in row:
            cells = cell_len(text)
            if cells > left:
                text, cells = fit(text, left), left
            segments.append(Segment(text, self._style(look) if look else plain))
            left -= cells
            if left <= 0:
                break
        if left > 0:
            segments.append(Segment(" " * left, plain))
        return segments

    def _style(self, look: str) -> Style:
        own = self._styles.get(look)
        return self.rich_style + own if own is not None else self.get_component_rich_style(f"reader--{look}")

    def _text_width(self) -> int:
        return max(1, self.size.width - (1 if self._has_thumb and self.size.width > 2 else 0))

    def _is_thumb(self, y: int) -> bool:
        height, count = max(1, self.size.height), len(self._rows)
        if count <= height:
            return False
        length = max(1, height * height // count)
        start = round((height - length) * self.share)
        return start <= y < start + length

    def _lay_out(self) -> None:
        width = self._text_width()
        if self.size.width <= 0:
            return
        if width != self._laid:
            share = self.share if self._laid > 0 else None
            self._laid = width
            self._rows = self._layout(width)
            if self._start is not None:
                start, self._start = self._start, None
                self._top = start()
            elif share is not None:
                self._top = round(share * max(0, len(self._rows) - self.size.height))
        self._show_from(self._top)

    def _show_from(self, row: int) -> None:
        self._top = max(0, min(row, len(self._rows) - max(1, self.size.height)))
        self.refresh()
        self.post_message(self.Moved(self))
