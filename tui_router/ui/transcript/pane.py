"""``TranscriptPane``: a transcript with its scrollbar and the "new lines" indicator."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui_router.ui.transcript import textual_private
from tui_router.ui.transcript.transcript import Transcript


class Scrollbar(Widget):
    """A scrollbar one cell wide that repaints only when its thumb moves. Update it with ``sync``."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Scrollbar { width: 1; height: 1fr; color: $scrollbar; background: $background; }
    """

    class Dragged(Message):
        """The thumb was dragged to ``fraction``: 0 is the beginning, 1 the end."""

        def __init__(self, fraction: float) -> None:
            super().__init__()
            self.fraction = fraction

    def __init__(self) -> None:
        super().__init__()
        self._thumb = (0, 0)
        self._strips: tuple[Strip, Strip] | None = None
        self._is_dragging = False

    def sync(self, y: int, visible: int, total: int) -> None:
        """Show that rows ``y`` to ``y + visible`` of ``total`` are visible."""
        height = self.size.height
        thumb = (0, 0)
        if height and total > visible > 0:
            length = max(1, height * visible // total)
            first = round((height - length) * y / (total - visible))
            thumb = (first, first + length)
        if thumb != self._thumb:
            self._thumb = thumb
            self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows of ``crop``."""
        if self._strips is None:
            style = self.rich_style
            made = [Strip([Segment("▐", style)], 1), Strip([Segment(" ", Style(bgcolor=style.bgcolor))], 1)]
            for line_filter in textual_private.filters(self):
                made = [strip.apply_filter(line_filter, self.background_colors[1]) for strip in made]
            self._strips = (made[0], made[1])
        thumb, empty = self._strips
        first, last = self._thumb
        return [thumb if first <= y < last else empty for y in crop.line_range]

    def notify_style_update(self) -> None:
        """Repaint in the new colours."""
        self._strips = None
        super().notify_style_update()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Jump to the mouse and start dragging."""
        event.stop()
        self._is_dragging = True
        self.capture_mouse()
        self._drag(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the thumb."""
        if self._is_dragging:
            event.stop()
            self._drag(event.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Stop dragging."""
        event.stop()
        self._is_dragging = False
        self.release_mouse()

    def _drag(self, y: int) -> None:
        length = self._thumb[1] - self._thumb[0]
        travel = max(1, self.size.height - length)
        self.post_message(self.Dragged(max(0.0, min(1.0, (y - length / 2) / travel))))


class NewLinesIndicator(Static):
    """Counts the new lines below the view; a click scrolls to the end."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    NewLinesIndicator {
        display: none; layer: above; dock: bottom; width: 100%; height: 1;
        content-align: right middle; padding: 0 2 0 0; color: $accent; background: $background; text-style: bold;
    }
    NewLinesIndicator.-shown { display: block; }
    """


class TranscriptPane(Horizontal):
    """Contains one ``transcript``, whose messages bubble through."""

    DEFAULT_CSS = """
    TranscriptPane { layers: below above; width: 1fr; height: 1fr; }
    TranscriptPane > Transcript, TranscriptPane > Scrollbar { layer: below; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.transcript = Transcript()
        self._bar = Scrollbar()
        self._indicator = NewLinesIndicator(markup=False)
        self.transcript.measurer.sync_scrollbar = self._bar.sync

    def compose(self) -> ComposeResult:
        """Lay out transcript, scrollbar and indicator."""
        yield self.transcript
        yield self._bar
        yield self._indicator

    def on_transcript_follow_changed(self, message: Transcript.FollowChanged) -> None:
        """Show or hide the indicator."""
        shown = not message.following and message.new_lines > 0
        if shown:
            lines = "line" if message.new_lines == 1 else "lines"
            self._indicator.update(Content(f"↓ {message.new_lines:,} new {lines} · End"), layout=False)
        self._indicator.set_class(shown, "-shown")

    def on_scrollbar_dragged(self, message: Scrollbar.Dragged) -> None:
        """Scroll to where the thumb was dragged."""
        message.stop()
        view = self.transcript
        view.scroll_to(y=round(message.fraction * view.max_scroll_y), animate=False)

    def on_click(self, event: events.Click) -> None:
        """Scroll to the end when the indicator is clicked."""
        if event.widget is self._indicator:
            event.stop()
            self.transcript.viewport.jump_end()
