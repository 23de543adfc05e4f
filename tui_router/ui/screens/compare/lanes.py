"""The lanes of a comparison: ``LaneController`` runs one of them, ``LaneSet`` holds and names them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tui_router.domain.blind import NameCover
from tui_router.domain.events import Event
from tui_router.domain.message import Message, Role
from tui_router.domain.model import Model
from tui_router.domain.problem import Problem
from tui_router.domain.stream import coalesce
from tui_router.domain.token_count import count
from tui_router.services.comparison import Comparison, Lane
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.screens.compare.blind import AnonymizedEvents, anonymize_message, mark_revealed
from tui_router.ui.screens.compare.lane_grid import LaneGrid, LanePane
from tui_router.ui.screens.compare.lane_header import LaneHeader, header_rows
from tui_router.ui.screens.compare.metrics import LaneMeter, LaneMetrics, metrics_of
from tui_router.ui.transcript.actions import Action, actions_in_lane
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.parts import Line, Parts

_BLIND_NAME = "Answer"


class LaneController:
    """Runs one lane: its pane, the answer that streams into it, and the answer's metrics. UI thread only."""

    def __init__(
        self,
        number: int,
        model_id: str,
        find_model: Callable[[str], Model | None],
        styles: Mapping[str, str],
        title: str = "",
    ) -> None:
        """Make a lane; ``find_model`` looks up the catalogue, and only merged answers have a ``title``."""
        self.number = number
        self.pane = LanePane(number, self._header_rows, styles)
        self.model_id = model_id
        self.is_merge = bool(title)
        self.answer = ""
        """Id of the present answer; empty before the first question."""
        self.turn: Turn | None = None
        self.message: Message | None = None
        """The answer once it has ended."""
        self.badges: tuple[str, ...] = ()
        self._header = LaneHeader()
        self._find_model = find_model
        self._title = title
        self._anonymized: AnonymizedEvents | None = None
        self._meter: LaneMeter | None = None
        self._final: LaneMetrics | None = None
        self._unseen: list[Event] = []
        """Events that arrived while the lane was not visible."""
        self._anonymous_ids: list[str] = []
        """Ids of the answers shown without names."""
        self._is_revealed = False

    @property
    def name(self) -> str:
        """The model's short name, or its id while the catalogue does not know it."""
        model = self._find_model(self.model_id)
        return self._title or (model.short_name if model is not None else self.model_id)

    @property
    def is_running(self) -> bool:
        """True until the end of the answer has been shown."""
        return self.turn is not None

    @property
    def has_content(self) -> bool:
        """True if the answer has ended and is not empty."""
        return self.message is not None and bool(self.message.text.strip() or self.message.parts)

    @property
    def text(self) -> str:
        """The text of the present answer as shown; anonymized in blind mode."""
        return self.pane.transcript.text_of(self.answer)

    @property
    def offered(self) -> tuple[Action, ...]:
        """The actions offered below the answer."""
        entry = self.pane.transcript.entry(self.answer)
        return (entry.actions or ()) if entry is not None else ()

    def metrics(self, now: float) -> LaneMetrics | None:
        """Return the metrics at ``now`` (seconds); ``None`` before the first question."""
        return self._meter.metrics(now) if self._meter is not None else self._final

    def show_header(self, header: LaneHeader) -> None:
        """Show this header."""
        self._header = header
        self.pane.update_header()

    def show(self, thread: Sequence[Message], names: Sequence[str], veil: NameCover | None = None) -> None:
        """Show a stored thread; with a ``veil`` its last answer is anonymized."""
        last = thread[-1] if thread else None
        entries = []
        for message, name in zip(thread, names, strict=True):
            if veil is not None and message is last and message.role is Role.ASSISTANT:
                entries.append(Entry.of(anonymize_message(message, veil), name=_BLIND_NAME))
                self._anonymous_ids.append(message.id)
            else:
                entries.append(Entry.of(message, name=name))
        self.pane.transcript.show(entries)
        self._limit_actions()

    def restore(self, message: Message) -> None:
        """Take a stored answer as the lane's present one."""
        self.answer, self.message = message.id, message
        self._final = metrics_of(message)
        self._limit_actions()

    def begin(self, turn: Turn, question: Message | None, veil: NameCover | None, *, replaces: str = "") -> LaneMeter:
        """Show an answer that is about to stream, below its question or in place of another; returns its meter."""
        transcript = self.pane.transcript
        now = transcript.clock()
        self.turn, self.answer, self.message, self._final = turn, turn.id, None, None
        # Kept for the whole answer: a reveal in mid-stream must not mix masked and plain text.
        self._anonymized = AnonymizedEvents(veil) if veil is not None else None
        if veil is not None:
            self._anonymous_ids.append(turn.id)
            self._is_revealed = False
        prompt_tokens = count(turn.parts.request).tokens
        self._meter = meter = LaneMeter(now, model=self._find_model(self.model_id), prompt_tokens=prompt_tokens)
        self._unseen.clear()
        entry = Entry.live(turn.id, name=_BLIND_NAME if veil is not None else self.name, now=now)
        if question is not None:
            transcript.append(Entry.of(question))
        if replaces:
            transcript.replace(replaces, entry)
        else:
            transcript.append(entry)
        transcript.viewport.jump_end()
        return meter

    def apply(self, events: Sequence[Event], *, is_visible: bool) -> None:
        """Measure and show events. A lane that is not visible stores them until ``catch_up``."""
        transcript = self.pane.transcript
        if self._meter is not None:
            self._meter.add(events, transcript.clock())
        shown = self._anonymized.anonymize(events) if self._anonymized is not None else events
        if not is_visible:
            # Wrapping text is the expensive part of streaming: do it only for lanes that can be seen.
            self._unseen.extend(shown)
            return
        self.catch_up()
        if shown:
            transcript.apply(self.answer, shown)

    def catch_up(self) -> None:
        """Show the events that arrived while the lane was not visible."""
        if self._unseen:
            events, self._unseen = coalesce(self._unseen), []
            self.pane.transcript.apply(self.answer, events)

    def finish(self, message: Message) -> None:
        """Show the saved answer: after its end, and again when its cost becomes known later."""
        self.catch_up()
        self.turn, self._meter = None, None
        self.message, self._final = message, metrics_of(message)
        if self._anonymized is None:
            entry = self.pane.transcript.entry(message.id)
            if entry is not None:
                entry.settle(message)
        elif self._is_revealed:
            self._reveal_answer(message)
        self._limit_actions()

    def reveal(self, find_message: Callable[[str], Message | None]) -> None:
        """Show the names. An answer that is still streaming stays anonymous until it ends."""
        self._is_revealed = True
        for message_id in list(self._anonymous_ids):
            message = find_message(message_id)
            if message is not None and not (self.is_running and message_id == self.answer):
                self._reveal_answer(message)
        self._limit_actions()

    def add_notice(self, *lines: str) -> None:
        """Show a notice that is not part of the conversation."""
        transcript = self.pane.transcript
        transcript.append(Entry.notice(f"note:{transcript.clock()}", *lines))

    def show_refusal(self, question: Message, problem: Problem) -> None:
        """Show in this lane why the question was not sent to it."""
        transcript = self.pane.transcript
        title: Parts = ((f"Not sent here: {problem.title}", "warning"),)
        rows: list[Parts] = [title]
        rows += [((text, "muted"),) for text in (problem.detail, problem.hint) if text]
        transcript.append(Entry.of(question))
        transcript.append(Entry.notice(f"refused:{transcript.clock()}", *rows))
        self.answer, self.message, self._final = "", None, None
        transcript.viewport.jump_end()

    def _header_rows(self, width: int, low: bool) -> Sequence[Line]:
        return header_rows(self._header, width, self.pane.transcript.clock(), low=low)

    def _reveal_answer(self, message: Message) -> None:
        self._anonymous_ids.remove(message.id)
        name = self.name if message.id == self.answer else ""
        self.pane.transcript.replace(message.id, Entry.of(message, name=name))

    def _limit_actions(self) -> None:
        """Offer only what a lane supports: a cut-off answer is continued in the chat, after it has been kept."""
        entry = self.pane.transcript.entry(self.answer)
        ending = entry.ending if entry is not None else None
        if entry is None or ending is None:
            return
        entry.actions = actions_in_lane(ending)
        self.pane.transcript.refresh_entry(entry.id)


