"""The rows of one entry: header, reasoning, text and footer. Only rows in view are rendered."""

from __future__ import annotations

from collections.abc import Iterator

from tui_router.domain.message import Citation
from tui_router.ui.transcript.appearance import Appearance
from tui_router.ui.transcript.body import Body, Section, estimate
from tui_router.ui.transcript.entry_state import EntryKind, EntryState
from tui_router.ui.transcript.footer import footer_rows
from tui_router.ui.transcript.header import header_rows
from tui_router.ui.transcript.inline import Link
from tui_router.ui.transcript.parts import BLANK, Line, row

_GAP = Section.fixed([BLANK])
_NOTHING = Section.fixed([])
_NO_APPEARANCE = Appearance(width=0)
_MORE = Section.fixed([row(("↑ earlier rows are not shown · ", "muted"), ("show all", "link@fold:more"))])
_MOST_PASSES = 64


class EntryLayout:
    """The rendered rows of an entry, and the estimated height of the rest."""

    __slots__ = ("_appearance", "_body", "_entry", "_estimate", "_footer", "_header", "_now", "_reasoning")

    def __init__(self, entry: EntryState) -> None:
        self._entry = entry
        self._appearance = _NO_APPEARANCE
        self._estimate = 0
        self._now = 0.0
        self._body: Body | None = None
        self._reasoning: Body | None = None
        self._header = self._footer = _NOTHING

    @property
    def height(self) -> int:
        """Height in rows, exact or estimated."""
        return self._estimate if self._body is None else sum(section.height for section in self.sections())

    @property
    def is_built(self) -> bool:
        """True once any row was rendered."""
        return self._body is not None

    @property
    def shows_reasoning(self) -> bool:
        """True while the reasoning is unfolded."""
        opened = self._entry.reasoning_open
        return self._appearance.reasoning == "open" if opened is None else opened

    @property
    def links(self) -> tuple[Link, ...]:
        """All links of the text and its citations; link number n is at index n - 1."""
        table = self._body.links.table if self._body is not None else ()
        known = {link.url for link in table}
        cited = {
            part.url: Link(part.url, part.title or "")
            for part in self._entry.parts
            if isinstance(part, Citation) and part.url not in known
        }
        return (*table, *cited.values())

    def set_appearance(self, appearance: Appearance) -> None:
        """Lay out for another appearance. An entry that was never rendered only gets a new height estimate."""
        if appearance == self._appearance:
            return
        self._appearance = appearance
        if self._body is not None or self._entry.state is not None:
            self.prepare(self._now)
        else:
            text = self._entry.text
            self._estimate = estimate(text, appearance.width) + (appearance.density == "comfortable") + 1 if text else 3

    def prepare(self, now: float) -> None:
        """Create the bodies of text and reasoning for the current width, without rendering them."""
        entry, width = self._entry, self._appearance.width
        if self._body is None:
            user = entry.kind is EntryKind.USER
            self._body = Body(
                "" if entry.is_live else entry.text,
                live=entry.is_live,
                base="user" if user else "text",
                keep_breaks=user,
            )
            if entry.is_live:
                self._body.grow(entry.text)
        self._body.set_width(width)
        if self._reasoning is None and entry.reasoning and self.shows_reasoning:
            self._reasoning = Body(entry.reasoning if not entry.is_live else "", live=entry.is_live, base="reasoning")
            if entry.is_live:
                self._reasoning.grow(entry.reasoning)
        if self._reasoning is not None:
            self._reasoning.set_width(width)
        self.rebuild_chrome(now)

    def grow(self, now: float) -> None:
        """Append what the live answer received since the last call."""
        entry = self._entry
        for body, text in ((self._body, entry.text), (self._reasoning, entry.reasoning)):
            if body is None:
                continue
            if len(text) > len(body.source):
                body.grow(text[len(body.source) :])
            if not entry.is_live:
                body.finish()
        if self._appearance.width:
            self.prepare(now)

    def show_all(self) -> None:
        """Lift the row limit of a very long text."""
        if self._body is not None:
            self._body.unfold()

    def discard_rows(self) -> None:
        """Free the rendered rows of an entry far from view; its height stays."""
        if self._body is None or self._entry.state is not None:
            return
        self._estimate = self.height
        self._body = self._reasoning = None

    def sections(self) -> Iterator[Section]:
        """Yield the sections from top to bottom."""
        yield self._header
        entry = self._entry
        if not entry.folded and entry.kind in (EntryKind.USER, EntryKind.ASSISTANT):
            if self._reasoning is not None and self.shows_reasoning:
                yield from self._reasoning.visible()
                yield _GAP
            if self._body is not None:
                if self._body.capped:
                    yield _MORE
                yield from self._body.visible()
        yield self._footer

    def build(self, first: int, last: int, now: float) -> bool:
        """Render rows [first, last); return whether the height changed."""
        before = self.height
        if self._body is None:
            self.prepare(now)
        built = False
        # Rendering replaces estimated heights, which can bring further sections into the range.
        for _ in range(_MOST_PASSES):
            found = self._unbuilt(first, last)
            if not found:
                break
            built = True
            for section in found:
                self._owner(section).build(section)
        if built:
            self.rebuild_chrome(now)
        return self.height != before

    def rows(self, first: int, last: int) -> list[Line | None]:
        """Return rows [first, last); ``None`` for rows not rendered yet."""
        found: list[Line | None] = []
        top = 0
        for section in self.sections():
            height = section.height
            if top + height > first:
                inside = range(max(0, first - top), min(height, last - top))
                lines = section.lines
                found += [None] * len(inside) if lines is None else lines[inside.start : inside.stop]
            top += height
            if top >= last:
                break
        return found

    def line(self, number: int) -> Line | None:
        """Return one row; ``None`` if it is not rendered yet."""
        found = self.rows(number, number + 1)
        return found[0] if found else None

    def position_at(self, number: int) -> tuple[Section | None, int]:
        """Return a row's section and its index there: a position that stays valid while sections above grow."""
        for section in self.sections():
            if number < section.height:
                return section, number
            number -= section.height
        return None, number

    def row_of(self, position: tuple[Section | None, int]) -> int | None:
        """Return the current row of a position; ``None`` if its section is gone."""
        top = 0
        for section in self.sections():
            if section is position[0]:
                return top + min(position[1], max(0, section.height - 1))
            top += section.height
        return None

    def link_url(self, number: int, link: int) -> str:
        """Return the URL of link ``link`` on row ``number``, or "". Reasoning numbers its links separately."""
        table = self.links
        section, _ = self.position_at(number)
        if self._reasoning is not None and section in self._reasoning.sections:
            table = self._reasoning.links.table
        return table[link - 1].url if 0 < link <= len(table) else ""

    def rebuild_chrome(self, now: float | None = None) -> None:
        """Rebuild header and footer at ``now``, by default the time of the last call."""
        if now is not None:
            self._now = now
        if not self._appearance.width or self._body is None:
            return
        entry = self._entry
        if entry.reasoning and self.shows_reasoning and self._reasoning is None:
            self.prepare(self._now)
            return
        self._header = Section.fixed(header_rows(entry, self._appearance, self._now, unfolded=self.shows_reasoning))
        numbered = len(self._body.links.table)
        self._footer = Section.fixed(footer_rows(entry, self._appearance, self.links, numbered))

    def _unbuilt(self, first: int, last: int) -> list[Section]:
        found: list[Section] = []
        top = 0
        for section in self.sections():
            height = section.height
            if section.lines is None and top < last and top + height >= first:
                found.append(section)
            top += height
        return found

    def _owner(self, section: Section) -> Body:
        if self._reasoning is not None and section in self._reasoning.sections:
            return self._reasoning
        assert self._body is not None
        return self._body
