"""What the chat screen hears from its widgets, and whom it tells. Before the services are there it waits."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from textual import on
from textual.screen import Screen

from tui_router.ui.prompt import messages as said

if TYPE_CHECKING:
    from tui_router.domain.draft import Attachment
    from tui_router.ui.transcript.pointer import Pointed
    from tui_router.ui.widgets.sidebar import Sidebar


class Listener(Protocol):
    """Whom the screen tells what it hears."""

    def submit(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Words to send."""
        ...

    def typed(self, text: str) -> None:
        """The prompt holds another text."""
        ...

    def hear(self, what: Heard, *words: str) -> None:
        """Anything else, with what it is about."""
        ...


class Heard(StrEnum):
    """What else a screen hears."""

    SLASH = "slash"
    LAST_QUEUED = "last queued"
    FILES = "files"
    ATTACH = "attach"
    REWIND = "rewind"
    CLEARED = "cleared"
    HELP = "help"
    REFUSED = "refused"
    ACTION = "action"
    LINK = "link"
    MOVED = "moved"
    CONVERSATION = "conversation"
    ALL_CONVERSATIONS = "all conversations"


class Ears(Screen[None], inherit_bindings=False):
    """Turns messages of prompt and transcript into calls of the ``room``."""

    def __init__(self) -> None:
        super().__init__()
        self._listener: Listener | None = None
        self._waiting: list[Callable[[Listener], None]] = []

    def begin(self, listener: Listener) -> None:
        """Somebody listens: tell what was heard meanwhile."""
        self._listener = listener
        waiting, self._waiting = self._waiting, []
        for tell in waiting:
            tell(listener)

    def _tell(self, tell: Callable[[Listener], None]) -> None:
        if self._listener is None:
            self._waiting.append(tell)
        else:
            tell(self._listener)

    @on(said.Submitted)
    def _on_submitted_heard(self, event: said.Submitted) -> None:
        self._tell(lambda who: who.submit(event.text, event.attachments))

    @on(said.SlashTyped)
    def _on_slash_heard(self, event: said.SlashTyped) -> None:
        self._tell(lambda who: who.hear(Heard.SLASH, event.name, event.rest, event.text))

    @on(said.DraftChanged)
    def _on_draft_changed_heard(self, event: said.DraftChanged) -> None:
        if self._listener is not None:
            self._listener.typed(event.draft.text)

    @on(said.HistoryWanted)
    def _on_last_queued_heard(self) -> None:
        self._tell(lambda who: who.hear(Heard.LAST_QUEUED))

    @on(said.FilesWanted)
    def _on_files_heard(self) -> None:
        self._tell(lambda who: who.hear(Heard.FILES))

    @on(said.AttachWanted)
    def _on_attach_heard(self, event: said.AttachWanted) -> None:
        self._tell(lambda who: who.hear(Heard.ATTACH, event.path))

    @on(said.RewindWanted)
    def _on_rewind_heard(self) -> None:
        self._tell(lambda who: who.hear(Heard.REWIND))

    @on(said.Cleared)
    def _on_cleared_heard(self) -> None:
        self._tell(lambda who: who.hear(Heard.CLEARED))

    @on(said.HelpWanted)
    def _on_help_heard(self) -> None:
        self._tell(lambda who: who.hear(Heard.HELP))

    @on(said.Refused)
    def _on_refused_heard(self, event: said.Refused) -> None:
        self._tell(lambda who: who.hear(Heard.REFUSED, event.sentence))

    # Messages of the transcript, which is not there yet when this is defined.

    def on_pointed_action_clicked(self, event: Pointed.ActionClicked) -> None:
        """What an entry offers was chosen."""
        self._tell(lambda who: who.hear(Heard.ACTION, event.entry_id, event.action))

    def on_pointed_link_clicked(self, event: Pointed.LinkClicked) -> None:
        """A link was clicked."""
        self._tell(lambda who: who.hear(Heard.LINK, event.url))

    def on_pointed_entry_clicked(self) -> None:
        """A turn was clicked."""
        self._tell(lambda who: who.hear(Heard.MOVED))

    def on_reading_cursor_moved(self) -> None:
        """The block cursor is on another turn."""
        self._tell(lambda who: who.hear(Heard.MOVED))

    def on_descendant_focus(self) -> None:
        """Keys mean something else now."""
        self._tell(lambda who: who.hear(Heard.MOVED))

    def on_sidebar_opened(self, event: Sidebar.Opened) -> None:
        """A conversation was chosen beside the chat."""
        self._tell(lambda who: who.hear(Heard.CONVERSATION, event.conversation_id))

    def on_sidebar_all_wanted(self) -> None:
        """The whole list was asked for."""
        self._tell(lambda who: who.hear(Heard.ALL_CONVERSATIONS))
