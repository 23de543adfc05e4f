"""``PromptArea``: a text area that folds large pastes into chips and inserts a line break for every new-line key.

``widget.Prompt`` adds sending, history, completion and Vim keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Location, Selection

from tui_router.domain.draft import Attachment
from tui_router.domain.safe import clean
from tui_router.ui.prompt.pastes import FoldRule, Pastes, widen
from tui_router.ui.prompt.terminal_input import NEWLINE_KEYS, is_newline_key

if TYPE_CHECKING:
    from tui_router.domain.message import File, Image

ZERO_WIDTH_JOINER = "\u200d"


class OffsetView:
    """Addresses the text of a ``TextArea`` by character offsets instead of rows and columns."""

    def __init__(self, area: TextArea) -> None:
        self._area = area

    @property
    def cursor(self) -> int:
        """The cursor as an offset into the text."""
        return self.offset_of(self._area.cursor_location)

    @property
    def is_on_first_row(self) -> bool:
        """Whether the cursor is on the first row on screen, counting wrapped rows."""
        return self._cursor_row == 0

    @property
    def is_on_last_row(self) -> bool:
        """Whether the cursor is on the last row on screen, counting wrapped rows."""
        return self._cursor_row >= self._area.wrapped_document.height - 1

    def offset_of(self, location: Location) -> int:
        """Return the offset of a row and column."""
        row, column = location
        return sum(len(line) + 1 for line in self._area.document.lines[:row]) + column

    def location_of(self, offset: int) -> Location:
        """Return the row and column of an offset; the end of the text if it is beyond."""
        for row, line in enumerate(self._area.document.lines):
            if offset <= len(line):
                return row, max(0, offset)
            offset -= len(line) + 1
        return self._area.document.end

    def select(self, anchor: int, cursor: int) -> None:
        """Select from one offset to another; equal offsets only move the cursor."""
        self._area.selection = Selection(self.location_of(anchor), self.location_of(cursor))

    def replace(self, start: int, end: int, text: str) -> None:
        """Replace a range in one undo step."""
        self._area.replace(text, self.location_of(start), self.location_of(end), maintain_selection_offset=False)

    def replace_all(self, text: str) -> None:
        """Replace the whole text in one undo step and move the cursor to its end."""
        area = self._area
        area.history.checkpoint()
        area.replace(text, (0, 0), area.document.end, maintain_selection_offset=False)
        area.move_cursor(area.document.end)

    def replace_selection(self, text: str) -> None:
        """Replace the selection and move the cursor to the end of the new text."""
        start, end = sorted(self._area.selection)
        result = self._area.replace(text, start, end, maintain_selection_offset=False)
        self._area.move_cursor(result.end_location)

    @property
    def _cursor_row(self) -> int:
        return self._area.wrapped_document.location_to_offset(self._area.cursor_location).y


class AttachmentList:
    """The attachments of the draft. Calls ``on_change`` with all of them whenever they change."""

    def __init__(self, on_change: Callable[[tuple[Attachment, ...]], None]) -> None:
        self.items: tuple[Attachment, ...] = ()
        self._on_change = on_change

    def replace(self, attachments: Iterable[Attachment]) -> None:
        """Replace all attachments."""
        items = tuple(attachments)
        if items != self.items:
            self.items = items
            self._on_change(items)

    def add(self, parts: Iterable[tuple[str, Image | File]]) -> None:
        """Append attachments, given as label and part."""
        self.replace((*self.items, *(Attachment(label, part) for label, part in parts)))

    def remove_last(self) -> None:
        """Remove the last attachment, if there is any."""
        self.replace(self.items[:-1])


class PromptArea(TextArea):
    """Multi-line plain text with chips. Grows to a third of the screen."""

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
        self.offsets = OffsetView(self)
        self.pastes = Pastes()
        self.fold_rule = fold
        self.match_cursor_bracket = False

    def edit(self, edit: Edit) -> EditResult:
        """Apply an edit, widened so that it replaces a chip as a whole or not at all."""
        if places := self.pastes.places(self.text):
            first, last = sorted((edit.from_location, edit.to_location))
            start, end = widen(self.offsets.offset_of(first), self.offsets.offset_of(last), places)
            edit.from_location, edit.to_location = self.offsets.location_of(start), self.offsets.location_of(end)
        return super().edit(edit)

    def paste(self, text: str) -> None:
        """Replace the selection with text from outside; insert a large one as a chip."""
        text = clean(text)
        if self.fold_rule.folds(text):
            text = self.pastes.fold(text) + " "
        self.offsets.replace_selection(text)

    def action_newline(self) -> None:
        """Insert a line break at the cursor."""
        self.offsets.replace_selection("\n")

    async def consume_key(self, event: events.Key) -> bool:
        """Handle a key; return whether it was consumed."""
        if is_newline_key(event.key, event.character):
            self.action_newline()
        elif event.character == ZERO_WIDTH_JOINER:
            # Textual drops it as not printable, which would split a family emoji into its members.
            self.offsets.replace_selection(ZERO_WIDTH_JOINER)
        elif event.is_printable:
            return False
        else:
            return await self._run_own_binding(event.key)
        return True

    async def _run_own_binding(self, key: str) -> bool:
        """Run this widget's binding for a key immediately.

        Textual queues bindings in the app but letters in the widget. In a burst ("ok", Enter), Enter would overtake
        the letters before it, and letters after Home would overtake Home.
        """
        active = self.screen.active_bindings.get(key)
        if active is None or active.node is not self or not active.enabled:
            return False
        await self.run_action(active.binding.action)
        return True

    # Private Textual handlers; tests/ui/prompt/test_area.py fails when Textual renames them.

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual runs the handler of every class in the hierarchy: its own would insert the text a second time.
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.paste(event.text)
            self.focus()

    async def _on_key(self, event: events.Key) -> None:
        if await self.consume_key(event):
            event.prevent_default()
            event.stop()
