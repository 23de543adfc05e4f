"""The prompt: where a person writes. Values come in by methods, everything else goes out as messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import events
from textual.binding import Binding, BindingType

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.safe import clean
from tui_router.ui.prompt import messages
from tui_router.ui.prompt.completing import CompletingArea
from tui_router.ui.prompt.completion import MenuItem, MenuKind, Token
from tui_router.ui.prompt.draft import Slash, read_line
from tui_router.ui.prompt.dropped import dropped_file
from tui_router.ui.prompt.pastes import OPEN_LIMIT, FoldRule, Pastes

if TYPE_CHECKING:
    from tui_router.domain.message import File, Image
    from tui_router.ui.prompt.vim import Vim

PLACEHOLDER = "Ask anything"
DOUBLE_ESCAPE = 0.6
"""Seconds within which a second Escape counts as Esc Esc."""


class Prompt(CompletingArea):
    """Enter sends, Ctrl+J and its kin break the line, ``/`` and ``@`` open menus, Up and Down walk the history."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="prompt.send", show=False),
        Binding("ctrl+r", "search_history", "Search history", id="prompt.search", show=False),
    ]

    Submitted: TypeAlias = messages.Submitted
    SlashTyped: TypeAlias = messages.SlashTyped
    DraftChanged: TypeAlias = messages.DraftChanged
    HistoryWanted: TypeAlias = messages.HistoryWanted
    ModeChanged: TypeAlias = messages.ModeChanged
    MenuChanged: TypeAlias = messages.MenuChanged
    FilesWanted: TypeAlias = messages.FilesWanted
    AttachWanted: TypeAlias = messages.AttachWanted
    AttachmentsChanged: TypeAlias = messages.AttachmentsChanged
    RewindWanted: TypeAlias = messages.RewindWanted
    HelpWanted: TypeAlias = messages.HelpWanted
    Refused: TypeAlias = messages.Refused

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, id: str | None = None) -> None:
        super().__init__(PLACEHOLDER, fold=fold or FoldRule(), id=id)
        self.has_queue = False
        """Whether turns wait to be sent (set by the owner): Up on an empty prompt asks for the last one."""
        self._vim = _new_vim() if vim else None
        self._last_escape = float("-inf")

    @property
    def draft(self) -> Draft:
        """The unsent turn."""
        text = self.own_text
        return Draft(text=text, chips=self.pastes.within(text), attachments=self._attachments)

    @property
    def unsent(self) -> Draft:
        """The draft that must not be lost: also while an entry of the history stands in its place."""
        behind = self.past.draft_behind(self.own_text)
        if behind is None:
            return self.draft
        return Draft(
            text=behind, chips=self.pastes.within(behind), attachments=self.past.own(self.own_text, self._attachments)
        )

    def load(
        self,
        text: str,
        chips: Mapping[str, str] | None = None,
        attachments: Iterable[Attachment] = (),
        *,
        is_kept: bool = False,
    ) -> None:
        """Show another draft, with the cursor at its end, and let undo begin anew.

        What stands there now goes into the history, unless it ``is_kept`` elsewhere or no loss.
        """
        attachments = tuple(attachments)
        if self.is_searching:
            self.end_search()
            self._tell_mode()
        if is_kept:
            self.end_walk()
        else:
            lost = [a for a in self._attachments if a not in attachments]
            self.past.add(self.pastes.expand(self.text), lost)
        self.pastes = Pastes({marker: clean(chip) for marker, chip in (chips or {}).items()})
        self.load_text(clean(text))
        self.move_cursor(self.document.end)
        self.set_attachments(attachments)

    def attach(self, parts: Iterable[tuple[str, Image | File]]) -> None:
        """Add attachments to the draft: label and part."""
        self.set_attachments((*self._attachments, *(Attachment(label, part) for label, part in parts)))

    def detach(self, index: int = -1) -> None:
        """Take one attachment away: by default the last."""
        if self._attachments:
            kept = list(self._attachments)
            del kept[index]
            self.set_attachments(tuple(kept))

    def set_vim(self, on: bool) -> None:
        """Switch Vim keys on or off."""
        if on != (self._vim is not None):
            self._vim = _new_vim() if on else None
            self._tell_mode()

    def action_send(self) -> None:
        """Enter: take the marked row, break the line behind a backslash, or send."""
        token, item = self.completion.token, self.completion.marked
        if item is not None and token is not None and not _is_typed_out(token, item):
            was_searching = self.is_searching
            if self.take(run=True):
                self._send()
            if was_searching:
                self._tell_mode()
            return
        row, column = self.cursor_location
        if self.selection.is_empty and column and self.document.get_line(row)[column - 1] == "\\":
            self.replace_offsets(self.cursor - 1, self.cursor, "\n")
        elif not self.is_searching:
            self._send()

    def action_search_history(self) -> None:
        """Search what was sent before; again: the next hit. Escape brings the draft back."""
        if self.is_searching:
            self.mark(1)
        else:
            self.begin_search()
            self._tell_mode()

    def action_cursor_up(self, select: bool = False) -> None:
        """Up: a row of the menu, a row of the text, or the history."""
        if not self._steps(-1, select):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down: a row of the menu, a row of the text, or the history."""
        if not self._steps(1, select):
            super().action_cursor_down(select)

    def text_changed(self) -> None:
        """Tell the owner of the draft."""
        if not self.is_searching and self.is_mounted:
            self.post_message(messages.DraftChanged(self.draft))

    def paste(self, text: str) -> None:
        """Insert outside text; a picture or PDF dragged in (a path) is attached."""
        path = dropped_file(text)
        if path is None:
            super().paste(text)
        else:
            self.post_message(messages.AttachWanted(path))

    async def take_key(self, event: events.Key) -> bool:
        """Do what a key means here; returns whether it is used up."""
        return self._takes(event) or await super().take_key(event)

    def _takes(self, event: events.Key) -> bool:
        """Do what a key means only at this moment (a menu, Vim, an empty prompt); returns whether it is used up."""
        key, character = event.key, event.character
        if key == "escape":
            return self._escape(event.time)
        vim = self._vim
        if vim is not None and vim.is_commanding and (event.is_printable or key == "ctrl+r"):
            self._press_vim(vim, character if event.is_printable and character else key)
            return True
        if key == "tab":
            return self._tab()
        if key == "backspace" and not self.own_text and self._attachments:
            self.detach()
            return True
        if character == "?" and not self.text and self.draft.is_empty:
            self.post_message(messages.HelpWanted())
            return True
        return False

    def _tab(self) -> bool:
        """Complete, or open the paste at the cursor. On an empty prompt the key is the owner's."""
        if self.completion.is_open:
            self.take()
            self._tell_mode()
            return True
        if place := self.chip_at_cursor():
            if len(self.pastes.text_of(place.marker)) > OPEN_LIMIT:
                self.post_message(messages.Refused("Too big to open here: Ctrl+G opens it in your editor."))
            else:
                self.replace_offsets(place.start, place.end, self.pastes.text_of(place.marker))
            return True
        return bool(self.text)

    def _escape(self, at: float) -> bool:
        """Close what is open; twice clears. A single Escape with nothing open is the owner's."""
        if self.is_searching:
            self.end_search()
            self._tell_mode()
            return True
        if self.completion.is_open:
            self.dismiss()
            return True
        if self._vim is not None and self._vim.is_busy:
            step = self._vim.escape(self.text, self.cursor)
            self.select_offsets(step.cursor, step.cursor)
            self._tell_mode()
            return True
        twice, self._last_escape = at - self._last_escape <= DOUBLE_ESCAPE, at
        if not twice:
            return False
        self._last_escape = float("-inf")
        if self.text:
            self.past.add(self.pastes.expand(self.text))
            self.put("")
            self.post_message(messages.Cleared())
        else:
            self.post_message(messages.RewindWanted())
        return True

    def _send(self) -> None:
        draft = self.draft
        if draft.is_empty:
            return
        # Told by what was typed: a paste that begins with a slash is no command.
        meaning = read_line(draft.text)
        if isinstance(meaning, Slash):
            rest, line = self.pastes.expand(meaning.rest), self.pastes.expand(draft.text)
            self.load("", attachments=draft.attachments)
            self.post_message(messages.SlashTyped(meaning.name, rest, line))
        else:
            self.past.add(self.pastes.expand(self.text))  # what was attached is sent, and not offered again
            self.load("", is_kept=True)
            self.post_message(messages.Submitted(draft))

    def _steps(self, rows: int, select: bool) -> bool:
        """Move in the menu or the history; returns whether Up or Down is used up by that."""
        if self.completion.is_open and not select:
            self.mark(rows)
            return True
        if select or not (self.is_on_first_row if rows < 0 else self.is_on_last_row):
            return False
        if rows < 0 and self.has_queue and self.draft.is_empty:
            self.post_message(messages.HistoryWanted())
            return True
        whole, own = self.pastes.expand(self.text), self.past.own(self.text, self._attachments)
        text = self.past.older(self.text, whole=whole) if rows < 0 else self.past.newer(self.text, whole=whole)
        if text is None:
            return False
        self.put(text)
        self.set_attachments((*own, *(self.past.attached_to(text) if self.past.is_walking else ())))
        # So that the next Up goes further back, and not through the rows of this entry.
        if rows < 0 and self.wrapped_document.height > 1:
            self.move_cursor((0, 0))
        return True

    def _press_vim(self, vim: Vim, key: str) -> None:
        mode = vim.mode
        step = vim.press(key, self.text, self.cursor)
        if step.insert is not None:
            self.replace_offsets(step.start, step.end, step.insert)
        anchor = step.cursor if step.anchor is None else step.anchor
        self.select_offsets(anchor, step.cursor)
        from tui_router.ui.prompt.vim import Wish  # loaded with the first Vim key

        match step.wish:
            case Wish.UNDO:
                self.undo()
            case Wish.REDO:
                self.redo()
            case Wish.OLDER:
                self._steps(-1, False)
            case Wish.NEWER:
                self._steps(1, False)
        if vim.mode is not mode:
            self._tell_mode()

    def _tell_mode(self) -> None:
        self.post_message(messages.ModeChanged(self._vim.mode if self._vim else None, self.is_searching))


def _is_typed_out(token: Token, item: MenuItem) -> bool:
    """Whether Enter should run what is typed: the marked command is written in full."""
    return token.kind is MenuKind.COMMAND and not item.insert and token.query in (item.value, *item.aliases)


def _new_vim() -> Vim:
    from tui_router.ui.prompt.vim import Vim  # 5 ms of start that few need

    return Vim()
