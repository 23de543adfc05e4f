"""Measures the entries of a transcript as they come into view.

Heights of entries that were never in view are estimates. When an entry above the view turns out higher or lower,
the scroll offset is corrected by the same amount, so the rows on the screen stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, TypeAlias

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.timer import Timer

from tui_router.ui.transcript import textual_private
from tui_router.ui.transcript.entry_list import EntryList

if TYPE_CHECKING:
    from tui_router.ui.transcript.body import Section

_IDLE_SECONDS = 0.004
"""Longest time spent on measuring ahead in one go: well below a frame."""
_NEAR = 200
"""Entries further away than this are neither measured ahead nor kept rendered."""
_MOST_RENDERED = 400
Anchor: TypeAlias = "tuple[int, tuple[Section | None, int]]"
"""(index of an entry, position in it): names a row in a way that survives changes of height."""


class Measurer:
    """Renders rows on demand and keeps the scroll offset in step with heights that change."""

    def __init__(self, widget: ScrollView, entries: EntryList) -> None:
        self._widget = widget
        self._entries = entries
        self.following = True
        """True while the view stays at the end as the transcript grows."""
        self.clock = monotonic
        self.sync_scrollbar: Callable[[int, int, int], None] | None = None
        """Receives first visible row, visible rows and total rows."""
        self.rendered = 0
        """Number of entries with rendered rows, roughly."""
        self._idle: Timer | None = None

    @property
    def top(self) -> int:
        """The first visible row of the transcript."""
        return self._widget.scroll_offset.y

    def anchor(self) -> Anchor | None:
        """Return the anchor of the top visible row."""
        if not self._entries:
            return None
        y = self._widget.scroll_offset.y
        index = self._entries.heights.at(y)
        return index, self._entries.items[index].layout.position_at(y - self._entries.heights.top(index))

    def row_of(self, anchor: Anchor) -> int:
        """Return the current row of an anchor, or the nearest one if it is gone."""
        index = min(anchor[0], len(self._entries) - 1)
        inside = self._entries.items[index].layout.row_of(anchor[1])
        if inside is None:
            inside = min(anchor[1][1], max(0, self._entries.heights[index] - 1))
        return self._entries.heights.top(index) + inside

    def heights_changed(self, anchor: Anchor | None = None) -> None:
        """Update sizes after heights changed: keep the end in view when following it, otherwise ``anchor`` on top."""
        widget, total = self._widget, self._entries.heights.total
        textual_private.set_virtual_size(widget, Size(widget.size.width, total))
        last = max(0, total - widget.size.height)
        if self.following:
            y = last
        else:
            y = min(last, self.row_of(anchor) if anchor and self._entries else widget.scroll_offset.y)
        if y != widget.scroll_offset.y or widget.scroll_y != y:
            textual_private.set_scroll(widget, y)
        self.update_scrollbar()

    def measure(self, first: int, last: int) -> bool:
        """Render rows [first, last) of the transcript; return whether a height changed."""
        entries, heights = self._entries.items, self._entries.heights
        if not entries or not self._entries.appearance.width:
            return False
        anchor = self.anchor()
        now = self.clock()
        changed = False
        index = heights.at(max(0, first))
        while index < len(entries):
            top = heights.top(index)
            if top >= last:
                break
            layout = entries[index].layout
            self.rendered += not layout.is_built
            layout.build(max(0, first - top), last - top, now)
            changed |= heights.put(index, layout.height)
            index += 1
        if changed:
            self.heights_changed(anchor)
        return changed

    def measure_entry(self, index: int) -> None:
        """Render an entry."""
        top = self._entries.heights.top(index)
        self.measure(top, top + self._entries.heights[index])

    def measure_visible(self) -> None:
        """Render the visible rows, and a screen above and below them."""
        height = max(1, self._widget.size.height)
        # Each pass can bring other entries into view; the limit is a safeguard, two passes are usual.
        for _ in range(8):
            y = max(0, self._entries.heights.total - height) if self.following else self._widget.scroll_offset.y
            if not self.measure(y - height, y + 2 * height):
                break

    def update_scrollbar(self) -> None:
        """Pass the visible range to ``sync_scrollbar``."""
        if self.sync_scrollbar is not None:
            self.sync_scrollbar(self._widget.scroll_offset.y, self._widget.size.height, self._entries.heights.total)

    def refine_later(self, delay: float = 0.25) -> None:
        """After ``delay`` seconds, measure nearby entries and discard the rows of distant ones."""
        if self._idle is None and self._widget.is_attached and self._entries:
            self._idle = self._widget.set_timer(delay, self._refine)

    def _refine(self) -> None:
        self._idle = None
        entries, heights = self._entries.items, self._entries.heights
        if not entries:
            return
        started = perf_counter()
        centre = heights.at(self._widget.scroll_offset.y)
        if self.rendered > _MOST_RENDERED:
            for index, entry in enumerate(entries):
                if abs(index - centre) > _NEAR:
                    entry.layout.discard_rows()
            self.rendered = sum(entry.layout.is_built for entry in entries)
        for distance in range(min(_NEAR, len(entries)) // 2):
            for index in {centre - distance, centre + distance}:
                if 0 <= index < len(entries) and not entries[index].layout.is_built:
                    top = heights.top(index)
                    self.measure(top, top + 1)
                    if perf_counter() - started > _IDLE_SECONDS:
                        self.refine_later(0.03)
                        return
