"""Details of one message: tokens, cost, times and the request, to read and copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain.safe import clean, clean_line
from tui_router.services.details import Details, Fact
from tui_router.ui.screens.text_rows import Line, TextRows, lines_of
from tui_router.ui.widgets.line_list import Part, fit
from tui_router.ui.widgets.reader import Reader, Rows

_NAMES = 16
"""Width of the column of names, in cells."""


class DetailsScreen(ModalScreen[None]):
    """Shows details of a message."""

    AUTO_FOCUS = "Reader"
    DEFAULT_CSS = """
    DetailsScreen {
        align: center middle;
        #frame { width: 100%; max-width: 120; height: 100%; max-height: 50; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "dismiss(None)", "Close"),
        Binding("y,ctrl+y", "copy_all", "Copy all"),
        Binding("r", "copy_request", "Copy the request"),
    ]

    def __init__(self, details: Details, *, copy: Callable[[str, str], None]) -> None:
        """Create the screen; ``copy(text, what)`` copies a text and reports it as ``what``."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]
        self._details = details
        self._copy = copy
        self._request = [*lines_of(details.request)] if details.request else []
        self._reader = Reader()

    def compose(self) -> ComposeResult:
        """Lay out text and keys."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._details.title)
            yield self._reader
            yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Fill text and foot."""
        self._reader.show(self._lay_out)
        request = " · r copies the request" if self._request else ""
        self.query_one("#foot", Static).update(Content(f"y copies all{request} · Esc close"), layout=False)

    def action_copy_all(self) -> None:
        """Copy everything."""
        self._copy(clean(self._details.text), "the details")

    def action_copy_request(self) -> None:
        """Copy the request as shown."""
        if self._request:
            self._copy(clean(self._details.request), "the request")

    def _lay_out(self, width: int) -> Rows:
        names = min(_NAMES, width // 3)
        rows: list[Line] = []
        for fact in self._details.facts:
            rows += _fact_rows(fact, names, width)
        if self._details.note:
            rows += [(), *TextRows([(Part(clean_line(self._details.note), "muted"),)], width), ()]
        return [*rows, *TextRows(self._request, width, indent=4)]


def _fact_rows(fact: Fact, names: int, width: int) -> list[Line]:
    """Return the rows of a fact: its name in the left column, its text wrapped on the right."""
    look = "bad" if fact.is_bad else ""
    texts = TextRows([(Part(clean_line(fact.text), look),)], max(1, width - names))
    first = Part(fit(clean_line(fact.name), max(0, names - 1)) + " ", "muted")
    return [((first if n == 0 else Part(" " * names)), *texts[n]) for n in range(len(texts))]
