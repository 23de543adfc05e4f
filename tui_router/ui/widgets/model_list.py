"""The rows of the model picker: a catalogue in, the highlighted row and the counts out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from textual.message import Message

from tui_router.domain.catalogue import ModelFilter, Sort
from tui_router.ui.widgets.line_list import LineList, Part
from tui_router.ui.widgets.model_entries import Entry, EntryKind, LineUp, Listing, ModelIndex, draw_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What decides which rows are shown."""

    query: str = ""
    filter: ModelFilter = ModelFilter()
    sort: Sort = Sort.BEST
    favourites: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    line_ups: tuple[LineUp, ...] = ()


class ModelList(LineList):
    """Models in sections, or matches; drawn row by row."""

    class Listed(Message):
        """Other rows are shown now."""

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
    def entry(self) -> Entry | None:
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

    def _fill(self, keep: Entry | None = None) -> None:
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
        count = self._line_up[entry.id] if entry.kind is not EntryKind.LINE_UP else 0
        mark = str(count) if count else ("★" if entry.id in self._starred else " ")
        return draw_entry(entry, width, self._search.query, mark, self._index.today)
