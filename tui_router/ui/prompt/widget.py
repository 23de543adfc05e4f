"""``Prompt``: the text area for drafts. Its owner calls methods to change it and receives messages from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import events
from textual.binding import Binding, BindingType

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.safe import clean
from tui_router.ui.prompt import messages
from tui_router.ui.prompt.area import AttachmentList, PromptArea
from tui_router.ui.prompt.completer import Completer
from tui_router.ui.prompt.completion import MenuItem, MenuKind, Token
from tui_router.ui.prompt.history import HistoryBrowser
from tui_router.ui.prompt.input_parsing import SlashCommand, dragged_file, parse_input
from tui_router.ui.prompt.pastes import OPEN_LIMIT, FoldRule, Pastes

if TYPE_CHECKING:
    from tui_router.ui.prompt.vim import Vim

PLACEHOLDER = "Ask anything"
DOUBLE_ESCAPE = 0.6
"""Seconds within which a second Escape counts as Esc Esc."""


class Prompt(PromptArea):
    """Enter sends, Ctrl+J breaks the line, ``/`` and ``@`` open a menu, Up and Down walk the history.

    ``attachments``, ``browser`` (the history) and ``completer`` are its parts; owners may call them directly.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="prompt.send", show=False),
        Binding("ctrl+r", "search_history", "Search history", id="prompt.search", show=False),
    ]

    Submitted: TypeAlias = messages.Submitted
    SlashTyped: TypeAlias = messages.SlashTyped
    DraftChanged: TypeAlias = messages.DraftChanged
    QueueRecallRequested: TypeAlias = messages.QueueRecallRequested
    ModeChanged: TypeAlias = messages.ModeChanged
    MenuChanged: TypeAlias = messages.MenuChanged
    FilesRequested: TypeAlias = messages.FilesRequested
    AttachRequested: TypeAlias = messages.AttachRequested
    AttachmentsChanged: TypeAlias = messages.AttachmentsChanged
    RewindRequested: TypeAlias = messages.RewindRequested
    HelpRequested: TypeAlias = messages.HelpRequested
    KeyRejected: TypeAlias = messages.KeyRejected

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, id: str | None = None) -> None:
        super().__init__(PLACEHOLDER, fold=fold or FoldRule(), id=id)
        self.has_queue = False
        """Whether turns are queued; set by the owner. Up on an empty prompt then recalls the last one."""
        self.attachments = AttachmentList(self._on_attachments_changed)
        self.browser = HistoryBrowser(self, self.attachments)
        self.completer = Completer(self, self.browser)
        self._vim = _new_vim() if vim else None
        self._last_escape = float("-inf")

    @property
    def draft(self) -> Draft:
        """The draft as shown."""
        text = self.browser.own_text
        return Draft(text=text, chips=self.pastes.within(text), attachments=self.attachments.items)

    @property
    def unsent(self) -> Draft:
        """The draft to store: the user's own, also while a history entry is shown in its place."""
        history, shown = self.browser.history, self.browser.own_text
        behind = history.draft_behind(shown)
        if behind is None:
            return self.draft
        own = history.own_attachments(shown, self.attachments.items)
        return Draft(text=behind, chips=self.pastes.within(behind), attachments=own)

    def load(
        self,
        text: str,
        chips: Mapping[str, str] | None = None,
        attachments: Iterable[Attachment] = (),
        *,
        is_kept: bool = False,
    ) -> None:
        """Replace the draft, move the cursor to its end, and clear the undo history.

        Args:
            text: The text, with markers for its chips.
            chips: Marker to pasted text.
            attachments: The attachments of the new draft.
            is_kept: The previous draft is stored elsewhere; otherwise it is added to the history.
        """
        attachments = tuple(attachments)
        if self.browser.is_searching:
            self.browser.end_search()
            self._post_mode()
        if is_kept:
            self.browser.end_walk()
        else:
            lost = [a for a in self.attachments.items if a not in attachments]
            self.browser.history.add(self.pastes.expand(self.text), lost)
        self.pastes = Pastes({marker: clean(chip) for marker, chip in (chips or {}).items()})
        self.load_text(clean(text))
        self.move_cursor(self.document.end)
        self.attachments.replace(attachments)

    def share_from(self, other: Prompt) -> None:
        """Use the history and the commands of another prompt."""
        self.browser.history = other.browser.history
        self.completer.share_commands(other.completer)

    def set_vim(self, on: bool) -> None:
        """Turn Vim keys on or off."""
        if on != (self._vim is not None):
            self._vim = _new_vim() if on else None
            self._post_mode()

    def update_suggestion(self) -> None:
        """Update menu and inline suggestion, and report the draft. Textual calls this after every change."""
        self.completer.update()
        self._post_draft()

    def paste(self, text: str) -> None:
        """Insert text from outside; attach a picture or PDF whose path was pasted by dragging it in."""
        path = dragged_file(text)
        if path is None:
            super().paste(text)
        else:
            self.post_message(messages.AttachRequested(path))

    def action_send(self) -> None:
        """Enter: accept the marked row, break the line after a backslash, or send."""
        state = self.completer.state
        token, item = state.token, state.marked
        if item is not None and token is not None and not _is_typed_out(token, item):
            was_searching = self.browser.is_searching
            if self.completer.accept(run=True):
                self._send()
            if was_searching:
                self._post_mode()
            return
        row, column = self.cursor_location
        if self.selection.is_empty and column and self.document.get_line(row)[column - 1] == "\\":
            self.offsets.replace(self.offsets.cursor - 1, self.offsets.cursor, "\n")
        elif not self.browser.is_searching:
            self._send()

    def action_search_history(self) -> None:
        """Search the history, or go to the next match. Escape restores the draft."""
        if self.browser.is_searching:
            self.completer.move(1)
        else:
            self.browser.begin_search()
            self._post_mode()

    def action_cursor_up(self, select: bool = False) -> None:
        """Up: move in the menu, the text, or the history."""
        if not self._move(-1, select):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Down: move in the menu, the text, or the history."""
        if not self._move(1, select):
            super().action_cursor_down(select)

    async def consume_key(self, event: events.Key) -> bool:
        """Handle a key; return whether it was consumed."""
        return self._handle_contextual_key(event) or await super().consume_key(event)

    def _handle_contextual_key(self, event: events.Key) -> bool:
        """Handle a key whose meaning depends on the menu, Vim mode or an empty prompt; return whether consumed."""
        key, character = event.key, event.character
        if key == "escape":
            return self._escape(event.time)
        vim = self._vim
        if vim is not None and vim.is_commanding and (event.is_printable or key == "ctrl+r"):
            self._press_vim(vim, character if event.is_printable and character else key)
            return True
        if key == "tab":
            return self._complete_or_expand()
        if key == "backspace" and not self.browser.own_text and self.attachments.items:
            self.attachments.remove_last()
            return True
        if character == "?" and not self.text and self.draft.is_empty:
            self.post_message(messages.HelpRequested())
            return True
        return False

    def _complete_or_expand(self) -> bool:
        """Tab: accept a completion or expand the chip at the cursor. Not consumed on an empty prompt."""
        if self.completer.state.is_open:
            self.completer.accept()
            self._post_mode()
            return True
        if chip := self.pastes.at(self.text, self.offsets.cursor):
            if len(self.pastes.text_of(chip.marker)) > OPEN_LIMIT:
                self.post_message(messages.KeyRejected("Too big to open here: Ctrl+G opens it in your editor."))
            else:
                self.offsets.replace(chip.start, chip.end, self.pastes.text_of(chip.marker))
            return True
        return bool(self.text)

    def _escape(self, at: float) -> bool:
        """Close what is open; twice clears the draft. Not consumed the first time if nothing is open."""
        if self.browser.is_searching:
            self.browser.end_search()
            self._post_mode()
            return True
        if self.completer.state.is_open:
            self.completer.dismiss()
            return True
        if self._vim is not None and self._vim.is_busy:
            step = self._vim.escape(self.text, self.offsets.cursor)
            self.offsets.select(step.cursor, step.cursor)
            self._post_mode()
            return True
        is_double, self._last_escape = at - self._last_escape <= DOUBLE_ESCAPE, at
        if not is_double:
            return False
        self._last_escape = float("-inf")
        if self.text:
            self.browser.history.add(self.pastes.expand(self.text))
            self.offsets.replace_all("")
            self.post_message(messages.Cleared())
        else:
            self.post_message(messages.RewindRequested())
        return True

    def _send(self) -> None:
        draft = self.draft
        if draft.is_empty:
            return
        # Parse the text with its chips folded: a paste that begins with a slash is not a command.
        parsed = parse_input(draft.text)
        if isinstance(parsed, SlashCommand):
            rest, line = self.pastes.expand(parsed.rest), self.pastes.expand(draft.text)
            self.load("", attachments=draft.attachments)
            self.post_message(messages.SlashTyped(parsed.name, rest, line))
        else:
            self.browser.history.add(self.pastes.expand(self.text))  # without attachments: they are sent
            self.load("", is_kept=True)
            self.post_message(messages.Submitted(draft))

    def _move(self, rows: int, select: bool) -> bool:
        """Move in the menu or the history; return whether that consumes Up (-1) or Down (1)."""
        if self.completer.state.is_open and not select:
            self.completer.move(rows)
            return True
        if select or not (self.offsets.is_on_first_row if rows < 0 else self.offsets.is_on_last_row):
            return False
        if rows < 0 and self.has_queue and self.draft.is_empty:
            self.post_message(messages.QueueRecallRequested())
            return True
        return self.browser.walk(rows)

    def _press_vim(self, vim: Vim, key: str) -> None:
        mode = vim.mode
        step = vim.press(key, self.text, self.offsets.cursor)
        if step.insert is not None:
            self.offsets.replace(step.start, step.end, step.insert)
        anchor = step.cursor if step.anchor is None else step.anchor
        self.offsets.select(anchor, step.cursor)
        from tui_router.ui.prompt.vim import PromptAction  # loaded with the first Vim key

        match step.action:
            case PromptAction.UNDO:
                self.undo()
            case PromptAction.REDO:
                self.redo()
            case PromptAction.OLDER:
                self._move(-1, False)
            case PromptAction.NEWER:
                self._move(1, False)
        if vim.mode is not mode:
            self._post_mode()

    def _on_attachments_changed(self, attachments: tuple[Attachment, ...]) -> None:
        self.post_message(messages.AttachmentsChanged(attachments))
        self._post_draft()

    def _post_draft(self) -> None:
        if not self.browser.is_searching and self.is_mounted:
            self.post_message(messages.DraftChanged(self.draft))

    def _post_mode(self) -> None:
        self.post_message(messages.ModeChanged(self._vim.mode if self._vim else None, self.browser.is_searching))


def _is_typed_out(token: Token, item: MenuItem) -> bool:
    """Return whether the marked command is typed in full, so that Enter runs it instead of completing it."""
    return token.kind is MenuKind.COMMAND and not item.insert and token.query in (item.value, *item.aliases)


def _new_vim() -> Vim:
    from tui_router.ui.prompt.vim import Vim  # 5 ms of start-up that few users need

    return Vim()
