"""The find bar: a field and a count of matches; it marks matches in the transcript."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_router.ui.transcript.transcript import Transcript
from tui_router.ui.widgets.filter_bar import FilterInput


class FindBar(Horizontal):
    """Searches one transcript. Hidden until ``open``."""

    DEFAULT_CSS = """
    FindBar {
        display: none; height: 1; width: 100%; background: $surface;
        #name { width: auto; color: $text-accent; padding: 0 0 0 1; }
        #count { width: auto; color: $text-muted; padding: 0 1; text-wrap: nowrap; }
        &.-open { display: block; }
        &.-none #count { color: $text-warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("down", "step(1)", "Next", show=False),
        Binding("up,shift+enter", "step(-1)", "Previous", show=False),
    ]

    def __init__(self, transcript: Transcript, *, delay: float = 0.06, id: str | None = None) -> None:
        """Create a bar; ``delay`` is the time in seconds without a key before a search starts."""
        super().__init__(id=id)
        self._transcript = transcript
        self._delay = delay
        self._words = ""
        self._searched = ""
        self._count = 0
        self._waiting: Timer | None = None
        self._before: Widget | None = None
        """The widget that had the focus when the bar was opened."""
        self._field = FilterInput(placeholder="find in this conversation")
        self._label = Static(id="count", markup=False)

    def compose(self) -> ComposeResult:
        """Yield label, field and count."""
        yield Static("Find", id="name", markup=False)
        yield self._field
        yield self._label

    @property
    def is_open(self) -> bool:
        """True while the bar is shown."""
        return self.has_class("-open")

    def open(self, words: str = "") -> None:
        """Show the bar and search for ``words``, or repeat the last search."""
        if not self.has_focus_within:
            self._before = self.screen.focused
        self.add_class("-open")
        if words:
            self._field.value = words
        self._field.focus()
        self._words = self._field.value
        self._field.cursor_position = len(self._words)
        self._searched = ""
        self._search()

    def action_close(self) -> None:
        """Hide the bar and its marks and restore the focus; the transcript stays at the last match."""
        if not self.is_open:
            return
        self._stop_waiting()
        if self.has_focus_within and self._before is not None and self._before.is_attached:
            self.screen.set_focus(self._before)
        self.remove_class("-open")
        self._transcript.search.find("")
        self._searched = ""

    def action_step(self, step: int) -> None:
        """Go to the next (1) or previous (-1) match, wrapping around."""
        if self._words != self._searched:
            self._search()
            return
        at = self._transcript.search.find_next(step)
        if not at and self._words:
            # The conversation has changed since the search, which dropped the marks.
            self._count = self._transcript.search.find(self._words)
            at = self._transcript.search.find_next(step)
        self._show(at)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._words or not self.is_open:
            return
        self._words = event.value
        self._stop_waiting()
        if self._delay > 0:
            self._waiting = self.set_timer(self._delay, self._search)
        else:
            self._search()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_step(1)

    def _search(self) -> None:
        """Mark all matches and go to the nearest."""
        self._stop_waiting()
        if not self.is_open or self._words == self._searched:
            self._show(0)
            return
        self._searched = self._words
        self._count = self._transcript.search.find(self._words)
        self._show(self._transcript.search.find_next() if self._count else 0)

    def _show(self, at: int) -> None:
        self.set_class(bool(self._words) and not self._count, "-none")
        if not self._words:
            text = "Enter next · ↑ previous · Esc close"
        elif not self._count:
            text = "not found"
        else:
            text = f"{at:,} of {self._count:,}"
        self._label.update(Content(text))

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
