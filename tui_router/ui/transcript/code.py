"""Code blocks: highlighted in chunks, wrapped, and framed with their language and line count.

Where a chunk ends does not depend on the text after it. A block that is still streaming can therefore be
highlighted chunk by chunk and ends up the same as one rendered in one go. The language is never guessed, and
pygments is loaded on first use.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tui_router.ui.transcript.parts import Line, Part, Parts, cut, safe, width_of
from tui_router.ui.transcript.wrap import hard_wrap

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_CHUNK = 1536
_LONGEST_CHUNK = 12_288
_LONGEST_LINE = 5_000
_EDGE = re.compile(r"\n[ \t]*\n(?=\S)")
_OPENING = re.compile(r"(`{3,}|~{3,})([^\n]*)\n")
_KEYS = (
    ("Token.Comment", "syntax_comment"),
    ("Token.Keyword.Type", "syntax_type"),
    ("Token.Keyword", "syntax_keyword"),
    ("Token.Operator.Word", "syntax_keyword"),
    ("Token.Operator", "syntax_operator"),
    ("Token.Name.Class", "syntax_type"),
    ("Token.Name.Exception", "syntax_type"),
    ("Token.Name.Function", "syntax_name"),
    ("Token.Name.Builtin", "syntax_name"),
    ("Token.Name.Decorator", "syntax_name"),
    ("Token.Name.Tag", "syntax_keyword"),
    ("Token.Name.Attribute", "syntax_name"),
    ("Token.Literal.String", "syntax_string"),
    ("Token.Literal.Number", "syntax_number"),
    ("Token.Literal", "syntax_string"),
    ("Token.Generic.Inserted", "diff_add"),
    ("Token.Generic.Deleted", "diff_remove"),
    ("Token.Generic.Heading", "syntax_type"),
    ("Token.Generic.Subheading", "syntax_type"),
)


def language_of(info: str) -> str:
    """Return the language named after an opening fence, or an empty string."""
    word = info.strip().split(None, 1)[0] if info.strip() else ""
    return safe(word.strip("{}.").partition(",")[0].partition(":")[0])[:24]


def next_chunk(content: str, start: int) -> int | None:
    """Return the end offset of the chunk starting at ``start``, or ``None`` if more text may belong to it.

    ``content`` must consist of complete lines.
    """
    last = content.find("\n", start + _LONGEST_CHUNK) + 1
    for found in _EDGE.finditer(content, start + _CHUNK, last or len(content)):
        if _balanced(content[start : found.start()]):
            return found.end()
    return last or None


def _balanced(text: str) -> bool:
    return not (text.count('"""') % 2 or text.count("'''") % 2 or text.count("/*") > text.count("*/"))


def chunks(content: str) -> list[str]:
    """Split ``content`` into chunks that are highlighted independently."""
    pieces: list[str] = []
    start = 0
    while (end := next_chunk(content, start)) is not None and end < len(content):
        pieces.append(content[start:end])
        start = end
    return [*pieces, content[start:]]


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name  # 45 ms: only for labelled code
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _key_of(token: _TokenType) -> str:
    name = str(token)
    for prefix, key in _KEYS:
        if name.startswith(prefix):
            return f"codeblock+{key}"
    return "codeblock"


@lru_cache(maxsize=128)
def highlight(chunk: str, language: str) -> tuple[Parts, ...]:
    """Return the styled lines of ``chunk``; unstyled if the language is unknown or a line is very long."""
    text = chunk.expandtabs(4)
    rows = [safe(line) for line in text.split("\n")]
    lexer = _lexer(language.lower()) if language else None
    if lexer is None or len(text) > 65_536 or max(map(len, rows)) > _LONGEST_LINE:
        return tuple(((line, "codeblock"),) if line else () for line in rows)
    coloured: list[list[Part]] = [[]]
    for token, value in lexer.get_tokens("\n".join(rows)):
        key = _key_of(token)
        first, *others = value.split("\n")
        if first:
            coloured[-1].append((first, key))
        coloured.extend([(other, key)] if other else [] for other in others)
    return tuple(tuple(line) for line in coloured)


