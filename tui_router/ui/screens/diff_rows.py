"""The words that differ between two texts, as rows: one under the other, or side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from tui_router.domain.diff import Change, Run
from tui_router.domain.safe import clean
from tui_router.ui.screens.text_rows import Line, TextRows
from tui_router.ui.widgets.line_list import Part

LOOKS = {Change.SAME: "", Change.REMOVED: "removed", Change.ADDED: "added"}
GAP = " │ "


def inline_lines(runs: Iterable[Run]) -> list[Line]:
    """Return one text in which what left and what came stand beside each other."""
    return _lines((_safe(run.text), LOOKS[run.change]) for run in runs)


def side_pairs(runs: Iterable[Run]) -> list[tuple[list[Line], list[Line]]]:
    """Return both texts in pieces that belong together: each ends where a line ends in both."""
    pairs: list[tuple[list[Line], list[Line]]] = []
    left: list[tuple[str, str]] = []
    right: list[tuple[str, str]] = []

    def flush() -> None:
        pairs.append((_lines(left), _lines(right)))
        left.clear()
        right.clear()

    for run in runs:
        text, look = _safe(run.text), LOOKS[run.change]
        if run.change is Change.REMOVED:
            left.append((text, look))
        elif run.change is Change.ADDED:
            right.append((text, look))
        else:
            first, *others = text.split("\n")
            left.append((first, look))
            right.append((first, look))
            for other in others:
                flush()
                left.append((other, look))
                right.append((other, look))
    flush()
    return pairs


def side_rows(pairs: Sequence[tuple[list[Line], list[Line]]], width: int) -> list[Line]:
    """Lay pairs beside each other in two columns with a line between."""
    column = max(1, (width - len(GAP)) // 2)
    rows: list[Line] = []
    for left, right in pairs:
        for one, other in zip_longest(TextRows(left, column), TextRows(right, column), fillvalue=()):
            room = column - sum(cell_len(p.text) for p in one)
            rows.append((*one, Part(" " * max(0, room)), Part(GAP, "muted"), *other))
    return rows


def changed_rows(rows: Sequence[Sequence[Part]]) -> list[int]:
    """Return the first row of each run of rows that hold a change."""
    found: list[int] = []
    before = False
    for number in range(len(rows)):
        now = any(p.look in ("added", "removed") for p in rows[number])
        if now and not before:
            found.append(number)
        before = now
    return found


def _lines(pieces: Iterable[tuple[str, str]]) -> list[Line]:
    lines: list[list[Part]] = [[]]
    for text, look in pieces:
        first, *others = text.split("\n")
        if first:
            lines[-1].append(Part(first, look))
        lines += [[Part(other, look)] if other else [] for other in others]
    return [tuple(line) for line in lines]


def _safe(text: str) -> str:
    return clean(text).replace("\t", "    ")
