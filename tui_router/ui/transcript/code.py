"""Code blocks: highlighting by chunks, a frame with language and line count, long lines wrapped.

A chunk's end depends on nothing after it, so a block that grows is coloured piece by piece and looks
the same as when it is rendered at once. The language is never guessed; pygments is loaded on first use.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tui_router.ui.transcript.parts import Line, Part, Parts, cut, safe, width_of
from tui_router.ui.transcript.wrap import hard_wrap

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_CHUNK = 1536
_LONGEST_CHUNK = 12_288
_LONGEST_LINE = 5_000
_EDGE = re.compile(r"\n[ \t]*\n(?=\S)")
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
    """Return the language that a fence names, or an empty text."""
    word = info.strip().split(None, 1)[0] if info.strip() else ""
    return safe(word.strip("{}.").partition(",")[0].partition(":")[0])[:24]


def next_chunk(content: str, start: int) -> int | None:
    """Return where the chunk that begins at ``start`` ends, or ``None`` when more text may belong to it.

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
    """Return ``content`` cut into the pieces that are highlighted alone."""
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
    """Return the rows of ``chunk``; plain when the language is unknown or a line is very long."""
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


def top(info: str, width: int) -> Line:
    """Return the upper edge of a frame, with the language."""
    name = language_of(info)
    label = cut(f" {name} ", max(0, width - 4)) if name else ""
    return Line((("╭─" + label + "─" * max(0, width - 2 - width_of([(label, "")])), "codeblock_frame"),))


def bottom(count: int, width: int) -> Line:
    """Return the lower edge of a frame, with the number of lines."""
    label = cut(f" {count} {'line' if count == 1 else 'lines'} ", max(0, width - 4)) if width > 12 else ""
    return Line((("╰─" + label + "─" * max(0, width - 2 - len(label)), "codeblock_frame"),))


def body(chunk: str, language: str, width: int) -> list[Line]:
    """Return the rows of a chunk, wrapped at ``width`` less a margin of one cell each side."""
    inner = max(1, width - 2)
    lines: list[Line] = []
    for parts in highlight(chunk, language):
        for piece in hard_wrap(parts, inner):
            room = max(0, inner - width_of(piece.parts)) + 1
            framed = ((" ", "pad+codeblock"), *piece.parts, (" " * room, "pad+codeblock"))
            lines.append(Line(framed, piece.glue))
    return lines


def block(content: str, info: str, width: int) -> list[Line]:
    """Return a whole code block with its frame. ``content`` ends without a line feed."""
    language = language_of(info)
    lines = [top(info, width)]
    pieces = chunks(content)
    for number, piece in enumerate(pieces):
        inside = number < len(pieces) - 1
        lines += body(piece[:-1] if inside and piece.endswith("\n") else piece, language, width)
    lines.append(bottom(content.count("\n") + 1, width))
    return lines
