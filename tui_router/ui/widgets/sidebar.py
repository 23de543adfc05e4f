"""The sidebar of the chat: conversations grouped by day, with the open one marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from tui_router.domain.library import Summary
from tui_router.domain.safe import clean_line
from tui_router.ui.widgets.line_list import LineList, Part, fit
from tui_router.ui.widgets.when import day_group

_LONGEST_TITLE = 200


class Sidebar(Vertical):
    """Lists conversations. A click or Enter posts ``Opened``; the last row posts ``AllWanted``."""

    DEFAULT_CSS = """
    Sidebar {
        width: 30; height: 1fr; padding: 0 0 0 1; border-right: solid $border-blurred;
        &:focus-within { border-right: solid $border; }
    }
    """

    class Opened(Message):
        """A conversation was chosen."""

        def __init__(self, conversation_id: str) -> None:
            super().__init__()
            self.conversation_id = conversation_id

    class AllWanted(Message):
        """The full list was requested."""

    def __init__(self, *, id: str | None = None) -> None:
        """Create an empty sidebar."""
        super().__init__(id=id)
        self._rows: list[Summary | str] = []
        self._current = ""
        self._list = LineList(self._draw)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield self._list

    def show(self, summaries: Sequence[Summary], *, current: str = "", now: datetime | None = None) -> None:
        """Show conversations, pinned ones first, then the newest; the cursor keeps its conversation."""
        moment = now or datetime.now(UTC)
        before = self._under_cursor()
        moved = current != self._current
        self._current = current
        self._rows = []
        heading = ""
        for summary in summaries:
            group = "Pinned" if summary.is_pinned else day_group(summary.updated, moment)
            if group != heading:
                self._rows.append(group)
                heading = group
            self._rows.append(summary)
        wanted = current if moved or not before else before
        at = next((i for i, row in enumerate(self._rows) if isinstance(row, Summary) and row.id == wanted), None)
        fixed = [i for i, row in enumerate(self._rows) if isinstance(row, str)]
        self._list.show(len(self._rows) + 1, fixed, at)

    def focus_list(self) -> None:
        """Focus the list."""
        self._list.focus()

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        row = self._rows[event.index] if event.index < len(self._rows) else None
        if isinstance(row, Summary):
            self.post_message(self.Opened(row.id))
        else:
            self.post_message(self.AllWanted())

    @on(LineList.Highlighted)
    def _keep(self, event: LineList.Highlighted) -> None:
        event.stop()

    def _under_cursor(self) -> str:
        at = self._list.highlighted
        row = self._rows[at] if at is not None and at < len(self._rows) else None
        return row.id if isinstance(row, Summary) else ""

    def _draw(self, index: int, width: int) -> list[Part]:
        if index >= len(self._rows):
            return [Part(" all conversations…" if self._rows else " nothing here yet", "muted")]
        row = self._rows[index]
        if isinstance(row, str):
            return [Part(row, "head")]
        mark = Part("▪", "accent") if row.id == self._current else Part(" ")
        sign = Part("!", "bad") if row.is_unfinished else Part("✎", "warn") if row.has_draft else Part(" ")
        title = clean_line(row.title, _LONGEST_TITLE) or "Untitled"
        return [mark, sign, Part(fit(title, max(1, width - 2)), "accent" if row.id == self._current else "")]
