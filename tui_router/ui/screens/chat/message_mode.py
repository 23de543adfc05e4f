"""Going from the prompt to the messages and back."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.chat.view import ChatView
from tui_router.ui.transcript.view import Transcript


class MessageMode:
    """Message mode of the chat screen. ``changed`` is called when the keys mean something else."""

    def __init__(self, screen: ChatView, presenter: ConversationPresenter, changed: Callable[[], None]) -> None:
        self._screen = screen
        self._presenter = presenter
        self._changed = changed
        self._transcript: Transcript = screen.pane.transcript
        self._prompt: Prompt = screen.box.prompt

    def enter(self) -> None:
        """Go from the prompt to the messages: the block cursor shows where."""
        if not self._presenter.chat.thread:
            return
        self._transcript.focus()
        if not self._transcript.cursor:
            self._transcript.move_cursor(-1)
        self._changed()

    def leave(self) -> None:
        """Go back to the prompt."""
        self._transcript.cursor = ""
        self._prompt.focus()
        self._changed()

    def go_to_end(self, *, first: bool = False) -> None:
        """Go to the last message and follow it, or to the first."""
        entries = self._transcript.entries
        if first and entries:
            self._transcript.scroll_to_entry(entries[0].id)
        else:
            self._transcript.jump_end()
        if self._screen.is_reading and entries:
            self._transcript.cursor = entries[0 if first else -1].id
