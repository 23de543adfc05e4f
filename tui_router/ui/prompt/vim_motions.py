"""Vim's motions and text objects as pure functions on a text and character offsets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextRange:
    """A half-open range of offsets; ``linewise`` if operators extend it to whole lines."""

    start: int
    end: int
    linewise: bool = False


def line_start(text: str, at: int) -> int:
    """Return the offset of the first character of the line."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Return the offset of the line's line feed, or the end of the text."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def first_word(text: str, at: int) -> int:
    """Return the offset of the first non-blank character of the line."""
    start, end = line_start(text, at), line_end(text, at)
    return start + len(text[start:end]) - len(text[start:end].lstrip())


def clamp_normal(text: str, at: int) -> int:
    """Return the nearest offset for a block cursor, which cannot be after the last character of a line."""
    at = max(0, min(at, len(text)))
    return at - 1 if at == line_end(text, at) and at > line_start(text, at) else at


def left(text: str, at: int) -> int:
    """``h``: one character left, within the line."""
    return max(line_start(text, at), at - 1)


def right(text: str, at: int) -> int:
    """``l``: one character right, within the line."""
    return min(line_end(text, at), at + 1)


def vertical(text: str, at: int, lines: int) -> int | None:
    """``j`` and ``k``: the same column ``lines`` away; ``None`` if there is no such line."""
    column = at - line_start(text, at)
    for _ in range(abs(lines)):
        if lines < 0:
            if line_start(text, at) == 0:
                return None
            at = line_start(text, line_start(text, at) - 1)
        else:
            if line_end(text, at) == len(text):
                return None
            at = line_end(text, at) + 1
    start = line_start(text, at)
    return min(start + column, line_end(text, start))


def _kind(c: str, big: bool) -> int:
    if c.isspace():
        return 0
    return 1 if big or c.isalnum() or c == "_" else 2


def word_forward(text: str, at: int, big: bool = False) -> int:
    """``w``, ``W``: the start of the next word."""
    if at >= len(text):
        return len(text)
    kind = _kind(text[at], big)
    while kind and at < len(text) and _kind(text[at], big) == kind:
        at += 1
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def word_back(text: str, at: int, big: bool = False) -> int:
    """``b``, ``B``: the start of this or the previous word."""
    at -= 1
    while at > 0 and text[at].isspace():
        at -= 1
    if at <= 0:
        return 0
    kind = _kind(text[at], big)
    while at > 0 and _kind(text[at - 1], big) == kind:
        at -= 1
    return at


def word_end(text: str, at: int, big: bool = False) -> int:
    """``e``, ``E``: the last character of this or the next word."""
    at += 1
    while at < len(text) and text[at].isspace():
        at += 1
    if at >= len(text):
        return max(0, len(text) - 1)
    kind = _kind(text[at], big)
    while at + 1 < len(text) and _kind(text[at + 1], big) == kind:
        at += 1
    return at


def find_char(text: str, at: int, command: str, c: str) -> int | None:
    """``f``, ``F``, ``t``, ``T``: the next or previous ``c`` on this line, or the offset just before reaching it."""
    if command in "ft":
        hit = text.find(c, at + (2 if command == "t" else 1), line_end(text, at))
        return None if hit < 0 else hit - (command == "t")
    hit = text.rfind(c, line_start(text, at), max(0, at - (command == "T")))
    return None if hit < 0 else hit + (command == "T")


MOVES: dict[str, Callable[[str, int], int]] = {
    "h": left,
    "l": right,
    "w": word_forward,
    "W": lambda text, at: word_forward(text, at, True),
    "b": word_back,
    "B": lambda text, at: word_back(text, at, True),
    "e": word_end,
    "E": lambda text, at: word_end(text, at, True),
    "0": line_start,
    "^": first_word,
    "$": lambda text, at: max(line_start(text, at), line_end(text, at) - 1),
}
"""Motions of one key that stay in the text and need no argument."""

INCLUSIVE = frozenset("eE$")
"""Motions whose last character operators include."""

_PAIRS = {"(": "()", ")": "()", "b": "()", "[": "[]", "]": "[]", "{": "{}", "}": "{}", "B": "{}", "<": "<>", ">": "<>"}


def text_object(text: str, at: int, around: bool, name: str) -> TextRange | None:
    """Return the range of a text object such as ``iw``, ``a"`` or ``i(``; ``None`` if there is none."""
    if name in "wW":
        return _word_object(text, at, around, name == "W")
    if name in "\"'`":
        return _quote_object(text, at, around, name)
    if name in _PAIRS:
        return _pair_object(text, at, around, *_PAIRS[name])
    return None


def _word_object(text: str, at: int, around: bool, big: bool) -> TextRange | None:
    first, last = line_start(text, at), line_end(text, at)
    if at >= last:
        return None
    kind = _kind(text[at], big)
    start = end = at
    while start > first and _kind(text[start - 1], big) == kind:
        start -= 1
    while end < last and _kind(text[end], big) == kind:
        end += 1
    if around:
        behind = end
        while end < last and text[end].isspace():
            end += 1
        while end == behind and start > first and text[start - 1].isspace():
            start -= 1
    return TextRange(start, end)


def _quote_object(text: str, at: int, around: bool, quote: str) -> TextRange | None:
    first, last = line_start(text, at), line_end(text, at)
    marks = [i for i in range(first, last) if text[i] == quote]
    for start, end in zip(marks[::2], marks[1::2], strict=False):
        if at <= end:
            return TextRange(start, end + 1) if around else TextRange(start + 1, end)
    return None


def _pair_object(text: str, at: int, around: bool, opening: str, closing: str) -> TextRange | None:
    depth, start = 0, at
    while start >= 0:
        if text[start : start + 1] == closing and start != at:
            depth += 1
        elif text[start : start + 1] == opening:
            if not depth:
                break
            depth -= 1
        start -= 1
    if start < 0:
        return None
    depth = 0
    for end in range(start + 1, len(text)):
        if text[end] == opening:
            depth += 1
        elif text[end] == closing:
            if not depth:
                return TextRange(start, end + 1) if around else TextRange(start + 1, end)
            depth -= 1
    return None
