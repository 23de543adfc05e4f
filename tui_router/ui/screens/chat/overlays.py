"""Screens and panes over or beside the conversation: library, sidebar, find bar, tree, details, diff, links."""

from __future__ import annotations

import os
from collections.abc import Callable

from tui_router.domain.message import Role
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.details import message_details
from tui_router.services.startup import Services
from tui_router.ui.host import Host
from tui_router.ui.links import open_link, read_target
from tui_router.ui.screens.chat.copy_actions import CopyActions
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.chat.view import ChatView
from tui_router.ui.screens.copy_mode import CopyModeScreen, plain_turns
from tui_router.ui.screens.details import DetailsScreen
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog
from tui_router.ui.screens.diff import DiffScreen
from tui_router.ui.screens.find_bar import FindBar
from tui_router.ui.screens.library import LibraryChoice, LibraryScreen
from tui_router.ui.screens.links import LinkChoice, LinksScreen
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.screens.tree import TreeScreen
from tui_router.ui.themes import transcript_styles
from tui_router.ui.widgets.sidebar import Sidebar

_SIDEBAR_ROWS = 200


class Overlays:
    """Opens overlays. ``opened`` is called with (conversation id, message id) to open a conversation."""

    def __init__(
        self,
        screen: ChatView,
        services: Services,
        host: Host,
        presenter: ConversationPresenter,
        copy_actions: CopyActions,
        opened: Callable[[str, str], None],
        go_to: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._services = services
        self._host = host
        self._presenter = presenter
        self._copy_actions = copy_actions
        self._opened = opened
        self._go_to = go_to

    def close(self) -> bool:
        """Close the find bar; ``False`` when it is not open."""
        bar = self._bar()
        if bar is None or not bar.is_open:
            return False
        bar.action_close()
        return True

    def show_library(self, words: str = "") -> None:
        """Show all conversations, filtered by a search query."""

        def chosen(found: LibraryChoice | None) -> None:
            if found is not None:
                self._opened(found.conversation_id, found.message_id)

        screen = LibraryScreen(
            self._services.core.library,
            self._host,
            query=words,
            current=self._presenter.chat.conversation.id,
            name_of=self._presenter.name_of,
            changed=self._library_changed,
        )
        self._host.show_screen(screen, chosen)

    def toggle_sidebar(self) -> None:
        """Show or hide the conversations beside the chat."""
        side = self._sidebar()
        if side is not None:
            side.remove()
            return
        self._screen.side.mount(Sidebar(id="sidebar"))
        self._screen.call_after_refresh(self.refresh_sidebar)

    def refresh_sidebar(self) -> None:
        """Refresh the sidebar if it is open."""
        side = self._sidebar()
        if side is not None:
            rows = self._services.core.library.recent(limit=_SIDEBAR_ROWS)
            side.show(rows, current=self._presenter.chat.conversation.id)

    def find(self, words: str = "") -> None:
        """Open the find bar and search the conversation in view."""
        bar = self._bar()
        if bar is None:
            bar = FindBar(self._screen.pane.transcript, id="find")
            self._screen.main.mount(bar, before=self._screen.box)
            self._screen.call_after_refresh(lambda: self.find(words))
        else:
            bar.open(words)

    def show_tree(self) -> None:
        """Show all branches and go to the chosen message."""
        chat = self._presenter.chat
        at = self._screen.pane.transcript.entry_cursor.entry_id
        screen = TreeScreen(chat.tree, chat.conversation.head, at=at, name_of=self._presenter.name_of)
        self._host.show_screen(screen, lambda chosen: self._go_to(chosen) if chosen else None)

    def show_details(self, message_id: str) -> None:
        """Show tokens, cost, times and the request of a message."""
        details = message_details(
            self._presenter.chat, message_id, base_url=self._services.preferences.current.network.base_url
        )
        if details is not None:
            self._host.show_screen(DetailsScreen(details, copy=self._copy_actions.copy_text))

    def show_sibling_diff(self, message_id: str) -> None:
        """Show a word diff between a message and one of its siblings; raises ``AppError`` when it has none."""
        tree = self._presenter.chat.tree
        message = tree.get(message_id)
        others = [m for m in tree.siblings(message_id) if m.id != message_id] if message is not None else []
        if message is None or not others:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no other version", hint="r makes one"))

        def show(other_id: str | None) -> None:
            other = tree.get(other_id)
            if other is not None:
                self._show_diff(self._title(other.id), other.text, self._title(message.id), message.text)

        if len(others) == 1:
            show(others[0].id)
        else:
            rows = [ActionRow(id=m.id, text=self._title(m.id), detail=m.text[:60]) for m in others]
            self._host.show_screen(ChoiceDialog("Compare with which version?", rows), show)

    def copy_mode(self) -> None:
        """Show the conversation as plain text with the mouse released."""
        thread = self._presenter.chat.thread
        if not thread:
            self._host.tell("There is nothing to copy yet")
            return
        has_mouse = self._services.preferences.current.look.mouse
        turns = plain_turns(thread, self._presenter.name_of)
        self._host.show_screen(
            CopyModeScreen(turns, self._host, copy=self._copy_actions.copy_text, has_mouse=has_mouse)
        )

    def choose_link(self, message_id: str) -> None:
        """List the links of a message with their real targets."""
        urls = self._screen.pane.transcript.links(message_id)
        if not urls:
            self._host.tell("This message has no links")
            return

        def chosen(choice: LinkChoice | None) -> None:
            if choice is not None and choice.opens:
                self._open(choice.url)
            elif choice is not None:
                self._copy_actions.copy_text(choice.url, "the address")

        self._host.show_screen(LinksScreen(urls), chosen)

    def open_link(self, url: str) -> None:
        """Open a link after showing its real target."""
        dialog = ConfirmDialog("Open this link?", read_target(url).sentence(), yes="Open")
        self._host.show_screen(dialog, lambda yes: self._open(url) if yes else None)

    def _open(self, url: str) -> None:
        self._host.work(lambda: open_link(url, os.environ), lambda target: self._host.tell(f"Opened {target.url}"))

    def _show_diff(self, title_a: str, text_a: str, title_b: str, text_b: str) -> None:
        palette, _ = self._services.preferences.palette()
        self._host.show_screen(
            DiffScreen(title_a, text_a, title_b, text_b, styles=transcript_styles(palette), ansi=palette.ansi)
        )

    def _title(self, message_id: str) -> str:
        message = self._presenter.chat.tree.get(message_id)
        siblings = [m.id for m in self._presenter.chat.tree.siblings(message_id)]
        is_answer = message is not None and message.role is Role.ASSISTANT and message.model is not None
        who = self._presenter.name_of(message.model.id) if is_answer and message and message.model else "You"
        return f"{siblings.index(message_id) + 1}/{len(siblings)} {who}"

    def _library_changed(self, conversation_id: str) -> None:
        """Follow a change made in the library, which may be to the conversation in view."""
        if conversation_id == self._presenter.chat.conversation.id:
            found = self._services.core.library.find(conversation_id)
            if found is None:
                self._opened("", "")
            else:
                self._presenter.chat.conversation = found
        self.refresh_sidebar()

    def _bar(self) -> FindBar | None:
        return next(iter(self._screen.query(FindBar)), None)

    def _sidebar(self) -> Sidebar | None:
        return next(iter(self._screen.query(Sidebar)), None)
