"""``CommandContext``: the host, services and controllers that every command receives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_router.ui.host import Host

if TYPE_CHECKING:
    from tui_router.services.startup import Services
    from tui_router.ui.prompt.widget import Prompt
    from tui_router.ui.screens.chat.controller import ChatController
    from tui_router.ui.screens.compare.screen import CompareScreen
    from tui_router.ui.screens.drafts import DraftController
    from tui_router.ui.transcript.transcript import Transcript


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Passed to every command."""

    app: Host
    services: Services
    chat: ChatController
    compare: CompareScreen | None = None
    """The comparison screen, if it is open."""

    @property
    def transcript(self) -> Transcript:
        """The transcript on screen: the conversation, or the focused lane."""
        return self.chat.transcript if self.compare is None else self.compare.transcript

    @property
    def prompt(self) -> Prompt:
        """The prompt of the current screen."""
        return self.chat.prompt if self.compare is None else self.compare.box.prompt

    @property
    def drafts(self) -> DraftController:
        """What fills that prompt, and keeps its draft."""
        return self.chat.drafts if self.compare is None else self.compare.drafts

    def ask(self, title: str, value: str, done: Callable[[str], None]) -> None:
        """Ask for a line of text and pass it to ``done``, unless the user cancels."""
        from tui_router.ui.screens.dialogs import TextDialog  # not needed for the first frame

        def answered(text: str | None) -> None:
            if text is not None:
                done(text)

        self.app.show_screen(TextDialog(title, value=value), answered)
