"""``Transcript``: a conversation on the screen, and what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui_router.ui.transcript.heights import Heights
from tui_router.ui.transcript.look import Look
from tui_router.ui.transcript.reading import Reading

# Whoever makes entries imports them: an empty transcript, the first thing painted, knows none.
if TYPE_CHECKING:
    from tui_router.domain.events import Event
    from tui_router.ui.transcript.entry import CodeBlock, Entry
    from tui_router.ui.transcript.surface import Anchor


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader was: a turn, a row in it of so many, and whether the end was followed."""

    entry_id: str
    row: int
    of: int
    following: bool


class Transcript(Reading):
    """A conversation. Entries go in by ``show``, ``append``, ``insert``, ``replace``, ``remove_entry``; live ones grow
    by ``apply``; counters and spinners move by ``tick``.

    Reading: ``follow``, ``jump_end``, ``scroll_to_entry``, ``scroll_page``, ``scroll_turn``, ``sideways``, ``place``
    and ``restore``; the block cursor ``cursor``, ``move_cursor``; ``fold``; ``find``, ``find_next``; ``selected_text``,
    ``extend_selection``, ``clear_selection``. Contents: ``text_of``, ``code_blocks``, ``links``.
    Look: ``set_text_styles``, ``set_look``.

    Out come ``FollowChanged``, ``LinkClicked``, ``ActionClicked``, ``EntryClicked`` and ``CursorMoved``. It never opens
    a link, copies or asks anything itself.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._pending: Place | None = None

    def show(self, entries: Sequence[Entry], place: Place | None = None) -> None:
        """Show these entries instead, at ``place`` or at the end."""
        self.entries = list(entries)
        self._pending = None
        self._follow = True
        for entry in self.entries:
            entry.drawn.fit(self.look)
        self.heights = Heights(entry.drawn.height for entry in self.entries)
        self._built = 0
        self._changed(None, 0)
        if place is not None:
            self.restore(place)

    def append(self, entry: Entry) -> None:
        """Add an entry at the end."""
        self.insert(entry, len(self.entries))

    def insert(self, entry: Entry, index: int) -> None:
        """Add an entry before the one at ``index``; above the visible rows nothing visible moves."""
        anchor = self.held()
        if anchor is not None and index <= anchor[0]:
            anchor = (anchor[0] + 1, anchor[1])
        entry.drawn.fit(self.look)
        self.entries.insert(index, entry)
        self.heights.insert(index, entry.drawn.height)
        self._changed(anchor, index)

    def replace(self, entry_id: str, entry: Entry) -> None:
        """Show another entry in the place of one."""
        index = self.numbers.get(entry_id)
        if index is None:
            return
        anchor = self.held()
        entry.drawn.fit(self.look)
        self.entries[index] = entry
        self.heights.put(index, entry.drawn.height)
        self._changed(anchor, index)

    def remove_entry(self, entry_id: str) -> None:
        """Take an entry out."""
        index = self.numbers.get(entry_id)
        if index is None:
            return
        anchor = self.held()
        if anchor is not None and index < anchor[0]:
            anchor = (anchor[0] - 1, anchor[1])
        del self.entries[index]
        self.heights.remove(index)
        self._changed(anchor, index)

    def apply(self, entry_id: str, events: Iterable[Event]) -> None:
        """Fold a batch of events into a live entry and paint what changed."""
        index = self.numbers.get(entry_id)
        if index is None:
            return
        anchor = self.held()
        self.entries[index].apply(events, self.clock())
        self._grown(index, anchor)

    def refresh_entry(self, entry_id: str) -> None:
        """An entry's own fields (name, sibling, actions, …) were changed: show it anew."""
        index = self.numbers.get(entry_id)
        if index is not None:
            anchor = self.held()
            self.entries[index].drawn.dress(self.clock())
            self._grown(index, anchor)

    def tick(self, now: float) -> bool:
        """Move spinners and counters of the live entries in view; say whether anything is live at all."""
        live = [i for i, entry in enumerate(self.entries[-16:], max(0, len(self.entries) - 16)) if entry.is_live]
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        for index in live:
            if self.heights.top(index) < bottom and self.heights.top(index + 1) > top:
                anchor = self.held()
                self.entries[index].drawn.dress(now)
                self._grown(index, anchor)
        return bool(live)

    def text_of(self, entry_id: str) -> str:
        """Return the words of an entry as they were written, or an empty text."""
        entry = self.entry(entry_id)
        return entry.text if entry else ""

    def code_blocks(self, entry_id: str) -> list[CodeBlock]:
        """Return the code blocks of an entry."""
        entry = self.entry(entry_id)
        return entry.code_blocks() if entry else []

    def links(self, entry_id: str) -> tuple[str, ...]:
        """Return the addresses of an entry; number n of the screen is at n - 1."""
        index = self.numbers.get(entry_id)
        if index is None:
            return ()
        top = self.heights.top(index)
        self.measure(top, top + self.heights[index])
        return tuple(link.url for link in self.entries[index].drawn.links)

    def fold(self, entry_id: str, what: str = "all") -> None:
        """Fold or unfold an entry (``all``), its ``reasoning`` or a tool call (``call:0``)."""
        index = self.numbers.get(entry_id)
        if index is not None:
            self.unfold(index, what)

    def place(self) -> Place | None:
        """Return where the reader is, to come back to."""
        if self._pending is not None or not self.entries:
            return self._pending
        index = self.heights.at(self.scroll_offset.y)
        row = self.scroll_offset.y - self.heights.top(index)
        return Place(self.entries[index].id, row, self.heights[index], self._follow)

    def restore(self, place: Place) -> None:
        """Go where the reader was; before the first layout it is done then."""
        if not self.look.width:
            self._pending = place
            return
        self._pending = None
        index = self.numbers.get(place.entry_id)
        if place.following or index is None:
            self.jump_end()
            return
        self._follow = False
        top = self.heights.top(index)
        self.measure(top, top + self.size.height + place.row)
        height = self.heights[index]
        row = place.row if height == place.of else place.row * height // max(1, place.of)
        self._to_row(index, row)

    def relook(self) -> None:
        """Lay out anew; the first time, go where the reader was."""
        super().relook()
        if self._pending is not None and self.look.width:
            self.restore(self._pending)

    def set_look(self, look: Look, widest: int = 0) -> None:
        """Change density, timestamps, folding and motion; ``widest`` limits the words, 0 is the whole pane."""
        self.widest = widest
        self.look = replace(look, width=self.look.width)
        self._painter = None
        self.relook()

    def _changed(self, anchor: Anchor | None, first: int) -> None:
        """Turns from ``first`` on are others than before: what named them by number is void."""
        cursor = self.cursor if first else ""
        if first == 0:
            self.numbers = {}
        self.numbers = {k: n for k, n in self.numbers.items() if n < first}
        self.numbers |= {entry.id: first + n for n, entry in enumerate(self.entries[first:])}
        span = self.selection
        if first == 0 or (span is not None and span.end.entry >= first):
            self._from = self._to = None
        self._hits, self._hit, self._current, self._pattern = [], -1, None, None
        self.marked = self.numbers.get(cursor, -1)
        self.reindex(anchor)
        self._settle()
        self._tell()

    def _grown(self, index: int, anchor: Anchor | None) -> None:
        """A turn looks different: mind its height, paint what changed."""
        if self.heights.put(index, self.entries[index].drawn.height):
            self.reindex(anchor)
            self.measure_shown()
            self._tell()
        self.repaint()
