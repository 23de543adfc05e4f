"""A code block that is still growing: its finished chunks are coloured once."""

from __future__ import annotations

import re
from typing import NamedTuple

from tui_router.ui.transcript import code
from tui_router.ui.transcript.parts import Line

_OPENING = re.compile(r"(`{3,}|~{3,})([^\n]*)\n")


class Closed(NamedTuple):
    """Where the block ends."""

    content_end: int
    """Offset behind the content, the last line feed of it not included; or its start when it is empty."""
    end: int
    """Offset behind the closing line."""
    complete: bool
    """True when the closing line has its line feed."""


class OpenFence:
    """The fence that begins at ``start`` of a text which only grows."""

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
        """Return the fence whose opening line, complete, stands at ``start``; ``None`` when there is none."""
        found = _OPENING.match(source, start)
        if found is None or (found[1][0] == "`" and "`" in found[2]):
            return None
        return cls(start, found)

    def closed(self, source: str) -> Closed | None:
        """Return where the fence ends, or ``None`` while it is open."""
        found = self._closing.search(source, self._scanned)
        if found is None:
            self._scanned = max(self.content, source.rfind("\n") + 1)
            return None
        ended = found.end() < len(source)
        return Closed(max(self.content, found.start() - 1), found.end() + ended, ended)

    def lines(self, source: str, end: int, width: int, *, whole: bool) -> list[Line]:
        """Return the block with the content up to ``end``; ``whole`` when that is all of it."""
        language = code.language_of(self.info)
        if width != self._width:
            self._width, self.chunk = width, self.content
            self._lines = [code.top(self.info, width)]
        complete = source[self.chunk : end if whole else source.rfind("\n", self.chunk, end) + 1]
        start = 0
        while (cut := code.next_chunk(complete, start)) is not None and cut < len(complete):
            self._lines += code.body(complete[start : cut - 1], language, width)
            start = cut
        self.chunk += start
        rest = source[self.chunk : end]
        count = source.count("\n", self.content, end) + 1
        return [*self._lines, *code.body(rest, language, width), code.bottom(count, width)]
