"""The dialog behind ``/context``: what fills the window, what is left out, and what does not fit."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui_router.domain.safe import clean
from tui_router.services.window_use import WindowUse
from tui_router.ui.screens.dialogs import Dialog
from tui_router.ui.widgets.window_table import WindowTable


class ContextDialog(Dialog[None]):
    """A table to read."""

    DEFAULT_CSS = """
    ContextDialog {
        #notes { height: auto; margin-top: 1; }
        #problem { height: auto; color: $text-warning; margin-top: 1; }
        &.-low #notes, &.-low #problem { margin-top: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,q", "cancel", "Close")]

    def __init__(self, use: WindowUse) -> None:
        """Show what fills a window."""
        super().__init__(f"Context of {use.model}")
        self._use = use

    def compose_answer(self) -> ComposeResult:
        """Lay out the table, what is to be said of it, and how to leave."""
        yield WindowTable(self._use)
        if self._use.notes:
            yield Static(Content(clean("\n".join(self._use.notes))), id="notes", markup=False)
        if self._use.problem is not None:
            yield Static(Content(clean(self._use.problem.sentence())), id="problem", markup=False)
        yield Static("Guesses that learn from your answers · Enter or Esc closes", id="foot", markup=False)
