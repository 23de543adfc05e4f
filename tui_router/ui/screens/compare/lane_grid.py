"""Arranges lanes side by side: which ones are visible, which one has the focus, and scrolling them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from tui_router.ui.screens.compare.styled_rows import LaneAppearance, StyledRows
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.parts import Line
from tui_router.ui.transcript.transcript import Transcript
from tui_router.ui.transcript.viewport import ScrollPosition

MIN_LANE_WIDTH = 40
"""Cells below which a column is hard to read."""
_LOW = 16
"""Screen rows below which a header takes one row instead of three."""

DrawHeader = Callable[[int, bool], Sequence[Line]]
"""Returns the rows of a header for a width in cells; the flag asks for a single row."""


@dataclass(frozen=True, slots=True)
class LaneLayout:
    """The columns of the visible lanes, left to right, and whether the others are reachable by tabs."""

    shown: tuple[int, ...]
    tabs: bool


def arrange(width: int, count: int, focus: int, beside: int | None = None) -> LaneLayout:
    """Return the layout of ``count`` lanes on ``width`` cells.

    All lanes are columns while each gets ``MIN_LANE_WIDTH`` cells. Otherwise there are tabs, and two columns:
    the focused lane and the one focused before it (``beside``), so that any two can be read together. If
    two do not fit either, only the focused lane is shown.
    """
    if count <= 0:
        return LaneLayout((), tabs=False)
    focus = max(0, min(count - 1, focus))
    fitting = width // MIN_LANE_WIDTH
    if fitting >= count or count == 1:
        return LaneLayout(tuple(range(count)), tabs=False)
    if fitting < 2:
        return LaneLayout((focus,), tabs=True)
    other = beside if beside is not None and 0 <= beside < count and beside != focus else None
    if other is None:
        other = focus + 1 if focus + 1 < count else focus - 1
    return LaneLayout(tuple(sorted((focus, other))), tabs=True)


def step(count: int, focus: int, by: int) -> int:
    """Return the column ``by`` lanes further, wrapping around."""
    return (focus + by) % count if count else 0


class LanePane(Vertical):
    """One lane on the screen: a header above the ``transcript`` of its thread."""

    DEFAULT_CSS = """
    LanePane { width: 1fr; height: 1fr; border-left: solid $border-blurred; }
    LanePane.-first { border-left: none; }
    LanePane > StyledRows { height: 3; }
    LanePane.-low > StyledRows { height: 1; }
    """

    class FocusRequested(Message):
        """The lane's header was clicked, or its transcript got the focus."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Scrolled(Message):
        """The lane's transcript was scrolled."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, draw_header: DrawHeader, styles: Mapping[str, str]) -> None:
        super().__init__()
        self.number = number
        self.pane = TranscriptPane()
        self._draw_header = draw_header
        self._header = StyledRows(self._header_rows, styles)
        self.transcript.set_text_styles(styles)

    @property
    def transcript(self) -> Transcript:
        """The thread."""
        return self.pane.transcript

    def compose(self) -> ComposeResult:
        """Yield the header and the transcript."""
        yield self._header
        yield self.pane

    def on_mount(self) -> None:
        """Watch the scroll position, for lanes that scroll together."""
        self.watch(self.transcript, "scroll_y", self._post_scrolled, init=False)

    def update_header(self) -> None:
        """Draw the header again."""
        self._header.update_rows()

    def set_low(self, low: bool) -> None:
        """Make the header one row high, or three."""
        if low != self.has_class("-low"):
            self.set_class(low, "-low")
            self._header.update_rows()

    def set_appearance(self, appearance: LaneAppearance) -> None:
        """Apply the configured appearance."""
        self._header.set_text_styles(appearance.styles)
        self.transcript.set_text_styles(appearance.styles)
        self.transcript.set_appearance(appearance.look, appearance.widest)

    def on_styled_rows_clicked(self, event: StyledRows.Clicked) -> None:
        """Request the focus for a click on the header."""
        event.stop()
        self.post_message(self.FocusRequested(self.number))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Request the focus for a click on the answer: the keyboard stays where it is."""
        self.post_message(self.FocusRequested(self.number))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Make the lane current when its transcript gets the focus."""
        self.post_message(self.FocusRequested(self.number))

    def _header_rows(self, width: int) -> Sequence[Line]:
        # One cell less on the right matches the transcript, so that header and text end in the same column.
        return self._draw_header(width - 1, self.has_class("-low"))

    def _post_scrolled(self) -> None:
        self.post_message(self.Scrolled(self.number))


class LaneGrid(Horizontal):
    """Holds the lane panes. Lanes are identified by their numbers; ``current`` is the one in focus."""

    DEFAULT_CSS = "LaneGrid { width: 1fr; height: 1fr; }"

    class Changed(Message):
        """The focused lane or the set of visible lanes changed."""

    def __init__(self) -> None:
        super().__init__(id="lanes")
        self._panes: list[LanePane] = []
        self._current = -1
        self._previous: int | None = None
        self._layout = LaneLayout((), tabs=False)
        self._is_tied = False
        self._is_syncing = False

    @property
    def panes(self) -> tuple[LanePane, ...]:
        """The panes in column order."""
        return tuple(self._panes)

    @property
    def current(self) -> LanePane | None:
        """The lane in focus."""
        return self.pane(self._current)

    @property
    def beside(self) -> LanePane | None:
        """The lane to compare the focused one with: the one focused before it, or its neighbour."""
        found = self.pane(self._previous) if self._previous is not None else None
        if found is not None and found is not self.current:
            return found
        others = [p for p in self._panes if p is not self.current]
        column = self.column_of(self._current)
        return next((p for p in others if self.column_of(p.number) > column), others[-1] if others else None)

    @property
    def lane_layout(self) -> LaneLayout:
        """The present layout."""
        return self._layout

    def pane(self, number: int | None) -> LanePane | None:
        """Return the pane of a lane."""
        return next((p for p in self._panes if p.number == number), None)

    def column_of(self, number: int) -> int:
        """Return the column of a lane, from 0; -1 if there is no such lane."""
        return next((i for i, p in enumerate(self._panes) if p.number == number), -1)

    def shows(self, number: int) -> bool:
        """Return whether a lane is visible."""
        return self.column_of(number) in self._layout.shown

    def add(self, panes: Sequence[LanePane]) -> None:
        """Add lanes at the right end."""
        self._panes.extend(panes)
        if self._current < 0 and self._panes:
            self._current = self._panes[0].number
        self.mount(*panes)
        self.rearrange()

    def drop(self, number: int) -> None:
        """Remove a lane and focus its neighbour."""
        pane = self.pane(number)
        if pane is None:
            return
        column = self._panes.index(pane)
        self._panes.remove(pane)
        pane.remove()
        if self._current == number and self._panes:
            self._current = self._panes[min(column, len(self._panes) - 1)].number
        self.rearrange()

    def reorder(self, numbers: Sequence[int]) -> None:
        """Put the lanes into this order, unlisted ones last, and focus the first."""
        wanted = {n: i for i, n in enumerate(numbers)}
        self._panes.sort(key=lambda p: wanted.get(p.number, len(wanted)))
        columns = {p: i for i, p in enumerate(self._panes)}
        self.sort_children(key=lambda w: columns.get(w, len(columns)) if isinstance(w, LanePane) else len(columns))
        self._current = self._panes[0].number if self._panes else -1
        self._previous = None
        self.rearrange()

    def choose(self, number: int) -> None:
        """Make a lane current and visible."""
        if number == self._current or self.pane(number) is None:
            return
        self._previous, self._current = self._current, number
        self.rearrange()

    def rearrange(self) -> None:
        """Lay the lanes out for the present width."""
        beside = self.column_of(self._previous) if self._previous is not None else None
        focus = max(0, self.column_of(self._current))
        layout = arrange(self.size.width or self.screen.size.width, len(self._panes), focus, beside)
        low = self.screen.size.height < _LOW
        for index, pane in enumerate(self._panes):
            pane.display = index in layout.shown
            pane.set_class(bool(layout.shown) and index == layout.shown[0], "-first")
            pane.set_low(low)
        self._layout = layout
        self.post_message(self.Changed())

    def toggle_tie(self) -> bool:
        """Scroll lanes together, or separately; returns True if together."""
        self._is_tied = not self._is_tied
        if self._is_tied and self.current is not None:
            self.scroll_others(self.current.number)
        return self._is_tied

    def scroll_others(self, number: int) -> None:
        """Scroll the other visible lanes to the same part of the same turn as lane ``number``."""
        pane = self.pane(number)
        if self._is_syncing or not self._is_tied or pane is None:
            return
        place = pane.transcript.viewport.position()
        if place is None:
            return
        index = next((i for i, e in enumerate(pane.transcript.entries) if e.id == place.entry_id), 0)
        # Scrolling another lane reports back here: without the flag, lanes would drive each other in a circle.
        self._is_syncing = True
        for other in self._panes:
            if other is pane or not self.shows(other.number) or not other.transcript.entries:
                continue
            entries = other.transcript.entries
            target = entries[min(index, len(entries) - 1)].id
            other.transcript.viewport.restore(ScrollPosition(target, place.row, place.of, place.following))
        self._is_syncing = False

    def on_resize(self, event: events.Resize) -> None:
        """Rearrange for the new width."""
        self.rearrange()

    def on_lane_pane_scrolled(self, event: LanePane.Scrolled) -> None:
        """Scroll the other lanes along with the current one."""
        event.stop()
        if event.number == self._current:
            self.scroll_others(event.number)

    def on_lane_pane_focus_requested(self, event: LanePane.FocusRequested) -> None:
        """Make the lane current."""
        self.choose(event.number)
