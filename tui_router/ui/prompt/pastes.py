"""Large pastes folded into chips: the prompt shows ``[pasted 214 lines]`` and sends the full text.

A chip is plain text in the prompt, so it can be moved, undone and stored in a draft. Only a marker in the table
represents a paste; the same text typed by hand does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

OPEN_LIMIT = 100_000
"""Largest paste, in characters, to expand in the prompt; more would slow down every key press."""


class FoldRule(NamedTuple):
    """When to fold a paste (settings ``prompt.fold_paste_lines`` and ``prompt.fold_paste_chars``)."""

    lines: int = 12
    chars: int = 4000

    def folds(self, text: str) -> bool:
        """Return whether a paste of this text becomes a chip."""
        return len(text) > self.chars or text.count("\n") >= self.lines


class ChipPlace(NamedTuple):
    """The half-open range of a chip in the text, and its marker."""

    start: int
    end: int
    marker: str


class Pastes:
    """The folded pastes of one draft by marker. Keeps deleted chips until the draft is sent, for undo."""

    def __init__(self, chips: Mapping[str, str] | None = None) -> None:
        self._texts: dict[str, str] = dict(chips or {})
        self._pattern: re.Pattern[str] | None = None

    def fold(self, text: str) -> str:
        """Store a text and return its marker."""
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
        """Return the text of a marker.

        Raises:
            KeyError: The marker is unknown.
        """
        return self._texts[marker]

    def places(self, text: str) -> list[ChipPlace]:
        """Return the chips in a text, in order."""
        pattern = self._compiled()
        return [ChipPlace(m.start(), m.end(), m[0]) for m in pattern.finditer(text)] if pattern else []

    def at(self, text: str, offset: int) -> ChipPlace | None:
        """Return the chip that contains or touches an offset."""
        return next((place for place in self.places(text) if place.start <= offset <= place.end), None)

    def expand(self, text: str) -> str:
        """Return ``text`` with every chip replaced by its paste. Markers inside a paste are not expanded."""
        pattern = self._compiled()
        return pattern.sub(lambda m: self._texts[m[0]], text) if pattern else text

    def within(self, text: str) -> dict[str, str]:
        """Return marker and text of the chips in a text."""
        return {place.marker: self._texts[place.marker] for place in self.places(text)}

    def clear(self) -> None:
        """Remove all pastes."""
        self._texts.clear()
        self._pattern = None

    def _compiled(self) -> re.Pattern[str] | None:
        if self._pattern is None and self._texts:
            self._pattern = re.compile("|".join(map(re.escape, self._texts)))
        return self._pattern


def widen(start: int, end: int, places: list[ChipPlace]) -> tuple[int, int]:
    """Return the range of an edit widened to whole chips; an insertion inside a chip moves to its end."""
    if start == end:
        for place in places:
            if place.start < start < place.end:
                return place.end, place.end
        return start, end
    for place in places:
        if place.start < end and start < place.end:
            start, end = min(start, place.start), max(end, place.end)
    return start, end
