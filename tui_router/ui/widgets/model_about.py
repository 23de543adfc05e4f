"""The details pane of the picker; asks who serves a model once the cursor rests on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Static

from tui_router.domain.routing import Routing
from tui_router.ui.widgets.model_details import Endpoints, details
from tui_router.ui.widgets.model_entries import Entry


class ModelAbout(VerticalScroll, can_focus=False):
    """What is known of the highlighted model."""

    def __init__(self, today: date, want_endpoints: Callable[[str], None] | None, delay: float, *, id: str) -> None:
        """Make an empty pane; ``delay`` is how many seconds a row must be looked at before the wire is used."""
        super().__init__(id=id)
        self._today = today
        self._want = want_endpoints
        self._delay = delay
        self._entry: Entry | None = None
        self._endpoints: dict[str, Endpoints] = {}
        self._asking: Timer | None = None
        self._routing = Routing()
        self._text = Static(id="details", markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def on_resize(self) -> None:
        """Lay the text out for the new width; the pane may have come into sight."""
        self._draw()
        self._ask_soon()

    def show(self, entry: Entry | None) -> None:
        """Show another row."""
        if entry != self._entry:
            self._entry = entry
            self.scroll_home(animate=False)
            self._draw()
        self._ask_soon()

    def show_endpoints(self, model_id: str, endpoints: Endpoints) -> None:
        """Take the answer to ``want_endpoints``."""
        self._endpoints[model_id] = endpoints
        self._draw()

    def show_routing(self, routing: Routing) -> None:
        """Mark what is pinned and banned."""
        self._routing = routing
        self._draw()

    def _draw(self) -> None:
        if self.is_mounted and self.size.width > 0:
            endpoints = self._endpoints.get(self._entry.id) if self._entry else None
            room = self.size.width - 1  # the scroll bar comes and goes
            text = details(self._entry, endpoints, room, self._today, self._routing)
            self._text.update(text)

    def _ask_soon(self) -> None:
        if self._asking is not None:
            self._asking.stop()
        if self._want is None or self.size.width == 0 or not self.display:
            return
        if self._delay > 0:
            self._asking = self.set_timer(self._delay, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        entry = self._entry
        if entry is None or entry.model is None or entry.id in self._endpoints or self._want is None:
            return
        self._endpoints[entry.id] = None
        self._want(entry.id)
