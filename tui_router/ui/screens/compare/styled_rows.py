"""A widget for a few rows in transcript styles, and the appearance that all widgets of the comparison share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_router.services.preferences import Preferences
from tui_router.ui.themes import transcript_styles, without_color
from tui_router.ui.transcript import textual_private
from tui_router.ui.transcript.appearance import Appearance, Styles
from tui_router.ui.transcript.painter import Painter, character_at, gutter_width, key_at
from tui_router.ui.transcript.parts import BLANK, Line, Part, target_of

DrawRows = Callable[[int], Sequence[Line]]
"""Returns the rows for a width in cells."""

_GUTTER: Part = ("  ", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneAppearance:
    """The configured appearance of transcripts and the rows around them."""

    styles: Mapping[str, str]
    """Text styles by name."""
    look: Appearance
    widest: int = 0
    """Maximum width of text in cells; 0 for no limit."""

    @classmethod
    def configured(cls, preferences: Preferences) -> LaneAppearance:
        """Return the appearance set in the preferences and the environment (``NO_COLOR``, ``TEXTUAL_ANIMATIONS``)."""
        look = preferences.current.look
        palette, _ = preferences.palette()
        if os.environ.get("NO_COLOR"):
            palette = without_color(palette)
        motion = look.motion and os.environ.get("TEXTUAL_ANIMATIONS") != "none"
        return cls(
            styles=transcript_styles(palette),
            look=Appearance(density=look.density, timestamps=look.timestamps, reasoning=look.reasoning, motion=motion),
            widest=look.width,
        )


class StyledRows(Widget):
    """Draws the rows that ``draw`` returns and repaints only if they changed.

    A click posts ``Clicked`` with the part's ``@target``.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "StyledRows { width: 1fr; height: 1; background: $background; }"

    class Clicked(Message):
        """A row was clicked; ``target`` is empty if the part under the mouse has none."""

        def __init__(self, source: StyledRows, target: str) -> None:
            super().__init__()
            self.source = source
            self.target = target

        @property
        def control(self) -> StyledRows:
            """The widget that was clicked."""
            return self.source

    def __init__(self, draw: DrawRows, styles: Mapping[str, str] | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw_rows = draw
        self._names = styles
        self._lines: list[Line] = []
        self._painter: Painter | None = None

    @property
    def text_width(self) -> int:
        """Cells available for text."""
        return max(0, self.size.width - gutter_width(self.size.width))

    def set_text_styles(self, names: Mapping[str, str]) -> None:
        """Use these text styles, by name."""
        self._names = names
        self._painter = None
        self.refresh()

    def update_rows(self) -> None:
        """Ask for the rows again and repaint if they changed."""
        if not self.size.width:
            return
        lines = list(self._draw_rows(self.text_width))
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def notify_style_update(self) -> None:
        """Drop the painter: it holds the old colours."""
        self._painter = None
        super().notify_style_update()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new width."""
        self._lines = []
        self.update_rows()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows in ``crop``."""
        painter = self._current_painter()
        strips = [painter.strip(self._lines[y] if y < len(self._lines) else BLANK, _GUTTER) for y in crop.line_range]
        if crop.x or crop.width != self.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def on_click(self, event: events.Click) -> None:
        """Post ``Clicked`` with the target under the mouse."""
        line = self._lines[event.y] if event.y < len(self._lines) else BLANK
        at = character_at(line, event.x - gutter_width(self.size.width))
        self.post_message(self.Clicked(self, target_of(key_at(line, at))))

    def _current_painter(self) -> Painter:
        painter = self._painter
        if painter is None or painter.width != self.size.width:
            ansi = any("ansi_" in text for text in (self._names or {}).values())
            styles = Styles(self._names, self.rich_style, ansi=ansi)
            painter = Painter(self.size.width, styles, textual_private.filters(self), self.background_colors[1])
            self._painter = painter
        return painter
