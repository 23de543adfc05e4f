"""Markdown text as rendered lines, in sections.

Streaming text is only re-parsed at its end, and long text only rendered where it is in view.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_router.ui.transcript.block_layout import BlockLayout
from tui_router.ui.transcript.blocks import Block, Env, children, definitions, has_definitions, parse, parser, sections
from tui_router.ui.transcript.blocks import top_level as blocks_of
from tui_router.ui.transcript.code import OpenFence, highlight
from tui_router.ui.transcript.inline import Links
from tui_router.ui.transcript.parts import Line
from tui_router.ui.transcript.wrap import wrap

CAP = 20_000
"""Most rows of one text that are shown unless the user asks for all of them."""

_SECTION = 16_384
_LONG_TAIL = 8_192
_LONG_LIST = 2_048
_URLS = re.compile(r"\]\(\s*<?([^)\s>]+)|<?(https?://[^\s<>\"'`|\\)]+)")


class Section:
    """A run of consecutive lines; ``lines`` is ``None`` while their number is only estimated."""

    __slots__ = ("end", "estimate", "gap", "lines", "number", "start")

    def __init__(self, start: int = 0, end: int = 0, *, gap: bool = False, number: int | None = None) -> None:
        self.start = start
        self.end = end
        self.gap = gap
        self.number = number
        self.lines: list[Line] | None = None
        self.estimate = 0

    @classmethod
    def fixed(cls, lines: list[Line]) -> Section:
        """Return a section of rendered lines."""
        section = cls()
        section.lines = lines
        return section

    @property
    def height(self) -> int:
        """Height in rows, exact or estimated."""
        return self.estimate if self.lines is None else len(self.lines)


class Body:
    """One Markdown text, either complete or streaming: then ``grow`` repeatedly and ``finish``."""

    def __init__(self, source: str = "", *, live: bool = False, base: str = "text", keep_breaks: bool = False) -> None:
        self.source = source
        self.base = base
        self.keep_breaks = keep_breaks
        self.links = Links()
        self.live = live
        self.width = 0
        self.show_all = False
        self._env: Env = {}
        self._done = 0
        self._gap = False
        self._number: int | None = None
        self._fence: OpenFence | None = None
        self._tried = 0
        self._parsed: tuple[int, list[Line]] = (0, [])
        self.sections: list[Section] = []
        if not live:
            self._cut()

    def set_width(self, width: int) -> None:
        """Lay out for ``width`` cells; sections stay unrendered until ``build``."""
        if width == self.width:
            return
        self.width = width
        self._parsed = (0, [])
        for section in self.sections:
            section.lines = None
            section.estimate = estimate(self.source[section.start : section.end], width)
        if self.live:
            self._advance()
            self._draw_tail()

    def grow(self, text: str) -> None:
        """Append ``text``."""
        self.source += text
        if self.width:
            self._advance()
            self._draw_tail()

    def finish(self) -> None:
        """Mark the text as complete."""
        if not self.live:
            return
        self.live = False
        # A definition at the end can change links anywhere above, so everything is rendered again.
        if not self.width or has_definitions(self.source):
            width, self.width = self.width, 0
            self._cut()
            if width:
                self.set_width(width)
            return
        self._parsed = (0, [])
        self._draw_tail()
        self._fence = None

    def build(self, section: Section) -> bool:
        """Render ``section`` unless it is rendered already; return whether its height changed."""
        if section.lines is not None:
            return False
        before = section.estimate
        source = self.source[section.start : section.end]
        env = self._env if len(self.sections) > 1 else {}
        layout = BlockLayout(source, self.width, self.links, env, base=self.base, keep_breaks=self.keep_breaks)
        lines = layout.document(blocks_of(parse(source, env)), gap=section.gap, number=section.number)
        if len(lines) > CAP and not self.show_all:
            lines = lines[-CAP:]
        section.lines = lines
        return len(lines) != before

    def visible(self) -> Iterator[Section]:
        """Yield the sections to show: all, or about the last ``CAP`` rows."""
        spare = 0 if self.show_all else sum(s.height for s in self.sections) - CAP
        for section in self.sections:
            if spare >= section.height > 0:
                spare -= section.height
            else:
                yield section

    @property
    def capped(self) -> bool:
        """True while earlier rows are hidden."""
        return not self.show_all and sum(s.height for s in self.sections) >= CAP

    def unfold(self) -> None:
        """Show all rows."""
        self.show_all = True
        width, self.width = self.width, 0
        self.set_width(width)

    def _cut(self) -> None:
        self._env = definitions(self.source)
        pieces = sections(self.source)
        self.links.clear()
        if len(pieces) > 1:
            # Sections are rendered in any order; numbering all URLs up front keeps the numbers in reading order.
            for found in _URLS.finditer(self.source):
                self.links.number((found[1] or found[2]).rstrip(".,;:!?*_"))
            self.links.freeze()
        self.sections = [Section(a, b, gap=a > 0) for a, b in pieces] if self.source.strip() else []

    def _block_layout(self, source: str, env: Env) -> BlockLayout:
        return BlockLayout(source, self.width, self.links, env, base=self.base, keep_breaks=self.keep_breaks)

    def _advance(self) -> None:
        """Freeze every block that can no longer change: all but the last block of the complete lines."""
        while True:
            if self._fence is None:
                self._fence = OpenFence.at(self.source, self._done)
            if self._fence is not None:
                if not self._close_fence(self._fence):
                    return
                continue
            complete = self.source[self._done : self.source.rfind("\n") + 1]
            size = len(complete)
            # Re-parsing a long unfinished block on every token would be quadratic: wait until it grew by 10 %.
            if size <= self._tried or (size > _LONG_TAIL and size < self._tried * 1.1):
                return
            self._tried = size
            if not self._freeze(complete):
                return

    def _close_fence(self, fence: OpenFence) -> bool:
        closed = fence.find_end(self.source)
        if closed is None or not closed.complete:
            return False
        self.links.rollback()
        lines = self._fence_lines(fence, closed.content_end, whole=True)
        self._commit(lines, closed.end, gap=True, number=None)
        self._fence = None
        return True

    def _fence_lines(self, fence: OpenFence, end: int, *, whole: bool) -> list[Line]:
        lines = fence.lines(self.source, end, self.width, whole=whole)
        return [Line(()), *lines] if self._gap else lines

    def _freeze(self, complete: str) -> bool:
        blocks = blocks_of(parse(complete, self._env))
        if len(blocks) >= 2:
            self.links.rollback()
            lines = self._block_layout(complete, self._env).document(blocks[:-1], gap=self._gap, number=self._number)
            self._commit(lines, self._done + offset_of(complete, blocks[-1].line), gap=True, number=None)
            return True
        if blocks and len(complete) > _LONG_LIST and blocks[0].tokens[0].type.endswith("_list_open"):
            return self._freeze_items(complete, blocks[0])
        return False

    def _freeze_items(self, complete: str, block: Block) -> bool:
        """Freeze all items of a long list but the last, which continues the list in the tail."""
        opening, *inner, closing = block.tokens
        items = list(children(inner))
        if len(items) < 2 or items[-1][0].map is None:
            return False
        first = self._number
        if first is None:
            first = int(opening.attrs.get("start", 1)) if opening.type == "ordered_list_open" else 1
        line = items[-1][0].map[0]
        start = offset_of(complete, line)
        kept = Block([opening, *(t for item in items[:-1] for t in item), closing], block.line)
        self.links.rollback()
        lines = self._block_layout(complete, self._env).document([kept], gap=self._gap, number=first)
        above = complete[complete.rfind("\n", 0, start - 1) + 1 : start - 1]
        self._commit(lines, self._done + start, gap=not above.strip("> \t"), number=first + len(items) - 1)
        return True

    def _commit(self, lines: list[Line], end: int, *, gap: bool, number: int | None) -> None:
        self.links.freeze()
        if self.sections and self.sections[-1].start == self._done:
            self.sections.pop()
        last = self.sections[-1] if self.sections else None
        if last is not None and last.lines is not None and last.end - last.start < _SECTION:
            last.lines += lines
            last.end = end
        elif lines:
            section = Section(self._done, end, gap=self._gap, number=self._number)
            section.lines = lines
            self.sections.append(section)
        elif last is not None:
            last.end = end
        self._done, self._tried, self._parsed = end, 0, (0, [])
        if self.sections:
            self._gap, self._number = gap, number

    def _draw_tail(self) -> None:
        if self.sections and self.sections[-1].start >= self._done:
            self.sections.pop()
        if self._done >= len(self.source) or not self.source[self._done :].strip():
            return
        section = Section(self._done, len(self.source), gap=self._gap, number=self._number)
        self.links.rollback()
        section.lines = self._tail_lines()
        if section.lines:
            self.sections.append(section)

    def _tail_lines(self) -> list[Line]:
        if self._fence is not None:
            closed = self._fence.find_end(self.source)
            end = closed.content_end if closed else len(self.source)
            newline = self.source.rfind("\n")
            if closed is None and not self.source[newline + 1 :].strip(" \t"):
                end = max(self._fence.content, newline)
            return self._fence_lines(self._fence, end, whole=closed is not None or not self.live)
        tail = self.source[self._done :]
        length, lines = self._parsed
        if length > _LONG_TAIL and len(tail) < length * 1.1:
            return [*lines, *wrap([(tail[length:], self.base)], self.width)]
        # Parsed on a copy: a definition in the unfinished tail may still change.
        references = self._env.get("references")
        env: Env = {"references": dict(references)} if references else {}
        lines = self._block_layout(tail, env).document(blocks_of(parse(tail, env)), gap=self._gap, number=self._number)
        self._parsed = (len(tail), lines)
        return lines


def estimate(source: str, width: int) -> int:
    """Estimate the rows of ``source`` at ``width`` cells without parsing it."""
    cells = len(source) if source.isascii() else len(source) + len(source.encode("utf-8", "replace")) // 6
    return cells // max(4, width) + source.count("\n") + 1


def offset_of(source: str, line: int) -> int:
    """Return the offset at which line ``line`` (from 0) of ``source`` begins."""
    at = 0
    for _ in range(line):
        at = source.index("\n", at) + 1
    return at


def load_libraries() -> None:
    """Load markdown-it and pygments (about 60 ms) ahead of the first answer. Safe to call from any thread."""
    parser()
    highlight("pass\n", "python")
