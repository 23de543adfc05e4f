"""A prompt area with menus: ``/`` commands, ``@`` files, and the search through what was sent before."""

from __future__ import annotations

from collections.abc import Iterable

from tui_router.domain.draft import Attachment
from tui_router.domain.safe import clean
from tui_router.ui.prompt import messages
from tui_router.ui.prompt.area import PromptArea
from tui_router.ui.prompt.completion import Catalogue, Completion, MenuItem, MenuKind, Token, find_token
from tui_router.ui.prompt.history import History
from tui_router.ui.prompt.pastes import FoldRule

SEARCH_PLACEHOLDER = "Search what you sent before"


class CompletingArea(PromptArea):
    """Follows what is typed with a menu. The menu is drawn by the box around it."""

    def __init__(self, placeholder: str, *, fold: FoldRule, id: str | None = None) -> None:
        super().__init__(placeholder, fold=fold, id=id)
        self.past = History()
        self.completion = Completion()
        self._commands = Catalogue()
        self._files: Catalogue | None = None
        self._placeholder = placeholder
        self._set_aside: str | None = None
        self._attachments: tuple[Attachment, ...] = ()

    @property
    def is_searching(self) -> bool:
        """Whether what is typed searches the history."""
        return self._set_aside is not None

    @property
    def own_text(self) -> str:
        """The text of the draft; while the history is searched it waits aside."""
        return self.text if self._set_aside is None else self._set_aside

    def end_walk(self) -> None:
        """What is not sent is kept elsewhere: stop walking the history."""
        if self.past.draft_behind(self.own_text) is None:
            self.past.leave()
        else:
            self.past.forget_draft()

    def set_commands(self, items: Iterable[MenuItem]) -> None:
        """Set what ``/`` offers: commands and snippets."""
        self._commands = Catalogue(items)

    def learn_from(self, other: CompletingArea) -> None:
        """Offer the commands of another prompt, and share its history."""
        self._commands = other._commands
        self.past = other.past

    def set_files(self, paths: Iterable[str]) -> None:
        """Set what ``@`` offers: paths as they are to be typed, folders with a slash at the end."""
        self._files = Catalogue(MenuItem(value=path) for path in paths)
        self.update_suggestion()

    def forget_files(self) -> None:
        """Ask the owner again when the next ``@`` is typed."""
        self._files = None

    def update_suggestion(self) -> None:
        """Follow the text: menu and ghost text. Textual calls this after every change."""
        if self.is_searching:
            token: Token | None = Token(MenuKind.HISTORY, 0, len(self.text), self.text)
        else:
            token = find_token(self.text, self.cursor) if self.selection.is_empty else None
        meant = self._commands.meant(token.query) if token and token.kind is MenuKind.COMMAND else None
        if self.completion.show(token, self._offers(token), meant):
            self.menu_changed()
        self.suggestion = self.completion.ghost()
        self.text_changed()

    def text_changed(self) -> None:
        """Called after every change of the text."""

    def menu_changed(self) -> None:
        """Have the menu drawn again."""
        self.suggestion = self.completion.ghost()
        self.post_message(messages.MenuChanged(self.completion))

    def mark(self, rows: int) -> None:
        """Mark another row of the menu."""
        self.completion.move(rows)
        self.menu_changed()

    def dismiss(self) -> None:
        """Close the menu until another word is typed."""
        self.completion.dismiss()
        self.menu_changed()

    def take(self, run: bool = False) -> bool:
        """Put the marked row into the text; returns whether that made a command which should run now.

        Args:
            run: Enter was pressed: a folder is attached and not opened, a command without words runs.
        """
        token = self.completion.token
        item = self.completion.marked if run else self.completion.offered
        if token is None or item is None:
            return False
        ready = False
        match token.kind:
            case MenuKind.HISTORY:
                self.end_search(item.value)
            case MenuKind.FILE:
                self._take_file(token, item, run)
            case MenuKind.COMMAND if item.insert:
                self.replace_offsets(token.start, token.end, clean(item.insert))
            case MenuKind.COMMAND:
                self.replace_offsets(token.start, token.end, f"/{item.value}" + (" " if item.takes_words else ""))
                ready = run and not item.takes_words
        return ready

    def choose(self, index: int) -> None:
        """Take a row of the open menu, as a click does."""
        if 0 <= index < len(self.completion.items):
            self.completion.mark(index)
            self.take()

    def begin_search(self) -> None:
        """Set the draft aside; what is typed from now on is looked for in the history."""
        self._set_aside = self.text
        self.placeholder = SEARCH_PLACEHOLDER
        self.put("")
        self.update_suggestion()

    def end_search(self, text: str | None = None) -> None:
        """Show a found text, or the draft that was set aside; a found one takes its place, and it is an entry then."""
        kept, self._set_aside = self._set_aside, None
        if text is not None and kept:
            self.past.add(self.pastes.expand(kept))
        self.placeholder = self._placeholder
        self.put(kept or "" if text is None else text)
        self.update_suggestion()
        if text is not None:
            found = (a for a in self.past.attached_to(text) if a not in self._attachments)
            self.set_attachments((*self._attachments, *found))

    def set_attachments(self, attachments: tuple[Attachment, ...]) -> None:
        """Attach these, and nothing else."""
        if attachments != self._attachments:
            self._attachments = attachments
            self.post_message(messages.AttachmentsChanged(attachments))
            self.text_changed()

    def _take_file(self, token: Token, item: MenuItem, run: bool) -> None:
        opens = item.value.endswith("/") and not run
        self.replace_offsets(token.start, token.end, f"@{item.value}" + ("" if opens else " "))
        if not opens:
            self.post_message(messages.AttachWanted(item.value))

    def _offers(self, token: Token | None) -> tuple[MenuItem, ...]:
        if token is None:
            return ()
        if token.kind is MenuKind.COMMAND:
            found, meant = self._commands.find(token.query), self._commands.meant(token.query)
            return found if meant is None or meant in found else (meant, *found[:-1])
        if token.kind is MenuKind.HISTORY:
            return tuple(MenuItem(value=text) for text in self.past.search(token.query))
        if self._files is None:
            self._files = Catalogue()
            self.post_message(messages.FilesWanted())
        return self._files.find(token.query)
