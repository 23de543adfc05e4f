"""Wraps styled text into rows, with a fast path for text of single-width characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import split_graphemes

from tui_router.ui.transcript.parts import Line, Part, Parts

_SINGLE = frozenset(
    chr(c)
    for a, b in (
        (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2010, 0x2027),
        (0x2030, 0x205E), (0x20A0, 0x20BF), (0x2200, 0x22FF), (0x2500, 0x25FC),
    )
    for c in range(a, b + 1)
)  # fmt: skip
_NO_START = frozenset("、。，．！？：；）」』】〉》〕〗…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ％")


def breaks(text: str, width: int) -> list[int]:
    """Return the offsets at which the rows after the first begin; no row is wider than ``width`` cells.

    Trailing spaces of a row may exceed the width; ``wrap`` drops them.
    """
    width = max(1, width)
    if len(text) * 2 <= width:
        return []
    if text.isascii() or _SINGLE.issuperset(text):
        return _plain_breaks(text, width)
    return _cell_breaks(text, width)


def _plain_breaks(text: str, width: int) -> list[int]:
    size = len(text)
    cuts: list[int] = []
    at = 0
    while size - at > width:
        cut = text.rfind(" ", at, at + width + 1)
        if cut <= at:
            cut = at + width
        else:
            cut += 1
            while cut < size and text[cut] == " ":
                cut += 1
            if cut >= size:
                break
        cuts.append(cut)
        at = cut
    return cuts


def _cell_breaks(text: str, width: int) -> list[int]:
    cuts: list[int] = []
    start = start_cells = chance = chance_cells = total = 0
    after_wide = False
    for at, end, cells in split_graphemes(text)[0]:
        character = text[at]
        wide = cells == 2
        if at > start and (wide or after_wide) and character != " " and character not in _NO_START:
            chance, chance_cells = at, total
        if total + cells - start_cells > width and character != " " and at > start:
            if chance > start:
                start, start_cells = chance, chance_cells
            else:
                start, start_cells = at, total
            cuts.append(start)
        total += cells
        if character == " ":
            chance, chance_cells = end, total
        after_wide = wide
    return cuts


def wrap(parts: Sequence[Part], width: int, first: Parts = (), rest: Parts = ()) -> list[Line]:
    """Return the rows of ``parts``, prefixed with ``first`` on the first row and ``rest`` on the others.

    Newlines in ``parts`` are hard line breaks. ``width`` does not count the prefixes.
    """
    lines: list[Line] = []
    prefix = first
    for line in _split_rows(parts):
        plain = line[0][0] if len(line) == 1 else "".join(text for text, _ in line)
        cuts = breaks(plain, width)
        if not cuts:
            lines.append(Line((*prefix, *(_trimmed(line)[0] if plain.endswith(" ") else line))))
            prefix = rest
            continue
        glue: str | None = None
        for piece in _slices(line, [*cuts, len(plain)]):
            tidy, next_glue = _trimmed(piece)
            lines.append(Line((*prefix, *tidy), glue))
            prefix, glue = rest, next_glue
    return lines or [Line(first)]


def _trimmed(piece: list[Part]) -> tuple[list[Part], str]:
    text, key = piece[-1]
    bare = text.rstrip(" ")
    if bare == text:
        return piece, ""
    if bare:
        piece[-1] = (bare, key)
        return piece, " "
    return piece[:-1], " "


def _split_rows(parts: Sequence[Part]) -> Iterator[list[Part]]:
    line: list[Part] = []
    for text, key in parts:
        if "\n" not in text:
            if text:
                line.append((text, key))
            continue
        head, *others = text.split("\n")
        if head:
            line.append((head, key))
        for other in others:
            yield line
            line = [(other, key)] if other else []
    yield line


def _slices(parts: Sequence[Part], ends: Sequence[int]) -> Iterator[list[Part]]:
    index = offset = at = 0
    for end in ends:
        piece: list[Part] = []
        while at < end:
            text, key = parts[index]
            take = min(len(text) - offset, end - at)
            piece.append((text[offset : offset + take], key))
            at += take
            offset += take
            if offset == len(text):
                index, offset = index + 1, 0
        yield piece or [("", "text")]


def hard_wrap(parts: Sequence[Part], width: int) -> list[Line]:
    """Return rows of ``width`` cells broken at any character, for code."""
    plain = "".join(text for text, _ in parts)
    if len(plain) * 2 <= width:
        return [Line(tuple(parts))]
    if plain.isascii() or _SINGLE.issuperset(plain):
        cuts = list(range(width, len(plain), width)) if len(plain) > width else []
    else:
        cuts = _hard_cuts(plain, width)
    if not cuts:
        return [Line(tuple(parts))]
    pieces = _slices(parts, [*cuts, len(plain)])
    return [Line(tuple(piece), None if number == 0 else "") for number, piece in enumerate(pieces)]


def _hard_cuts(text: str, width: int) -> list[int]:
    cuts: list[int] = []
    used = 0
    for at, _, cells in split_graphemes(text)[0]:
        if used + cells > width and used:
            cuts.append(at)
            used = 0
        used += cells
    return cuts
