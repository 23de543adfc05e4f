"""The model picker: chooses one model, or two to eight for a comparison.

It knows no services: callers pass ``PickerFacts`` and callbacks. The result is a tuple of model ids, ``None`` when
the picker was closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_router.domain.catalog import Sort
from tui_router.domain.model import Model
from tui_router.domain.routing import Routing
from tui_router.ui.widgets.filter_bar import ChipBar, FilterInput
from tui_router.ui.widgets.line_list import LineList
from tui_router.ui.widgets.line_up_bar import LEAST, MOST, LineUpBar
from tui_router.ui.widgets.model_details import Endpoints, ModelAbout
from tui_router.ui.widgets.model_entries import LineUp, ModelIndex, ModelRow, ModelRowKind, column_heads
from tui_router.ui.widgets.model_list import ModelList, Search, chips, next_step, switched


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerFacts:
    """The input of the picker."""

    models: tuple[Model, ...]
    today: date
    current: str = ""
    """Id of the current model, where the cursor starts."""
    favourites: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    query: str = ""
    many: bool = False
    """Choose several models for a comparison."""
    line_up: tuple[str, ...] = ()
    line_ups: tuple[LineUp, ...] = ()
    question_tokens: int = 0
    answer_tokens: int = 1_000
    """Tokens of a question with its history, and of a typical answer, for the cost of one question."""
    routing: Routing = Routing()
    """Pinned and banned providers."""
    note: str = ""
    """Age of an outdated catalogue, e.g. ``offline, list of 3 days ago``."""


class ModelsScreen(ModalScreen[tuple[str, ...] | None]):
    """Searches, filters and sorts the catalogue."""

    AUTO_FOCUS = "FilterInput"
    DEFAULT_CSS = """
    ModelsScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 220; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #body { height: 1fr; }
        #heads { height: 1; color: $text-muted; text-wrap: nowrap; }
        #about { display: none; padding: 0 1; scrollbar-size-vertical: 1; width: 1fr; height: 1fr;
                 border-left: solid $border-blurred; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        LineUpBar { display: none; }
        &.-many LineUpBar { display: block; }
        &.-wide #about { display: block; width: 2fr; }
        &.-wide #rows { width: 3fr; }
        &.-narrow.-about #rows { display: none; }
        &.-narrow.-about #about { display: block; border: none; }
        &.-wide.-about #about { display: none; }
        &.-low #frame { border: none; padding: 0; }
        &.-low #chips, &.-low #heads { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", priority=True),
        Binding("up,ctrl+k", "rows('step', -1)", "Up", show=False),
        Binding("down,ctrl+j", "rows('step', 1)", "Down", show=False, priority=True),
        Binding("pageup", "rows('page', -1)", "Page up", show=False),
        Binding("pagedown", "rows('page', 1)", "Page down", show=False),
        Binding("ctrl+home", "rows('end', -1)", "First", show=False, priority=True),
        Binding("ctrl+end", "rows('end', 1)", "Last", show=False, priority=True),
        Binding("asterisk", "star", "Star", priority=True),
        Binding("tab", "about", "Details", priority=True),
        Binding("f4", "chip('providers')", "Providers", priority=True),
        Binding("f3", "finish", "Start", priority=True),
        Binding("alt+f", "chip('free')", "Free", show=False, priority=True),
        Binding("alt+t", "chip('tools')", "Tools", show=False, priority=True),
        Binding("alt+v", "chip('vision')", "Vision", show=False, priority=True),
        Binding("alt+r", "chip('reasoning')", "Reasoning", show=False, priority=True),
        Binding("alt+c,f6", "chip('context')", "Context", show=False, priority=True),
        Binding("alt+p,f7", "chip('price')", "Price", show=False, priority=True),
        Binding("alt+s,f5", "chip('sort')", "Sort", show=False, priority=True),
    ]

    def __init__(
        self,
        facts: PickerFacts,
        *,
        star: Callable[[str], object],
        want_endpoints: Callable[[str], None] | None = None,
        want_providers: Callable[[str, Callable[[Routing], None]], None] | None = None,
        details_delay: float = 0.25,
    ) -> None:
        """Create the picker.

        Args:
            facts: The input.
            star: Called with the id of a model whose star was toggled.
            want_endpoints: Called with a model id when its details are shown; answer with ``show_endpoints``.
            want_providers: Called to show the providers of a model, with its id and a callback for changes of the
                routing.
            details_delay: Seconds that the cursor must stay on a row before its endpoints are requested.
        """
        super().__init__(classes="-many" if facts.many else "")
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]
        self._facts = facts
        self._want_providers = want_providers
        self._star = star
        self._count = ""
        self._warning = ""
        search = Search(
            query=facts.query,
            favourites=facts.favourites,
            recent=facts.recent,
            line_ups=facts.line_ups if facts.many else (),
        )
        index = ModelIndex(facts.models, facts.today)
        self._list = ModelList(index, search, id="list")
        self._list.can_focus = False
        self._about = ModelAbout(facts.today, want_endpoints, details_delay, id="about")
        self._about.show_routing(facts.routing)
        self._line_up = LineUpBar(facts.line_up, index.by_id, facts.question_tokens, facts.answer_tokens)

    def compose(self) -> ComposeResult:
        """Lay out field, filters, rows, details, chosen models and foot."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Compare models" if self._facts.many else "Models")
            yield FilterInput(self._facts.query, placeholder="type to search: name, maker, >128k, <$5", leave="*")
            yield ChipBar(chips(self._list.search), lead="Alt+", id="chips")
            with Horizontal(id="body"):
                with Vertical(id="rows"):
                    yield Static(id="heads", markup=False)
                    yield self._list
                yield self._about
            yield self._line_up
            yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the current model."""
        if self._facts.current and not self._facts.query:
            self.call_after_refresh(self._list.point_at, self._facts.current)
        self._list.mark_line_up(self._line_up.ids)
        self._show_foot()

    def on_resize(self) -> None:
        """Redraw the column heads, which depend on the width."""
        self.call_after_refresh(self._show_heads)

    def show_models(self, models: tuple[Model, ...]) -> None:
        """Show a fresher catalogue; keep search, cursor and chosen models."""
        self._facts = replace(self._facts, models=models, note="")
        index = ModelIndex(models, self._facts.today)
        self._list.show_models(index)
        self._line_up.show_models(index.by_id)

    def show_endpoints(self, model_id: str, endpoints: Endpoints) -> None:
        """Show the endpoints of a model, or why they are unknown."""
        self._about.show_endpoints(model_id, endpoints)

    @on(Input.Changed)
    def _search_again(self, event: Input.Changed) -> None:
        event.stop()
        self._warning = ""
        self._list.apply(query=event.value)

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _choose_highlighted(self, event: Message) -> None:
        event.stop()
        self._choose(self._list.entry)

    @on(LineList.Highlighted)
    def _look_at(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._about.show(self._list.entry)

    @on(ModelList.Listed)
    def _count_again(self, event: ModelList.Listed) -> None:
        event.stop()
        self._count = f"{event.shown} of {event.total} shown"
        self._show_foot()

    @on(FilterInput.BackedOut)
    def _take_last_back(self) -> None:
        if self._line_up.ids:
            self._line_up.take_back()
            self._line_up_changed()

    @on(ChipBar.Pressed)
    def _press_chip(self, event: ChipBar.Pressed) -> None:
        self.action_chip(event.chip_id)

    def action_rows(self, move: str, by: int) -> None:
        """Move the cursor of the list."""
        {"step": self._list.action_step, "page": self._list.action_page, "end": self._list.action_end}[move](by)

    def action_star(self) -> None:
        """Toggle the star of the highlighted model."""
        entry = self._list.entry
        if entry is None or entry.kind is ModelRowKind.LINE_UP:
            return
        starred = self._list.search.favourites
        kept = (*starred, entry.id) if entry.id not in starred else tuple(i for i in starred if i != entry.id)
        self._list.apply(favourites=kept)
        self._star(entry.id)

    def action_about(self) -> None:
        """Show or hide the details."""
        self.toggle_class("-about")
        self.call_after_refresh(self._show_heads)

    def action_chip(self, chip_id: str) -> None:
        """Toggle a filter or take its next step; ``providers`` shows the providers of the model."""
        search, entry = self._list.search, self._list.entry
        if chip_id == "providers":
            if self._want_providers is not None and entry is not None and entry.model is not None:
                self._want_providers(entry.id, self._about.show_routing)
        elif chip_id == "sort":
            self._list.apply(sort=next_step(tuple(Sort), search.sort))
        else:
            self._list.apply(filter=switched(search.filter, chip_id))
        self.query_one(ChipBar).show(chips(self._list.search))

    def action_finish(self) -> None:
        """Return the chosen models, if there are enough."""
        if not self._facts.many:
            return
        if self._line_up.is_enough:
            self.dismiss(self._line_up.ids)
        else:
            self._warn(f"A comparison needs at least {LEAST} models: Enter adds one, the same one twice is fine")

    def _choose(self, entry: ModelRow | None) -> None:
        if entry is None:
            return
        if not self._facts.many:
            self.dismiss((entry.id,))
        elif entry.kind is ModelRowKind.LINE_UP:
            saved = next(u for u in self._facts.line_ups if u.name == entry.id)
            self._line_up.take(saved.ids)
            self._line_up_changed()
        elif self._line_up.add(entry.id):
            self._line_up_changed()
        else:
            self._warn(f"A comparison has at most {MOST} models: Backspace takes the last one back")

    def _line_up_changed(self) -> None:
        self._warning = ""
        self._list.mark_line_up(self._line_up.ids)
        self._show_foot()

    def _warn(self, text: str) -> None:
        self._warning = text
        self._show_foot()

    def _show_foot(self) -> None:
        if not self.is_mounted:
            return
        keys = "Enter add · Backspace take back · F3 start" if self._facts.many else "Enter choose"
        more = "* star · Tab details · F4 providers · Esc"
        text = " · ".join(t for t in (self._count, self._facts.note, keys, more) if t)
        foot = Content.styled(self._warning, "$text-warning") if self._warning else Content(text)
        self.query_one("#foot", Static).update(foot, layout=False)

    def _show_heads(self) -> None:
        if self.is_mounted:
            self.query_one("#heads", Static).update(Content(column_heads(self._list.size.width - 1)), layout=False)
