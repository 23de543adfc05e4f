"""Where each turn begins: heights and their prefix sums."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Heights:
    """Heights of the turns in rows. A change costs what lies below it, and only when asked for."""

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
        """Set the height of a turn; say whether it is another one than before."""
        if self._heights[index] == height:
            return False
        self._heights[index] = height
        self._clean = min(self._clean, index)
        return True

    def insert(self, index: int, height: int) -> None:
        """Make room for a turn before ``index``."""
        self._heights.insert(index, height)
        self._clean = min(self._clean, index)

    def remove(self, index: int) -> None:
        """Forget a turn."""
        del self._heights[index]
        self._clean = min(self._clean, index)

    def top(self, index: int) -> int:
        """Return the first row of a turn; of the number of turns, the number of rows."""
        return self._sums()[index]

    @property
    def total(self) -> int:
        """All rows."""
        return self._sums()[-1]

    def at(self, row: int) -> int:
        """Return which turn a row belongs to, the nearest one for rows outside."""
        sums = self._sums()
        return max(0, min(len(self._heights) - 1, bisect_right(sums, row) - 1))

    def _sums(self) -> list[int]:
        if self._clean < len(self._heights) or len(self._tops) != len(self._heights) + 1:
            start = self._clean
            self._tops[start:] = accumulate(self._heights[start:], initial=self._tops[start])
            self._clean = len(self._heights)
        return self._tops
