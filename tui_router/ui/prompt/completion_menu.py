"""The completion menu, an overlay just above the prompt, so that opening it moves nothing."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_router.domain.safe import clean_line
from tui_router.ui.fuzzy import spans
from tui_router.ui.prompt.completion import CompletionState, MenuItem, MenuKind

MAX_ROWS = 10
MAX_WIDTH = 90
MIN_WIDTH = 10
"""In cells; Textual 8.2 crashes on an option list of width 0."""


class CompletionMenu(OptionList, can_focus=False):
    """Shows a ``CompletionState``. The prompt keeps the keyboard; a click posts ``OptionSelected``."""

    DEFAULT_CSS = """
    CompletionMenu {
        display: none;
        overlay: screen;
        constrain: inside inside;
        height: auto;
        border: round $primary;
        background: $surface;
        padding: 0;
        scrollbar-size-vertical: 1;
    }
    """

    def show(self, state: CompletionState, width: int, height: int) -> None:
        """Show the items, or hide if the menu is closed or does not fit.

        Args:
            state: The completion of the prompt.
            width: Width of the prompt box in cells.
            height: Rows above the prompt box.
        """
        rows = min(len(state.items), MAX_ROWS, height - 2)
        if rows < 1 or width < MIN_WIDTH + 2:
            self.display = False
            return
        inner = min(width, MAX_WIDTH)
        self.styles.width = inner
        self.styles.max_height = rows + 2
        # The offset counts from inside the border.
        self.styles.offset = (-1, -(rows + 3))
        token = state.token
        if token is None:
            return
        self.set_options(Option(_row(item, token.kind, token.query, inner - 4)) for item in state.items)
        self.highlighted = state.index if state.index >= 0 else None
        self.display = True


def _row(item: MenuItem, kind: MenuKind, query: str, width: int) -> Content:
    """Return a row with its matches highlighted, truncated to ``width`` cells."""
    mark = {MenuKind.COMMAND: "/", MenuKind.FILE: "@", MenuKind.HISTORY: ""}[kind]
    name = clean_line(item.value, max(MIN_WIDTH, 2 * width))
    row = Content(name)
    for start, end in spans(query, name):
        row = row.stylize("bold underline", start, end)
    row = Content.assemble(mark, row)
    if item.help:
        gap = max(2, 18 - row.cell_length)
        row = Content.assemble(row, " " * gap, (clean_line(item.help, 200), "dim"))
    return row.truncate(width, ellipsis=True)
