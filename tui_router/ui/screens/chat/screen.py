"""The chat screen: forwards messages of its widgets to the controller."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events, on
from textual.message import Message

from tui_router.domain.problem import AppError
from tui_router.ui.prompt import messages
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.screens.chat.view import ChatView

if TYPE_CHECKING:
    from tui_router.ui.screens.chat.controller import ChatController
    from tui_router.ui.transcript.transcript import Transcript
    from tui_router.ui.widgets.sidebar import Sidebar

M = TypeVar("M", bound=Message)


def with_controller(handle: Callable[[ChatScreen, ChatController, M], object]) -> Callable[[ChatScreen, M], None]:
    """Decorate a handler that needs the controller. Messages before ``attach`` wait for it, in order."""

    def handler(self: ChatScreen, event: M) -> None:
        controller = self.controller
        if controller is None:
            self._queued.append((handler, event))
            return
        try:
            handle(self, controller, event)
        except AppError as trouble:
            controller.host.tell_problem(trouble.problem)

    handler.__doc__ = handle.__doc__
    return handler


class ChatScreen(ChatView):
    """Forwards messages to the controller; those before ``attach`` are queued."""

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, hint: str = "") -> None:
        super().__init__(fold=fold, vim=vim, hint=hint)
        self.controller: ChatController | None = None
        self._queued: list[tuple[Callable[[ChatScreen, Any], None], Message]] = []
        """Messages received before ``attach``, with their handlers."""

    def attach(self, controller: ChatController) -> None:
        """Set the controller and handle the messages queued so far."""
        self.controller = controller
        queued, self._queued = self._queued, []
        if any(isinstance(event, messages.Submitted) for _, event in queued):
            controller.drafts.leave_edit()  # typed before the stored draft was restored: a new turn
        for handle, event in queued:
            handle(self, event)

    # Messages of the prompt

    @on(messages.Submitted)
    @with_controller
    def _submit(self, controller: ChatController, event: messages.Submitted) -> None:
        controller.submit(event.draft)

    @on(messages.SlashTyped)
    @with_controller
    def _run_slash(self, controller: ChatController, event: messages.SlashTyped) -> None:
        controller.host.run_slash(event.name, event.rest, event.text)

    @on(messages.DraftChanged)
    @with_controller
    def _follow_draft(self, controller: ChatController, event: messages.DraftChanged) -> None:
        controller.draft_changed()

    @on(messages.QueueRecallRequested)
    @with_controller
    def _take_back(self, controller: ChatController, event: messages.QueueRecallRequested) -> None:
        controller.drafts.take_back()

    @on(messages.FilesRequested)
    @with_controller
    def _list_files(self, controller: ChatController, event: messages.FilesRequested) -> None:
        controller.drafts.list_files()

    @on(messages.AttachRequested)
    @with_controller
    def _attach_file(self, controller: ChatController, event: messages.AttachRequested) -> None:
        controller.drafts.attach(event.path)

    @on(messages.RewindRequested)
    @with_controller
    def _rewind(self, controller: ChatController, event: messages.RewindRequested) -> None:
        controller.drafts.rewind()

    @on(messages.Cleared)
    @with_controller
    def _leave_edit(self, controller: ChatController, event: messages.Cleared) -> None:
        controller.drafts.leave_edit()

    @on(messages.HelpRequested)
    @with_controller
    def _help(self, controller: ChatController, event: messages.HelpRequested) -> None:
        controller.host.open_help()

    @on(messages.KeyRejected)
    @with_controller
    def _tell(self, controller: ChatController, event: messages.KeyRejected) -> None:
        controller.host.tell(event.sentence)

    # Messages of transcript and sidebar; handled by name, since their modules load after the first frame

    @with_controller
    def on_transcript_action_clicked(self, controller: ChatController, event: Transcript.ActionClicked) -> None:
        """Run an action offered by an entry."""
        controller.run_action(event.entry_id, event.action)

    @with_controller
    def on_transcript_link_clicked(self, controller: ChatController, event: Transcript.LinkClicked) -> None:
        """Show the target of a clicked link."""
        controller.overlays.open_link(event.url)

    @with_controller
    def on_descendant_focus(self, controller: ChatController, event: events.DescendantFocus) -> None:
        """Refresh the status line: the focus decides what keys do."""
        controller.refresh()

    on_transcript_entry_clicked = on_descendant_focus
    on_transcript_cursor_moved = on_descendant_focus

    @with_controller
    def on_sidebar_opened(self, controller: ChatController, event: Sidebar.Opened) -> None:
        """Open a conversation chosen in the sidebar."""
        controller.open(event.conversation_id)

    @with_controller
    def on_sidebar_all_wanted(self, controller: ChatController, event: Sidebar.AllWanted) -> None:
        """Show the whole library."""
        controller.overlays.show_library()
