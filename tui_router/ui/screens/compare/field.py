"""The lanes beside each other: which are in view, which has the focus, and scrolling together."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.containers import Horizontal
from textual.message import Message

from tui_router.ui.screens.compare.lane import LOW, LanePane
from tui_router.ui.screens.compare.lanes import Layout, arrange
from tui_router.ui.transcript.view import Place


class Field(Horizontal):
    """Holds the panes. ``current`` is the lane in focus; lanes are named by their numbers."""

    DEFAULT_CSS = "Field { width: 1fr; height: 1fr; }"

    class Changed(Message):
        """Another lane has the focus, or others are in view."""

    def __init__(self) -> None:
        super().__init__(id="field")
        self._panes: list[LanePane] = []
        self._current = -1
        self._beside: int | None = None
        self._layout = Layout((), tabs=False)
        self._is_tied = False
        self._guarded = False

    @property
    def panes(self) -> tuple[LanePane, ...]:
        """The lanes in the order of their columns."""
        return tuple(self._panes)

    @property
    def current(self) -> LanePane | None:
        """The lane in focus."""
        return self.pane(self._current)

    @property
    def beside(self) -> LanePane | None:
        """The lane that was in focus before, or the neighbour: what the one in focus is held against."""
        found = self.pane(self._beside) if self._beside is not None else None
        if found is not None and found is not self.current:
            return found
        others = [p for p in self._panes if p is not self.current]
        place = self.place_of(self._current)
        return next((p for p in others if self.place_of(p.number) > place), others[-1] if others else None)

    @property
    def layout_now(self) -> Layout:
        """What is in view."""
        return self._layout

    @property
    def is_tied(self) -> bool:
        """True while lanes scroll together."""
        return self._is_tied

    def pane(self, number: int | None) -> LanePane | None:
        """Return the lane with a number."""
        return next((p for p in self._panes if p.number == number), None)

    def place_of(self, number: int) -> int:
        """Return the column of a lane, from 0; -1 when there is no such lane."""
        return next((i for i, p in enumerate(self._panes) if p.number == number), -1)

    def shows(self, number: int) -> bool:
        """Say whether a lane is in view."""
        return self.place_of(number) in self._layout.shown

    def add(self, panes: Sequence[LanePane]) -> None:
        """Put lanes at the right end."""
        self._panes.extend(panes)
        if self._current < 0 and self._panes:
            self._current = self._panes[0].number
        self.mount(*panes)
        self.rearrange()

    def drop(self, number: int) -> None:
        """Take a lane away; its neighbour gets the focus."""
        pane = self.pane(number)
        if pane is None:
            return
        place = self._panes.index(pane)
        self._panes.remove(pane)
        pane.remove()
        if self._current == number and self._panes:
            self._current = self._panes[min(place, len(self._panes) - 1)].number
        self.rearrange()

    def reorder(self, numbers: Sequence[int]) -> None:
        """Put the lanes in this order; lanes that are not named stay behind them."""
        wanted = {n: i for i, n in enumerate(numbers)}
        self._panes.sort(key=lambda p: wanted.get(p.number, len(wanted)))
        places = {p: i for i, p in enumerate(self._panes)}
        self.sort_children(key=lambda w: places.get(w, len(places)) if isinstance(w, LanePane) else len(places))
        self._current = self._panes[0].number if self._panes else -1
        self._beside = None
        self.rearrange()

    def choose(self, number: int) -> None:
        """Give a lane the focus, and show it."""
        if number == self._current or self.pane(number) is None:
            return
        self._beside, self._current = self._current, number
        self.rearrange()

    def rearrange(self) -> None:
        """Lay out for the width there is."""
        beside = self.place_of(self._beside) if self._beside is not None else None
        place = max(0, self.place_of(self._current))
        layout = arrange(self.size.width or self.screen.size.width, len(self._panes), place, beside)
        low = self.screen.size.height < LOW
        for index, pane in enumerate(self._panes):
            pane.display = index in layout.shown
            pane.set_class(bool(layout.shown) and index == layout.shown[0], "-first")
            pane.set_low(low)
        self._layout = layout
        self.post_message(self.Changed())

    def tie(self) -> bool:
        """Let lanes scroll together, or each by itself; returns which."""
        self._is_tied = not self._is_tied
        if self._is_tied and self.current is not None:
            self.follow(self.current.number)
        return self._is_tied

    def follow(self, number: int) -> None:
        """Scroll the other lanes in view to the same part of the same turn as this one."""
        pane = self.pane(number)
        if self._guarded or not self._is_tied or pane is None:
            return
        place = pane.transcript.place()
        if place is None:
            return
        index = next((i for i, e in enumerate(pane.transcript.entries) if e.id == place.entry_id), 0)
        self._guarded = True
        for other in self._panes:
            if other is pane or not self.shows(other.number) or not other.transcript.entries:
                continue
            entries = other.transcript.entries
            target = entries[min(index, len(entries) - 1)].id
            other.transcript.restore(Place(target, place.row, place.of, place.following))
        self._guarded = False

    def on_resize(self, event: events.Resize) -> None:
        """Arrange for the new width."""
        self.rearrange()

    def on_lane_pane_scrolled(self, event: LanePane.Scrolled) -> None:
        """The reader scrolled in a lane."""
        event.stop()
        if event.number == self._current:
            self.follow(event.number)

    def on_lane_pane_chosen(self, event: LanePane.Chosen) -> None:
        """A lane was clicked."""
        self.choose(event.number)
