"""A thin scroll bar that repaints only when its thumb moves."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_router.ui.transcript import private


class Scrollbar(Widget):
    """One cell wide. ``sync`` tells it what is shown; dragging posts ``Dragged``."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Scrollbar { width: 1; height: 1fr; color: $scrollbar; background: $background; }
    """

    class Dragged(Message):
        """The reader wants to see this part: 0 is the beginning, 1 the end."""

        def __init__(self, fraction: float) -> None:
            super().__init__()
            self.fraction = fraction

    def __init__(self) -> None:
        super().__init__()
        self._thumb = (0, 0)
        self._strips: tuple[Strip, Strip] | None = None
        self._held = False

    def sync(self, y: int, shown: int, total: int) -> None:
        """Show that rows ``y`` to ``y + shown`` of ``total`` are visible."""
        height = self.size.height
        thumb = (0, 0)
        if height and total > shown > 0:
            length = max(1, height * shown // total)
            first = round((height - length) * y / (total - shown))
            thumb = (first, first + length)
        if thumb != self._thumb:
            self._thumb = thumb
            self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows of ``crop``."""
        if self._strips is None:
            style = self.rich_style
            made = [Strip([Segment("▐", style)], 1), Strip([Segment(" ", Style(bgcolor=style.bgcolor))], 1)]
            for line_filter in private.filters(self):
                made = [strip.apply_filter(line_filter, self.background_colors[1]) for strip in made]
            self._strips = (made[0], made[1])
        thumb, empty = self._strips
        first, last = self._thumb
        return [thumb if first <= y < last else empty for y in crop.line_range]

    def notify_style_update(self) -> None:
        """Forget colours."""
        self._strips = None
        super().notify_style_update()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go where the mouse is, and take hold."""
        event.stop()
        self._held = True
        self.capture_mouse()
        self._drag(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow the mouse."""
        if self._held:
            event.stop()
            self._drag(event.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        event.stop()
        self._held = False
        self.release_mouse()

    def _drag(self, y: int) -> None:
        length = self._thumb[1] - self._thumb[0]
        room = max(1, self.size.height - length)
        self.post_message(self.Dragged(max(0.0, min(1.0, (y - length / 2) / room))))
