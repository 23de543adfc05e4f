"""The chat screen: transcript, prompt and status line. What happens in it is the business of its ``room``."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.screens.chat.ears import Ears
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.widgets.status_line import StatusFacts, StatusLine


class ChatScreen(Ears):
    """The widgets of a chat. There before any service is; ``room`` listens once they are."""

    AUTO_FOCUS = "#prompt"
    DEFAULT_CSS = """
    ChatScreen { background: $background; }
    ChatScreen #main { width: 1fr; height: 1fr; }
    ChatScreen #status { padding: 0 1; }
    """

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, hint: str = "") -> None:
        super().__init__()
        self.pane = TranscriptPane(id="pane")
        self.box = PromptBox(fold=fold, vim=vim, id="box")
        self.status = StatusLine(StatusFacts(model=hint), id="status")
        self.side = Horizontal(id="side")
        """Where the sidebar is mounted when it is wanted."""
        self.main = Vertical(self.pane, self.box, self.status, id="main")

    def compose(self) -> ComposeResult:
        """Lay out: the sidebar beside everything else."""
        with Horizontal():
            yield self.side
            yield self.main

    @property
    def is_reading(self) -> bool:
        """True in message mode: the transcript has the focus."""
        return self.focused is self.pane.transcript
