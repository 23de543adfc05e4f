"""One column on the screen: its head, and the transcript of its thread below."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from tui_router.ui.screens.compare.face import Face, face_rows
from tui_router.ui.screens.compare.rows import Rows
from tui_router.ui.transcript.look import Look
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.parts import Line
from tui_router.ui.transcript.view import Transcript

LOW = 16
"""Screen rows below which a head is one row."""


class LanePane(Vertical):
    """Shows a lane. What it says comes from ``show_face`` and goes into its ``transcript``."""

    DEFAULT_CSS = """
    LanePane { width: 1fr; height: 1fr; border-left: solid $border-blurred; }
    LanePane.-first { border-left: none; }
    LanePane > Rows { height: 3; }
    LanePane.-low > Rows { height: 1; }
    """

    class Chosen(Message):
        """This lane was clicked, or its transcript got the focus."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Scrolled(Message):
        """The reader scrolled in this lane."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, face: Face, styles: Mapping[str, str]) -> None:
        super().__init__()
        self.number = number
        self.pane = TranscriptPane()
        self._face = face
        self._head = Rows(self._rows, styles)
        self._now: Callable[[], float] = self.transcript.clock
        self.transcript.set_text_styles(styles)

    @property
    def transcript(self) -> Transcript:
        """The thread."""
        return self.pane.transcript

    @property
    def face(self) -> Face:
        """What the head says."""
        return self._face

    def compose(self) -> ComposeResult:
        """Head over transcript."""
        yield self._head
        yield self.pane

    def on_mount(self) -> None:
        """Hear of scrolling, for lanes that scroll together."""
        self.watch(self.transcript, "scroll_y", self._tell_scroll, init=False)

    def show_face(self, face: Face) -> None:
        """Let the head say this."""
        self._face = face
        self._head.look_again()

    def set_low(self, low: bool) -> None:
        """Make the head one row high, or three."""
        if low != self.has_class("-low"):
            self.set_class(low, "-low")
            self._head.look_again()

    def set_text_styles(self, styles: Mapping[str, str], look: Look, widest: int = 0) -> None:
        """Wear another theme."""
        self._head.set_text_styles(styles)
        self.transcript.set_text_styles(styles)
        self.transcript.set_look(look, widest)

    def on_rows_clicked(self, event: Rows.Clicked) -> None:
        """A click on the head chooses the lane."""
        event.stop()
        self.post_message(self.Chosen(self.number))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The transcript got the focus."""
        self.post_message(self.Chosen(self.number))

    def _rows(self, width: int) -> list[Line]:
        # Two cells of gutter on the left, as many on the right, so that heads and words stand in line.
        return face_rows(self._face, width - 1, self._now(), low=self.has_class("-low"))

    def _tell_scroll(self) -> None:
        self.post_message(self.Scrolled(self.number))
