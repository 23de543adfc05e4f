"""One lane as it runs: its pane, the answer that grows in it, and what is counted meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_router.domain.anonymous import Veil
from tui_router.domain.count import count
from tui_router.domain.events import Event
from tui_router.domain.message import Message, Role
from tui_router.domain.model import Model
from tui_router.domain.problem import Problem
from tui_router.domain.stream import coalesce
from tui_router.services.turn import Turn
from tui_router.ui.screens.compare.figures import Figures, Meter, figures_of
from tui_router.ui.screens.compare.lane import LanePane
from tui_router.ui.screens.compare.veiling import VeiledEvents, covered_message
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.offers import Action, actions_in_lane
from tui_router.ui.transcript.parts import Parts

BLIND_NAME = "Answer"


class Track:
    """A lane. ``answer`` is its present message; ``take`` and ``settle`` let it grow and end."""

    def __init__(self, pane: LanePane, model_id: str, find: Callable[[str], Model | None], title: str = "") -> None:
        """Make a lane; ``find`` returns catalogue rows, and a ``title`` stands for the name of a merged answer."""
        self.pane = pane
        self.number = pane.number
        self.model_id = model_id
        self.is_merge = bool(title)
        self.answer = ""
        """Id of the answer in view; empty before the first question."""
        self.turn: Turn | None = None
        self.message: Message | None = None
        """The answer once it ended."""
        self.marks: tuple[str, ...] = ()
        self._find = find
        self._title = title
        self._veil: VeiledEvents | None = None
        self._meter: Meter | None = None
        self._final: Figures | None = None
        self._waiting: list[Event] = []
        self._covered: list[str] = []
        """Ids of the answers that stand there without their names."""
        self._is_revealed = False

    @property
    def name(self) -> str:
        """What the model is called, as far as the catalogue knows by now."""
        about = self._find(self.model_id)
        return self._title or (about.short_name if about is not None else self.model_id)

    @property
    def is_running(self) -> bool:
        """True until the ending of its answer was shown."""
        return self.turn is not None

    @property
    def has_words(self) -> bool:
        """True when there is an ended answer that says something."""
        return self.message is not None and bool(self.message.text.strip() or self.message.parts)

    @property
    def offered(self) -> tuple[Action, ...]:
        """What is offered under its answer."""
        entry = self.pane.transcript.entry(self.answer)
        return (entry.actions or ()) if entry is not None else ()

    def figures(self, now: float) -> Figures | None:
        """Return what is known of the answer; ``None`` before the first question."""
        return self._meter.figures(now) if self._meter is not None else self._final

    def show(self, thread: Sequence[Message], names: Sequence[str], veil: Veil | None = None) -> None:
        """Show a thread that is there already; the last message is this lane's answer when it is one."""
        last = thread[-1] if thread else None
        entries = []
        for message, name in zip(thread, names, strict=True):
            if veil is not None and message is last and message.role is Role.ASSISTANT:
                entries.append(Entry.of(covered_message(message, veil), name=BLIND_NAME))
                self._covered.append(message.id)
            else:
                entries.append(Entry.of(message, name=name))
        self.pane.transcript.show(entries)
        self._drop_continue()

    def rest(self, message: Message) -> None:
        """Stand at an answer that ended before."""
        self.answer, self.message = message.id, message
        self._final = figures_of(message)
        self._drop_continue()

    def begin(self, turn: Turn, question: Message | None, veil: Veil | None, *, instead_of: str = "") -> Meter:
        """Show an answer that is about to stream, below its question or in another's place; returns what counts it."""
        view = self.pane.transcript
        now = view.clock()
        request = turn.parts.request
        self.turn, self.answer, self.message, self._final = turn, turn.id, None, None
        self._veil = VeiledEvents(veil) if veil is not None else None
        if veil is not None:
            self._covered.append(turn.id)
            self._is_revealed = False
        self._meter = meter = Meter(now, model=self._find(self.model_id), prompt_tokens=count(request).tokens)
        self._waiting.clear()
        entry = Entry.live(turn.id, name=BLIND_NAME if veil is not None else self.name, now=now)
        if question is not None:
            view.append(Entry.of(question))
        if instead_of:
            view.replace(instead_of, entry)
        else:
            view.append(entry)
        view.jump_end()
        return meter

    def take(self, events: Sequence[Event], *, is_shown: bool) -> None:
        """Show what came. A lane that is not in view only keeps it until it is."""
        view = self.pane.transcript
        if self._meter is not None:
            self._meter.take(events, view.clock())
        shown = self._veil.cover(events) if self._veil is not None else events
        if not is_shown:
            self._waiting.extend(shown)
            return
        self.catch_up()
        if shown:
            view.apply(self.answer, shown)

    def catch_up(self) -> None:
        """Show what came while the lane was out of view."""
        if self._waiting:
            events, self._waiting = coalesce(self._waiting), []
            self.pane.transcript.apply(self.answer, events)

    def settle(self, message: Message) -> None:
        """The answer ended (or what it cost was found out later)."""
        self.catch_up()
        self.turn, self._meter = None, None
        self.message, self._final = message, figures_of(message)
        if self._veil is None:
            entry = self.pane.transcript.entry(message.id)
            if entry is not None:
                entry.settle(message)
        elif self._is_revealed:
            self._uncover(message)
        self._drop_continue()

    def reveal(self, find: Callable[[str], Message | None]) -> None:
        """Show who wrote what; an answer that still streams keeps its veil until it ends."""
        self._is_revealed = True
        for message_id in list(self._covered):
            message = find(message_id)
            if message is not None and not (self.is_running and message_id == self.answer):
                self._uncover(message)
        self._drop_continue()

    def say(self, *lines: str) -> None:
        """Put a quiet note into the lane; it is not part of the conversation."""
        view = self.pane.transcript
        view.append(Entry.notice(f"note:{view.clock()}", *lines))

    def refuse(self, question: Message | None, problem: Problem) -> None:
        """Say in this lane alone why a question was not sent to it."""
        view = self.pane.transcript
        head: Parts = ((f"Not sent here: {problem.title}", "warning"),)
        rows: list[Parts] = [head]
        rows += [((text, "muted"),) for text in (problem.detail, problem.hint) if text]
        if question is not None:
            view.append(Entry.of(question))
        view.append(Entry.notice(f"refused:{view.clock()}", *rows))
        self.answer, self.message, self._final = "", None, None
        view.jump_end()

    def _uncover(self, message: Message) -> None:
        self._covered.remove(message.id)
        self.pane.transcript.replace(message.id, Entry.of(message, name=self.name if message.id == self.answer else ""))

    def _drop_continue(self) -> None:
        """A cut lane is asked again or given to another model; to go on from it, it is kept first."""
        entry = self.pane.transcript.entry(self.answer)
        ended = entry.ending if entry is not None else None
        if entry is None or ended is None:
            return
        entry.actions = actions_in_lane(ended)
        self.pane.transcript.refresh_entry(entry.id)
