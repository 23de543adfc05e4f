"""Scrolls a transcript: follows the end, moves by pages and entries, keeps and restores the reading position."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView

from tui_router.ui.transcript.entry_list import EntryList
from tui_router.ui.transcript.measurer import Anchor, Measurer
from tui_router.ui.transcript.painter import ViewPainter, text_width


class FollowChanged(Message, namespace="transcript"):
    """The view started or stopped following the end, or ``new_lines`` more rows are below it."""

    def __init__(self, following: bool, new_lines: int) -> None:
        super().__init__()
        self.following = following
        self.new_lines = new_lines


@dataclass(frozen=True, slots=True)
class ScrollPosition:
    """Where the user was reading: at row ``row`` out of ``of`` in an entry, and whether the view followed the end."""

    entry_id: str
    row: int
    of: int
    following: bool


class Viewport:
    """Scrolls a transcript. Moving away from the end stops following it; reaching the end resumes."""

    def __init__(self, widget: ScrollView, entries: EntryList, measurer: Measurer, painter: ViewPainter) -> None:
        self._widget = widget
        self._entries = entries
        self._painter = painter
        self._measurer = measurer
        self.max_width = 0
        """Limits the width of text, in cells; 0 is no limit."""
        self._restoring: ScrollPosition | None = None
        self._laid_out = Size(0, 0)
        self._rows_when_left = 0
        self._posted = (True, 0)
        self._is_measuring = False

    @property
    def following(self) -> bool:
        """True while the view stays at the end as the transcript grows."""
        return self._measurer.following

    def jump_end(self) -> None:
        """Show the end and follow it."""
        self._measurer.following = True
        self.settle()
        self._post_follow()

    def scroll_to_entry(self, entry_id: str) -> None:
        """Scroll an entry to the top."""
        index = self._entries.index_of(entry_id)
        if index is not None:
            self.scroll_to_row(index, 0)

    def scroll_page(self, pages: int) -> None:
        """Scroll by screens; consecutive screens overlap by one row."""
        widget = self._widget
        widget.scroll_to(y=widget.scroll_offset.y + pages * max(1, widget.size.height - 1), animate=False)

    def scroll_turn(self, step: int) -> None:
        """Scroll to the start of the next (1) or previous (-1) entry."""
        if self._entries:
            y = self._widget.scroll_offset.y
            index = self._entries.heights.at(y)
            inside = step < 0 and y > self._entries.heights.top(index)
            self.scroll_to_row(max(0, min(len(self._entries) - 1, index + step + inside)), 0)

    def scroll_to_row(self, index: int, row: int) -> None:
        """Scroll row ``row`` of an entry to the top; a negative row is above the entry."""
        heights, widget = self._entries.heights, self._widget
        # Measuring the target can move it, so repeat until its surroundings are exact.
        for _ in range(4):
            y = max(0, heights.top(index) + row)
            self._measurer.following = False
            if not self._measurer.measure(y - 1, y + 2 * widget.size.height):
                break
        y = max(0, min(heights.top(index) + row, heights.total - widget.size.height))
        if y == widget.scroll_offset.y:
            self._measurer.following = y >= widget.max_scroll_y
            self._post_follow()
            self._painter.repaint()
        else:
            widget.scroll_to(y=y, animate=False)

    def reveal_row(self, y: int) -> None:
        """Scroll as little as needed to show row ``y`` of the transcript."""
        top, height = self._widget.scroll_offset.y, self._widget.size.height
        if y < top:
            self._widget.scroll_to(y=y, animate=False)
        elif y >= top + height:
            self._widget.scroll_to(y=y - height + 1, animate=False)

    def reveal_entry(self, index: int) -> None:
        """Scroll as little as needed to show an entry, or its start if it is higher than the screen."""
        heights = self._entries.heights
        self._measurer.measure_entry(index)
        top, height = heights.top(index), heights[index]
        y, screen = self._widget.scroll_offset.y, self._widget.size.height
        if top < y or height >= screen:
            self.scroll_to_row(index, 0)
        elif top + height > y + screen:
            self.scroll_to_row(index, height - screen)

    def position(self) -> ScrollPosition | None:
        """Return the reading position, for ``restore``."""
        if self._restoring is not None or not self._entries:
            return self._restoring
        heights, y = self._entries.heights, self._widget.scroll_offset.y
        index = heights.at(y)
        return ScrollPosition(self._entries[index].id, y - heights.top(index), heights[index], self._measurer.following)

    def restore(self, position: ScrollPosition) -> None:
        """Scroll to a reading position; before the first layout this is deferred."""
        if not self._entries.appearance.width:
            self._restoring = position
            return
        self._restoring = None
        index = self._entries.index_of(position.entry_id)
        if position.following or index is None:
            self.jump_end()
            return
        self._measurer.following = False
        heights = self._entries.heights
        top = heights.top(index)
        self._measurer.measure(top, top + self._widget.size.height + position.row)
        height = heights[index]
        row = position.row if height == position.of else position.row * height // max(1, position.of)
        self.scroll_to_row(index, row)

    def reset(self) -> None:
        """Follow the end, for a new list of entries."""
        self._restoring = None
        self._measurer.following = True
        self._measurer.rendered = 0

    def entry_changed(self, index: int, anchor: Anchor | None) -> None:
        """Update height and rows of an entry whose layout changed."""
        if self._entries.heights.put(index, self._entries.items[index].layout.height):
            self._measurer.heights_changed(anchor)
            self._measurer.measure_visible()
            self._post_follow()
        self._painter.repaint()

    def toggle(self, index: int, what: str) -> None:
        """Fold or unfold part of an entry (see ``Entry.toggle``); the top visible row stays in place."""
        anchor = self._measurer.anchor()
        entry = self._entries[index]
        entry.toggle(what)
        self._entries.heights.put(index, entry.layout.height)
        self._measurer.heights_changed(anchor)
        self._measurer.measure_visible()
        self._widget.refresh()

    def entries_changed(self, anchor: Anchor | None) -> None:
        """Update everything after entries were added or removed."""
        self._measurer.heights_changed(anchor)
        self.settle()
        self._post_follow()

    def scrolled(self, old_y: float, new_y: float) -> None:
        """Handle a scroll: render what came into view, and follow the end if it was reached."""
        # Measuring corrects the scroll offset itself; that is not the user scrolling.
        if not self._is_measuring and self._entries:
            self._is_measuring = True
            self._measurer.following = new_y >= self._widget.max_scroll_y - 0.5
            self._measurer.measure_visible()
            self._is_measuring = False
        if round(old_y) != round(new_y):
            self._widget.refresh(self._widget.size.region)
        self._measurer.update_scrollbar()
        self._post_follow()
        self._measurer.refine_later()

    @property
    def is_stale(self) -> bool:
        """True if the widget's size changed since the last layout."""
        return self._laid_out != self._widget.size

    def relayout(self) -> None:
        """Lay out for the current size and appearance, and restore a deferred reading position."""
        size, entries = self._widget.size, self._entries
        self._laid_out = size
        width = text_width(size.width)
        width = min(width, self.max_width) if self.max_width else width
        anchor = self._measurer.anchor()
        entries.set_appearance(replace(entries.appearance, width=width if size.width else 0))
        self._measurer.heights_changed(anchor)
        self.settle()
        if self._restoring is not None and entries.appearance.width:
            self.restore(self._restoring)

    def settle(self) -> None:
        """Render what is visible and paint it."""
        self._measurer.measure_visible()
        self._measurer.heights_changed(self._measurer.anchor())
        self._widget.refresh()
        self._measurer.refine_later()

    def _post_follow(self) -> None:
        total = self._entries.heights.total
        if self._measurer.following or self._posted[0]:
            self._rows_when_left = total
        state = (self._measurer.following, 0 if self._measurer.following else max(0, total - self._rows_when_left))
        if state != self._posted:
            self._posted = state
            self._widget.post_message(FollowChanged(*state))
