"""A text area for prompts: folds big pastes, keeps chips whole, takes every form of the new-line key.

It knows nothing of sending, history or menus; ``widget.Prompt`` does.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Location, Selection

from tui_router.domain.safe import clean
from tui_router.ui.prompt.pastes import ChipPlace, FoldRule, Pastes, widen
from tui_router.ui.prompt.terminal_input import NEWLINE_KEYS, is_newline_key

ZERO_WIDTH_JOINER = "\u200d"


class PromptArea(TextArea):
    """Many lines of plain text with chips in it. Grows to a third of the screen."""

    DEFAULT_CSS = """
    PromptArea {
        width: 1fr;
        height: auto;
        min-height: 1;
        max-height: 33vh;
        padding: 0 1;
        background: transparent;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(NEWLINE_KEYS, "newline", "New line", id="prompt.newline", show=False)
    ]

    def __init__(self, placeholder: str, *, fold: FoldRule, id: str | None = None) -> None:
        super().__init__(
            compact=True, highlight_cursor_line=False, tab_behavior="focus", placeholder=placeholder, id=id
        )
        self.pastes = Pastes()
        self.fold_rule = fold
        self.match_cursor_bracket = False

    @property
    def cursor(self) -> int:
        """The cursor as an offset into ``text``."""
        return self.offset_of(self.cursor_location)

    @property
    def is_on_first_row(self) -> bool:
        """Whether the cursor is on the first row as wrapped on the screen."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y == 0

    @property
    def is_on_last_row(self) -> bool:
        """Whether the cursor is on the last row as wrapped on the screen."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y >= self.wrapped_document.height - 1

    def offset_of(self, location: Location) -> int:
        """Return the offset into ``text`` of a row and column."""
        row, column = location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    def location_of(self, offset: int) -> Location:
        """Return the row and column of an offset into ``text``."""
        for row, line in enumerate(self.document.lines):
            if offset <= len(line):
                return row, max(0, offset)
            offset -= len(line) + 1
        return self.document.end

    def select_offsets(self, anchor: int, cursor: int) -> None:
        """Select from one offset to another; equal ones only move the cursor."""
        self.selection = Selection(self.location_of(anchor), self.location_of(cursor))

    def replace_offsets(self, start: int, end: int, text: str) -> None:
        """Replace a range of offsets as one step of undo."""
        self.replace(text, self.location_of(start), self.location_of(end), maintain_selection_offset=False)

    def put(self, text: str) -> None:
        """Put a text in the place of the whole, as one step of undo, with the cursor at its end."""
        self.history.checkpoint()
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def edit(self, edit: Edit) -> EditResult:
        """Do an edit, grown so that a chip is taken whole or not at all."""
        if places := self.chip_places():
            first, last = sorted((edit.from_location, edit.to_location))
            start, end = widen(self.offset_of(first), self.offset_of(last), places)
            edit.from_location, edit.to_location = self.location_of(start), self.location_of(end)
        return super().edit(edit)

    def chip_places(self) -> list[ChipPlace]:
        """Return where chips are, in order."""
        return self.pastes.places(self.text)

    def chip_at_cursor(self) -> ChipPlace | None:
        """Return the chip that the cursor touches."""
        at = self.cursor
        return next((place for place in self.chip_places() if place.start <= at <= place.end), None)

    def paste(self, text: str) -> None:
        """Insert outside text in the place of the selection; a big one as a chip."""
        text = clean(text)
        if self.fold_rule.folds(text):
            text = self.pastes.fold(text) + " "
        start, end = sorted(self.selection)
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def action_newline(self) -> None:
        """Insert a line feed at the cursor."""
        self._replace_selection("\n")

    def _replace_selection(self, text: str) -> None:
        start, end = sorted(self.selection)
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual runs the handler of every class: without this its own would insert the text once more.
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.paste(event.text)
            self.focus()

    async def _on_key(self, event: events.Key) -> None:
        if await self.take_key(event):
            event.prevent_default()
            event.stop()

    async def take_key(self, event: events.Key) -> bool:
        """Do what a key means here; returns whether it is used up."""
        if is_newline_key(event.key, event.character):
            self.action_newline()
        elif event.character == ZERO_WIDTH_JOINER:
            # Not printable, so that the text area would drop it and split a family into its members.
            self._replace_selection(ZERO_WIDTH_JOINER)
        elif event.is_printable:
            return False
        else:
            return await self._run_own_binding(event.key)
        return True

    async def _run_own_binding(self, key: str) -> bool:
        """Run this widget's binding for a key now.

        Textual runs a binding in the app's queue while letters wait in the widget's, so that in a burst ("ok", Enter)
        Enter would overtake the letters before it, and letters behind Home would overtake Home.
        """
        active = self.screen.active_bindings.get(key)
        if active is None or active.node is not self or not active.enabled:
            return False
        await self.run_action(active.binding.action)
        return True
