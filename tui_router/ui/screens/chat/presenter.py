"""Shows one conversation on the transcript: one entry per message, which grows while its turn streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tui_router.domain.events import Cancelled, Event, Failed, Finished, Started
from tui_router.domain.message import Message, Role, ToolResult
from tui_router.domain.model import ModelRef
from tui_router.domain.options import with_option
from tui_router.domain.problem import AppError, ErrorKind, Problem, misuse
from tui_router.domain.routing import Routing
from tui_router.domain.spec import Spec
from tui_router.domain.summary import is_summary
from tui_router.domain.usage import Usage
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.model_resolution import Answerer, answered_by, go_on_with
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn
from tui_router.ui.relay import Relay
from tui_router.ui.screens.submitter import PlanSubmitter
from tui_router.ui.transcript.actions import RESTORE
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.transcript import Transcript
from tui_router.ui.transcript.viewport import ScrollPosition

_NOBODY = Problem(kind=ErrorKind.USAGE, title="No model was chosen yet", hint="Press Ctrl+L to choose one")


class ConversationPresenter:
    """Presents the conversation in view and runs its turns.

    ``changed`` is called when model, options or running turns changed, ``ended`` after each turn.
    """

    def __init__(
        self,
        core: Core,
        transcript: Transcript,
        relay: Callable[[Callable[[Turn, Sequence[Event]], None]], Relay],
        changed: Callable[[], None],
        ended: Callable[[Turn], None],
        submitter: PlanSubmitter,
    ) -> None:
        self._core = core
        self.submitter = submitter
        self._transcript = transcript
        self.relay = relay(self.apply_events)
        self._changed = changed
        self._ended = ended
        self.chat = core.new_chat()
        self.entries = EntryCache(core, transcript)
        self._chat_of: dict[Turn, Chat] = {}
        self._on_end: dict[Turn, Callable[[Turn], None]] = {}

    # Opening

    def open(self, chat: Chat, place: ScrollPosition | None = None) -> None:
        """Show a conversation. One whose answers still stream is shown as it is in memory, not as it was loaded."""
        running = {c.conversation.id: c for c in self._chat_of.values()}
        self.chat = running.get(chat.conversation.id, chat)
        self.entries.forget_all_but({t.id for t in self._chat_of if t in self.relay.running})
        self.show(place)

    def show(self, place: ScrollPosition | None = None) -> None:
        """Redraw the path in view."""
        self._transcript.show(self.entries.of_thread(self.chat), place)
        self._changed()

    @property
    def model_id(self) -> str:
        """Id of the model that answers the next turn; empty while none is chosen."""
        model = self.answerer.model
        return model.id if model else ""

    @property
    def answerer(self) -> Answerer:
        """The model that answers the next turn, or why there is none."""
        return self._core.identity.of(self.chat)

    @property
    def streaming(self) -> tuple[Turn, ...]:
        """The running turns of the conversation in view."""
        return tuple(t for t in self.relay.running if self._chat_of.get(t) is self.chat)

    def contains(self, turn: Turn) -> bool:
        """Return whether a turn belongs to the conversation in view."""
        return self.chat.tree.get(turn.id) is not None

    # Turns

    def edit_answer(self, message_id: str, text: str) -> None:
        """Add an edited version of an answer as its sibling."""
        new = self.chat.edit_answer(message_id, text)
        self.show()
        self._transcript.viewport.scroll_to_entry(new.id)

    def retry(self, message_id: str, model_id: str = "") -> None:
        """Answer the question of a message again, with the same model or another.

        Raises ``AppError`` when no model is chosen, or while the question is being answered: a retry would pay twice.
        """
        self._refuse_while_answered(self.chat.question_of(message_id).id)
        message = self.chat.tree.get(message_id)
        same = message.model.id if message is not None and message.model and message.role is Role.ASSISTANT else ""
        wanted = model_id or same or self.model_id
        if not wanted:
            raise AppError(self.answerer.problem or _NOBODY)
        self._submit(self.chat.answer_again(message_id, [ModelRef(wanted)]))

    def ask_below_head(self, question: Message) -> None:
        """Ask a question again at the end of the path in view."""
        model = question.model or ModelRef(self.model_id)
        self._submit(self.chat.ask(question.parts, [model]))

    def continue_answer(self, message_id: str) -> None:
        """Continue an answer that was cut off. Raises ``AppError`` while its question is being answered."""
        self._refuse_while_answered(self.chat.message(message_id).parent_id)
        self._submit(self.chat.continue_answer(message_id))

    def start(self, turns: Sequence[Turn], ended: Callable[[Turn], None] | None = None) -> None:
        """Show turns and run them; ``ended`` is called with each once its answer is in the conversation."""
        for turn in turns:
            if ended is not None:
                self._on_end[turn] = ended
            self._chat_of[turn] = self.chat
            model_id = turn.parts.request.model
            self.entries.begin(turn.message, model_id)
            self._transcript.show(self.entries.of_thread(self.chat))
            self.relay.start(turn)
            self._core.catalog.used(model_id)
            self._changed()

    def apply_events(self, turn: Turn, events: Sequence[Event]) -> None:
        """Show new events of a turn. The relay calls this once per frame."""
        chat = self._chat_of.get(turn, self.chat)
        entry = self.entries.known(turn.id)
        if entry is not None and turn.state.model and any(isinstance(e, Started) for e in events):
            self.entries.name_served(entry, turn.parts.request.model, turn.state.model)
        if chat is self.chat:
            self._transcript.apply(turn.id, events)
        elif entry is not None:
            entry.apply(events, self._transcript.clock())
        if any(isinstance(e, Finished | Failed | Cancelled) for e in events):
            self._settle(turn, chat, entry)

    def stop(self) -> bool:
        """Cancel a wait for prices, else stop the running turns; ``False`` when there is neither."""
        if self.submitter.stop():
            return True
        turns = self.streaming
        self.relay.stop(turns)
        return bool(turns)

    # Options

    def set_model(self, model_id: str) -> None:
        """Choose the model of the next turn."""
        if go_on_with(self.chat, ModelRef(model_id)):
            self.show()
        self._core.catalog.used(model_id)
        self._changed()

    def set_option(self, spec: Spec, value: object) -> None:
        """Set a request option of this conversation."""
        self.chat.update(options=with_option(self.chat.conversation.options, spec, value))
        self._changed()

    def set_routing(self, routing: Routing) -> Routing:
        """Set which providers may serve this conversation; returns the routing in force, settings included."""
        self.chat.update(options=routing.laid_over(self.chat.conversation.options))
        self._changed()
        return Routing.of(self.chat.options_in_force())

    def name_of(self, model_id: str) -> str:
        """Return the display name of a model."""
        return self._core.catalog.name_of(model_id)

    def set_usage(self, message_id: str, usage: Usage) -> None:
        """Show the cost of an answer that became known after its end."""
        message = self.chat.tree.get(message_id)
        if message is None:
            return
        message = replace(message, usage=usage)
        self.chat.tree.add(message)
        entry = self.entries.known(message_id)
        if entry is not None:
            entry.settle(message)
            self._transcript.refresh_entry(message_id)
        self._changed()

    # Inside

    def _settle(self, turn: Turn, chat: Chat, entry: Entry | None) -> None:
        message = chat.settle(turn)
        if turn in self._on_end:
            self._on_end.pop(turn)(turn)
        if entry is not None:
            entry.settle(message)
        if chat is self.chat:
            self._transcript.refresh_entry(turn.id)
        self._chat_of.pop(turn, None)
        self._ended(turn)
        self._changed()

    def _refuse_while_answered(self, question_id: str | None) -> None:
        if any(turn.message.parent_id == question_id for turn in self.streaming):
            raise misuse("This question is still being answered", "Esc stops it, F3 asks several models")

    def _submit(self, plan: Plan) -> None:
        self.submitter.submit(plan, self.start)


class EntryCache:
    """Makes transcript entries of messages and keeps them, so that folded ones stay folded."""

    def __init__(self, core: Core, transcript: Transcript) -> None:
        self._core = core
        self._transcript = transcript
        self._entries: dict[str, Entry] = {}

    def of_thread(self, chat: Chat) -> list[Entry]:
        """Return the entries of the path in view."""
        return [self.of(chat, m) for m in chat.thread if m.role in (Role.USER, Role.ASSISTANT) or _is_in_force(m)]

    def of(self, chat: Chat, message: Message) -> Entry:
        """Return the entry of a message, with its current position among its siblings."""
        entry = self._entries.get(message.id)
        if entry is None:
            entry = self._summary_entry(message) if is_summary(message) else self._message_entry(chat, message)
            self._entries[message.id] = entry
        siblings = [m.id for m in chat.tree.siblings(message.id)]
        place = (siblings.index(message.id) + 1, len(siblings)) if len(siblings) > 1 else None
        if entry.sibling != place:
            entry.sibling = place
            entry.layout.rebuild_chrome(self._transcript.clock())
        return entry

    def begin(self, message: Message, model_id: str) -> None:
        """Add the entry of an answer that is about to stream."""
        name = self._summary_name(message) if is_summary(message) else self._core.catalog.name_of(model_id)
        self._entries[message.id] = Entry.live(message.id, name=name, now=self._transcript.clock())

    def forget(self, message_id: str) -> None:
        """Drop the entry of a message; it is rebuilt when the message is shown next."""
        self._entries.pop(message_id, None)

    def known(self, message_id: str) -> Entry | None:
        """Return the cached entry of a message, if any."""
        return self._entries.get(message_id)

    def forget_all_but(self, message_ids: set[str]) -> None:
        """Forget the entries of a conversation that is left; answers that still stream stay."""
        self._entries = {i: e for i, e in self._entries.items() if i in message_ids}

    def name_served(self, entry: Entry, asked: str, served: str) -> None:
        """Head an answer with the model that serves it, once the service has named it."""
        entry.name = answered_by(self._core.catalog, asked, served)

    def _message_entry(self, chat: Chat, message: Message) -> Entry:
        return Entry.of(message, name=self._speaker(message), results=_results(chat, message))

    def _summary_entry(self, message: Message) -> Entry:
        entry = Entry.of(replace(message, role=Role.ASSISTANT), name=self._summary_name(message))
        entry.actions = (RESTORE,)
        return entry

    def _summary_name(self, message: Message) -> str:
        count = len(message.sources)
        who = self._core.catalog.name_of(message.model.id) if message.model else ""
        return f"Summary of {count} {'message' if count == 1 else 'messages'}, sent in their place · {who}"

    def _speaker(self, message: Message) -> str:
        if message.model is None or message.role is not Role.ASSISTANT:
            return ""
        return answered_by(self._core.catalog, message.model.id, message.served_model)


def _is_in_force(message: Message) -> bool:
    return is_summary(message) and bool(message.sources)


def _results(chat: Chat, message: Message) -> dict[str, ToolResult]:
    answers = (m for m in chat.tree.children(message.id) if m.role is Role.TOOL)
    return {p.call_id: p for m in answers for p in m.parts if isinstance(p, ToolResult)}
