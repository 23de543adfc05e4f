"""Big pastes folded into chips: the prompt shows ``[pasted 214 lines]``, the text waits aside till sending.

A chip is plain text in the prompt, so that it can be moved, undone and kept in a draft. Only a marker that
is in the table stands for a paste; the same words typed by hand stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

OPEN_LIMIT = 100_000
"""Characters of the largest paste that is opened in place: more makes every later key slow."""


class FoldRule(NamedTuple):
    """When a paste is folded (settings ``prompt.fold_paste_lines`` and ``prompt.fold_paste_chars``)."""

    lines: int = 12
    chars: int = 4000

    def folds(self, text: str) -> bool:
        """Whether a paste of this text becomes a chip."""
        return len(text) > self.chars or text.count("\n") >= self.lines


class ChipPlace(NamedTuple):
    """Where a chip is in the prompt: half-open offsets, and its marker."""

    start: int
    end: int
    marker: str


class Pastes:
    """The folded pastes of one draft, by marker. Kept until the draft is sent, so that undo can bring a chip back."""

    def __init__(self, chips: Mapping[str, str] | None = None) -> None:
        self._texts: dict[str, str] = dict(chips or {})
        self._pattern: re.Pattern[str] | None = None

    def fold(self, text: str) -> str:
        """Put a text aside and return the marker that stands for it."""
        lines = text.count("\n") + (not text.endswith("\n"))
        what = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        marker, n = f"[pasted {what}]", 1
        while self._texts.get(marker, text) != text:
            n += 1
            marker = f"[pasted {what} #{n}]"
        self._texts[marker] = text
        self._pattern = None
        return marker

    def text_of(self, marker: str) -> str:
        """Return the text that a marker stands for; raises ``KeyError`` for another text."""
        return self._texts[marker]

    def places(self, text: str) -> list[ChipPlace]:
        """Return where chips are in a text, in order."""
        pattern = self._compiled()
        return [ChipPlace(m.start(), m.end(), m[0]) for m in pattern.finditer(text)] if pattern else []

    def expand(self, text: str) -> str:
        """Return ``text`` with every chip replaced by its paste. What a paste holds is never expanded again."""
        pattern = self._compiled()
        return pattern.sub(lambda m: self._texts[m[0]], text) if pattern else text

    def within(self, text: str) -> dict[str, str]:
        """Return the chips that a text still holds."""
        return {place.marker: self._texts[place.marker] for place in self.places(text)}

    def clear(self) -> None:
        """Forget all of them."""
        self._texts.clear()
        self._pattern = None

    def _compiled(self) -> re.Pattern[str] | None:
        if self._pattern is None and self._texts:
            self._pattern = re.compile("|".join(map(re.escape, self._texts)))
        return self._pattern


def widen(start: int, end: int, places: list[ChipPlace]) -> tuple[int, int]:
    """Return an edit's range grown to whole chips; an insertion inside a chip moves behind it."""
    if start == end:
        for place in places:
            if place.start < start < place.end:
                return place.end, place.end
        return start, end
    for place in places:
        if place.start < end and start < place.end:
            start, end = min(start, place.start), max(end, place.end)
    return start, end
