"""Styled lines and their parts, which the renderers produce and the painter paints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len

from tui_router.domain.safe import clean

Part = tuple[str, str]
"""(text, style key). A key is ``name[+name…][@target]``: style names of the theme, and what a click does."""
Parts = tuple[Part, ...]

DECORATION = frozenset({"quote_bar", "user_bar", "codeblock_frame", "rule", "table_rule", "bar", "pad", "note_ref"})
"""Style names of text that is painted but never copied."""

_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})"
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


class Line(NamedTuple):
    """One row of the screen, without padding."""

    parts: Parts
    glue: str | None = None
    """What joins this row to the one above when copied; ``None`` after a real line break."""
    wide: bool = False
    """Whether it may be wider than the pane, and scrolls sideways."""

    @property
    def plain(self) -> str:
        """The text of the row, including decoration."""
        return "".join(text for text, _ in self.parts)

    @property
    def copied(self) -> str:
        """The text without bars, frames and padding."""
        return "".join(text for text, key in self.parts if name_of(key) not in DECORATION)


BLANK = Line(())


def name_of(key: str) -> str:
    """Return the first name of a style key, which tells what kind of text it is."""
    return key.partition("@")[0].partition("+")[0]


def safe(text: str) -> str:
    """Return ``text`` on one row, without control characters, tabs and excessive combining marks."""
    if text.isascii() and text.isprintable():
        return text
    text = clean(text).replace("\t", "    ").replace("\n", " ")
    return text if text.isascii() else _MARKS.sub(r"\1", text)


def safe_rows(text: str) -> str:
    """Like ``safe``, but keep line breaks."""
    if text.isascii() and text.isprintable():
        return text
    text = clean(text).replace("\t", "    ")
    return text if text.isascii() else _MARKS.sub(r"\1", text)


def row(*parts: Part, glue: str | None = None) -> Line:
    """Return a line of ``parts``, each made safe."""
    return Line(tuple((safe(text), key) for text, key in parts if text), glue)


def width_of(parts: Iterable[Part]) -> int:
    """Return the width of ``parts`` in cells."""
    return sum(cell_len(text) for text, _ in parts)


def cut(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells, with an ellipsis if it was cut."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    from rich.cells import set_cell_size  # only texts that are too long come here

    return set_cell_size(text, width - 1).rstrip() + "…"


def target_of(key: str) -> str:
    """Return what a click on text with this key does, or an empty string."""
    return key.partition("@")[2]


def with_base(key: str, base: str) -> str:
    """Return ``key`` on top of ``base``; plain text takes the base unchanged."""
    if base in ("", "text"):
        return key
    return base if key == "text" else f"{base}+{key}"
