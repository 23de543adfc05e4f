"""The fenced code blocks of a Markdown text, without a Markdown parser: for copying and for ``ask --code``.

More forgiving than CommonMark where models are careless: a fence counts however deep it is indented,
within lists and quotes too, and one that is never closed runs to the end of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(
    r"(?P<prefix>(?:[ \t]*>)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$"
)
_QUOTE = re.compile(r"[ \t]*> ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """One fenced block."""

    code: str
    """The lines between the fences, each with its line feed, without the indentation of the fence."""
    language: str = ""
    """First word after the opening fence."""
    line: int = 0
    """Line of the opening fence, counted from 0."""
    is_closed: bool = True
    """False when the text ended before the block did."""


def code_blocks(text: str) -> tuple[CodeBlock, ...]:
    """Return the fenced code blocks of a Markdown text, in order."""
    return tuple(_blocks(text.removesuffix("\n").split("\n")))


def close_fence(text: str) -> str:
    """Return ``text`` with its last code block closed, so that what is put after it is not swallowed."""
    lines = text.split("\n")
    last = next((b for b in reversed(code_blocks(text)) if not b.is_closed), None)
    opening = _OPENING.match(lines[last.line]) if last else None
    if opening is None:
        return text
    quotes = opening["prefix"].count(">")
    return f"{text.rstrip()}\n{'> ' * quotes}{opening['fence']}"


def _blocks(lines: list[str]) -> Iterator[CodeBlock]:
    number = 0
    while number < len(lines):
        opening = _OPENING.match(lines[number])
        if opening is None:
            number += 1
            continue
        start, number = number, number + 1
        code: list[str] = []
        is_closed = False
        quotes = opening["prefix"].count(">")
        indent = len(opening["prefix"].rpartition(">")[2].expandtabs(4)) - bool(quotes)
        closing = re.compile(rf"[ \t]*{re.escape(opening['fence'])}{re.escape(opening['fence'][0])}*[ \t]*$")
        while number < len(lines):
            line = _unquote(lines[number], quotes)
            if line is None:
                is_closed = True  # the quote ended, and its block with it
                break
            number += 1
            if closing.match(line):
                is_closed = True
                break
            code.append(_outdent(line, max(0, indent)))
        yield CodeBlock(
            code="".join(f"{line}\n" for line in code),
            language=(opening["info"].split() or [""])[0].strip("{}").lstrip("."),
            line=start,
            is_closed=is_closed,
        )


def _unquote(line: str, quotes: int) -> str | None:
    for _ in range(quotes):
        mark = _QUOTE.match(line)
        if mark is None:
            return None
        line = line[mark.end() :]
    return line


def _outdent(line: str, width: int) -> str:
    if not line.startswith("\t"):
        kept = len(line) - len(line.lstrip(" "))
        return line[min(kept, width) :]
    return line[1:] if width >= 4 else line
