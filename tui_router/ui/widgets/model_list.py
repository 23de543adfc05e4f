"""The list of the model picker: search, filter chips and rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from textual.message import Message

from tui_router.domain.catalog import CONTEXT_STEPS, PRICE_STEPS, ModelFilter, Sort
from tui_router.ui.widgets.filter_bar import Chip
from tui_router.ui.widgets.line_list import LineList, Part
from tui_router.ui.widgets.model_entries import LineUp, Listing, ModelIndex, ModelRow, ModelRowKind, draw_entry
from tui_router.ui.widgets.status_line import compact


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Everything that determines which rows are shown."""

    query: str = ""
    filter: ModelFilter = ModelFilter()
    sort: Sort = Sort.BEST
    favourites: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    line_ups: tuple[LineUp, ...] = ()


class ModelList(LineList):
    """Models in sections, or the matches of a query."""

    class Listed(Message):
        """The visible rows changed."""

        def __init__(self, shown: int, total: int) -> None:
            super().__init__()
            self.shown = shown
            self.total = total

    def __init__(self, index: ModelIndex, search: Search | None = None, *, id: str | None = None) -> None:
        """Make a list over a catalogue; nothing is searched before it is mounted."""
        super().__init__(self._draw_entry, id=id)
        self._index = index
        self._search = search or Search()
        self._listing = Listing((), 0, index.total)
        self._line_up: Counter[str] = Counter()
        self._starred = frozenset(self._search.favourites)

    @property
    def search(self) -> Search:
        """What is being shown."""
        return self._search

    @property
    def index(self) -> ModelIndex:
        """The catalogue."""
        return self._index

    @property
    def entry(self) -> ModelRow | None:
        """The row under the cursor."""
        at = self.highlighted
        return None if at is None or at >= len(self._listing.entries) else self._listing.entries[at]

    def on_mount(self) -> None:
        """Show the first rows."""
        self._fill()

    def show_models(self, index: ModelIndex) -> None:
        """Show another catalogue; search and cursor stay."""
        self._index = index
        self._fill(keep=self.entry)

    def apply(self, **changes: Any) -> None:
        """Change fields of ``Search``; the cursor goes to the best match, or stays where only stars changed."""
        wanted = replace(self._search, **changes)
        if wanted == self._search:
            return
        self._search = wanted
        self._starred = frozenset(wanted.favourites)
        self._fill(keep=self.entry if changes.keys() == {"favourites"} else None)

    def point_at(self, model_id: str) -> None:
        """Put the cursor on a model, where it is shown."""
        found = next((i for i, e in enumerate(self._listing.entries) if e.id == model_id), None)
        if found is not None:
            self.show(len(self._listing.entries), self._listing.heads, found)

    def mark_line_up(self, ids: tuple[str, ...]) -> None:
        """Show how often each model stands in the line-up."""
        self._line_up = Counter(ids)
        self.refresh()

    def _fill(self, keep: ModelRow | None = None) -> None:
        s = self._search
        self._listing = self._index.listing(
            s.query, s.filter, s.sort, favourites=s.favourites, recent=s.recent, line_ups=s.line_ups
        )
        at = None
        if keep is not None:
            at = next((i for i, e in enumerate(self._listing.entries) if (e.kind, e.id) == (keep.kind, keep.id)), None)
        self.show(len(self._listing.entries), self._listing.heads, at)
        self.post_message(self.Listed(self._listing.shown, self._listing.total))

    def _draw_entry(self, at: int, width: int) -> list[Part]:
        entry = self._listing.entries[at]
        count = self._line_up[entry.id] if entry.kind is not ModelRowKind.LINE_UP else 0
        mark = str(count) if count else ("★" if entry.id in self._starred else " ")
        return draw_entry(entry, width, self._search.query, mark, self._index.today)


T = TypeVar("T")


def next_step(steps: tuple[T, ...], current: T) -> T:
    """Return the step after ``current``, the first one after the last."""
    return steps[(steps.index(current) + 1) % len(steps)] if current in steps else steps[0]


def switched(chosen: ModelFilter, chip_id: str) -> ModelFilter:
    """Return the filter after a chip was toggled or advanced."""
    match chip_id:
        case "free":
            return replace(chosen, free=not chosen.free)
        case "tools":
            return replace(chosen, tools=not chosen.tools)
        case "vision":
            return replace(chosen, vision=not chosen.vision)
        case "reasoning":
            return replace(chosen, reasoning=not chosen.reasoning)
        case "context":
            return replace(chosen, min_context=next_step(CONTEXT_STEPS, chosen.min_context))
        case _:
            return replace(chosen, max_price=next_step(PRICE_STEPS, chosen.max_price))


def chips(search: Search) -> tuple[Chip, ...]:
    """Return the chips for the current search."""
    f = search.filter
    context = f"Context ≥{compact(f.min_context)}" if f.min_context else "Context any"
    price = "Price any" if f.max_price is None else f"Price ≤${f.max_price.normalize():f}"
    return (
        Chip("free", "Free", f.free, "F"),
        Chip("tools", "Tools", f.tools, "T"),
        Chip("vision", "Vision", f.vision, "V"),
        Chip("reasoning", "Reasoning", f.reasoning, "R"),
        Chip("context", context, f.min_context > 0, "C"),
        Chip("price", price, f.max_price is not None, "P"),
        Chip("sort", f"Sort {search.sort.value}", search.sort is not Sort.BEST, "S"),
    )
