"""The chat screen: what its widgets say goes to the ``controller``, whose business it is what happens then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events, on
from textual.message import Message

from tui_router.ui.prompt import messages as said
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.screens.chat.view import ChatView

if TYPE_CHECKING:
    from tui_router.ui.screens.chat.controller import ChatController
    from tui_router.ui.transcript.pointer import Pointed
    from tui_router.ui.widgets.sidebar import Sidebar

M = TypeVar("M", bound=Message)


def with_controller(handle: Callable[[ChatScreen, ChatController, M], object]) -> Callable[[ChatScreen, M], None]:
    """Make a handler that needs the controller. Earlier messages wait for it, in order."""

    def handler(self: ChatScreen, event: M) -> None:
        if self.controller is None:
            self.early.append((handler, event))
        else:
            self.controller.guard(lambda controller: handle(self, controller, event))

    handler.__doc__ = handle.__doc__
    return handler


class ChatScreen(ChatView):
    """Calls the ``controller`` for every message; those that come before there is one wait for it."""

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, hint: str = "") -> None:
        super().__init__(fold=fold, vim=vim, hint=hint)
        self.controller: ChatController | None = None
        self.early: list[tuple[Callable[[ChatScreen, Any], None], Message]] = []
        """Messages that came before the controller, with who handles them."""

    def attach(self, controller: ChatController) -> None:
        """The services are up: handle what came meanwhile, and from now on everything at once."""
        self.controller = controller
        early, self.early = self.early, []
        if any(isinstance(event, said.Submitted) for _, event in early):
            controller.drafts.leave_edit()  # typed before the stored draft was restored: a new turn
        for handle, event in early:
            handle(self, event)

    # What the prompt says

    @on(said.Submitted)
    @with_controller
    def _submit(self, controller: ChatController, event: said.Submitted) -> None:
        controller.submit(event.draft)

    @on(said.SlashTyped)
    @with_controller
    def _run_slash(self, controller: ChatController, event: said.SlashTyped) -> None:
        controller.host.run_slash(event.name, event.rest, event.text)

    @on(said.DraftChanged)
    @with_controller
    def _follow_draft(self, controller: ChatController, event: said.DraftChanged) -> None:
        controller.typed()

    @on(said.HistoryWanted)
    @with_controller
    def _take_back(self, controller: ChatController, event: said.HistoryWanted) -> None:
        controller.drafts.take_back()

    @on(said.FilesWanted)
    @with_controller
    def _list_files(self, controller: ChatController, event: said.FilesWanted) -> None:
        controller.drafts.list_files()

    @on(said.AttachWanted)
    @with_controller
    def _attach_file(self, controller: ChatController, event: said.AttachWanted) -> None:
        controller.drafts.attach(event.path)

    @on(said.RewindWanted)
    @with_controller
    def _rewind(self, controller: ChatController, event: said.RewindWanted) -> None:
        controller.drafts.rewind()

    @on(said.Cleared)
    @with_controller
    def _leave_edit(self, controller: ChatController, event: said.Cleared) -> None:
        controller.drafts.leave_edit()

    @on(said.HelpWanted)
    @with_controller
    def _help(self, controller: ChatController, event: said.HelpWanted) -> None:
        controller.host.open_help()

    @on(said.Refused)
    @with_controller
    def _tell(self, controller: ChatController, event: said.Refused) -> None:
        controller.host.tell(event.sentence)

    # What transcript and sidebar say; by name, for they are not loaded yet when this is defined

    @with_controller
    def on_pointed_action_clicked(self, controller: ChatController, event: Pointed.ActionClicked) -> None:
        """What an entry offers was chosen."""
        controller.act(event.entry_id, event.action)

    @with_controller
    def on_pointed_link_clicked(self, controller: ChatController, event: Pointed.LinkClicked) -> None:
        """A link was clicked."""
        controller.overlays.open_link(event.url)

    @with_controller
    def on_descendant_focus(self, controller: ChatController, event: events.DescendantFocus) -> None:
        """Keys mean something else now."""
        controller.refresh()

    on_pointed_entry_clicked = on_descendant_focus
    on_reading_cursor_moved = on_descendant_focus

    @with_controller
    def on_sidebar_opened(self, controller: ChatController, event: Sidebar.Opened) -> None:
        """A conversation was chosen beside the chat."""
        controller.open(event.conversation_id)

    @with_controller
    def on_sidebar_all_wanted(self, controller: ChatController, event: Sidebar.AllWanted) -> None:
        """The whole list was asked for."""
        controller.overlays.show_library()
