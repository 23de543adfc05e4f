"""The comparison screen: lanes over a prompt. What happens in it is the business of its parts."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from tui_router.domain.problem import Trouble
from tui_router.services.comparison import Comparison
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.relay import Relay, Show
from tui_router.ui.screens.compare.actions import Actions
from tui_router.ui.screens.compare.around import Around
from tui_router.ui.screens.compare.asking import Questions
from tui_router.ui.screens.compare.cost import Cost
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.merging import Merging
from tui_router.ui.screens.compare.question_box import QuestionBox
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.compare.rows import Rows
from tui_router.ui.screens.compare.setting import Setting
from tui_router.ui.screens.drafts import DraftController
from tui_router.ui.screens.submitter import PlanSubmitter
from tui_router.ui.transcript.view import Transcript

_TICK, _CROWD_TICK = 0.1, 0.25
_CROWD = 4
"""From so many lanes on spinners and figures move less often: each move is a frame of its own."""


class CompareScreen(Screen[str | None], inherit_bindings=False):
    """One question, several models. The result is the id of the message that is kept, or ``None``."""

    is_comparison = True
    """Tells the app whose keys these are without an import."""

    AUTO_FOCUS = "#prompt"
    DEFAULT_CSS = """
    CompareScreen { background: $background; layout: vertical; }
    CompareScreen #tabs { display: none; }
    CompareScreen.-tabs #tabs { display: block; }
    """

    def __init__(
        self,
        setting: Setting,
        comparison: Comparison,
        *,
        blind: bool = False,
        veiled: bool = False,
        fold: FoldRule | None = None,
        vim: bool = False,
    ) -> None:
        """Make the screen.

        Args:
            setting: What it needs of the program.
            comparison: The lanes.
            blind: Hide names from the first question on.
            veiled: The stored answers were asked blind and not voted on yet: names stay hidden.
            fold: When pastes are folded.
            vim: Vim keys in the prompt.
        """
        super().__init__()
        core, host, dress = setting.core, setting.host, setting.dress()
        self.box = QuestionBox(host, fold=fold, vim=vim, id="box")
        self.drafts = DraftController(core, host, self.box.prompt, lambda: comparison.chat, self.look_again)
        self.field = Field()
        submitter = PlanSubmitter(core, host)

        def make_relay(show: Show) -> Relay:
            return Relay(self, lambda turn, events: core.notices.guard(lambda: show(turn, events)))

        cost = Cost(core, host, comparison.chat, self.look_again)
        self.rounds = Rounds(core, comparison, self.field, make_relay, dress.styles, self._changed, submitter, cost)
        self.rounds.is_veiled = veiled
        put_back, changed = self.drafts.put_back, self.look_again
        self.questions = Questions(
            core, host, self.rounds, submitter, put_back=put_back, sent=self._question_sent, changed=changed
        )
        self.questions.blind = blind or veiled
        close, changed = self._close, self._changed
        self.actions = Actions(setting, self.rounds, self.field, self.questions, close=close, changed=changed)
        self.merging = Merging(core, host, self.rounds, submitter, setting.pick_model)
        self.around = Around(
            self.rounds, self.field, self.questions, self.actions, lambda: self.is_writing, dress.styles
        )
        typed, show_estimate = self.rounds.relay.key_pressed, self.around.show_estimate
        self.box.attach(self.questions, self.drafts, typed=typed, show_estimate=show_estimate, escape=self.back)
        self._setting = setting
        self._ticking: Timer | None = None
        self._is_left = False

    def compose(self) -> ComposeResult:
        """Ranking, tabs, lanes, prompt, keys."""
        yield self.around.top
        yield self.around.tabs
        yield self.field
        yield self.box
        yield self.around.foot

    @property
    def transcript(self) -> Transcript:
        """What the lane in focus shows."""
        return self.actions.track.pane.transcript

    @property
    def is_writing(self) -> bool:
        """True while the prompt has the focus."""
        return self.focused is self.box.prompt

    def on_mount(self) -> None:
        """Put the lanes up."""
        self.rounds.open()
        self._wear()
        self._stop_listening = self._setting.listen(lambda: self._setting.host.soon(self._wear))
        self._stop_pricing = self._setting.core.road.listen_for_costs(
            lambda message_id, usage: self._setting.host.soon(lambda: self.rounds.price(message_id, usage))
        )
        self.questions.outbox.is_held = True
        self.drafts.restore()
        if self.rounds.comparison.batch:
            self.call_after_refresh(self.read)
        self.look_again()

    def on_unmount(self) -> None:
        """However it ends: nothing runs on unseen."""
        self._stop_listening()
        self._stop_pricing()
        self.leave()

    def leave(self) -> int:
        """Stop every lane and have it saved, within a second; returns how many ran."""
        if self._is_left:
            return 0
        self._is_left = True
        self.rounds.stop_waiting()
        self.drafts.hand_over()
        return self.rounds.close()

    def back(self) -> None:
        """Escape: from a draft to the lanes where there are answers, else what it means there. No draft is lost."""
        quiet = not (self.rounds.running or self.actions.voting.is_open)
        if quiet and self.is_writing and self.rounds.comparison.batch and not self.box.prompt.draft.is_empty:
            self.read()
        else:
            self.actions.back()

    def interrupt(self) -> None:
        """Ctrl+C without a selection: clear the draft, else stop every lane."""
        if not self.box.prompt.draft.is_empty:
            self.drafts.clear()
        elif not (self.rounds.stop_waiting() or self.rounds.stop_all()):
            self._setting.host.tell("Esc closes the comparison, Ctrl+Q quits")

    def read(self) -> None:
        """Go from the prompt to the lanes."""
        if self.field.current is not None:
            self.field.current.transcript.focus()

    def look_again(self) -> None:
        """Show everything around the answers anew, and tick while something streams."""
        if not self.is_mounted or self._is_left:
            return
        self.box.prompt.has_queue = self.questions.waiting > 0
        self.set_class(self.field.layout_now.tabs, "-tabs")
        self._setting.core.notices.guard(self.around.look_again)
        if self.rounds.running and self._ticking is None:
            tick = _TICK if len(self.rounds.lanes) < _CROWD else _CROWD_TICK
            self._ticking = self.set_interval(tick, self._tick)

    def _changed(self) -> None:
        """Once all that is being changed is changed, look again; and send what waits for the last lane."""
        self.call_later(self.look_again)
        self._guard(self.questions.next)

    def _tick(self) -> None:
        for track in self.rounds.lanes:
            if self.field.shows(track.number):
                track.pane.transcript.tick(track.pane.transcript.clock())
        if not self.rounds.running and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.look_again()

    @on(Field.Changed)
    def _arranged(self) -> None:
        for track in self.rounds.lanes:
            if self.field.shows(track.number):
                track.catch_up()
        self.look_again()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        self.call_later(self.look_again)

    @on(Rows.Clicked, "#tabs")
    def _tab_clicked(self, event: Rows.Clicked) -> None:
        event.stop()
        kind, _, place = event.target.partition(":")
        if kind == "lane":
            self._guard(lambda: self.actions.digit(int(place)))

    @on(Transcript.ActionClicked)
    def _act(self, event: Transcript.ActionClicked) -> None:
        self._guard(lambda: self.actions.act(event.entry_id, event.action))

    @on(Transcript.LinkClicked)
    def _open_link(self, event: Transcript.LinkClicked) -> None:
        self._setting.host.tell(f"This link goes to {event.url}")

    def _guard(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Trouble as trouble:
            self._setting.host.tell_problem(trouble.problem)

    def _question_sent(self) -> None:
        self._setting.core.keep_line_up(self.rounds.comparison.models)
        self.look_again()

    def _close(self, kept: str | None) -> None:
        count = self.leave()
        if count:
            self._setting.host.tell(f"{count} {'lane was' if count == 1 else 'lanes were'} stopped; what came is kept")
        self.dismiss(kept)

    def _wear(self) -> None:
        dress = self._setting.dress()
        self.around.set_text_styles(dress.styles)
        for track in self.rounds.lanes:
            track.pane.set_text_styles(dress.styles, dress.look, dress.widest)
        self.rounds.styles = dress.styles
        self.look_again()
