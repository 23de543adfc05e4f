"""The running side of a comparison: questions to all lanes, answers again, lanes that come and go, endings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tui_router.domain.anonymous import Veil
from tui_router.domain.events import Cancelled, Failed, Finished
from tui_router.domain.events import Event as StreamEvent
from tui_router.domain.message import Message, Part, Role, Text, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Problem
from tui_router.domain.usage import Usage
from tui_router.services.comparison import Comparison, Lane, Round
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.relay import Relay
from tui_router.ui.screens.compare.cost import Cost
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.hidden import remember_hidden, show_names
from tui_router.ui.screens.compare.stage import Stage
from tui_router.ui.screens.compare.track import Track
from tui_router.ui.screens.submitter import PlanSubmitter

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
        submitter: PlanSubmitter,
        cost: Cost,
    ) -> None:
        super().__init__(core, comparison, field, styles)
        self.cost = cost
        self.relay = relay(self.take)
        self._changed = changed
        self._submitter = submitter
        self._turns: dict[Turn, Track] = {}
        self._afterwards: dict[Turn, Callable[[Message], None]] = {}

    # Opening

    def open(self) -> None:
        """Put the lanes up, with what is there of their threads."""
        self.field.add([self.new_track(lane).pane for lane in self.comparison.lanes])
        veil = self.veil() if self.is_veiled else None
        for lane in self.comparison.lanes:
            self.show_thread(lane, veil)
        self.cost.recount()

    # Asking

    def plan(self, parts: Sequence[Part], *, blind: bool) -> Round:
        """Plan a question to all lanes; ``show`` it once it has begun."""
        found = self.comparison.ask(parts)

        def begin() -> list[Turn]:
            for track in [t for t in self.lanes if t.is_merge]:
                self._forget(track)
            if blind and not self.is_veiled:
                self._go_blind()
            return found.plan.begin()

        return replace(found, plan=replace(found.plan, begin=begin))

    def show(self, begun: Round, parts: Sequence[Part]) -> list[Problem]:
        """Show a question that was put to all lanes; returns why it was not sent to some."""
        question = Text("".join(p.text for p in parts if isinstance(p, Text)))
        veil = self.veil(question.text) if self.is_veiled else None
        if self.is_veiled and any(asked.turn is not None for asked in begun.asked):
            remember_hidden(self.core, self.comparison.batch)
        problems = []
        for asked in begun.asked:
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

        def started(turns: list[Turn]) -> None:
            if model_id:
                track.model_id = model_id
            track.marks = ()
            self._begin(track, turns[0], None, self.veil() if self.is_veiled else None, instead_of=old)
            self._changed()

        self._submitter.submit(self.comparison.again(track.number, model_id), started, title="Ask this lane again?")

    def add(self, model_id: str, beside: Track) -> None:
        """Let one more model answer, in the thread of a lane."""
        lane, plan = self.comparison.add(model_id, beside.number)
        if plan is None:
            self._put_up(lane)
            self.show_thread(lane, None)
            self.field.choose(lane.number)
            self._changed()
        else:
            self._submitter.submit(plan, lambda turns: self._joined(lane, turns[0]), title="Add this model?")

    def _joined(self, lane: Lane, turn: Turn) -> None:
        track = self._put_up(lane)
        question = self.question_of(turn)
        before = self.comparison.chat.tree.thread(question.parent_id if question else None)
        self.show_messages(track, before, None)
        self._begin(track, turn, question, self.veil() if self.is_veiled else None)
        self.field.choose(track.number)
        self._changed()

    def _put_up(self, lane: Lane, title: str = "") -> Track:
        track = self.new_track(lane, title)
        self.field.add([track.pane])
        return track

    def remove(self, track: Track) -> None:
        """Take a lane away; what it said stays in the conversation."""
        if not track.is_merge:
            self.comparison.remove(track.number)
        self._forget(track)
        self._changed()

    def merged(self, turn: Turn, title: str, note: str, done: Callable[[Message], None]) -> None:
        """Show one answer that is made of several, in a lane of its own; ``done`` gets it once it ended."""
        number = min([*self.tracks, 0]) - 1
        track = self._put_up(Lane(number=number, model=turn.message.model or ModelRef("")), title)
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
        if any(isinstance(e, Finished | Failed | Cancelled) for e in events):
            message = self.comparison.chat.settle(turn)
            self.cost.ended(turn, message)
            if is_current:
                track.settle(message)
            if turn in self._afterwards:
                self._afterwards.pop(turn)(message)
            self._changed()

    def price(self, message_id: str, usage: Usage) -> None:
        """Show what an answer cost when that was found out after its ending."""
        tree = self.comparison.chat.tree
        message = tree.get(message_id)
        if message is None:
            self.cost.recount()
            return
        message = replace(message, usage=usage)
        tree.add(message)
        for track in self.lanes:
            if track.answer == message_id and not track.is_running:
                track.settle(message)
        self.cost.recount()
        self._changed()

    def stop(self, track: Track) -> bool:
        """Stop one lane; ``False`` when it does not run. The others never notice."""
        if track.turn is None:
            return False
        self.relay.stop([track.turn])
        return True

    def stop_waiting(self) -> bool:
        """Take back what waits for prices; ``False`` when nothing does."""
        return self._submitter.stop()

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
        self.cost.began(turn, track.begin(turn, question, veil, instead_of=instead_of).figures)
        self.relay.start(turn)

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
