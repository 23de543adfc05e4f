"""Answers side by side for a wide terminal; below each other where a column would be too narrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tui_router.cli.answers import answer_text
from tui_router.cli.output import cells, fit, pad, screen_width
from tui_router.domain.message import Message
from tui_router.domain.safe import clean

NARROWEST = 40
"""Columns of the terminal that an answer needs."""
_GAP = " │ "
_TAB = 4


def side_by_side(answers: Sequence[Message], width: int = 0) -> str:
    """Return answers as columns of plain text, ``width`` columns in all (0: the terminal's)."""
    whole = width or screen_width()
    lane = (whole - len(_GAP) * (len(answers) - 1)) // max(1, len(answers))
    if lane < NARROWEST:
        return "\n".join(map(answer_text, answers))
    columns = [_column(answer, lane) for answer in answers]
    rows = zip_longest(*columns, fillvalue="")
    return "\n".join(_GAP.join(pad(cell, lane) for cell in row).rstrip() for row in rows)


def wrapped(line: str, width: int) -> Iterator[str]:
    """Yield a line in pieces of at most ``width`` columns: between words, else between characters.

    What follows the first piece is indented like it, unless that took more than half of the room.
    """
    text = line.expandtabs(_TAB)
    indent = text[: len(text) - len(text.lstrip(" "))]
    if len(indent) > width // 2:
        text, indent = text.lstrip(" "), ""
    while cells(text) > width:
        cut = _cut(text, width)
        piece = text[:cut].rstrip()
        if piece:
            yield piece
        rest = text[cut:].lstrip(" ")
        text = indent + rest if rest else ""
    if text or not line:
        yield text.rstrip()


def _column(answer: Message, width: int) -> list[str]:
    head = fit(str(answer.model), width)
    lines = clean(answer.text).strip().split("\n") if answer.text.strip() else ["(no text)"]
    return [head, "─" * cells(head), *(piece for line in lines for piece in wrapped(line, width))]


def _cut(text: str, width: int) -> int:
    """Return where to cut: after the last blank that fits, else where the width ends; always past the indent."""
    start = len(text) - len(text.lstrip(" "))
    used, fits = 0, start + 1
    for place, character in enumerate(text):
        used += cells(character)
        if used > width:
            break
        fits = max(fits, place + 1)
    blank = text.rfind(" ", start, fits + 1)
    return blank + 1 if blank > start else fits
