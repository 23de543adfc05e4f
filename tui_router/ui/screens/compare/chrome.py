"""The rows around the lanes: leaders and cost at the top, tabs, and key hints or the open vote at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from tui_router.domain.stream import Phase
from tui_router.ui.screens.compare.controller import ComparisonController
from tui_router.ui.screens.compare.lane_grid import LaneLayout
from tui_router.ui.screens.compare.lane_header import LANE_COLORS, LaneHeader
from tui_router.ui.screens.compare.metrics import LaneMetrics, ranking
from tui_router.ui.screens.compare.styled_rows import StyledRows
from tui_router.ui.screens.compare.voting import VoteController
from tui_router.ui.transcript.parts import Line, Part, cut, row, safe, width_of

_READ_KEYS = (
    ("Enter", "keep"), ("v", "vote"), ("m", "merge"), ("D", "diff"), ("r", "again"), ("x", "stop"), ("+", "add"),
    ("−", "remove"), ("=", "tie"), ("A", "agreement"), ("B", "blind"), ("i", "ask"), ("F1", "all keys"),
)  # fmt: skip
_WRITE_KEYS = (("Enter", "ask all"), ("Tab", "to the lanes"), ("Esc", "close"), ("F1", "all keys"))
_MIN_TAB_NAME = 4
"""Cells of a name below which a tab shows only its label."""
_MARGIN = 1
"""Cells between the leaders and the right edge, as in lane headers."""
_PHASE_MARKS = {
    Phase.QUEUED: "·", Phase.CONNECTING: "·", Phase.WAITING: "·", Phase.RETRYING: "!", Phase.THINKING: "…",
    Phase.ANSWERING: "…", Phase.DONE: "✓", Phase.STOPPED: "■", Phase.FAILED: "✗",
}  # fmt: skip


class CompareChrome:
    """Owns the rows above and below the lanes, and keeps the lane headers up to date."""

    def __init__(
        self, controller: ComparisonController, voting: VoteController, is_writing: Callable[[], bool]
    ) -> None:
        self._lanes = controller.lanes
        self._grid = controller.lanes.grid
        self._cost = controller.cost
        self._voting = voting
        self._outbox = controller.outbox
        self._is_writing = is_writing
        styles = controller.lanes.styles
        self._estimate = ""
        self.top = StyledRows(self._top_rows, styles, id="top")
        self.tabs = StyledRows(self._tab_rows, styles, id="tabs")
        self.bottom = StyledRows(self._bottom_rows, styles, id="bottom")

    def update(self) -> None:
        """Show the present state; only rows that changed are painted."""
        now = monotonic()
        for column, lane in enumerate(self._lanes):
            if not self._grid.shows(lane.number):
                continue
            lane.show_header(
                LaneHeader(
                    label=self._lanes.label(lane),
                    color=column % LANE_COLORS + 1,
                    name=self._lanes.shown_name(lane),
                    metrics=lane.metrics(now),
                    badges=lane.badges,
                    has_focus=lane.pane is self._grid.current,
                    is_blind=self._lanes.names_hidden and not lane.is_merge,
                    motion=lane.pane.transcript.entries.appearance.motion,
                )
            )
        for rows in (self.top, self.tabs, self.bottom):
            if rows.display:
                rows.update_rows()

    def show_estimate(self, text: str) -> None:
        """Show the estimated cost of the draft."""
        if text != self._estimate:
            self._estimate = text
            self.bottom.update_rows()

    def set_text_styles(self, styles: Mapping[str, str]) -> None:
        """Use these text styles, by name."""
        for rows in (self.top, self.tabs, self.bottom):
            rows.set_text_styles(styles)

    def _top_rows(self, width: int) -> list[Line]:
        now = monotonic()
        lanes: list[tuple[str, LaneMetrics | None]] = [
            (f"{self._lanes.label(lane)} {self._lanes.shown_name(lane)}", lane.metrics(now))
            for lane in self._lanes
            if not lane.is_merge
        ]
        blind, hidden, cost = self._lanes.blind_mode, self._lanes.names_hidden, self._cost.label(now)
        return [top_row(lanes, max(0, width - _MARGIN), cost=cost, blind=blind, names_hidden=hidden)]

    def _tab_rows(self, width: int) -> list[Line]:
        now = monotonic()
        tabs = []
        for lane in self._lanes:
            metrics = lane.metrics(now)
            mark = f" {_PHASE_MARKS[metrics.phase]}" if metrics is not None else ""
            tabs.append((self._lanes.label(lane), self._lanes.shown_name(lane), mark))
        current = self._grid.current
        focus = self._grid.column_of(current.number) if current is not None else 0
        return [tab_row(tabs, self._grid.lane_layout, focus, width)]

    def _bottom_rows(self, width: int) -> list[Line]:
        if self._voting.is_open:
            return [vote_row([self._lanes.label(lane) for lane in self._lanes.answered], self._voting.tags, width)]
        writing, waiting = self._is_writing(), len(self._outbox.queue)
        return [key_row(len(self._lanes), width, writing=writing, estimate=self._estimate, waiting=waiting)]


def top_row(
    lanes: Sequence[tuple[str, LaneMetrics | None]], width: int, *, cost: str, blind: bool, names_hidden: bool
) -> Line:
    """Return the row above the lanes: the leaders so far and the total ``cost``; neither while names are hidden."""
    left: list[Part] = [("Comparison", "strong")]
    if blind:
        left.append((" · blind", "warning"))
    known = [(label, metrics) for label, metrics in lanes if metrics is not None]
    if not known:
        left.append((f" · {len(lanes)} lanes, one question to all of them", "muted"))
        return _justified(left, [], width)
    if names_hidden:
        left.append((" · names and figures are shown after the vote", "muted"))
        return _justified(left, [], width)
    right = [(f"{title} {leader}", "muted") for title, leader in ranking(known)]
    if cost:
        left.append((f" · {cost} in all", "muted"))
    return _justified(left, right, width)


def tab_row(tabs: Sequence[tuple[str, str, str]], layout: LaneLayout, focus: int, width: int) -> Line:
    """Return the row of tabs, given as (label, name, state mark). Visible lanes are highlighted; tabs are clickable."""
    short = [(label, safe(name.rpartition("/")[2]), mark) for label, name, mark in tabs]
    fixed = [width_of([(f" {label} {mark} ", "")]) for label, _, mark in short]
    room = (width - sum(fixed)) // max(1, len(tabs))
    widest = max((width_of([(name, "")]) for _, name, _ in short), default=0)
    if room >= _MIN_TAB_NAME or room >= widest:
        names = [f" {label} {cut(name, room)}{mark} " for label, name, mark in short]
    else:
        names = [f" {label}{mark} " for label, _, mark in short]
    parts: list[Part] = []
    for column, name in enumerate(names):
        color = f"lane{column % LANE_COLORS + 1}"
        style = f"selection+{color}" if column == focus else f"strong+{color}" if column in layout.shown else "muted"
        parts.append((name, f"{style}@lane:{column}"))
    return row(*parts)


def key_row(count: int, width: int, *, writing: bool, estimate: str = "", waiting: int = 0) -> Line:
    """Return the bottom row: queued questions, the estimated cost of the draft, and as many key hints as fit."""
    parts: list[Part] = []
    if waiting:
        text = "1 question waits" if waiting == 1 else f"{waiting} questions wait"
        parts += [(text, "warning"), ("  ", "pad")]
    if estimate:
        parts += [(estimate, "strong"), ("  ", "pad")]
    keys = _WRITE_KEYS if writing else ((f"1–{count}", "lane"), *_READ_KEYS)
    for number, (key, meaning) in enumerate(keys):
        item: list[Part] = [("  ", "pad")] if number else []
        item += [(key, "strong"), (f" {meaning}" if meaning else "", "muted")]
        if width_of(parts) + width_of(item) > width:
            break
        parts += item
    return row(*parts)


def vote_row(labels: Sequence[str], tags: Sequence[str], width: int) -> Line:
    """Return the bottom row while a vote is open."""
    shown = ", ".join(safe(t) for t in tags) or "none"
    parts: list[Part] = [("Which is best?  ", "strong+warning")]
    for key, meaning in (
        (" ".join(labels), ""),
        ("t", "tie"),
        ("b", "all bad"),
        ("g", f"tags: {shown}"),
        ("Esc", "not now"),
    ):
        parts += [(key, "strong"), (f" {meaning}  " if meaning else "  ", "muted")]
    while width_of(parts) > width and len(parts) > 3:
        parts = parts[:-2]
    return row(*parts)


def _justified(left: list[Part], right: list[Part], width: int) -> Line:
    """Return ``left`` and as many items of ``right`` as fit, aligned to both edges."""
    shown = list(right)
    while shown and width_of(left) + 2 + width_of(shown) + 3 * (len(shown) - 1) > width:
        shown.pop()
    if not shown:
        return row((cut("".join(t for t, _ in left), width), "muted")) if width_of(left) > width else row(*left)
    tail: list[Part] = []
    for number, item in enumerate(shown):
        tail += [(" · ", "muted"), item] if number else [item]
    gap = width - width_of(left) - width_of(tail)
    return row(*left, (" " * gap, "pad"), *tail)
