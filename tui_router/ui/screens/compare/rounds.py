"""The running side of a comparison: questions to all lanes, answers again, lanes that come and go, endings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Event

from tui_router.domain.anonymous import Veil
from tui_router.domain.events import Cancelled, Failed, Finished, UsageReport
from tui_router.domain.events import Event as StreamEvent
from tui_router.domain.merge import MergePrompt
from tui_router.domain.message import Message, Part, Role, Text, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Problem, Trouble
from tui_router.services.comparison import Comparison, Lane
from tui_router.services.core import Core
from tui_router.services.late_cost import is_on_record, look_up
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.relay import Relay
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.hidden import remember_hidden, show_names
from tui_router.ui.screens.compare.stage import Stage
from tui_router.ui.screens.compare.track import Track

MakeRelay = Callable[[Callable[[Turn, Sequence[StreamEvent]], None]], Relay]


class Rounds(Stage):
    """Lets turns run and shows them in their lanes. ``changed`` is called when something around them changed."""

    def __init__(
        self,
        core: Core,
        comparison: Comparison,
        field: Field,
        relay: MakeRelay,
        styles: Mapping[str, str],
        changed: Callable[[], None],
    ) -> None:
        super().__init__(core, comparison, field, styles)
        self.relay = relay(self.take)
        self._changed = changed
        self._turns: dict[Turn, Track] = {}
        self._afterwards: dict[Turn, Callable[[Message], None]] = {}

    # Opening

    def open(self) -> None:
        """Put the lanes up, with what is there of their threads."""
        self.field.add([self.new_track(lane).pane for lane in self.comparison.lanes])
        veil = self.veil() if self.is_veiled else None
        for lane in self.comparison.lanes:
            self.show_thread(lane, veil)

    # Asking

    def ask(self, parts: Sequence[Part], *, blind: bool) -> list[Problem]:
        """Put a question to all lanes; returns why it was not sent to some."""
        for track in [t for t in self.lanes if t.is_merge]:
            self._forget(track)
        if blind and not self.is_veiled:
            self._go_blind()
        question = Text("".join(p.text for p in parts if isinstance(p, Text)))
        veil = self.veil(question.text) if self.is_veiled else None
        problems = []
        found = self.comparison.ask(parts)
        if self.is_veiled and any(asked.turn is not None for asked in found):
            remember_hidden(self.core, self.comparison.batch)
        for asked in found:
            track = self.tracks[asked.lane.number]
            track.marks = ()
            if asked.turn is not None:
                self._begin(track, asked.turn, self.question_of(asked.turn), veil)
            elif asked.problem is not None:
                draft = Message(
                    id=new_id(), parent_id=None, role=Role.USER, parts=tuple(parts), created=self.comparison.chat.now()
                )
                track.refuse(draft, asked.problem)
                problems.append(asked.problem)
        self._changed()
        return problems

    def again(self, track: Track, model_id: str = "") -> None:
        """Answer a lane's question once more; with another model the lane is that model's from now on."""
        old = track.answer
        turn = self.comparison.again(track.number, model_id)
        if model_id:
            track.model_id = model_id
        track.marks = ()
        self._begin(track, turn, None, self.veil() if self.is_veiled else None, instead_of=old)
        self._changed()

    def add(self, model_id: str, beside: Track) -> None:
        """Let one more model answer, in the thread of a lane."""
        lane, turn = self.comparison.add(model_id, beside.number)
        track = self.new_track(lane)
        self.field.add([track.pane])
        if turn is None:
            self.show_thread(lane, None)
        else:
            question = self.question_of(turn)
            before = self.comparison.chat.tree.thread(question.parent_id if question else None)
            self.show_messages(track, before, None)
            self._begin(track, turn, question, self.veil() if self.is_veiled else None)
        self.field.choose(track.number)
        self._changed()

    def remove(self, track: Track) -> None:
        """Take a lane away; what it said stays in the conversation."""
        if not track.is_merge:
            self.comparison.remove(track.number)
        self._forget(track)
        self._changed()

    def merge(self, prompt: MergePrompt, model_id: str, title: str, note: str, done: Callable[[Message], None]) -> None:
        """Let a model make one answer of several, in a lane of its own; ``done`` gets it once it ended."""
        turn = self.comparison.merge(prompt, model_id)
        number = min([*self.tracks, 0]) - 1
        track = self.new_track(Lane(number=number, model=ModelRef(model_id)), title)
        self.field.add([track.pane])
        if note:
            track.say(note)
        self._afterwards[turn] = done
        self._begin(track, turn, None, None)
        self.field.choose(number)
        self._changed()

    # While they run

    def take(self, turn: Turn, events: Sequence[StreamEvent]) -> None:
        """Show what a turn brought. Called once a frame."""
        track = self._turns.get(turn)
        if track is None:
            return
        is_current = track.answer == turn.id and track.number in self.tracks
        if is_current and track.is_running:
            track.take(events, is_shown=self.field.shows(track.number))
        ended = any(isinstance(e, Finished | Failed | Cancelled) for e in events)
        if ended or (turn not in self.relay.running and any(isinstance(e, UsageReport) for e in events)):
            message = self.comparison.chat.settle(turn)
            if is_current:
                track.settle(message)
            if ended and turn in self._afterwards:
                self._afterwards.pop(turn)(message)
            self._changed()

    def stop(self, track: Track) -> bool:
        """Stop one lane; ``False`` when it does not run. The others never notice."""
        if track.turn is None:
            return False
        self.relay.stop([track.turn])
        return True

    def stop_all(self) -> int:
        """Stop every lane; returns how many ran."""
        count = len(self.running)
        self.relay.stop()
        return count

    def close(self) -> int:
        """Stop everything, wait until it is saved (a second at most), and take the endings; returns how many ran."""
        count = len(self.running)
        self.relay.close()
        for turn in self._turns:
            self.comparison.chat.settle(turn)
        return count

    def price_stopped(self, host: Host) -> None:
        """Ask behind the screens what answers cost that were stopped; the conversation learns it when it is known."""

        def patiently(turn: Turn) -> Turn:
            look_up(self.core, turn, Event().wait)
            return turn

        def take_back(turn: Turn) -> None:
            if turn.id in self.comparison.chat.tree:
                self.comparison.chat.settle(turn)

        for turn in self._turns:
            if turn.message.usage is None and is_on_record(turn.message):
                host.work(partial(patiently, turn), take_back)

    # Names

    def reveal(self) -> None:
        """Show the names."""
        self.is_veiled = False
        show_names(self.core, self.comparison.batch)
        for track in self.lanes:
            track.reveal(self.comparison.chat.tree.get)
        self._changed()

    # Inside

    def _begin(
        self, track: Track, turn: Turn, question: Message | None, veil: Veil | None, instead_of: str = ""
    ) -> None:
        self._turns[turn] = track
        track.begin(turn, question, veil, instead_of=instead_of)
        self.relay.start(turn, self._after)

    def _after(self, turn: Turn) -> None:
        """On the worker: learn from the answer, and ask what a stopped one cost."""
        request, message = turn.parts.request, turn.message
        if message.usage is not None and not message.sources:
            with suppress(Trouble):  # a full disk costs a guess, not the answer
                self.core.ledger.learn(request.model, request.messages, message.usage, system=request.system)
        usage = look_up(self.core, turn, self.relay.pause)
        if usage is not None:
            self.relay.put(turn, UsageReport(usage))

    def _go_blind(self) -> None:
        """Shuffle the lanes and take away what was seen of them: only the round to come is shown."""
        self.comparison.shuffle()
        self.field.reorder([lane.number for lane in self.comparison.lanes])
        self.is_veiled = True
        for track in self.lanes:
            if track.answer:
                track.show((), ())

    def _forget(self, track: Track) -> None:
        self.stop(track)
        self.tracks.pop(track.number, None)
        self.field.drop(track.number)
