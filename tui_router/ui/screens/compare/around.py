"""Everything on the comparison screen but the answers: heads, ranking, tabs, and the row of keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from tui_router.ui.screens.compare import foot
from tui_router.ui.screens.compare.actions import Actions
from tui_router.ui.screens.compare.asking import Questions
from tui_router.ui.screens.compare.face import Face
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.figures import Figures
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.compare.rows import Rows
from tui_router.ui.transcript.parts import Line

_COLORS = 8
_MARGIN = 1
"""Cells that the ranking keeps from the right edge, as heads do."""


class Around:
    """Owns the rows above and below the lanes. ``look_again`` shows what is known now."""

    def __init__(
        self,
        rounds: Rounds,
        field: Field,
        questions: Questions,
        actions: Actions,
        is_writing: Callable[[], bool],
        styles: Mapping[str, str],
    ) -> None:
        self._rounds = rounds
        self._field = field
        self._questions = questions
        self._actions = actions
        self._is_writing = is_writing
        self.estimate = ""
        """What the question being typed would cost, in words."""
        self.top = Rows(self._top_rows, styles, id="top")
        self.tabs = Rows(self._tab_rows, styles, id="tabs")
        self.foot = Rows(self._foot_rows, styles, id="foot")

    def look_again(self) -> None:
        """Show everything anew; only what differs is painted."""
        now = monotonic()
        for place, track in enumerate(self._rounds.lanes):
            if not self._field.shows(track.number):
                continue
            track.pane.show_face(
                Face(
                    label=self._rounds.label(track),
                    color=place % _COLORS + 1,
                    name=self._rounds.shown_name(track),
                    figures=track.figures(now),
                    marks=track.marks,
                    has_focus=track.pane is self._field.current,
                    is_blind=self._rounds.is_veiled and not track.is_merge,
                    motion=track.pane.transcript.look.motion,
                )
            )
        for rows in (self.top, self.tabs, self.foot):
            if rows.display:
                rows.look_again()

    def show_estimate(self, words: str) -> None:
        """Show what the question being typed would cost."""
        if words != self.estimate:
            self.estimate = words
            self.foot.look_again()

    def set_text_styles(self, styles: Mapping[str, str]) -> None:
        """Wear another theme."""
        for rows in (self.top, self.tabs, self.foot):
            rows.set_text_styles(styles)

    def _top_rows(self, width: int) -> list[Line]:
        now = monotonic()
        lanes: list[tuple[str, Figures | None]] = [
            (f"{self._rounds.label(t)} {self._rounds.shown_name(t)}", t.figures(now))
            for t in self._rounds.lanes
            if not t.is_merge
        ]
        blind, veiled, cost = self._questions.blind, self._rounds.is_veiled, self._rounds.cost.label(now)
        return [foot.top_row(lanes, max(0, width - _MARGIN), cost=cost, blind=blind, veiled=veiled)]

    def _tab_rows(self, width: int) -> list[Line]:
        now = monotonic()
        tabs = []
        for track in self._rounds.lanes:
            figures = track.figures(now)
            mark = f" {foot.mark(figures)}" if figures is not None else ""
            tabs.append((self._rounds.label(track), self._rounds.shown_name(track), mark))
        current = self._field.current
        focus = self._field.place_of(current.number) if current is not None else 0
        return [foot.tab_row(tabs, self._field.layout_now, focus, width)]

    def _foot_rows(self, width: int) -> list[Line]:
        if self._actions.voting.is_open:
            labels = [self._rounds.label(t) for t in self._rounds.lanes if not t.is_merge and t.has_words]
            return [foot.vote_row(labels, self._actions.voting.tags, width)]
        count = len(self._rounds.lanes)
        writing, waiting = self._is_writing(), self._questions.waiting
        return [foot.foot_row(count, width, writing=writing, estimate=self.estimate, waiting=waiting)]
