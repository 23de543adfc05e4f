"""Layout of the chat screen: transcript, prompt and status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.widgets.status_line import StatusFacts, StatusLine

if TYPE_CHECKING:
    from tui_router.ui.transcript.pane import TranscriptPane


class ChatView(Screen[None], inherit_bindings=False):
    """The widgets of the chat screen, shown before any service is loaded."""

    AUTO_FOCUS = "#prompt"

    DEFAULT_CSS = """
    ChatView { background: $background; layout: horizontal; }
    ChatView #main { width: 1fr; height: 1fr; align: left bottom; }
    ChatView #status { padding: 0 1; }
    """

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, hint: str = "") -> None:
        super().__init__()
        # A very low terminal needs the rows of the prompt's frame for the conversation.
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (9, "-usual")]
        self.box = PromptBox(fold=fold, vim=vim, id="box")
        self.status = StatusLine(StatusFacts(model=hint), id="status")
        self.main = Vertical(self.box, self.status, id="main")
        self._pane: TranscriptPane | None = None
        self._side: Horizontal | None = None

    def compose(self) -> ComposeResult:
        """Yield the widgets of the first frame; transcript and sidebar are mounted on first use."""
        yield self.main

    @property
    def pane(self) -> TranscriptPane:
        """The transcript above the prompt, created on first use to keep it out of the first frame."""
        if self._pane is None:
            from tui_router.ui.transcript.pane import TranscriptPane

            self._pane = TranscriptPane(id="pane")
            self.main.mount(self._pane, before=0)
        return self._pane

    @property
    def side(self) -> Horizontal:
        """Container of the sidebar, created on first use."""
        if self._side is None:
            self._side = Horizontal(id="side")
            self.mount(self._side, before=self.main)
        return self._side

    @property
    def is_reading(self) -> bool:
        """True in message mode: the transcript has the focus."""
        return self._pane is not None and self.focused is self._pane.transcript
