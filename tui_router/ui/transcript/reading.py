"""Moving about in a transcript: by pages, turns, words found, and the block cursor of message mode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.message import Message

from tui_router.ui.transcript.paint import Mark
from tui_router.ui.transcript.parts import Line
from tui_router.ui.transcript.pointer import Pointed

if TYPE_CHECKING:
    from tui_router.ui.transcript.entry import Entry


class Reading(Pointed):
    """A surface that can be walked through."""

    class CursorMoved(Message):
        """The block cursor is on another turn; an empty id is none."""

        def __init__(self, entry_id: str) -> None:
            super().__init__()
            self.entry_id = entry_id

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.numbers: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None
        self._hits: list[tuple[int, int]] = []
        self._hit = -1
        self._current: tuple[int, int, int] | None = None

    def entry(self, entry_id: str) -> Entry | None:
        """Return the entry with this id."""
        index = self.numbers.get(entry_id)
        return None if index is None else self.entries[index]

    def scroll_to_entry(self, entry_id: str) -> None:
        """Put the first row of an entry at the top."""
        index = self.numbers.get(entry_id)
        if index is not None:
            self._to_row(index, 0)

    def scroll_page(self, pages: int) -> None:
        """Scroll by screens, one row of each kept in sight."""
        self.scroll_to(y=self.scroll_offset.y + pages * max(1, self.size.height - 1), animate=False)

    def scroll_turn(self, step: int) -> None:
        """Go to the beginning of the next (1) or previous (-1) turn."""
        if self.entries:
            y = self.scroll_offset.y
            index = self.heights.at(y)
            inside = step < 0 and y > self.heights.top(index)
            self._to_row(max(0, min(len(self.entries) - 1, index + step + inside)), 0)

    def sideways(self, entry_id: str, cells: int) -> None:
        """Move the wide tables of an entry: to the right with positive ``cells``."""
        entry = self.entry(entry_id)
        if entry is not None:
            lines = [line for section in entry.drawn.sections() for line in section.lines or [] if line.wide]
            most = max((len(line.plain) for line in lines), default=0) - self.look.width
            entry.offset = max(0, min(max(0, most), entry.offset + cells))
            self.repaint()

    @property
    def cursor(self) -> str:
        """Id of the entry under the block cursor; empty when there is none."""
        return self.entries[self.marked].id if 0 <= self.marked < len(self.entries) else ""

    @cursor.setter
    def cursor(self, entry_id: str) -> None:
        self._mark(self.numbers.get(entry_id, -1))

    def move_cursor(self, step: int) -> None:
        """Move the block cursor by turns; without one it begins at the last visible turn."""
        if not self.entries:
            return
        if self.marked < 0:
            self._mark(self.heights.at(self.scroll_offset.y + max(0, self.size.height - 1)))
        else:
            self._mark(max(0, min(len(self.entries) - 1, self.marked + step)))

    def action_scroll_end(self) -> None:
        """Follow the end again."""
        self.jump_end()

    def action_scroll_home(self) -> None:
        """Show the beginning."""
        self.scroll_to(y=0, animate=False)

    def action_page_up(self) -> None:
        """A screen back, at once: a moving page cannot be read."""
        self.scroll_page(-1)

    def action_page_down(self) -> None:
        """A screen on."""
        self.scroll_page(1)

    def find(self, words: str) -> int:
        """Mark every place of ``words`` (any case) and return how many there are; nothing clears the marks."""
        self._hits, self._hit, self._current = [], -1, None
        self._pattern = re.compile(re.escape(words), re.IGNORECASE) if words else None
        if self._pattern is not None:
            for index, entry in enumerate(self.entries):
                count = sum(1 for _ in self._pattern.finditer(entry.text))
                self._hits += [(index, number) for number in range(count)]
        self.repaint()
        return len(self._hits)

    def find_next(self, step: int = 1) -> int:
        """Go to the next (1) or previous (-1) place found and return its number from 1; 0 when there is none.

        The first one is the nearest below the top of the screen, or above it when going back.
        """
        if not self._hits:
            return 0
        if self._hit < 0:
            here = self.heights.at(self.scroll_offset.y)
            ahead = [n for n, (index, _) in enumerate(self._hits) if index >= here]
            self._hit = (ahead[0] if ahead else 0) - (step < 0)
        else:
            self._hit += step
        self._hit %= len(self._hits)
        index, number = self._hits[self._hit]
        if self.entries[index].folded:
            self.unfold(index, "all")
        top = self.heights.top(index)
        self.measure(top, top + self.heights[index])
        row, first = self._rendered_hit(index, number)
        self._current = (index, row, first)
        self._to_row(index, max(0, row - self.size.height // 3))
        self.repaint()
        return self._hit + 1

    def marks(self, index: int, row: int, line: Line) -> tuple[Mark, ...]:
        """Lay what was found, and the selection over it, over a row."""
        above = super().marks(index, row, line)
        if self._pattern is None:
            return above
        found: list[Mark] = []
        for place in self._pattern.finditer(line.plain):
            current = self._current == (index, row, place.start())
            found.append((place.start(), place.end(), "find_current" if current else "find"))
        return (*found, *above)

    def _rendered_hit(self, index: int, number: int) -> tuple[int, int]:
        """Return row and character of the ``number``-th hit on the screen, the nearest where wrapping hides it."""
        drawn = self.entries[index].drawn
        places: list[tuple[int, int]] = []
        for row in range(drawn.height):
            line = drawn.line(row)
            if line is not None and self._pattern is not None:
                places += [(row, place.start()) for place in self._pattern.finditer(line.plain)]
            if len(places) > number:
                break
        return places[min(number, len(places) - 1)] if places else (0, -1)

    def _mark(self, index: int) -> None:
        if index == self.marked:
            return
        self.marked = index
        if index >= 0:
            self._reveal(index)
        self.repaint()
        self.post_message(self.CursorMoved(self.cursor))

    def _reveal(self, index: int) -> None:
        """Scroll as little as shows the turn; its beginning when it is higher than the screen."""
        top = self.heights.top(index)
        self.measure(top, top + self.heights[index])
        top, height = self.heights.top(index), self.heights[index]
        y, screen = self.scroll_offset.y, self.size.height
        if top < y or height >= screen:
            self._to_row(index, 0)
        elif top + height > y + screen:
            self._to_row(index, height - screen)

    def _to_row(self, index: int, row: int) -> None:
        """Put a row of a turn at the top of the screen; a negative one lies above the turn."""
        for _ in range(4):
            y = max(0, self.heights.top(index) + row)
            self._follow = False
            if not self.measure(y - 1, y + 2 * self.size.height):
                break
        y = max(0, min(self.heights.top(index) + row, self.heights.total - self.size.height))
        if y == self.scroll_offset.y:
            self._follow = y >= self.max_scroll_y
            self._tell()
            self.repaint()
        else:
            self.scroll_to(y=y, animate=False)
