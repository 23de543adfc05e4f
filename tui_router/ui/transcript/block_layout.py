"""Markdown blocks as styled lines: headings, paragraphs, lists, quotes, tables, code, formulas and rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_router.ui.transcript import code
from tui_router.ui.transcript.blocks import Block, Env, children
from tui_router.ui.transcript.inline import InlineRenderer, Links
from tui_router.ui.transcript.maths import to_unicode
from tui_router.ui.transcript.parts import BLANK, Line, Part, Parts, cut, row, safe, safe_rows, width_of, with_base
from tui_router.ui.transcript.wrap import wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

_LEAST_ROOM = 10
_SEPARATOR = 3
_NARROWEST = 3
_LONGEST_WORD = 14
_WIDEST_WHEN_WIDE = 32
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_BULLETS = ("• ", "◦ ", "▪ ")

Cell = list[Part]


@dataclass(frozen=True, slots=True)
class Margin:
    """The prefixes of a block: of its first row, and of all others."""

    first: Parts = ()
    rest: Parts = ()

    def inside(self, width: int) -> int:
        """Return the cells left for content out of ``width``."""
        return max(1, width - width_of(self.rest))

    def add(self, first: Part, rest: Part, width: int) -> Margin:
        """Return this margin extended on the right, unless that would leave too little room."""
        if self.inside(width) - width_of([rest]) < _LEAST_ROOM:
            return Margin((*self.first, first), self.rest) if first[0].strip() else self
        return Margin((*self.first, first), (*self.rest, rest))

    def below(self) -> Margin:
        """Return the margin for rows after the first."""
        return Margin(self.rest, self.rest)


class BlockLayout:
    """Renders the blocks of one source text at one width."""

    __slots__ = ("_inline", "_rows", "base", "width")

    def __init__(
        self, source: str, width: int, links: Links, env: Env, *, base: str = "text", keep_breaks: bool = False
    ) -> None:
        self.width = max(1, width)
        self.base = base
        self._rows = source.split("\n")
        self._inline = InlineRenderer(links, env, keep_breaks=keep_breaks)

    def document(self, blocks: Sequence[Block], *, gap: bool, number: int | None = None) -> list[Line]:
        """Return the lines of top-level ``blocks``, separated by blank rows; ``gap`` adds one before the first.

        ``number`` is the ordinal of the first item if the first block continues a list.
        """
        lines: list[Line] = []
        for position, block in enumerate(blocks):
            if position or gap:
                lines.append(BLANK)
            lines += self.block(block.tokens, Margin(), number if position == 0 else None)
        return lines

    def block(self, tokens: list[Token], margin: Margin, number: int | None = None) -> list[Line]:
        """Return the lines of one block."""
        opening = tokens[0]
        match opening.type:
            case "paragraph_open":
                return self._paragraph(tokens[1].content, margin)
            case "heading_open":
                key = f"heading{min(3, int(opening.tag[1:]))}"
                return self._wrapped(self._inline.parts(tokens[1].content, with_base(key, self.base)), margin)
            case "fence" | "code_block":
                content = opening.content.removesuffix("\n")
                return self._indented(code.code_block(content, opening.info, margin.inside(self.width)), margin)
            case "bullet_list_open" | "ordered_list_open":
                return self._list(tokens, margin, number)
            case "blockquote_open":
                return self._quote(tokens, margin)
            case "table_open":
                return self._table(tokens, margin)
            case "hr":
                return self._indented([Line((("─" * margin.inside(self.width), "rule"),))], margin)
            case "formula":
                return self._formula(opening, margin)
            case _:
                return self._wrapped([(safe_rows(opening.content.rstrip("\n")), self.base)], margin)

    def _wrapped(self, parts: list[Part], margin: Margin) -> list[Line]:
        return wrap(parts, margin.inside(self.width), margin.first, margin.rest)

    def _indented(self, lines: list[Line], margin: Margin) -> list[Line]:
        if not margin.first and not margin.rest:
            return lines
        prefixes = [margin.first] + [margin.rest] * (len(lines) - 1)
        return [Line((*p, *line.parts), line.glue, line.wide) for p, line in zip(prefixes, lines, strict=True)]

    def _paragraph(self, content: str, margin: Margin) -> list[Line]:
        parts = self._inline.parts(content, self.base)
        shown = [part for part in parts if part[0].strip()]
        if len(shown) == 1 and shown[0][0].startswith("[▣ ") and content.startswith("!["):
            text, key = shown[0]
            return self._indented(box([(text[3:-1], key)], "image", margin.inside(self.width)), margin)
        return self._wrapped(parts, margin)

    def _formula(self, token: Token, margin: Margin) -> list[Line]:
        if token.markup:
            return self._paragraph(token.markup + token.content, margin)
        text = safe_rows(to_unicode(token.content))
        inner = margin.add(("  ", self.base), ("  ", self.base), self.width)
        return self._wrapped([(text, with_base("emphasis", self.base))], inner)

    def _quote(self, tokens: list[Token], margin: Margin) -> list[Line]:
        inner = margin.add(("▌ ", "quote_bar"), ("▌ ", "quote_bar"), self.width)
        outer, self.base = self.base, with_base("quote", self.base) if "quote" not in self.base else self.base
        lines: list[Line] = []
        for position, block in enumerate(children(tokens[1:-1])):
            if position:
                lines.append(Line(inner.rest))
            lines += self.block(block, inner if position == 0 else inner.below())
        self.base = outer
        return lines or [Line(inner.first)]

    def _list(self, tokens: list[Token], margin: Margin, number: int | None) -> list[Line]:
        opening = tokens[0]
        ordered = opening.type == "ordered_list_open"
        if number is None:
            number = int(opening.attrs.get("start", 1)) if ordered else 1
        bullet = _BULLETS[min(2, opening.level // 2)]
        lines: list[Line] = []
        for position, item in enumerate(children(tokens[1:-1])):
            mark = f"{number + position}. " if ordered else bullet
            current = margin if position == 0 else margin.below()
            if position and self._blank_before(item[0]):
                lines.append(Line(margin.rest))
            lines += self._item(item, mark, current)
        return lines

    def _item(self, tokens: list[Token], mark: str, margin: Margin) -> list[Line]:
        blocks = list(children(tokens[1:-1]))
        if blocks and blocks[0][0].type == "paragraph_open":
            content = blocks[0][1].content
            if content[:4] in _TASKS:
                mark = _TASKS[content[:4]] if mark in _BULLETS else mark + _TASKS[content[:4]]
                blocks[0][1].content = content[4:]
        inner = margin.add((mark, "bullet"), (" " * len(mark), "indent"), self.width)
        lines: list[Line] = []
        for position, block in enumerate(blocks):
            if position and self._blank_before(block[0]):
                lines.append(Line(inner.rest))
            lines += self.block(block, inner if position == 0 else inner.below())
        return lines or [Line(inner.first)]

    def _blank_before(self, token: Token) -> bool:
        line = token.map[0] - 1 if token.map else -1
        return 0 <= line < len(self._rows) and not self._rows[line].strip("> \t")

    def _table(self, tokens: list[Token], margin: Margin) -> list[Line]:
        rows: list[list[list[Part]]] = []
        aligns: list[str] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                aligns.append(str(token.attrs.get("style", "")).removeprefix("text-align:") or "left")
            elif token.type == "inline":
                base = with_base("table_head", self.base) if len(rows) == 1 else self.base
                rows[-1].append(self._inline.parts(token.content, base))
        return self._indented(table(rows, aligns, margin.inside(self.width)), margin)


def box(parts: Sequence[Part], title: str, width: int) -> list[Line]:
    """Return ``parts`` in a small labelled frame, at most ``width`` cells wide."""
    inner = max(1, min(width - 4, max(width_of(parts), len(title) + 2)))
    if width < 8:
        return [row(*parts)]
    text = cut(safe("".join(text for text, _ in parts)), inner)
    key = parts[0][1] if parts else "text"
    label = cut(f" {title} ", inner)
    edge = "codeblock_frame"
    return [
        Line(((f"╭─{label}{'─' * (inner + 1 - len(label))}╮", edge),)),
        Line(
            (("│", edge), (" ", "pad"), (text, key), (" " * (inner - width_of([(text, "")]) + 1), "pad"), ("│", edge))
        ),
        Line(((f"╰{'─' * (inner + 2)}╯", edge),)),
    ]


def table(rows: Sequence[Sequence[Cell]], aligns: Sequence[str], width: int) -> list[Line]:
    """Return the lines of a table. The first row is its header; ``aligns`` are ``left``, ``right`` or ``center``.

    Columns shrink and cells wrap to fit ``width``. A table that cannot fit is marked ``wide`` and scrolls sideways.
    """
    columns = max(map(len, rows), default=0)
    if not columns:
        return []
    natural, least = _measured(rows, columns)
    room = width - _SEPARATOR * (columns - 1)
    if sum(least) > room:
        widths = [max(small, min(large, _WIDEST_WHEN_WIDE)) for small, large in zip(least, natural, strict=True)]
    else:
        widths = fit_columns(natural, least, room)
    wide = sum(widths) > room
    lines: list[Line] = []
    for number, cells in enumerate(rows):
        lines += _table_row(cells, widths, aligns, wide)
        if number == 0:
            lines.append(Line((("─┼─".join("─" * w for w in widths), "table_rule"),), wide=wide))
    return lines


def fit_columns(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return column widths that add up to ``room`` if possible: the widest shrink first, none below its minimum."""
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


def _table_row(cells: Sequence[Cell], widths: Sequence[int], aligns: Sequence[str], wide: bool) -> list[Line]:
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
