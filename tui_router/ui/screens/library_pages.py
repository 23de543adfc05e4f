"""A long list of conversations of which only the pages that were looked at are in memory."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.library import Summary
from tui_router.services.browsing import PAGE_SIZE, Page

Load = Callable[[int], Page]
"""Loads a page by its number. Slow: runs on a thread."""
Work = Callable[[Callable[[], Page], Callable[[Page], None]], None]
"""Runs the first on a thread and the second with its result on the UI thread."""


class Pages:
    """Loads pages when a row of them is asked for; ``arrived`` is called when one came."""

    def __init__(self, load: Load, work: Work, arrived: Callable[[bool], None]) -> None:
        self._load = load
        self._work = work
        self._arrived = arrived
        self._pages: dict[int, tuple[Summary, ...]] = {}
        self._asked: set[int] = set()
        self._reading = 0
        self._is_stale = False
        self.total: int | None = None
        """How many conversations there are; ``None`` before the first page came."""

    def get(self, index: int) -> Summary | None:
        """Return a row; one that is not there yet is asked for."""
        number, place = divmod(index, PAGE_SIZE)
        rows = self._pages.get(number)
        if rows is None:
            self._ask(number)
            return None
        return rows[place] if place < len(rows) else None

    def place_of(self, conversation_id: str) -> int | None:
        """Return where a conversation stands, among the pages that are there."""
        for number, rows in self._pages.items():
            for place, row in enumerate(rows):
                if row.id == conversation_id:
                    return number * PAGE_SIZE + place
        return None

    def reload(self, index: int = 0) -> None:
        """Read anew, first what stands around row ``index``; what is there stays until that came."""
        self._reading += 1
        self._is_stale = True
        self._asked = set()
        self._ask(index // PAGE_SIZE)

    def _ask(self, number: int) -> None:
        if number in self._asked:
            return
        self._asked.add(number)
        reading = self._reading
        self._work(lambda: self._load(number), lambda page: self._take(reading, number, page))

    def _take(self, reading: int, number: int, page: Page) -> None:
        if reading != self._reading:
            return
        is_other = self._is_stale or page.total != self.total
        if self._is_stale:
            self._pages, self._is_stale = {}, False
        self.total = page.total
        self._pages[number] = page.rows
        self._arrived(is_other)
