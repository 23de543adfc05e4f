"""What the chat screen hears from its widgets, and whom it tells. Before the services are there it waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import on
from textual.screen import Screen

from tui_router.ui.prompt import messages as said
from tui_router.ui.transcript.view import Transcript

if TYPE_CHECKING:
    from tui_router.ui.screens.chat.room import Room

Act = Callable[["Room"], Any]


class Ears(Screen[None], inherit_bindings=False):
    """Turns messages of prompt and transcript into calls of the ``room``."""

    def __init__(self) -> None:
        super().__init__()
        self._room: Room | None = None
        self._waiting: list[Act] = []
        self._typed = ""

    def begin(self, room: Room) -> None:
        """The services are there: do what was asked for meanwhile."""
        self._room = room
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            self.with_room(act)

    def with_room(self, act: Act) -> None:
        """Do something with the room, now or as soon as there is one."""
        if self._room is None:
            self._waiting.append(act)
        else:
            self._room.guard(act)

    @on(said.Submitted)
    def _on_submitted_heard(self, event: said.Submitted) -> None:
        self.with_room(lambda room: room.submit(event.text, event.attachments))

    @on(said.SlashTyped)
    def _on_slash_heard(self, event: said.SlashTyped) -> None:
        self.with_room(lambda room: room.host.run_slash(event.name, event.rest, event.text))

    @on(said.DraftChanged)
    def _on_draft_changed_heard(self, event: said.DraftChanged) -> None:
        self._typed = event.draft.text
        if self._room is not None:
            self._room.typed(event.draft.text)

    @on(said.HistoryWanted)
    def _on_last_queued_heard(self) -> None:
        self.with_room(lambda room: room.take_queued_back())

    @on(said.FilesWanted)
    def _on_files_heard(self) -> None:
        self.with_room(lambda room: room.drafting.list_files())

    @on(said.AttachWanted)
    def _on_attach_heard(self, event: said.AttachWanted) -> None:
        self.with_room(lambda room: room.drafting.attach(event.path))

    @on(said.RewindWanted)
    def _on_rewind_heard(self) -> None:
        self.with_room(lambda room: room.rewind())

    @on(said.HelpWanted)
    def _on_help_heard(self) -> None:
        self.with_room(lambda room: room.host.open_help())

    @on(said.Refused)
    def _on_refused_heard(self, event: said.Refused) -> None:
        self.with_room(lambda room: room.host.tell(event.sentence))

    @on(Transcript.ActionClicked)
    def _on_action_heard(self, event: Transcript.ActionClicked) -> None:
        self.with_room(lambda room: room.act(event.entry_id, event.action))

    @on(Transcript.LinkClicked)
    def _on_link_heard(self, event: Transcript.LinkClicked) -> None:
        self.with_room(lambda room: room.looking.open_link(event.url))

    @on(Transcript.EntryClicked)
    def _on_entry_heard(self, event: Transcript.EntryClicked) -> None:
        self.with_room(lambda room: room.refresh())

    @on(Transcript.CursorMoved)
    def _on_moved_heard(self) -> None:
        self.with_room(lambda room: room.refresh())
