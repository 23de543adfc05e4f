"""What can be done with the lanes: every key of the comparison ends here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import misuse
from tui_router.services.asking import Trimming
from tui_router.services.comparison import MOST
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.agreement import AgreementScreen, Words
from tui_router.ui.screens.compare.asking import Questions
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.foot import lanes_word
from tui_router.ui.screens.compare.lanes import step
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.compare.setting import Setting
from tui_router.ui.screens.compare.track import Track
from tui_router.ui.screens.compare.voting import Voting
from tui_router.ui.screens.diff import DiffScreen

_TWICE_WITHIN, _AGAIN_WITHIN = 1.0, 4.0
"""Seconds in which a key pressed again means more."""


class Actions:
    """Acts on the lane in focus. ``close`` ends the comparison with the message that is kept, or with none."""

    def __init__(
        self,
        setting: Setting,
        rounds: Rounds,
        field: Field,
        questions: Questions,
        *,
        close: Callable[[str | None], None],
        changed: Callable[[], None],
    ) -> None:
        self._setting = setting
        self._host: Host = setting.host
        self._rounds = rounds
        self._field = field
        self._questions = questions
        self._close = close
        self._changed = changed
        self._escaped = self._stopped = float("-inf")
        self._asked_to_keep = (0, float("-inf"))
        self.voting = Voting(setting.host, rounds, changed)

    @property
    def track(self) -> Track:
        """The lane in focus."""
        current = self._field.current
        if current is None or current.number not in self._rounds.tracks:
            raise misuse("There is no lane", "F3 starts a comparison")
        return self._rounds.tracks[current.number]

    @property
    def answer_text(self) -> str:
        """The words of the answer in focus."""
        return self.track.pane.transcript.text_of(self.track.answer)

    def act(self, entry_id: str, action: str) -> None:
        """Do what was chosen under an answer, in its own lane."""
        kind, _, rest = action.partition(":")
        do = LANE_ACTIONS.get(kind)
        if do is not None:
            track = next((t for t in self._rounds.lanes if t.answer == entry_id), None)
            if track is None and kind not in _ELSEWHERE:
                raise misuse("This is not the lane's last answer", "r asks the last one again")
            if track is not None and track is not self.track:
                self._go_to(track.number)
            do(self, rest)

    def digit(self, place: int) -> None:
        """A number key: go to that lane, or vote for it while a vote is asked for."""
        panes = self._field.panes
        if not 0 <= place < len(panes):
            return
        if self.voting.is_open:
            self.voting.vote(place)
        else:
            self._go_to(panes[place].number)

    def step(self, by: int) -> None:
        """Go to the next lane, or the one before."""
        panes = self._field.panes
        if panes:
            self._go_to(panes[step(len(panes), self._field.place_of(self.track.number), by)].number)

    def keep(self) -> None:
        """Go on with this lane's answer; the others stay as its siblings."""
        track = self.track
        if track.is_running:
            raise misuse("This lane is still answering", "x stops it")
        if not track.has_words:
            raise misuse("This lane has no answer to keep", "r asks it again, R with another model")
        now = monotonic()
        asked, self._asked_to_keep = self._asked_to_keep, (track.number, now)
        running = len(self._rounds.running)
        if running and not (asked[0] == track.number and now - asked[1] <= _AGAIN_WITHIN):
            self._host.tell(f"{lanes_word(running)} still answering: Enter again keeps this one and stops the rest")
            return
        self._rounds.comparison.keep(track.answer)
        self._close(track.answer)

    def stop(self) -> None:
        """Stop this lane."""
        if not self._rounds.stop(self.track):
            self._host.tell("This lane has ended")

    def again(self) -> None:
        """Ask this lane once more."""
        self._rounds.again(self._ended_track())

    def again_with(self) -> None:
        """Give this lane's question to another model."""
        track = self._ended_track()
        self._setting.pick_model(lambda model_id: self._rounds.again(track, model_id))

    def add(self, model_id: str = "") -> None:
        """Let one more model answer."""
        beside = self.track
        if beside.is_merge:
            beside = next(t for t in self._rounds.lanes if not t.is_merge)
        if len(self._rounds.comparison.lanes) >= MOST:
            raise misuse(f"A comparison has at most {MOST} lanes", "− takes one away")
        if model_id:
            self._rounds.add(model_id, beside)
        else:
            self._setting.pick_model(lambda picked: self._rounds.add(picked, beside))

    def remove(self) -> None:
        """Take this lane away."""
        self._rounds.remove(self.track)
        self._go_to(self.track.number)

    def tie(self) -> None:
        """Let lanes scroll together, or each by itself."""
        self._host.tell("Lanes scroll together" if self._field.tie() else "Each lane scrolls by itself")

    def blind(self) -> None:
        """Hide names from the next question on, or show them again."""
        self._questions.blind = not self._questions.blind
        if self._questions.blind:
            self._host.tell("Blind: from the next question on, names are hidden and lanes shuffled until you vote")
        else:
            if self._rounds.is_veiled:
                self._rounds.reveal()
            self._host.tell("Names are shown")
        self._changed()

    def diff(self) -> None:
        """Show which words differ between this lane and the one beside it."""
        words = {w.number: w for w in self._words()}
        here = words.get(self.track.number)
        beside = self._field.beside
        there = words.get(beside.number) if beside is not None else None
        if here is None or there is None:
            raise misuse("One of the two lanes has no words yet", "Choose two lanes, one after the other")
        styles = self._setting.dress().styles
        ansi = any("ansi_" in text for text in styles.values())
        self._host.show_screen(DiffScreen(here.title, here.text, there.title, there.text, styles=styles, ansi=ansi))

    def agreement(self) -> None:
        """Show which sentences of each lane have no counterpart in another one."""
        self._host.show_screen(AgreementScreen(self._words(), self._setting.dress(), self._host))

    def save_line_up(self, name: str) -> None:
        """Keep the line-up under a name."""
        if name.strip():
            self._rounds.core.keep_line_up(self._rounds.comparison.models, name.strip())
            self._host.tell(f"Kept as “{name.strip()}”: /compare {name.strip()} starts it")

    def back(self) -> None:
        """Escape: take back what waits, end the vote, stop this lane (again within a second: all), close at rest.

        One press too many while lanes are being stopped does not close them.
        """
        if self._rounds.stop_waiting():
            return
        now = monotonic()
        twice, self._escaped = now - self._escaped <= _TWICE_WITHIN, now
        running = self._rounds.running
        if running:
            self._stopped = now
        if self.voting.is_open:
            self.voting.end()
        elif running and (twice or len(running) == 1):
            self._rounds.stop_all()
        elif running:
            if not self._rounds.stop(self.track):
                self._host.tell(f"{lanes_word(len(running))} still answering: Esc again stops them all")
        elif now - self._stopped > _TWICE_WITHIN:
            self._close(None)

    def _go_to(self, number: int) -> None:
        self._field.choose(number)
        pane = self._field.pane(number)
        if pane is not None:
            self._rounds.tracks[number].catch_up()
            pane.transcript.focus()
        self._changed()

    def _ended_track(self) -> Track:
        track = self.track
        if track.is_running:
            raise misuse("This lane is still answering", "x stops it first")
        if track.is_merge:
            raise misuse("A merged answer is made anew with m")
        return track

    def _words(self) -> list[Words]:
        found = [
            Words(t.number, self._rounds.label(t), self._rounds.shown_name(t), self._field.place_of(t.number), text)
            for t in self._rounds.lanes
            if t.answer and (text := t.pane.transcript.text_of(t.answer)).strip()
        ]
        if len(found) < 2:
            raise misuse("There is nothing to compare yet", "Two answers with words are needed")
        return found


def _use(actions: Actions, model_id: str) -> None:
    actions._rounds.again(actions._ended_track(), model_id)


def _resend(actions: Actions, tokens: str) -> None:
    chat = actions._rounds.comparison.chat
    usual, chat.overrides = chat.overrides, ChatOptions(max_tokens=int(tokens)).over(chat.overrides)
    try:
        actions.again()
    finally:
        chat.overrides = usual


def _leave_out(actions: Actions, _: str) -> None:
    actions._rounds.comparison.chat.trimming = Trimming.OLDEST
    actions.again()


LANE_ACTIONS: Mapping[str, Callable[[Actions, str], None]] = {
    "retry": lambda actions, _: actions.again(),
    "change_model": lambda actions, _: actions.again_with(),
    "use": _use,
    "resend": _resend,
    "leave_out": _leave_out,
    "settings": lambda actions, _: actions._host.open_settings("account"),
    "sign_in": lambda actions, _: actions._host.run_id("account.login"),
}
"""What can be chosen under an answer, by the part of its id before a colon; called with what is behind it."""
_ELSEWHERE = ("settings", "sign_in")
