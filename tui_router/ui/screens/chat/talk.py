"""One open conversation on a transcript: messages become entries, turns make them grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_router.domain.events import Cancelled, Event, Failed, Finished, UsageReport
from tui_router.domain.message import Message, Part, Role, ToolResult
from tui_router.domain.model import ModelRef
from tui_router.domain.options import EFFORTS, with_option
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.spec import Spec
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.relay import Relay
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.view import Place, Transcript


class Talk:
    """What the chat screen shows and what can be done with it. ``changed`` is called when facts around it changed."""

    def __init__(
        self,
        core: Core,
        transcript: Transcript,
        relay: Callable[[Callable[[Turn, Sequence[Event]], None]], Relay],
        changed: Callable[[], None],
        ended: Callable[[Turn], None],
    ) -> None:
        self._core = core
        self._transcript = transcript
        self.relay = relay(self.take)
        self._changed = changed
        self._ended = ended
        self.chat = core.new_chat()
        self._entries: dict[str, Entry] = {}
        self._homes: dict[Turn, Chat] = {}

    # Opening

    def open(self, chat: Chat, place: Place | None = None) -> None:
        """Show a conversation; one whose answers still stream is shown as it is."""
        running = {c.conversation.id: c for c in self._homes.values()}
        self.chat = running.get(chat.conversation.id, chat)
        self._entries = {t.id: e for t, e in self._live_entries().items()}
        self.show(place)

    def show(self, place: Place | None = None) -> None:
        """Show the path in view anew."""
        self._transcript.show([self._entry(m) for m in self._visible()], place)
        self._changed()

    @property
    def model_id(self) -> str:
        """Who answers the next turn; empty when nobody was chosen yet."""
        model = self.chat.conversation.model
        return model.id if model else self._core.default_model_id()

    @property
    def streaming(self) -> tuple[Turn, ...]:
        """The turns of this conversation that run."""
        return tuple(t for t in self.relay.running if self._homes.get(t) is self.chat)

    # Turns

    def ask(self, parts: Sequence[Part], model_id: str) -> None:
        """Send a question."""
        self.start(self.chat.ask(parts, ModelRef(model_id)))

    def edit(self, message_id: str, parts: Sequence[Part], model_id: str) -> None:
        """Send an earlier question in other words, as a sibling."""
        self.start(self.chat.edit(message_id, parts, ModelRef(model_id)))

    def edit_answer(self, message_id: str, text: str) -> None:
        """Put other words into an answer, as a sibling."""
        new = self.chat.edit_answer(message_id, text)
        self.show()
        self._transcript.scroll_to_entry(new.id)

    def retry(self, message_id: str, model_id: str = "") -> None:
        """Answer the question of a message again, with the same model or another."""
        message = self.chat.tree.get(message_id)
        same = message.model.id if message is not None and message.model and message.role is Role.ASSISTANT else ""
        wanted = ModelRef(model_id or same or self.model_id)
        self.start(self.chat.answer_again(message_id, [wanted])[0])

    def retry_last(self, model_id: str = "") -> None:
        """Answer the last question again."""
        self.retry(self.last_answer_id(), model_id)

    def continue_answer(self, message_id: str) -> None:
        """Let a cut answer go on."""
        self.start(self.chat.continue_answer(message_id))

    def start(self, turn: Turn) -> None:
        """Show a turn and set it going."""
        self._homes[turn] = self.chat
        model_id = turn.parts.request.model
        entry = Entry.live(
            turn.id, name=self.name_of(model_id), now=self._transcript.clock(), sibling=self._place(turn.id)
        )
        self._entries[turn.id] = entry
        self._transcript.show([self._entry(m) for m in self._visible()])
        self.relay.start(turn, self._look_up_cost)
        self._core.catalog.used(model_id)
        self._changed()

    def take(self, turn: Turn, events: Sequence[Event]) -> None:
        """Show what a turn brought. Called once a frame."""
        home = self._homes.get(turn, self.chat)
        entry = self._entries.get(turn.id)
        if home is self.chat:
            self._transcript.apply(turn.id, events)
        elif entry is not None:
            entry.apply(events, self._transcript.clock())
        if any(isinstance(e, Finished | Failed | Cancelled) for e in events):
            self._settle(turn, home, entry)
        elif turn not in self.relay.running and any(isinstance(e, UsageReport) for e in events):
            self._reprice(turn, home)

    def stop(self) -> bool:
        """Stop what streams here; ``False`` when nothing does."""
        turns = self.streaming
        self.relay.stop(turns)
        return bool(turns)

    # Moving in the tree

    def walk(self, message_id: str, step: int) -> None:
        """Show the sibling before or after a message."""
        siblings = [m.id for m in self.chat.tree.siblings(message_id)]
        if not self.chat.walk(message_id, step):
            return
        target = siblings[siblings.index(message_id) + step]
        self.show()
        self._transcript.scroll_to_entry(target)
        self._transcript.cursor = target

    def go_to(self, message_id: str) -> None:
        """Show the path through a message, and the message."""
        self.chat.go_to(message_id)
        self.show()
        self._transcript.scroll_to_entry(message_id)
        self._transcript.cursor = message_id

    def delete(self, message_id: str) -> int:
        """Delete a message and all below it; returns how many went."""
        for turn in self.streaming:
            if turn.id in self.chat.tree.descendants(message_id):
                turn.cancel()
        count = self.chat.delete(message_id)
        self.show(self._transcript.place())
        return count

    def undo(self) -> bool:
        """Bring the last deletion back."""
        done = self.chat.undo()
        if done:
            self.show()
        return done

    def redo(self) -> bool:
        """Delete again what undo brought back."""
        done = self.chat.redo()
        if done:
            self.show()
        return done

    def current_id(self) -> str:
        """Return the message under the block cursor, else the last one; raises ``Trouble`` when there is none."""
        if self.chat.tree.get(self._transcript.cursor):
            return self._transcript.cursor
        thread = self.chat.thread
        if not thread:
            raise Trouble(Problem(kind=Kind.USAGE, title="There is no message yet", hint="Ask something first"))
        return thread[-1].id

    def last_answer_id(self) -> str:
        """Return the last answer of the path; raises ``Trouble`` when there is none."""
        for message in reversed(self.chat.thread):
            if message.role is Role.ASSISTANT:
                return message.id
        raise Trouble(Problem(kind=Kind.USAGE, title="There is no answer yet", hint="Ask something first"))

    # Options

    def set_model(self, model_id: str) -> None:
        """Let another model answer the next turn."""
        self.chat.update(model=ModelRef(model_id))
        self._core.catalog.used(model_id)
        self._changed()

    def set_option(self, spec: Spec, value: object) -> None:
        """Set a request option of this conversation."""
        self.chat.update(options=with_option(self.chat.conversation.options, spec, value))
        self._changed()

    def name_of(self, model_id: str) -> str:
        """Return what a model is called on the screen."""
        model = self._core.catalog.get(model_id)
        return model.short_name if model is not None else model_id

    def next_effort(self) -> str:
        """Return the effort after the one in force, of those that the model offers; empty for none."""
        model = self._core.catalog.get(self.model_id)
        ability = model.reasoning if model else None
        offered = [e for e in EFFORTS if ability is None or e in ability.efforts or not ability.efforts]
        if ability is not None and ability.mandatory:
            offered = [e for e in offered if e != "none"]
        now = self.chat.options_in_force().reasoning_effort
        return offered[(offered.index(now) + 1) % len(offered)] if now in offered else (offered or [""])[0]

    # Inside

    def _visible(self) -> list[Message]:
        return [m for m in self.chat.thread if m.role in (Role.USER, Role.ASSISTANT)]

    def _entry(self, message: Message) -> Entry:
        entry = self._entries.get(message.id)
        if entry is None:
            entry = Entry.of(message, name=self._speaker(message), results=self._results(message))
            self._entries[message.id] = entry
        place = self._place(message.id)
        if entry.sibling != place:
            entry.sibling = place
            entry.drawn.dress(self._transcript.clock())
        return entry

    def _speaker(self, message: Message) -> str:
        return self.name_of(message.model.id) if message.model and message.role is Role.ASSISTANT else ""

    def _results(self, message: Message) -> dict[str, ToolResult]:
        answers = (m for m in self.chat.tree.children(message.id) if m.role is Role.TOOL)
        return {p.call_id: p for m in answers for p in m.parts if isinstance(p, ToolResult)}

    def _place(self, message_id: str) -> tuple[int, int] | None:
        siblings = [m.id for m in self.chat.tree.siblings(message_id)]
        return (siblings.index(message_id) + 1, len(siblings)) if len(siblings) > 1 else None

    def _live_entries(self) -> dict[Turn, Entry]:
        return {t: e for t in self._homes if (e := self._entries.get(t.id)) is not None and t in self.relay.running}

    def _settle(self, turn: Turn, home: Chat, entry: Entry | None) -> None:
        message = home.settle(turn)
        if entry is not None:
            entry.settle(message)
        if home is self.chat:
            self._transcript.refresh_entry(turn.id)
        if message.usage is not None and message.model is not None:
            request = turn.parts.request
            self._core.ledger.learn(request.model, request.messages, message.usage, system=request.system)
        if message.usage is not None or not message.generation_id:
            self._homes.pop(turn, None)
        self._ended(turn)
        self._changed()

    def _reprice(self, turn: Turn, home: Chat) -> None:
        message = home.settle(turn)
        entry = self._entries.get(turn.id)
        if entry is not None:
            entry.settle(message)
            self._transcript.refresh_entry(turn.id)
        self._homes.pop(turn, None)
        self._changed()

    def _look_up_cost(self, turn: Turn) -> None:
        """On the worker: ask what a stopped answer cost, when the service has written it down."""
        for wait in (0.6, 1.5, 4.0):
            if turn.message.usage is not None or not turn.message.generation_id or self.relay.pause(wait):
                return
            message = turn.look_up_cost(self._core.cost_of_stopped)
            if message is not None and message.usage is not None:
                self.relay.put(turn, UsageReport(message.usage))
                return
