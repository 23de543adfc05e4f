"""Parses Markdown blocks (CommonMark with tables, strikethrough and formulas) and splits long text into sections.

markdown-it is loaded on first use. ``inline`` parses inline Markdown, paragraph by paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_router.ui.transcript.maths import is_inline_formula

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

Env = MutableMapping[str, Any]
"""State shared by the blocks of one text: its link definitions."""

_DEEPEST = 60
_SECTION = 16_384
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:", re.MULTILINE)
_MARK = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$|\n[ \t]*\n(?=[A-Za-z#])", re.MULTILINE)
_FORMULA_ENDS = {"$$": "$$", "\\[": "\\]"}
_INLINE_FORMULAS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))


class Block(NamedTuple):
    """A top-level block: its tokens and its first source line."""

    tokens: list[Token]
    line: int


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the shared parser; loads markdown-it."""
    from markdown_it import MarkdownIt  # 55 ms: only once something is to be shown

    markdown = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    markdown.block.ruler.before(
        "fence", "formula", _formula_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.inline.ruler.before("escape", "formula", _formula_inline)
    # Links are checked when they are opened; here every URL must stay visible.
    markdown.validateLink = lambda url: not url.lower().startswith(("javascript:", "vbscript:"))  # type: ignore[method-assign]
    return markdown


def parse(source: str, env: Env) -> list[Token]:
    """Return the block tokens of ``source``, with inline content unparsed."""
    if _too_deep(source):
        return _literal(source)
    tokens: list[Token] = []
    markdown = parser()
    text = source.replace("\x00", "\ufffd")
    markdown.block.parse(text, markdown, env, tokens)
    return tokens


def inline(content: str, env: Env) -> list[Token]:
    """Return the inline tokens of ``content``."""
    tokens: list[Token] = []
    markdown = parser()
    markdown.inline.parse(content, markdown, env, tokens)
    return tokens


def top_level(tokens: Sequence[Token]) -> list[Block]:
    """Return the top-level blocks of ``tokens``."""
    blocks: list[Block] = []
    current: list[Token] = []
    for token in tokens:
        current.append(token)
        if token.level == 0 and token.nesting <= 0:
            opening = current[0]
            blocks.append(Block(current, opening.map[0] if opening.map else 0))
            current = []
    return blocks


def children(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the child blocks of a container; ``tokens`` are those between its opening and closing token."""
    depth = 0
    current: list[Token] = []
    for token in tokens:
        current.append(token)
        depth += token.nesting
        if depth == 0 and token.type != "inline":
            yield current
            current = []


def has_definitions(source: str) -> bool:
    """Return whether ``source`` may contain link definitions."""
    return "]:" in source and bool(_DEFINITION.search(source))


def definitions(source: str) -> Env:
    """Return the link definitions of the whole of ``source``."""
    env: Env = {}
    if has_definitions(source):
        parse(source, env)
    return env


def sections(source: str) -> list[tuple[int, int]]:
    """Cut ``source`` where each piece can be rendered alone: (start, end) offsets that cover all of it.

    A cut lies before a paragraph or heading at the left edge, after a blank line, outside of fences.
    """
    if len(source) <= 2 * _SECTION:
        return [(0, len(source))]
    cuts = [0]
    fence = ""
    for found in _MARK.finditer(source):
        mark = found[1]
        if mark is None:
            if not fence and found.end() - cuts[-1] >= _SECTION:
                cuts.append(found.end())
        elif not fence:
            fence = mark if mark[0] == "~" or "`" not in found[2] else ""
        elif mark[0] == fence[0] and len(mark) >= len(fence) and not found[2].strip():
            fence = ""
    return list(zip(cuts, [*cuts[1:], len(source)], strict=True))


def _too_deep(source: str) -> bool:
    return ">>>>>>>>" in source.replace(" ", "") and bool(re.search(r"^(?: {0,3}>){40}", source, re.MULTILINE))


def _literal(source: str) -> list[Token]:
    from markdown_it.token import Token  # loaded with the parser

    return [Token("html_block", "", 0, content=source, map=[0, source.count("\n") + 1], block=True)]


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a block formula, which ends at its closing mark or, like a paragraph, at a blank line."""
    if state.is_code_block(start):
        return False
    opening = _line(state, start)
    mark = opening[:2]
    if mark not in _FORMULA_ENDS:
        return False
    close = _FORMULA_ENDS[mark]
    rest = opening[2:].strip()
    if close in rest[:-2] or rest == close:
        return False
    rows = [rest]
    line = start + 1
    closed = rest.endswith(close) and bool(rest)
    while not closed and line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        text = _line(state, line)
        rows.append(text)
        line += 1
        closed = text.rstrip().endswith(close)
    if silent:
        return True
    token = state.push("formula", "", 0)
    token.map = [start, line]
    token.content = "\n".join(rows).rstrip()
    if closed:
        token.content = token.content.removesuffix(close)
    else:
        token.markup = mark
    state.line = line
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _formula_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    for mark, close in _INLINE_FORMULAS:
        if not state.src.startswith(mark, state.pos):
            continue
        begin = state.pos + len(mark)
        end = state.src.find(close, begin, min(state.posMax, begin + 2000))
        if end < 0:
            if mark == "$$":
                continue
            return False
        content, after = state.src[begin:end], state.src[end + len(close) : end + len(close) + 1]
        if mark == "$":
            if state.pos and state.src[state.pos - 1].isalnum():
                return False
            if not is_inline_formula(content, after):
                return False
        elif not content.strip():
            continue
        if not silent:
            token = state.push("formula_inline", "", 0)
            token.content = content
        state.pos = end + len(close)
        return True
    return False
