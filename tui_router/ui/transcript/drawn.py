"""The rows of one turn: heading, thinking, words, footing; rendered where they are looked at."""

from __future__ import annotations

from collections.abc import Iterator

from tui_router.domain.message import Citation
from tui_router.ui.transcript import dress
from tui_router.ui.transcript.body import Body, Section, estimate
from tui_router.ui.transcript.links import Link
from tui_router.ui.transcript.look import EntryKind, Look
from tui_router.ui.transcript.parts import BLANK, Line, row
from tui_router.ui.transcript.shown import Shown

_GAP = Section.fixed([BLANK])
_NOTHING = Section.fixed([])
_UNSEEN = Look(width=0)
_MORE = Section.fixed([row(("↑ earlier rows are not shown · ", "muted"), ("show all", "link@fold:more"))])
_FORMAT_ONCE = 64


class Drawn:
    """What of an entry is rendered, and how high the rest is guessed to be."""

    __slots__ = ("_body", "_entry", "_foot", "_guess", "_head", "_look", "_now", "_reasoning")

    def __init__(self, entry: Shown) -> None:
        self._entry = entry
        self._look = _UNSEEN
        self._guess = 0
        self._now = 0.0
        self._body: Body | None = None
        self._reasoning: Body | None = None
        self._head = self._foot = _NOTHING

    @property
    def height(self) -> int:
        """Rows, exact or guessed."""
        return self._guess if self._body is None else sum(section.height for section in self.sections())

    @property
    def is_built(self) -> bool:
        """True when something is rendered."""
        return self._body is not None

    @property
    def reasoning_shown(self) -> bool:
        """True when the thinking is unfolded."""
        opened = self._entry.reasoning_open
        return self._look.reasoning == "open" if opened is None else opened

    @property
    def links(self) -> tuple[Link, ...]:
        """All addresses of the words and the sources; number n is at n - 1."""
        table = self._body.links.table if self._body is not None else ()
        known = {link.url for link in table}
        cited = {
            part.url: Link(part.url, part.title or "")
            for part in self._entry.parts
            if isinstance(part, Citation) and part.url not in known
        }
        return (*table, *cited.values())

    def fit(self, look: Look) -> None:
        """Be shown in this look from now on; a turn that was never looked at is only guessed anew."""
        if look == self._look:
            return
        self._look = look
        if self._body is not None or self._entry.state is not None:
            self.prepare(self._now)
        else:
            words = self._entry.text
            self._guess = estimate(words, look.width) + (look.density == "comfortable") + 1 if words else 3

    def prepare(self, now: float) -> None:
        """Lay the texts out, without rendering what nobody looks at."""
        entry, width = self._entry, self._look.width
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
        self._body.fit(width)
        if self._reasoning is None and entry.reasoning and self.reasoning_shown:
            self._reasoning = Body(entry.reasoning if not entry.is_live else "", live=entry.is_live, base="reasoning")
            if entry.is_live:
                self._reasoning.grow(entry.reasoning)
        if self._reasoning is not None:
            self._reasoning.fit(width)
        self.dress(now)

    def grow(self, now: float) -> None:
        """Show what the live answer has more than before."""
        entry = self._entry
        for body, text in ((self._body, entry.text), (self._reasoning, entry.reasoning)):
            if body is None:
                continue
            if len(text) > len(body.source):
                body.grow(text[len(body.source) :])
            if not entry.is_live:
                body.finish()
        if self._look.width:
            self.prepare(now)

    def show_all(self) -> None:
        """Show every row of a capped text."""
        if self._body is not None:
            self._body.unfold()

    def forget(self) -> None:
        """Drop what is rendered and keep the height: the turn is far away."""
        if self._body is None or self._entry.state is not None:
            return
        self._guess = self.height
        self._body = self._reasoning = None

    def sections(self) -> Iterator[Section]:
        """Yield what the turn consists of, top to bottom."""
        yield self._head
        entry = self._entry
        if not entry.folded and entry.kind in (EntryKind.USER, EntryKind.ASSISTANT):
            if self._reasoning is not None and self.reasoning_shown:
                yield from self._reasoning.visible()
                yield _GAP
            if self._body is not None:
                if self._body.capped:
                    yield _MORE
                yield from self._body.visible()
        yield self._foot

    def build(self, first: int, last: int, now: float) -> bool:
        """Render what lies in rows [first, last); say whether the height changed."""
        before = self.height
        if self._body is None:
            self.prepare(now)
        built = False
        for _ in range(_FORMAT_ONCE):
            found = self._unbuilt(first, last)
            if not found:
                break
            built = True
            for section in found:
                self._owner(section).build(section)
        if built:
            self.dress(now)
        return self.height != before

    def rows(self, first: int, last: int) -> list[Line | None]:
        """Return rows [first, last) in one walk; ``None`` where nothing is rendered."""
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
        """Return a row, or ``None`` where nothing is rendered."""
        found = self.rows(number, number + 1)
        return found[0] if found else None

    def place(self, number: int) -> tuple[Section | None, int]:
        """Return the section of a row and the row's number in it: a place that survives growth above it."""
        for section in self.sections():
            if number < section.height:
                return section, number
            number -= section.height
        return None, number

    def row_of(self, place: tuple[Section | None, int]) -> int | None:
        """Return where a place is now; ``None`` when it is gone."""
        top = 0
        for section in self.sections():
            if section is place[0]:
                return top + min(place[1], max(0, section.height - 1))
            top += section.height
        return None

    def address(self, number: int, link: int) -> str:
        """Return the address behind link ``link`` on row ``number``; the thinking has a table of its own."""
        table = self.links
        section, _ = self.place(number)
        if self._reasoning is not None and section in self._reasoning.sections:
            table = self._reasoning.links.table
        return table[link - 1].url if 0 < link <= len(table) else ""

    def dress(self, now: float | None = None) -> None:
        """Make the rows above and below the words anew."""
        if now is not None:
            self._now = now
        if not self._look.width or self._body is None:
            return
        entry = self._entry
        if entry.reasoning and self.reasoning_shown and self._reasoning is None:
            self.prepare(self._now)
            return
        self._head = Section.fixed(dress.head_lines(entry, self._look, self._now, shown=self.reasoning_shown))
        numbered = len(self._body.links.table)
        self._foot = Section.fixed(dress.foot_lines(entry, self._look, self.links, numbered))

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
