"""The comparison screen: lanes over a prompt. What happens in it is the business of its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from textual import events, on
from textual.app import ComposeResult
from textual.timer import Timer

from tui_router.domain.draft import Draft
from tui_router.domain.events import Event
from tui_router.domain.usage import estimate_tokens
from tui_router.services.comparison import Comparison
from tui_router.services.turn import Turn
from tui_router.ui.prompt import messages as said
from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.relay import Relay
from tui_router.ui.screens.compare import foot
from tui_router.ui.screens.compare.actions import Actions
from tui_router.ui.screens.compare.asking import Questions
from tui_router.ui.screens.compare.ears import Ears
from tui_router.ui.screens.compare.face import Face
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.figures import Figures
from tui_router.ui.screens.compare.merging import Merging
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.compare.rows import Rows
from tui_router.ui.screens.compare.setting import Setting
from tui_router.ui.transcript.parts import Line

_TICK = 0.1


class CompareScreen(Ears):
    """One question, several models. The result is the id of the message that is kept, or ``None``."""

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
        draft: Draft | None = None,
        blind: bool = False,
        veiled: bool = False,
        fold: FoldRule | None = None,
        vim: bool = False,
    ) -> None:
        """Make the screen.

        Args:
            setting: What it needs of the program.
            comparison: The lanes; fresh ones, or those of a stored batch.
            draft: What stands in the prompt at first.
            blind: Hide names from the first question on.
            veiled: The stored answers were asked blind and not voted on yet: names stay hidden.
            fold: When pastes are folded.
            vim: Vim keys in the prompt.
        """
        super().__init__(setting.host)
        dress = setting.dress()
        self._setting = setting
        self.field = Field()
        self.box = PromptBox(fold=fold, vim=vim, id="box")
        self._top = Rows(self._top_rows, dress.styles, id="top")
        self._tabs = Rows(self._tab_rows, dress.styles, id="tabs")
        self._foot = Rows(self._foot_rows, dress.styles, id="foot")
        self.rounds = Rounds(setting.core, comparison, self.field, self._make_relay, dress.styles, self._look_later)
        self.rounds.is_veiled = veiled
        self.questions = Questions(
            setting.core, setting.host, self.rounds, put_back=self._put_back, sent=self._question_sent
        )
        self.questions.blind = blind or veiled
        self.actions = Actions(
            setting, self.rounds, self.field, self.questions, close=self._close, changed=self.look_again
        )
        self.merging = Merging(setting.core, setting.host, self.rounds, setting.pick_model)
        self._draft = draft
        self._estimate = ""
        self._ticking: Timer | None = None
        self._counting: Timer | None = None
        self._is_left = False

    def compose(self) -> ComposeResult:
        """Ranking, tabs, lanes, prompt, keys."""
        yield self._top
        yield self._tabs
        yield self.field
        yield self.box
        yield self._foot

    @property
    def is_writing(self) -> bool:
        """True while the prompt has the focus."""
        return self.focused is self.box.prompt

    def on_mount(self) -> None:
        """Put the lanes up."""
        self.rounds.open()
        self._wear()
        self._stop_listening = self._setting.listen(lambda: self._setting.host.soon(self._wear))
        if self._draft is not None:
            self.box.prompt.load(self._draft.text, self._draft.chips, self._draft.attachments)
        if self.rounds.comparison.batch and self.field.current is not None:
            self.call_after_refresh(self.field.current.transcript.focus)
        self.look_again()

    def on_unmount(self) -> None:
        """However it ends: nothing runs on unseen."""
        self._stop_listening()
        self.leave()

    def leave(self) -> int:
        """Stop every lane and have it saved, within a second; returns how many ran."""
        if self._is_left:
            return 0
        self._is_left = True
        return self.rounds.close()

    def back(self) -> None:
        """Escape."""
        self.actions.back(writing=self.is_writing, empty=self.box.prompt.draft.is_empty)

    def write(self, begin: str = "") -> None:
        """Go to the prompt; with the beginning of what is to be typed, where nothing stands there."""
        prompt = self.box.prompt
        prompt.focus()
        if begin and not prompt.text:
            prompt.insert(begin)

    def read(self) -> None:
        """Go from the prompt to the lanes."""
        if self.field.current is not None:
            self.field.current.transcript.focus()

    def step(self, by: int) -> None:
        """Go to the next lane; from the prompt to the one in focus."""
        if self.is_writing:
            self.read()
        else:
            self.actions.step(by)

    def look_again(self) -> None:
        """Show everything around the answers anew, and tick while something streams."""
        if not self.is_mounted:
            return
        now = monotonic()
        for place, track in enumerate(self.rounds.lanes):
            track.pane.show_face(
                Face(
                    label=self.rounds.label(track),
                    color=place % 8 + 1,
                    name=self.rounds.shown_name(track),
                    figures=track.figures(now),
                    marks=track.marks,
                    has_focus=track.pane is self.field.current,
                    is_blind=self.rounds.is_veiled and not track.is_merge,
                    motion=track.pane.transcript.look.motion,
                )
            )
        self.set_class(self.field.layout_now.tabs, "-tabs")
        for rows in (self._top, self._tabs, self._foot):
            rows.look_again()
        if self.rounds.running and self._ticking is None:
            self._ticking = self.set_interval(_TICK, self._tick)
        self.questions.next()

    def _look_later(self) -> None:
        """Once all that is being changed is changed."""
        self.call_later(self.look_again)

    def _make_relay(self, show: Callable[[Turn, Sequence[Event]], None]) -> Relay:
        return Relay(self, show)

    def _tick(self) -> None:
        for track in self.rounds.lanes:
            if self.field.shows(track.number):
                track.catch_up()
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

    @on(said.Submitted)
    def _submitted(self, event: said.Submitted) -> None:
        self._estimate = ""
        self.guard(lambda: self.questions.submit(event.text, event.attachments))

    @on(said.DraftChanged)
    def _typed(self, event: said.DraftChanged) -> None:
        self.rounds.relay.key_pressed()
        if self._counting is None:
            self._counting = self.set_timer(0.2, self._count)

    @on(Rows.Clicked, "#tabs")
    def _tab_clicked(self, event: Rows.Clicked) -> None:
        event.stop()
        kind, _, place = event.target.partition(":")
        if kind == "lane":
            self.guard(lambda: self.actions.digit(int(place)))

    def _count(self) -> None:
        self._counting = None
        text = self.box.prompt.draft.text.strip()
        estimate = self.questions.estimate(estimate_tokens(text)).label if text else ""
        if estimate != self._estimate:
            self._estimate = estimate
            self._foot.look_again()

    def _question_sent(self) -> None:
        core = self._setting.core
        models = self.rounds.comparison.models
        self._setting.host.work(lambda: core.lineups.save(models), lambda _: None)
        self.read()
        self.look_again()

    def _close(self, kept: str | None) -> None:
        count = self.leave()
        if count:
            self._setting.host.tell(f"{count} lanes were stopped; what came is kept")
        self.dismiss(kept)

    def _wear(self) -> None:
        dress = self._setting.dress()
        for rows in (self._top, self._tabs, self._foot):
            rows.set_text_styles(dress.styles)
        for track in self.rounds.lanes:
            track.pane.set_text_styles(dress.styles, dress.look, dress.widest)
        self.rounds.styles = dress.styles
        self.look_again()

    def _figures(self) -> list[tuple[str, Figures | None]]:
        now = monotonic()
        return [
            (f"{self.rounds.label(t)} {self.rounds.shown_name(t)}", t.figures(now)) for t in self.rounds.lanes
            if not t.is_merge
        ]  # fmt: skip

    def _top_rows(self, width: int) -> list[Line]:
        return [foot.top_row(self._figures(), width, blind=self.questions.blind, veiled=self.rounds.is_veiled)]

    def _tab_rows(self, width: int) -> list[Line]:
        now = monotonic()
        tabs = []
        for track in self.rounds.lanes:
            figures = track.figures(now)
            mark = f" {foot.mark(figures)}" if figures is not None else ""
            tabs.append((self.rounds.label(track), self.rounds.shown_name(track), mark))
        current = self.field.current
        focus = self.field.place_of(current.number) if current is not None else 0
        return [foot.tab_row(tabs, self.field.layout_now, focus, width)]

    def _foot_rows(self, width: int) -> list[Line]:
        if self.actions.is_voting:
            labels = [self.rounds.label(t) for t in self.rounds.lanes if not t.is_merge and t.has_words]
            return [foot.vote_row(labels, self.actions.tags, width)]
        return [
            foot.foot_row(
                len(self.rounds.lanes), width, writing=self.is_writing, estimate=self._estimate,
                waits=self.questions.waits,
            )
        ]  # fmt: skip
