"""The comparison controller: puts questions to the lanes, runs their turns, and takes in how they end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tui_router.domain.blind import NameCover
from tui_router.domain.events import Cancelled, Failed, Finished
from tui_router.domain.events import Event as StreamEvent
from tui_router.domain.message import Message, Part, Role, Text, new_id
from tui_router.domain.problem import Problem
from tui_router.domain.usage import Usage
from tui_router.services.comparison import Comparison, ComparisonRound, Lane
from tui_router.services.core import Core
from tui_router.services.outbox import Outbox
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.relay import Loop, Relay
from tui_router.ui.screens.compare.blind import mark_blind
from tui_router.ui.screens.compare.lane_grid import LaneGrid
from tui_router.ui.screens.compare.lanes import LaneController, LaneSet
from tui_router.ui.screens.compare.metrics import ComparisonCost
from tui_router.ui.screens.compare.styled_rows import LaneAppearance
from tui_router.ui.screens.submitter import PlanSubmitter


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareDependencies:
    """What the comparison screen needs from the app."""

    core: Core
    host: Host
    pick_model: Callable[[Callable[[str], None]], None]
    """Opens the model picker and passes on the id of the chosen model."""
    appearance: Callable[[], LaneAppearance]
    """Returns the configured appearance."""
    listen: Callable[[Callable[[], None]], Callable[[], None]] = lambda _: lambda: None
    """Subscribes to changes of the appearance and returns the unsubscriber. The callback may run on any thread."""


class ComparisonController:
    """Runs a comparison. UI thread only: turns run on worker threads, and the relay brings their events here.

    ``changed`` is called when anything shown around the answers may have changed, ``cost_changed`` when the total
    cost has.
    """

    def __init__(
        self,
        dependencies: CompareDependencies,
        comparison: Comparison,
        grid: LaneGrid,
        loop: Loop,
        *,
        changed: Callable[[], None],
        cost_changed: Callable[[], None],
    ) -> None:
        self.comparison = comparison
        self.lanes = LaneSet(dependencies.core, comparison, grid, dependencies.appearance().styles)
        self.cost = ComparisonCost(dependencies.core, dependencies.host, comparison.chat, cost_changed)
        self.outbox: Outbox = dependencies.core.outboxes.of(comparison.chat)
        """The conversation's unsent questions."""
        self.submitter = PlanSubmitter(dependencies.core, dependencies.host)
        core = self._core = dependencies.core
        self.relay = Relay(loop, lambda turn, events: core.notices.guard(lambda: self.apply(turn, events)))
        self._grid = grid
        self._changed = changed
        # Turns of removed or retried lanes stay here: they still end, are saved, and cost money.
        self._lane_of: dict[Turn, LaneController] = {}
        self._on_end: dict[Turn, Callable[[Message], None]] = {}

    def open(self) -> None:
        """Show the lanes with their stored threads."""
        lanes = self.lanes.add(self.comparison.lanes)
        veil = self.lanes.veil()
        for lane, source in zip(lanes, self.comparison.lanes, strict=True):
            self.lanes.show_thread(lane, source, veil)
        self.cost.recount()

    def plan(self, parts: Sequence[Part]) -> ComparisonRound:
        """Plan a question to all lanes; call ``show`` once the plan has begun."""
        planned, blind_mode = self.comparison.ask(parts), self.lanes.blind_mode

        def begin() -> list[Turn]:
            # Not before the checks have passed: a refused question must leave the screen as it was.
            for lane in [lane for lane in self.lanes if lane.is_merge]:
                self._drop(lane)
            if blind_mode and not self.lanes.names_hidden:
                self.lanes.hide_names()
            return planned.plan.begin()

        return replace(planned, plan=replace(planned.plan, begin=begin))

    def show(self, begun: ComparisonRound, parts: Sequence[Part]) -> list[Problem]:
        """Show a question that was put to all lanes; returns the problems of those that did not take it."""
        veil = self.lanes.veil("".join(p.text for p in parts if isinstance(p, Text)))
        if self.lanes.names_hidden and any(asked.turn is not None for asked in begun.asked):
            mark_blind(self._core, self.comparison.batch)
        problems = []
        for asked in begun.asked:
            lane = self.lanes.by_number[asked.lane.number]
            lane.badges = ()
            if asked.turn is not None:
                self._run(lane, asked.turn, self._question_of(asked.turn), veil)
            elif asked.problem is not None:
                draft = Message(
                    id=new_id(), parent_id=None, role=Role.USER, parts=tuple(parts), created=self.comparison.chat.now()
                )
                lane.show_refusal(draft, asked.problem)
                problems.append(asked.problem)
        self._changed()
        return problems

    def retry(self, lane: LaneController, model_id: str = "") -> None:
        """Answer a lane's question again; a ``model_id`` replaces the lane's model for good."""
        old = lane.answer

        def started(turns: list[Turn]) -> None:
            if model_id:
                lane.model_id = model_id
            lane.badges = ()
            self._run(lane, turns[0], None, self.lanes.veil(), replaces=old)
            self._changed()

        plan = self.comparison.again(lane.number, model_id)
        self.submitter.submit(plan, started, title="Ask this lane again?")

    def add(self, model_id: str, beside: LaneController) -> None:
        """Add a lane with another model; it continues the thread of ``beside``."""
        source, plan = self.comparison.add(model_id, beside.number)
        if plan is None:  # there is no question to answer yet
            [lane] = self.lanes.add([source])
            self.lanes.show_thread(lane, source, None)
            self._grid.choose(lane.number)
            self._changed()
        else:
            self.submitter.submit(plan, lambda turns: self._join(source, turns[0]), title="Add this model?")

    def remove(self, lane: LaneController) -> None:
        """Remove a lane; its messages stay in the conversation."""
        if not lane.is_merge:
            self.comparison.remove(lane.number)
        self._drop(lane)
        self._changed()

    def add_merged(self, turn: Turn, title: str, note: str, ended: Callable[[Message], None]) -> None:
        """Stream a merged answer into a lane of its own, below a ``note``; ``ended`` gets the saved answer."""
        model = turn.message.model
        lane = self.lanes.add_merged(model.id if model is not None else "", title)
        if note:
            lane.add_notice(note)
        self._on_end[turn] = ended
        self._run(lane, turn, None, None)  # a merge is no candidate in the vote, so its author is shown
        self._grid.choose(lane.number)
        self._changed()

    def apply(self, turn: Turn, events: Sequence[StreamEvent]) -> None:
        """Show the events of a turn. The relay calls this at most once per frame and turn."""
        lane = self._lane_of.get(turn)
        if lane is None:
            return
        # A lane that was removed, or asked again, no longer shows this turn; its ending is still saved below.
        is_current = lane.answer == turn.id and lane.number in self.lanes.by_number
        if is_current and lane.is_running:
            lane.apply(events, is_visible=self._grid.shows(lane.number))
        if any(isinstance(e, Finished | Failed | Cancelled) for e in events):
            message = self.comparison.chat.settle(turn)
            self.cost.finish(turn, message)
            if is_current:
                lane.finish(message)
            if turn in self._on_end:
                self._on_end.pop(turn)(message)
            self._changed()

    def update_cost(self, message_id: str, usage: Usage) -> None:
        """Show the cost of an answer that became known after its end."""
        tree = self.comparison.chat.tree
        message = tree.get(message_id)
        if message is None:
            self.cost.recount()
            return
        message = replace(message, usage=usage)
        tree.add(message)
        for lane in self.lanes:
            if lane.answer == message_id and not lane.is_running:
                lane.finish(message)
        self.cost.recount()
        self._changed()

    def stop(self, lane: LaneController) -> bool:
        """Stop one lane and leave the others running; returns False if it was not running."""
        if lane.turn is None:
            return False
        self.relay.stop([lane.turn])
        return True

    def cancel_submission(self) -> bool:
        """Withdraw a question that waits for today's prices; returns False if there is none."""
        return self.submitter.stop()

    def stop_all(self) -> int:
        """Stop every lane; returns how many were running."""
        running = len(self.lanes.running)
        self.relay.stop()
        return running

    def close(self) -> int:
        """Stop everything and wait, for at most a second, until it is saved; returns how many lanes were running."""
        running = len(self.lanes.running)
        self.relay.close()
        # The closed relay delivers no more events, so the endings are taken from the turns themselves.
        for turn in self._lane_of:
            self.comparison.chat.settle(turn)
        return running

    def _join(self, source: Lane, turn: Turn) -> None:
        [lane] = self.lanes.add([source])
        question = self._question_of(turn)
        thread = self.comparison.chat.tree.thread(question.parent_id if question else None)
        self.lanes.show_messages(lane, thread)
        self._run(lane, turn, question, self.lanes.veil())
        self._grid.choose(lane.number)
        self._changed()

    def _run(
        self, lane: LaneController, turn: Turn, question: Message | None, veil: NameCover | None, *, replaces: str = ""
    ) -> None:
        self._lane_of[turn] = lane
        # The lane must be ready, and its cost counted, before the thread starts and the first event can arrive.
        self.cost.add(turn, lane.begin(turn, question, veil, replaces=replaces).metrics)
        self.relay.start(turn)

    def _question_of(self, turn: Turn) -> Message | None:
        return self.comparison.chat.tree.get(turn.parts.answer.parent_id)

    def _drop(self, lane: LaneController) -> None:
        self.stop(lane)
        self.lanes.remove(lane)
