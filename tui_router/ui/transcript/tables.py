"""Tables that fit: columns shrink and cells wrap; what cannot fit is left wide and moves sideways."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui_router.ui.transcript.parts import Line, Part, Parts, width_of
from tui_router.ui.transcript.wrap import wrap

_SEPARATOR = 3
_NARROWEST = 3
_LONGEST_WORD = 14
_WIDEST_WHEN_WIDE = 32

Cell = list[Part]


def table(rows: Sequence[Sequence[Cell]], aligns: Sequence[str], width: int) -> list[Line]:
    """Return the rows of a table whose first row is its head; ``aligns`` has ``left``, ``right`` or ``center``.

    Lines that are wider than ``width`` are marked ``wide``.
    """
    columns = max(map(len, rows), default=0)
    if not columns:
        return []
    natural, least = _measured(rows, columns)
    room = width - _SEPARATOR * (columns - 1)
    if sum(least) > room:
        widths = [max(small, min(large, _WIDEST_WHEN_WIDE)) for small, large in zip(least, natural, strict=True)]
    else:
        widths = fit(natural, least, room)
    wide = sum(widths) > room
    lines: list[Line] = []
    for number, cells in enumerate(rows):
        lines += _row(cells, widths, aligns, wide)
        if number == 0:
            lines.append(Line((("─┼─".join("─" * w for w in widths), "table_rule"),), wide=wide))
    return lines


def fit(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths whose sum is at most ``room``: the widest columns give first, none below its least."""
    widths = list(natural)
    excess = sum(widths) - room
    while excess > 0:
        givers = [i for i, w in enumerate(widths) if w > least[i]]
        if not givers:
            break
        tallest = max(widths[i] for i in givers)
        level = [i for i in givers if widths[i] == tallest]
        second = max((widths[i] for i in givers if widths[i] < tallest), default=0)
        floor = max(second, *(least[i] for i in level))
        step = max(1, min(tallest - floor, excess // len(level)))
        for i in level:
            if excess <= 0:
                break
            give = min(step, widths[i] - least[i], excess)
            widths[i] -= give
            excess -= give
    return widths


def _measured(rows: Sequence[Sequence[Cell]], columns: int) -> tuple[list[int], list[int]]:
    natural = [1] * columns
    least = [1] * columns
    for cells in rows:
        for column, cell in enumerate(cells):
            plain = "".join(text for text, _ in cell)
            for line in plain.split("\n"):
                size = width_of([(line, "")])
                if size > natural[column]:
                    natural[column] = size
                if size > least[column]:
                    word = max((len(w) for w in re.split(r"\s+", line)), default=1)
                    least[column] = max(least[column], min(size, _LONGEST_WORD, max(_NARROWEST, word)))
    return natural, least


def _row(cells: Sequence[Cell], widths: Sequence[int], aligns: Sequence[str], wide: bool) -> list[Line]:
    wrapped = [wrap(cells[c] if c < len(cells) else [], w) for c, w in enumerate(widths)]
    lines: list[Line] = []
    for level in range(max(map(len, wrapped))):
        parts: list[Part] = []
        for column, size in enumerate(widths):
            if column:
                parts += [(" ", "text"), ("│", "table_rule"), (" ", "text")]
            content: Parts = wrapped[column][level].parts if level < len(wrapped[column]) else ()
            parts += _aligned(content, size, aligns[column] if column < len(aligns) else "left")
        lines.append(Line(tuple(parts), wide=wide))
    return lines


def _aligned(parts: Parts, size: int, align: str) -> list[Part]:
    room = max(0, size - width_of(parts))
    left = {"right": room, "center": room // 2}.get(align, 0)
    before: list[Part] = [(" " * left, "text")] if left else []
    after: list[Part] = [(" " * (room - left), "text")] if room > left else []
    return [*before, *parts, *after]
