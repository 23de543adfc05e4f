"""``Completer``: offers slash commands, files and history entries for the word at the cursor, and inserts one."""

from __future__ import annotations

from collections.abc import Iterable

from tui_router.domain.safe import clean
from tui_router.ui.prompt import messages
from tui_router.ui.prompt.area import PromptArea
from tui_router.ui.prompt.completion import CompletionState, ItemIndex, MenuItem, MenuKind, Token, find_token
from tui_router.ui.prompt.history import HistoryBrowser


class Completer:
    """The completion of one prompt. ``PromptBox`` draws the menu from ``state``."""

    def __init__(self, area: PromptArea, browser: HistoryBrowser) -> None:
        self.state = CompletionState()
        self._area = area
        self._browser = browser
        self._commands = ItemIndex()
        self._files: ItemIndex | None = None

    def set_commands(self, items: Iterable[MenuItem]) -> None:
        """Set the items that ``/`` offers: commands and snippets."""
        self._commands = ItemIndex(items)

    def share_commands(self, other: Completer) -> None:
        """Offer the same commands as another prompt."""
        self._commands = other._commands

    def set_files(self, paths: Iterable[str]) -> None:
        """Set the paths that ``@`` offers, as they are to be typed; a folder ends in a slash."""
        self._files = ItemIndex(MenuItem(value=path) for path in paths)
        self._area.update_suggestion()

    def update(self) -> None:
        """Match the menu and the inline suggestion to the text and cursor."""
        area = self._area
        if self._browser.is_searching:
            token: Token | None = Token(MenuKind.HISTORY, 0, len(area.text), area.text)
        else:
            token = find_token(area.text, area.offsets.cursor) if area.selection.is_empty else None
        exact = self._commands.find_named(token.query) if token and token.kind is MenuKind.COMMAND else None
        if self.state.show(token, self._find_items(token, exact), exact):
            self._redraw()
        area.suggestion = self.state.ghost()

    def move(self, rows: int) -> None:
        """Mark another row of the menu."""
        self.state.move(rows)
        self._redraw()

    def dismiss(self) -> None:
        """Close the menu until another word is typed."""
        self.state.dismiss()
        self._redraw()

    def choose(self, index: int) -> None:
        """Insert a row of the open menu, as a click does."""
        if 0 <= index < len(self.state.items):
            self.state.mark(index)
            self.accept()

    def accept(self, *, run: bool = False) -> bool:
        """Insert the marked row; return whether the text is now a command to run.

        Args:
            run: Enter was pressed: attach a folder instead of opening it, and run a command that takes no text.
        """
        token = self.state.token
        item = self.state.marked if run else self.state.offered
        if token is None or item is None:
            return False
        replace = self._area.offsets.replace
        is_ready = False
        match token.kind:
            case MenuKind.HISTORY:
                self._browser.end_search(item.value)
            case MenuKind.FILE:
                self._accept_file(token, item, run)
            case MenuKind.COMMAND if item.insert:
                replace(token.start, token.end, clean(item.insert))
            case MenuKind.COMMAND:
                replace(token.start, token.end, f"/{item.value}" + (" " if item.takes_words else ""))
                is_ready = run and not item.takes_words
        return is_ready

    def _accept_file(self, token: Token, item: MenuItem, run: bool) -> None:
        opens_folder = item.value.endswith("/") and not run
        self._area.offsets.replace(token.start, token.end, f"@{item.value}" + ("" if opens_folder else " "))
        if not opens_folder:
            self._area.post_message(messages.AttachRequested(item.value))

    def _find_items(self, token: Token | None, exact: MenuItem | None) -> tuple[MenuItem, ...]:
        if token is None:
            return ()
        if token.kind is MenuKind.COMMAND:
            found = self._commands.search(token.query)
            return found if exact is None or exact in found else (exact, *found[:-1])
        if token.kind is MenuKind.HISTORY:
            return tuple(MenuItem(value=text) for text in self._browser.history.search(token.query))
        if self._files is None:
            self._files = ItemIndex()
            self._area.post_message(messages.FilesRequested())
        return self._files.search(token.query)

    def _redraw(self) -> None:
        self._area.suggestion = self.state.ghost()
        self._area.post_message(messages.MenuChanged(self.state))
