"""The chat screen: what its widgets say goes to the ``room``, whose business it is what happens then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events, on
from textual.message import Message

from tui_router.ui.prompt import messages as said
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.screens.chat.view import ChatView

if TYPE_CHECKING:
    from tui_router.ui.screens.chat.room import Room
    from tui_router.ui.transcript.pointer import Pointed
    from tui_router.ui.widgets.sidebar import Sidebar

M = TypeVar("M", bound=Message)


def with_room(handle: Callable[[ChatScreen, Room, M], object]) -> Callable[[ChatScreen, M], None]:
    """Make a handler that needs the ``room``. A message that comes before there is one waits for it, in its order."""

    def handler(self: ChatScreen, event: M) -> None:
        if self.room is None:
            self.early.append((handler, event))
        else:
            self.room.guard(lambda room: handle(self, room, event))

    handler.__doc__ = handle.__doc__
    return handler


class ChatScreen(ChatView):
    """Calls the ``room`` for every message; those that come before there is one wait for it."""

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, hint: str = "") -> None:
        super().__init__(fold=fold, vim=vim, hint=hint)
        self.room: Room | None = None
        self.early: list[tuple[Callable[[ChatScreen, Any], None], Message]] = []
        """Messages that came before the room, with who handles them."""

    def attach(self, room: Room) -> None:
        """The services are up: handle what came meanwhile, and from now on everything at once."""
        self.room = room
        early, self.early = self.early, []
        if any(isinstance(event, said.Submitted) for _, event in early):
            room.drafting.leave_edit()  # it was typed before an older draft came back, and is no version of anything
        for handle, event in early:
            handle(self, event)

    # What the prompt says

    @on(said.Submitted)
    @with_room
    def _submit(self, room: Room, event: said.Submitted) -> None:
        room.submit(event.draft)

    @on(said.SlashTyped)
    @with_room
    def _run_slash(self, room: Room, event: said.SlashTyped) -> None:
        room.host.run_slash(event.name, event.rest, event.text)

    @on(said.DraftChanged)
    @with_room
    def _follow_draft(self, room: Room, event: said.DraftChanged) -> None:
        room.typed()

    @on(said.HistoryWanted)
    @with_room
    def _take_back(self, room: Room, event: said.HistoryWanted) -> None:
        room.drafting.take_back()

    @on(said.FilesWanted)
    @with_room
    def _list_files(self, room: Room, event: said.FilesWanted) -> None:
        room.drafting.list_files()

    @on(said.AttachWanted)
    @with_room
    def _attach_file(self, room: Room, event: said.AttachWanted) -> None:
        room.drafting.attach(event.path)

    @on(said.RewindWanted)
    @with_room
    def _rewind(self, room: Room, event: said.RewindWanted) -> None:
        room.drafting.rewind()

    @on(said.Cleared)
    @with_room
    def _leave_edit(self, room: Room, event: said.Cleared) -> None:
        room.drafting.leave_edit()

    @on(said.HelpWanted)
    @with_room
    def _help(self, room: Room, event: said.HelpWanted) -> None:
        room.host.open_help()

    @on(said.Refused)
    @with_room
    def _tell(self, room: Room, event: said.Refused) -> None:
        room.host.tell(event.sentence)

    # What transcript and sidebar say; by name, for they are not loaded yet when this is defined

    @with_room
    def on_pointed_action_clicked(self, room: Room, event: Pointed.ActionClicked) -> None:
        """What an entry offers was chosen."""
        room.act(event.entry_id, event.action)

    @with_room
    def on_pointed_link_clicked(self, room: Room, event: Pointed.LinkClicked) -> None:
        """A link was clicked."""
        room.looking.open_link(event.url)

    @with_room
    def on_descendant_focus(self, room: Room, event: events.DescendantFocus) -> None:
        """Keys mean something else now."""
        room.refresh()

    on_pointed_entry_clicked = on_descendant_focus
    on_reading_cursor_moved = on_descendant_focus

    @with_room
    def on_sidebar_opened(self, room: Room, event: Sidebar.Opened) -> None:
        """A conversation was chosen beside the chat."""
        room.open(event.conversation_id)

    @with_room
    def on_sidebar_all_wanted(self, room: Room, event: Sidebar.AllWanted) -> None:
        """The whole list was asked for."""
        room.looking.show_library()
