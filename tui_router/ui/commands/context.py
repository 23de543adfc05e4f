"""What a command works with: the app as far as commands need it, the services, and the chat controller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_router.ui.host import Host

if TYPE_CHECKING:
    from tui_router.services.wiring import Services
    from tui_router.ui.prompt.widget import Prompt
    from tui_router.ui.screens.chat.controller import ChatController
    from tui_router.ui.screens.compare.screen import CompareScreen
    from tui_router.ui.screens.drafts import DraftController
    from tui_router.ui.transcript.view import Transcript


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Handed to every command."""

    app: Host
    services: Services
    chat: ChatController
    compare: CompareScreen | None = None
    """The comparison screen while it is shown."""

    @property
    def transcript(self) -> Transcript:
        """What the person reads: the conversation, or the lane in focus."""
        return self.chat.transcript if self.compare is None else self.compare.transcript

    @property
    def prompt(self) -> Prompt:
        """Where the person writes."""
        return self.chat.prompt if self.compare is None else self.compare.box.prompt

    @property
    def drafts(self) -> DraftController:
        """What fills that prompt, and keeps its draft."""
        return self.chat.drafts if self.compare is None else self.compare.drafts

    def ask(self, title: str, value: str, done: Callable[[str], None]) -> None:
        """Ask for a line of text; ``done`` gets it unless the person changed their mind."""
        from tui_router.ui.screens.dialogs import TextDialog  # not before the first frame

        def answered(text: str | None) -> None:
            if text is not None:
                done(text)

        self.app.show_screen(TextDialog(title, value=value), answered)
