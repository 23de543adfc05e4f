"""The entries of a transcript, with their heights and an index by id."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, overload

from tui_router.ui.transcript.appearance import Appearance

# An empty transcript is part of the first paint: it must not load what entries need.
if TYPE_CHECKING:
    from tui_router.ui.transcript.entry import Entry
    from tui_router.ui.transcript.parts import Line


class Heights:
    """Heights of the entries in rows, with prefix sums that are updated lazily from the first change on."""

    __slots__ = ("_clean", "_heights", "_tops")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tops = [0]
        self._clean = 0

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def put(self, index: int, height: int) -> bool:
        """Set the height of an entry; return whether it changed."""
        if self._heights[index] == height:
            return False
        self._heights[index] = height
        self._clean = min(self._clean, index)
        return True

    def insert(self, index: int, height: int) -> None:
        """Insert a height before ``index``."""
        self._heights.insert(index, height)
        self._clean = min(self._clean, index)

    def remove(self, index: int) -> None:
        """Remove the height at ``index``."""
        del self._heights[index]
        self._clean = min(self._clean, index)

    def top(self, index: int) -> int:
        """Return the first row of an entry; for ``len(self)``, the total number of rows."""
        return self._sums()[index]

    @property
    def total(self) -> int:
        """Total number of rows."""
        return self._sums()[-1]

    def at(self, row: int) -> int:
        """Return the index of the entry that contains ``row``, or of the nearest one."""
        sums = self._sums()
        return max(0, min(len(self._heights) - 1, bisect_right(sums, row) - 1))

    def _sums(self) -> list[int]:
        if self._clean < len(self._heights) or len(self._tops) != len(self._heights) + 1:
            start = self._clean
            self._tops[start:] = accumulate(self._heights[start:], initial=self._tops[start])
            self._clean = len(self._heights)
        return self._tops


class EntryList(Sequence["Entry"]):
    """The entries in order. Each is laid out for the common ``appearance`` when it is added."""

    def __init__(self) -> None:
        self.items: list[Entry] = []
        self.heights = Heights()
        self.appearance = Appearance(width=0)
        self._index: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return self.items[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.items)

    def index_of(self, entry_id: str) -> int | None:
        """Return the index of an entry, or ``None`` for an unknown id."""
        return self._index.get(entry_id)

    def assign(self, entries: Iterable[Entry]) -> None:
        """Replace all entries."""
        self.items = list(entries)
        for entry in self.items:
            entry.layout.set_appearance(self.appearance)
        self.heights = Heights(entry.layout.height for entry in self.items)
        self._reindex(0)

    def insert(self, index: int, entry: Entry) -> None:
        """Insert an entry before ``index``."""
        entry.layout.set_appearance(self.appearance)
        self.items.insert(index, entry)
        self.heights.insert(index, entry.layout.height)
        self._reindex(index)

    def replace(self, index: int, entry: Entry) -> None:
        """Replace the entry at ``index``."""
        entry.layout.set_appearance(self.appearance)
        self.items[index] = entry
        self.heights.put(index, entry.layout.height)
        self._reindex(index)

    def remove(self, index: int) -> None:
        """Remove the entry at ``index``."""
        del self.items[index]
        self.heights.remove(index)
        self._reindex(index)

    def set_appearance(self, appearance: Appearance) -> None:
        """Lay out all entries for another appearance."""
        self.appearance = appearance
        if appearance.width:
            for index, entry in enumerate(self.items):
                entry.layout.set_appearance(appearance)
                self.heights.put(index, entry.layout.height)

    def line_at(self, y: int) -> tuple[int, int, Line] | None:
        """Return entry index, row in the entry and line at row ``y`` of the transcript, if it is rendered."""
        if not self.items or not 0 <= y < self.heights.total:
            return None
        index = self.heights.at(y)
        row = y - self.heights.top(index)
        line = self.items[index].layout.line(row)
        return None if line is None else (index, row, line)

    def _reindex(self, first: int) -> None:
        self._index = {} if first == 0 else {k: n for k, n in self._index.items() if n < first}
        self._index |= {entry.id: first + n for n, entry in enumerate(self.items[first:])}
