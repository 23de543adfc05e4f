"""The completion menu, drawn over the transcript just above the prompt so that nothing moves."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_router.domain.safe import clean_line
from tui_router.ui.fuzzy import spans
from tui_router.ui.prompt.completion import Completion, MenuItem, MenuKind

MOST_ROWS = 10
WIDEST = 90
NARROWEST = 10
"""Cells: an option list at width 0 crashes Textual 8.2."""


class Menu(OptionList, can_focus=False):
    """Shows a ``Completion``. Keys stay with the prompt; a click is an ``OptionSelected``."""

    DEFAULT_CSS = """
    Menu {
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

    def show(self, completion: Completion, width: int, height: int) -> None:
        """Show the items of an open menu, or hide.

        Args:
            completion: What the prompt offers.
            width: Cells of the prompt's box.
            height: Cells above the prompt's box.
        """
        rows = min(len(completion.items), MOST_ROWS, height - 2)
        if rows < 1 or width < NARROWEST + 2:
            self.display = False
            return
        inner = min(width, WIDEST)
        self.styles.width = inner
        self.styles.max_height = rows + 2
        # From inside the frame to above it.
        self.styles.offset = (-1, -(rows + 3))
        token = completion.token
        if token is None:
            return
        self.set_options(Option(_row(item, token.kind, token.query, inner - 4)) for item in completion.items)
        self.highlighted = completion.index if completion.index >= 0 else None
        self.display = True


def _row(item: MenuItem, kind: MenuKind, query: str, width: int) -> Content:
    """Return a row with its hits marked, cut to ``width`` cells."""
    mark = {MenuKind.COMMAND: "/", MenuKind.FILE: "@", MenuKind.HISTORY: ""}[kind]
    name = clean_line(item.value, max(NARROWEST, 2 * width))
    row = Content(name)
    for start, end in spans(query, name):
        row = row.stylize("bold underline", start, end)
    row = Content.assemble(mark, row)
    if item.help:
        gap = max(2, 18 - row.cell_length)
        row = Content.assemble(row, " " * gap, (clean_line(item.help, 200), "dim"))
    return row.truncate(width, ellipsis=True)
