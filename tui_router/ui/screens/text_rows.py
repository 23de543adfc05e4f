"""Wraps text into rows for a ``Reader``. Rows are built when they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

from tui_router.domain.safe import clean
from tui_router.ui.transcript.wrap import breaks
from tui_router.ui.widgets.line_list import Part

Line = tuple[Part, ...]
"""One unwrapped line of a text."""


def lines_of(text: str, look: str = "") -> list[Line]:
    """Return the lines of an untrusted text, with control characters made visible."""
    safe = clean(text)
    if "\t" in safe:
        safe = safe.expandtabs(4)
    return [(Part(line, look),) if line else () for line in safe.split("\n")]


class TextRows(Sequence[Line]):
    """Lines wrapped at words to a width in cells. Stores break positions, not copies of the text."""

    def __init__(self, lines: Iterable[Line], width: int, *, indent: int = 0) -> None:
        """Wrap ``lines``; continuation rows are indented by ``indent`` spaces."""
        self._lines = list(lines)
        self._indent = indent if indent < width // 2 else 0
        self._places: list[tuple[int, int, int]] = []
        """Line number, start and end offset of each row."""
        for number, line in enumerate(self._lines):
            plain = line[0].text if len(line) == 1 else "".join(p.text for p in line)
            start = 0
            for cut in self._cuts(plain, width):
                self._places.append((number, start, cut))
                start = cut
            self._places.append((number, start, len(plain)))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        if isinstance(index, slice):
            return [self._row(place) for place in self._places[index]]
        return self._row(self._places[index])

    def row_of(self, line: int) -> int:
        """Return the index of the first row of a line."""
        low, high = 0, len(self._places)
        while low < high:
            middle = (low + high) // 2
            if self._places[middle][0] < line:
                low = middle + 1
            else:
                high = middle
        return low

    def _cuts(self, plain: str, width: int) -> list[int]:
        cuts = breaks(plain, width)
        if not cuts or not self._indent:
            return cuts
        first = cuts[0]
        return [first, *(first + cut for cut in breaks(plain[first:], width - self._indent))]

    def _row(self, place: tuple[int, int, int]) -> Line:
        number, start, end = place
        parts = [Part(" " * self._indent)] if start and self._indent else []
        at = 0
        for text, look in self._lines[number]:
            low, high = max(start - at, 0), min(end - at, len(text))
            if low < high:
                parts.append(Part(text[low:high], look))
            at += len(text)
        if parts and end < at:
            parts[-1] = Part(parts[-1].text.rstrip(" "), parts[-1].look)
        return tuple(parts)
