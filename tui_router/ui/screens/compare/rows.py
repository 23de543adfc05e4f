"""A few styled rows in the styles of the transcript, painted only when they look different."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_router.ui.transcript import private
from tui_router.ui.transcript.paint import Painter, character_at, gutter_width, key_at
from tui_router.ui.transcript.parts import BLANK, Line, Part, target_of
from tui_router.ui.transcript.styles import Styles

Draw = Callable[[int], Sequence[Line]]
"""Returns the rows for a width in cells."""

_GUTTER: Part = ("  ", "text")


class Rows(Widget):
    """Draws what ``draw`` returns; ``look_again`` asks it. A click on ``@target`` posts ``Clicked``."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Rows { width: 1fr; height: 1; background: $background; }"

    class Clicked(Message):
        """Something in a row was clicked; an empty target is the row itself."""

        def __init__(self, source: Rows, target: str) -> None:
            super().__init__()
            self.source = source
            self.target = target

        @property
        def control(self) -> Rows:
            """The rows."""
            return self.source

    def __init__(self, draw: Draw, styles: Mapping[str, str] | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw_rows = draw
        self._names = styles
        self._lines: list[Line] = []
        self._painter: Painter | None = None

    @property
    def room(self) -> int:
        """Cells for words."""
        return max(0, self.size.width - gutter_width(self.size.width))

    def set_text_styles(self, names: Mapping[str, str]) -> None:
        """Use these styles, by the names of the theme."""
        self._names = names
        self._painter = None
        self.refresh()

    def look_again(self) -> None:
        """Draw anew; paints when something differs."""
        if not self.size.width:
            return
        lines = list(self._draw_rows(self.room))
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def notify_style_update(self) -> None:
        """Colours changed."""
        self._painter = None
        super().notify_style_update()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._lines = []
        self.look_again()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows of ``crop``."""
        painter = self._current()
        strips = [painter.strip(self._lines[y] if y < len(self._lines) else BLANK, _GUTTER) for y in crop.line_range]
        if crop.x or crop.width != self.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def on_click(self, event: events.Click) -> None:
        """Say what was clicked."""
        line = self._lines[event.y] if event.y < len(self._lines) else BLANK
        at = character_at(line, event.x - gutter_width(self.size.width))
        self.post_message(self.Clicked(self, target_of(key_at(line, at))))

    def _current(self) -> Painter:
        painter = self._painter
        if painter is None or painter.width != self.size.width:
            ansi = any("ansi_" in text for text in (self._names or {}).values())
            styles = Styles(self._names, self.rich_style, ansi=ansi)
            painter = Painter(self.size.width, styles, private.filters(self), self.background_colors[1])
            self._painter = painter
        return painter
