"""What the keys, commands and action links of the comparison do with its lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import misuse
from tui_router.services.comparison import MOST
from tui_router.services.conversation import Trimming
from tui_router.ui.screens.compare.agreement import AgreementScreen, AnswerText
from tui_router.ui.screens.compare.controller import CompareDependencies, ComparisonController
from tui_router.ui.screens.compare.lane_grid import step
from tui_router.ui.screens.compare.lanes import LaneController, LaneSet, lanes_are
from tui_router.ui.screens.compare.voting import VoteController
from tui_router.ui.screens.diff import DiffScreen

_ESCAPE_WITHIN, _KEEP_WITHIN = 1.0, 4.0
"""Seconds in which pressing the key again stops all lanes, or keeps an answer while others are running."""


class LaneActions:
    """Acts on the lane in focus.

    Actions raise ``AppError`` when they make no sense for the lane as it is. ``close`` gets the id of the answer to
    keep, or ``None``.
    """

    def __init__(
        self,
        dependencies: CompareDependencies,
        controller: ComparisonController,
        *,
        close: Callable[[str | None], None],
        changed: Callable[[], None],
    ) -> None:
        self._dependencies = dependencies
        self.host = dependencies.host
        self._controller = controller
        self._lanes: LaneSet = controller.lanes
        self._grid = controller.lanes.grid
        self._close = close
        self._changed = changed
        self._escape_at = self._stop_at = float("-inf")
        self._keep_requested = (0, float("-inf"))
        """The lane that was to be kept, and when."""
        self.voting = VoteController(dependencies.host, controller.lanes, changed)

    @property
    def current(self) -> LaneController:
        """The lane in focus."""
        pane = self._grid.current
        if pane is None or pane.number not in self._lanes.by_number:
            raise misuse("There is no lane", "F3 starts a comparison")
        return self._lanes.by_number[pane.number]

    def run(self, entry_id: str, action: str) -> None:
        """Run an action offered below an answer, in that answer's lane."""
        kind, _, argument = action.partition(":")
        do = LANE_ACTIONS.get(kind)
        if do is not None:
            lane = next((lane for lane in self._lanes if lane.answer == entry_id), None)
            if lane is None and kind not in _WITHOUT_LANE:
                raise misuse("This is not the lane's last answer", "r asks the last one again")
            if lane is not None and lane is not self.current:
                self._focus(lane.number)
            do(self, argument)

    def digit(self, column: int) -> None:
        """Focus the lane in a column, or vote for it while a vote is open."""
        panes = self._grid.panes
        if not 0 <= column < len(panes):
            return
        if self.voting.is_open:
            self.voting.vote(column)
        else:
            self._focus(panes[column].number)

    def step(self, by: int) -> None:
        """Focus the lane ``by`` columns further."""
        panes = self._grid.panes
        if panes:
            self._focus(panes[step(len(panes), self._grid.column_of(self.current.number), by)].number)

    def keep(self) -> None:
        """Continue the conversation with this lane's answer; the other answers become its siblings."""
        lane = self.current
        if lane.is_running:
            raise misuse("This lane is still answering", "x stops it")
        if not lane.has_content:
            raise misuse("This lane has no answer to keep", "r asks it again, R with another model")
        now = monotonic()
        (number, at), self._keep_requested = self._keep_requested, (lane.number, now)
        running = len(self._lanes.running)
        # Closing stops paid answers, so it takes a second press.
        if running and not (number == lane.number and now - at <= _KEEP_WITHIN):
            self.host.tell(f"{lanes_are(running)} still answering: Enter again keeps this one and stops the rest")
            return
        self._controller.comparison.keep(lane.answer)
        self._close(lane.answer)

    def stop(self) -> None:
        """Stop this lane."""
        if not self._controller.stop(self.current):
            self.host.tell("This lane has ended")

    def retry(self, model_id: str = "") -> None:
        """Ask this lane again, with another model if one is given."""
        self._controller.retry(self._ended_lane(), model_id)

    def retry_with(self) -> None:
        """Pick another model for this lane's question."""
        lane = self._ended_lane()
        self._dependencies.pick_model(lambda model_id: self._controller.retry(lane, model_id))

    def retry_shorter(self, max_tokens: int) -> None:
        """Ask this lane again with a lower limit on the answer, for this request only."""
        chat = self._controller.comparison.chat
        usual, chat.overrides = chat.overrides, ChatOptions(max_tokens=max_tokens).over(chat.overrides)
        try:
            self.retry()
        finally:
            chat.overrides = usual

    def retry_trimmed(self) -> None:
        """Ask this lane again without the oldest messages; later questions omit them too."""
        self._controller.comparison.chat.trimming = Trimming.OLDEST
        self.retry()

    def add(self, model_id: str = "") -> None:
        """Add a lane with another model, picked by the person if none is given."""
        beside = self.current
        if beside.is_merge:
            beside = next(lane for lane in self._lanes if not lane.is_merge)
        if len(self._controller.comparison.lanes) >= MOST:
            raise misuse(f"A comparison has at most {MOST} lanes", "− takes one away")
        if model_id:
            self._controller.add(model_id, beside)
        else:
            self._dependencies.pick_model(lambda picked: self._controller.add(picked, beside))

    def remove(self) -> None:
        """Remove this lane."""
        self._controller.remove(self.current)
        self._focus(self.current.number)

    def toggle_tie(self) -> None:
        """Scroll lanes together, or separately."""
        self.host.tell("Lanes scroll together" if self._grid.toggle_tie() else "Lanes scroll separately")

    def toggle_blind(self) -> None:
        """Hide names from the next question on, or show them again."""
        self._lanes.blind_mode = not self._lanes.blind_mode
        if self._lanes.blind_mode:
            self.host.tell("Blind: from the next question on, names are hidden and lanes shuffled until you vote")
        else:
            if self._lanes.names_hidden:
                self._lanes.reveal()
            self.host.tell("Names are shown")
        self._changed()

    def diff(self) -> None:
        """Show a word diff between this lane and the one beside it."""
        answers = {a.number: a for a in self._answers()}
        this = answers.get(self.current.number)
        pane = self._grid.beside
        other = answers.get(pane.number) if pane is not None else None
        if this is None or other is None:
            raise misuse("One of the two lanes has no text yet", "Choose two lanes, one after the other")
        styles = self._dependencies.appearance().styles
        ansi = any("ansi_" in text for text in styles.values())
        self.host.show_screen(DiffScreen(this.title, this.text, other.title, other.text, styles=styles, ansi=ansi))

    def agreement(self) -> None:
        """Show which sentences of each lane appear in no other lane."""
        self.host.show_screen(AgreementScreen(self._answers(), self._dependencies.appearance(), self.host))

    def save_line_up(self, name: str) -> None:
        """Save the line-up under a name."""
        if name.strip():
            self._dependencies.core.keep_line_up(self._controller.comparison.models, name.strip())
            self.host.tell(f"Saved as “{name.strip()}”: /compare {name.strip()} starts it")

    def back(self) -> None:
        """Handle Escape: cancel what is waiting, close the vote, stop lanes, or close the comparison.

        One press stops the lane in focus, a second one within a second stops all. A press too many right after
        lanes were stopped does not close the comparison.
        """
        if self._controller.cancel_submission():
            return
        now = monotonic()
        is_second, self._escape_at = now - self._escape_at <= _ESCAPE_WITHIN, now
        running = self._lanes.running
        if running:
            self._stop_at = now
        if self.voting.is_open:
            self.voting.cancel()
        elif running and (is_second or len(running) == 1):
            self._controller.stop_all()
        elif running:
            if not self._controller.stop(self.current):
                self.host.tell(f"{lanes_are(len(running))} still answering: Esc again stops them all")
        elif now - self._stop_at > _ESCAPE_WITHIN:
            self._close(None)

    def _focus(self, number: int) -> None:
        self._grid.choose(number)
        lane = self._lanes.by_number.get(number)
        if lane is not None:
            lane.catch_up()
            lane.pane.transcript.focus()
        self._changed()

    def _ended_lane(self) -> LaneController:
        lane = self.current
        if lane.is_running:
            raise misuse("This lane is still answering", "x stops it first")
        if lane.is_merge:
            raise misuse("A merged answer cannot be asked again", "m merges the answers again")
        return lane

    def _answers(self) -> list[AnswerText]:
        lanes = self._lanes
        answers = [
            AnswerText(n.number, lanes.label(n), lanes.shown_name(n), self._grid.column_of(n.number), n.text)
            for n in lanes
            if n.answer and n.text.strip()
        ]
        if len(answers) < 2:
            raise misuse("There is nothing to compare yet", "Two answers with text are needed")
        return answers


LANE_ACTIONS: Mapping[str, Callable[[LaneActions, str], None]] = {
    "retry": lambda actions, _: actions.retry(),
    "change_model": lambda actions, _: actions.retry_with(),
    "use": lambda actions, model_id: actions.retry(model_id),
    "resend": lambda actions, tokens: actions.retry_shorter(int(tokens)),
    "leave_out": lambda actions, _: actions.retry_trimmed(),
    "settings": lambda actions, _: actions.host.open_settings("account"),
    "sign_in": lambda actions, _: actions.host.run_id("account.login"),
}
"""Actions offered below an answer, by the part of their id before the colon; called with the part after it."""
_WITHOUT_LANE = ("settings", "sign_in")
"""Actions that also work below older answers."""