class LaneSet:
    """The lanes of a comparison, in column order, merged answers included."""

    def __init__(self, core: Core, comparison: Comparison, grid: LaneGrid, styles: Mapping[str, str]) -> None:
        self.core = core
        self.comparison = comparison
        self.grid = grid
        self.styles = styles
        """Text styles for lanes added later."""
        self.names_hidden = False
        """True while the answers are anonymous."""
        self.blind_mode = False
        """Hide names from the next question on."""
        self.by_number: dict[int, LaneController] = {}
        """The lanes by number. Merged answers have negative numbers, which the comparison never uses."""

    def __iter__(self) -> Iterator[LaneController]:
        return iter([self.by_number[p.number] for p in self.grid.panes if p.number in self.by_number])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, column: int) -> LaneController:
        return list(self)[column]

    @property
    def running(self) -> list[LaneController]:
        """The lanes whose answers have not ended."""
        return [lane for lane in self if lane.is_running]

    @property
    def answered(self) -> list[LaneController]:
        """The lanes with an ended answer, without merged ones."""
        return [lane for lane in self if not lane.is_merge and lane.has_content]

    def label(self, lane: LaneController) -> str:
        """Return the short label of a lane: the key that focuses it, or ``M`` for a merged answer."""
        return "M" if lane.is_merge else str(self.grid.column_of(lane.number) + 1)

    def shown_name(self, lane: LaneController) -> str:
        """Return the model name as shown: replaced by ``Answer <n>`` while names are hidden."""
        if self.names_hidden and not lane.is_merge:
            return f"Answer {self.label(lane)}"
        return lane.name

    def veil(self, question: str = "") -> NameCover | None:
        """Return the filter for model names while they are hidden; names in the question itself are kept."""
        if not self.names_hidden:
            return None
        lanes = self.by_number.values()
        names = [name for lane in lanes for name in (lane.model_id, lane.name)]
        models = [self.core.catalog.get(lane.model_id) for lane in lanes]
        return NameCover([*names, *(m.name for m in models if m is not None)], question or self.comparison.question)

    def add(self, lanes: Sequence[Lane]) -> list[LaneController]:
        """Add lanes at the right end of the grid, without messages."""
        return self._add([self._create(lane.number, lane.model.id) for lane in lanes])

    def add_merged(self, model_id: str, title: str) -> LaneController:
        """Add a lane for a merged answer."""
        return self._add([self._create(min([*self.by_number, 0]) - 1, model_id, title)])[0]

    def remove(self, lane: LaneController) -> None:
        """Remove a lane from the screen; its messages stay in the conversation."""
        self.by_number.pop(lane.number, None)
        self.grid.drop(lane.number)

    def show_thread(self, lane: LaneController, source: Lane, veil: NameCover | None) -> None:
        """Show the stored thread of a lane."""
        tree = self.comparison.chat.tree
        answer = tree.get(source.answer)
        self.show_messages(lane, tree.thread(source.head), veil)
        if answer is not None:
            lane.restore(answer)

    def show_messages(self, lane: LaneController, thread: Sequence[Message], veil: NameCover | None = None) -> None:
        """Show these messages in a lane."""
        visible = [m for m in thread if m.role in (Role.USER, Role.ASSISTANT)]
        name_of = self.core.catalog.name_of
        names = [name_of(m.model.id) if m.model and m.role is Role.ASSISTANT else "" for m in visible]
        lane.show(visible, names, veil)

    def hide_names(self) -> None:
        """Shuffle the lanes and clear those with answers: only the coming round is shown, anonymously."""
        self.comparison.shuffle()
        self.grid.reorder([lane.number for lane in self.comparison.lanes])
        self.names_hidden = True
        for lane in self:
            if lane.answer:
                lane.show((), ())

    def reveal(self) -> None:
        """Show the names of all lanes, now and when the comparison is opened again."""
        self.names_hidden = False
        mark_revealed(self.core, self.comparison.batch)
        for lane in self:
            lane.reveal(self.comparison.chat.tree.get)

    def _create(self, number: int, model_id: str, title: str = "") -> LaneController:
        return LaneController(number, model_id, self.core.catalog.get, self.styles, title)

    def _add(self, added: list[LaneController]) -> list[LaneController]:
        self.by_number |= {lane.number: lane for lane in added}
        self.grid.add([lane.pane for lane in added])
        return added


def lanes_are(count: int) -> str:
    """Return a number of lanes with its verb: ``1 lane is`` or ``2 lanes are``."""
    return "1 lane is" if count == 1 else f"{count} lanes are"
