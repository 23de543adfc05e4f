"""The rows of many turns in one widget: measured where they are looked at, painted from cached strips.

The turns above the visible rows may turn out higher or lower than guessed; then the numbers of the
visible rows change, the rows on the screen do not.
"""

from __future__ import annotations

from time import monotonic, perf_counter
from typing import TYPE_CHECKING, TypeAlias

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from tui_router.ui.transcript import private
from tui_router.ui.transcript.canvas import Canvas
from tui_router.ui.transcript.look import Look
from tui_router.ui.transcript.paint import text_width
from tui_router.ui.transcript.scrollbar import Scrollbar

if TYPE_CHECKING:
    from tui_router.ui.transcript.body import Section

_SLICE = 0.004
_NEAR = 200
_KEPT = 400
Anchor: TypeAlias = "tuple[int, tuple[Section | None, int]]"


class Surface(Canvas):
    """Shows entries, follows their end, scrolls without jumps. What may be done with them is added above."""

    class FollowChanged(Message):
        """The view follows the end, or it does not and this many rows came since."""

        def __init__(self, following: bool, new_lines: int) -> None:
            super().__init__()
            self.following = following
            self.new_lines = new_lines

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._laid_out = Size(0, 0)
        self.bar: Scrollbar | None = None
        self.widest = 0
        self.clock = monotonic
        self._follow = True
        self._left_at = 0
        self._told = (True, 0)
        self._guarded = False
        self._idle: Timer | None = None
        self._built = 0

    # AppPaths.

    @property
    def follow(self) -> bool:
        """True while the view stays at the end of what grows."""
        return self._follow

    def jump_end(self) -> None:
        """Show the end and follow it."""
        self._follow = True
        self._settle()
        self._tell()

    def held(self) -> Anchor | None:
        """Return what the top row shows, in a form that survives changes of height."""
        if not self.entries:
            return None
        index = self.heights.at(self.scroll_offset.y)
        return index, self.entries[index].drawn.place(self.scroll_offset.y - self.heights.top(index))

    def row_of(self, anchor: Anchor) -> int:
        """Return where an anchor is now."""
        index = min(anchor[0], len(self.entries) - 1)
        inside = self.entries[index].drawn.row_of(anchor[1])
        if inside is None:
            inside = min(anchor[1][1], max(0, self.heights[index] - 1))
        return self.heights.top(index) + inside

    def reindex(self, anchor: Anchor | None = None) -> None:
        """Heights changed: keep the end in view, or else what the top row showed."""
        private.set_virtual_size(self, Size(self.size.width, self.heights.total))
        last = max(0, self.heights.total - self.size.height)
        y = (
            last
            if self._follow
            else min(last, self.row_of(anchor) if anchor and self.entries else self.scroll_offset.y)
        )
        if y != self.scroll_offset.y or self.scroll_y != y:
            private.set_scroll(self, y)
        self._sync_bar()

    def measure(self, first: int, last: int) -> bool:
        """Render the turns in rows [first, last); say whether a height changed."""
        if not self.entries or not self.look.width:
            return False
        anchor = self.held()
        now = self.clock()
        changed = False
        index = self.heights.at(max(0, first))
        while index < len(self.entries):
            top = self.heights.top(index)
            if top >= last:
                break
            drawn = self.entries[index].drawn
            self._built += not drawn.is_built
            drawn.build(max(0, first - top), last - top, now)
            changed |= self.heights.put(index, drawn.height)
            index += 1
        if changed:
            self.reindex(anchor)
        return changed

    def measure_shown(self) -> None:
        """Render what is visible and a screen around it."""
        height = max(1, self.size.height)
        for _ in range(8):
            y = max(0, self.heights.total - height) if self._follow else self.scroll_offset.y
            if not self.measure(y - height, y + 2 * height):
                break

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled: measure ahead of the eye, see whether the end is reached."""
        if not self._guarded and self.entries:
            self._guarded = True
            self._follow = new_value >= self.max_scroll_y - 0.5
            self.measure_shown()
            self._guarded = False
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)
        self._sync_bar()
        self._tell()
        self._refine_later()

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another size; what the top row showed stays there."""
        self.relook()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows of ``crop``; laid out for another width, lay out anew.

        Textual sends no ``Resize`` when the width changes while a scroll is under way (a sidebar that is mounted,
        or the pane itself).
        """
        if self._laid_out != self.size:
            self.call_later(self.relook)
        return super().render_lines(crop)

    def relook(self) -> None:
        """Width, density or another part of the look changed."""
        self._laid_out = self.size
        width = text_width(self.size.width)
        width = min(width, self.widest) if self.widest else width
        look = Look(
            width=width if self.size.width else 0,
            density=self.look.density,
            timestamps=self.look.timestamps,
            reasoning=self.look.reasoning,
            motion=self.look.motion,
        )
        anchor = self.held()
        if look != self.look or self._painter is None or self._painter.width != self.size.width:
            self.look = look
            self._painter = None
        if look.width:
            for index, entry in enumerate(self.entries):
                entry.drawn.fit(look)
                self.heights.put(index, entry.drawn.height)
        self.reindex(anchor)
        self._settle()

    def _settle(self) -> None:
        self.measure_shown()
        self.reindex(self.held())
        self.refresh()
        self._refine_later()

    def _sync_bar(self) -> None:
        if self.bar is not None:
            self.bar.sync(self.scroll_offset.y, self.size.height, self.heights.total)

    def _tell(self) -> None:
        total = self.heights.total
        if self._follow or self._told[0]:
            self._left_at = total
        told = (self._follow, 0 if self._follow else max(0, total - self._left_at))
        if told != self._told:
            self._told = told
            self.post_message(self.FollowChanged(*told))

    # What is done while nobody types: measuring the neighbourhood, forgetting what is far.

    def _refine_later(self, delay: float = 0.25) -> None:
        if self._idle is None and self.is_attached and self.entries:
            self._idle = self.set_timer(delay, self._refine)

    def _refine(self) -> None:
        self._idle = None
        if not self.entries:
            return
        started = perf_counter()
        centre = self.heights.at(self.scroll_offset.y)
        if self._built > _KEPT:
            self._forget(centre)
        for distance in range(min(_NEAR, len(self.entries)) // 2):
            for index in {centre - distance, centre + distance}:
                if 0 <= index < len(self.entries) and not self.entries[index].drawn.is_built:
                    top = self.heights.top(index)
                    self.measure(top, top + 1)
                    if perf_counter() - started > _SLICE:
                        self._refine_later(0.03)
                        return

    def _forget(self, centre: int) -> None:
        for index, entry in enumerate(self.entries):
            if abs(index - centre) > _NEAR:
                entry.drawn.forget()
        self._built = sum(entry.drawn.is_built for entry in self.entries)
