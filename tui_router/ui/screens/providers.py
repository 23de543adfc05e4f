"""The providers of a model as a table: pin or ban them for a conversation.

It knows no services: each change is passed to ``change``, and ``show_endpoints`` supplies the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain.account import Endpoint
from tui_router.domain.problem import Problem
from tui_router.domain.routing import EndpointSort, Routing, in_order
from tui_router.domain.safe import clean_line
from tui_router.ui.widgets.filter_bar import Chip, ChipBar
from tui_router.ui.widgets.line_list import LineList, Part
from tui_router.ui.widgets.model_details import Endpoints, about, draw_endpoint, heads
from tui_router.ui.widgets.model_list import next_step

_RULE = "A pin leaves only pinned providers: no others are tried when they fail. A ban leaves all but the banned."


class ProvidersScreen(ModalScreen[None]):
    """A table of endpoints with the routing in force."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = """
    ProvidersScreen {
        align: center middle;
        #frame { width: 100%; max-width: 130; height: 100%; max-height: 40; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #heads { height: 1; color: $text-muted; text-wrap: nowrap; }
        #about { height: auto; max-height: 3; color: $text-muted; }
        #state { height: auto; max-height: 2; }
        #rule { height: auto; color: $text-muted; margin-bottom: 1; }
        &.-low #frame { border: none; padding: 0; }
        &.-low #rule { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close"),
        Binding("p", "chip('pin')", "Pin"),
        Binding("b", "chip('ban')", "Ban"),
        Binding("s", "chip('sort')", "Sort"),
        Binding("x", "chip('clear')", "Clear"),
    ]

    def __init__(
        self,
        model_name: str,
        routing: Routing,
        *,
        change: Callable[[Routing], Routing],
        name_of: Callable[[str], str] = str,
    ) -> None:
        """Create the screen.

        Args:
            model_name: Display name of the model.
            routing: The routing in force.
            change: Called with a new routing; returns the routing then in force.
            name_of: Returns the display name of a provider slug.
        """
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-usual")]
        self._model_name = model_name
        self._routing = routing
        self._change = change
        self._name_of = name_of
        self._sort = EndpointSort.LISTED
        self._endpoints: Endpoints = None
        self._rows: tuple[Endpoint, ...] = ()
        self._list = LineList(self._draw, id="rows")
        self._heads = Static(id="heads", markup=False)
        self._about = Static(id="about", markup=False)
        self._routing_line = Static(id="state", markup=False)
        self._bar = ChipBar(self._chips(), id="chips")

    def compose(self) -> ComposeResult:
        """Lay out rule, table, details of the current row and routing."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Providers of {clean_line(self._model_name)}")
            yield Static(_RULE, id="rule", markup=False)
            yield self._heads
            yield self._list
            yield self._about
            yield self._routing_line
            yield self._bar

    def on_mount(self) -> None:
        """Show the rows known so far."""
        self._show()

    def on_resize(self) -> None:
        """Redraw the column heads, which depend on the width."""
        self.call_after_refresh(self._show_heads)

    def show_endpoints(self, endpoints: Endpoints) -> None:
        """Show the endpoints, or why they are unknown."""
        self._endpoints = endpoints
        if self.is_mounted:
            self._show()

    @on(LineList.Highlighted)
    def _look_at(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._show_details()

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_chip("pin")

    @on(ChipBar.Pressed)
    def _press(self, event: ChipBar.Pressed) -> None:
        event.stop()
        if event.chip_id == "close":
            self.dismiss(None)
        else:
            self.action_chip(event.chip_id)

    def action_chip(self, chip_id: str) -> None:
        """Pin or ban the current row (again to undo), sort, or clear all."""
        row = self._row
        if chip_id == "sort":
            self._sort = next_step(tuple(EndpointSort), self._sort)
            self._show()
        elif chip_id == "clear":
            self._keep(Routing())
        elif row is not None:
            self._keep(self._routing.pinned(row) if chip_id == "pin" else self._routing.banned(row))

    @property
    def _row(self) -> Endpoint | None:
        at = self._list.highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def _keep(self, routing: Routing) -> None:
        self._routing = self._change(routing)
        self._list.refresh()
        self._show_details()

    def _show(self) -> None:
        found = self._endpoints
        before = self._row
        self._rows = () if found is None or isinstance(found, Problem) else in_order(found, self._sort)
        at = next((n for n, e in enumerate(self._rows) if before is not None and e.tag == before.tag), None)
        self._list.show(len(self._rows), at=at)
        self._show_heads()
        self._show_details()

    def _show_heads(self) -> None:
        if self.is_mounted:
            self._heads.update(Content(heads(self._list.size.width)), layout=False)

    def _show_details(self) -> None:
        row = self._row
        self._about.update(Content(about(row) if row else self._empty_reason()))
        self._routing_line.update(self._routing_text())
        self._bar.show(self._chips())

    def _empty_reason(self) -> str:
        if isinstance(self._endpoints, Problem):
            return clean_line(self._endpoints.sentence())
        return "asking…" if self._endpoints is None else "Nobody serves it at the moment"

    def _routing_text(self) -> Content:
        words = self._routing.words(self._name_of)
        if not words:
            return Content("Any provider: the service chooses")
        if self._rows and not self._routing.allows_any(self._rows):
            return Content.styled(f"{clean_line(words)}: nobody is left to serve this model", "$text-warning")
        return Content.styled(f"{clean_line(words)}, in this conversation", "$text-accent")

    def _chips(self) -> tuple[Chip, ...]:
        return (
            Chip("pin", "p pin", letter="p"),
            Chip("ban", "b ban", letter="b"),
            Chip("sort", f"s sort: {self._sort.value}", self._sort is not EndpointSort.LISTED, "s"),
            Chip("clear", "x clear all", letter="x"),
            Chip("close", "Esc close"),
        )

    def _draw(self, at: int, width: int) -> list[Part]:
        return draw_endpoint(self._rows[at], self._routing, width)