def frame_top(info: str, width: int) -> Line:
    """Return the top edge of a frame, labelled with the language."""
    name = language_of(info)
    label = cut(f" {name} ", max(0, width - 4)) if name else ""
    return Line((("╭─" + label + "─" * max(0, width - 2 - width_of([(label, "")])), "codeblock_frame"),))


def frame_bottom(count: int, width: int) -> Line:
    """Return the bottom edge of a frame, labelled with the number of lines."""
    label = cut(f" {count} {'line' if count == 1 else 'lines'} ", max(0, width - 4)) if width > 12 else ""
    return Line((("╰─" + label + "─" * max(0, width - 2 - len(label)), "codeblock_frame"),))


def chunk_rows(chunk: str, language: str, width: int) -> list[Line]:
    """Return the rows of a chunk, wrapped to ``width`` minus a margin of one cell on each side."""
    inner = max(1, width - 2)
    lines: list[Line] = []
    for parts in highlight(chunk, language):
        for piece in hard_wrap(parts, inner):
            room = max(0, inner - width_of(piece.parts)) + 1
            framed = ((" ", "pad+codeblock"), *piece.parts, (" " * room, "pad+codeblock"))
            lines.append(Line(framed, piece.glue))
    return lines


def code_block(content: str, info: str, width: int) -> list[Line]:
    """Return a complete code block with its frame. ``content`` must not end with a newline."""
    language = language_of(info)
    lines = [frame_top(info, width)]
    pieces = chunks(content)
    for number, piece in enumerate(pieces):
        inside = number < len(pieces) - 1
        lines += chunk_rows(piece[:-1] if inside and piece.endswith("\n") else piece, language, width)
    lines.append(frame_bottom(content.count("\n") + 1, width))
    return lines


class FenceEnd(NamedTuple):
    """Where a fenced block ends, as offsets into the source."""

    content_end: int
    """End of the content without its last newline; the start of the content if it is empty."""
    end: int
    """End of the closing line."""
    complete: bool
    """True once the newline of the closing line has arrived."""


class OpenFence:
    """A fenced block in text that is still streaming. Each finished chunk is highlighted only once."""

    __slots__ = ("_closing", "_lines", "_scanned", "_width", "chunk", "content", "info", "start")

    def __init__(self, start: int, opening: re.Match[str]) -> None:
        mark = opening[1]
        self.start = start
        self.info = opening[2].strip()
        self.content = opening.end()
        self.chunk = self.content
        self._scanned = self.content
        self._lines: list[Line] = []
        self._width = -1
        self._closing = re.compile(rf"^ {{0,3}}{mark[0]}{{{len(mark)},}}[ \t]*$", re.MULTILINE)

    @classmethod
    def at(cls, source: str, start: int) -> OpenFence | None:
        """Return the fence whose complete opening line is at ``start``, or ``None``."""
        found = _OPENING.match(source, start)
        if found is None or (found[1][0] == "`" and "`" in found[2]):
            return None
        return cls(start, found)

    def find_end(self, source: str) -> FenceEnd | None:
        """Return where the block ends, or ``None`` while it is open."""
        found = self._closing.search(source, self._scanned)
        if found is None:
            self._scanned = max(self.content, source.rfind("\n") + 1)
            return None
        ended = found.end() < len(source)
        return FenceEnd(max(self.content, found.start() - 1), found.end() + ended, ended)

    def lines(self, source: str, end: int, width: int, *, whole: bool) -> list[Line]:
        """Return the rows of the block up to ``end``; ``whole`` means that the content ends there."""
        language = language_of(self.info)
        if width != self._width:
            self._width, self.chunk = width, self.content
            self._lines = [frame_top(self.info, width)]
        complete = source[self.chunk : end if whole else source.rfind("\n", self.chunk, end) + 1]
        start = 0
        while (stop := next_chunk(complete, start)) is not None and stop < len(complete):
            self._lines += chunk_rows(complete[start : stop - 1], language, width)
            start = stop
        self.chunk += start
        rest = source[self.chunk : end]
        count = source.count("\n", self.content, end) + 1
        return [*self._lines, *chunk_rows(rest, language, width), frame_bottom(count, width)]
