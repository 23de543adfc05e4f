"""A transcript with its scroll bar and the "↓ new" mark: what the chat and each lane of a comparison show."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui_router.ui.transcript.scrollbar import Scrollbar
from tui_router.ui.transcript.view import Transcript


class NewMark(Static):
    """Says how much came below what is visible; a click goes there."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    NewMark {
        display: none; layer: above; dock: bottom; width: 100%; height: 1;
        content-align: right middle; padding: 0 2 0 0; color: $accent; background: $background; text-style: bold;
    }
    NewMark.-shown { display: block; }
    """


class TranscriptPane(Horizontal):
    """Holds one ``transcript``. Its messages bubble through."""

    DEFAULT_CSS = """
    TranscriptPane { layers: below above; width: 1fr; height: 1fr; }
    TranscriptPane > Transcript, TranscriptPane > Scrollbar { layer: below; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.transcript = Transcript()
        self._bar = Scrollbar()
        self._mark = NewMark(markup=False)
        self.transcript.bar = self._bar

    def compose(self) -> ComposeResult:
        """Lay out the three."""
        yield self.transcript
        yield self._bar
        yield self._mark

    def on_surface_follow_changed(self, message: Transcript.FollowChanged) -> None:
        """Show or hide the mark."""
        shown = not message.following and message.new_lines > 0
        if shown:
            lines = "line" if message.new_lines == 1 else "lines"
            self._mark.update(Content(f"↓ {message.new_lines:,} new {lines} · End"), layout=False)
        self._mark.set_class(shown, "-shown")

    def on_scrollbar_dragged(self, message: Scrollbar.Dragged) -> None:
        """Go where the bar was dragged to."""
        message.stop()
        view = self.transcript
        view.scroll_to(y=round(message.fraction * view.max_scroll_y), animate=False)

    def on_click(self, event: events.Click) -> None:
        """Go to the end when the mark is clicked."""
        if event.widget is self._mark:
            event.stop()
            self.transcript.jump_end()
