"""One open conversation on a transcript: messages become entries, turns make them grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tui_router.domain.events import Cancelled, Event, Failed, Finished, Started
from tui_router.domain.message import Message, Role
from tui_router.domain.model import ModelRef
from tui_router.domain.options import with_option
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.routing import Routing
from tui_router.domain.spec import Spec
from tui_router.domain.usage import Usage
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.identity import Answerer, go_on_with
from tui_router.services.plan import Plan
from tui_router.services.turn import Turn
from tui_router.ui.relay import Relay
from tui_router.ui.screens.chat.entries import EntryCache
from tui_router.ui.screens.submitter import PlanSubmitter
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.view import Place, Transcript

_NOBODY = Problem(kind=Kind.USAGE, title="No model was chosen yet", hint="Press Ctrl+L to choose one")


class ConversationPresenter:
    """What the chat screen shows and what can be done with it. ``changed`` is called when facts around it changed."""

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
        self.relay = relay(self.take)
        self._changed = changed
        self._ended = ended
        self.chat = core.new_chat()
        self.entries = EntryCache(core, transcript)
        self._homes: dict[Turn, Chat] = {}
        self._afterwards: dict[Turn, Callable[[Turn], None]] = {}

    # Opening

    def open(self, chat: Chat, place: Place | None = None) -> None:
        """Show a conversation; one whose answers still stream is shown as it is."""
        running = {c.conversation.id: c for c in self._homes.values()}
        self.chat = running.get(chat.conversation.id, chat)
        self.entries.forget_all_but({t.id for t in self._homes if t in self.relay.running})
        self.show(place)

    def show(self, place: Place | None = None) -> None:
        """Show the path in view anew."""
        self._transcript.show(self.entries.of_thread(self.chat), place)
        self._changed()

    @property
    def model_id(self) -> str:
        """Who answers the next turn; empty when nobody was chosen yet."""
        model = self.answerer.model
        return model.id if model else ""

    @property
    def answerer(self) -> Answerer:
        """Who answers the next turn, or why nobody can be asked."""
        return self._core.identity.of(self.chat)

    @property
    def streaming(self) -> tuple[Turn, ...]:
        """The turns of this conversation that run."""
        return tuple(t for t in self.relay.running if self._homes.get(t) is self.chat)

    def is_here(self, turn: Turn) -> bool:
        """Say whether a turn belongs to the conversation in view."""
        return self.chat.tree.get(turn.id) is not None

    # Turns

    def edit_answer(self, message_id: str, text: str) -> None:
        """Put other words into an answer, as a sibling."""
        new = self.chat.edit_answer(message_id, text)
        self.show()
        self._transcript.scroll_to_entry(new.id)

    def retry(self, message_id: str, model_id: str = "") -> None:
        """Answer the question of a message again, with the same model or another."""
        message = self.chat.tree.get(message_id)
        same = message.model.id if message is not None and message.model and message.role is Role.ASSISTANT else ""
        wanted = model_id or same or self.model_id
        if not wanted:
            raise Trouble(self.answerer.problem or _NOBODY)
        self._submit(self.chat.answer_again(message_id, [ModelRef(wanted)]))

    def ask_below_head(self, question: Message) -> None:
        """Ask a question once more at the end of the path in view."""
        model = question.model or ModelRef(self.model_id)
        self._submit(self.chat.ask(question.parts, [model]))

    def continue_answer(self, message_id: str) -> None:
        """Let a cut answer go on."""
        self._submit(self.chat.continue_answer(message_id))

    def start_all(self, turns: Sequence[Turn]) -> None:
        """Show turns and set them going."""
        for turn in turns:
            self.start(turn)

    def start(self, turn: Turn, ended: Callable[[Turn], None] | None = None) -> None:
        """Show a turn and set it going; ``ended`` settles it where that means more than taking its answer back."""
        if ended is not None:
            self._afterwards[turn] = ended
        self._homes[turn] = self.chat
        model_id = turn.parts.request.model
        self.entries.begin(turn.message, model_id)
        self._transcript.show(self.entries.of_thread(self.chat))
        self.relay.start(turn)
        self._core.catalog.used(model_id)
        self._changed()

    def take(self, turn: Turn, events: Sequence[Event]) -> None:
        """Show what a turn brought. Called once a frame."""
        home = self._homes.get(turn, self.chat)
        entry = self.entries.known(turn.id)
        if entry is not None and turn.state.model and any(isinstance(e, Started) for e in events):
            self.entries.name_served(entry, turn.parts.request.model, turn.state.model)
        if home is self.chat:
            self._transcript.apply(turn.id, events)
        elif entry is not None:
            entry.apply(events, self._transcript.clock())
        if any(isinstance(e, Finished | Failed | Cancelled) for e in events):
            self._settle(turn, home, entry)

    def stop(self) -> bool:
        """Stop what waits for prices, else what streams here; ``False`` when nothing does."""
        if self.submitter.stop():
            return True
        turns = self.streaming
        self.relay.stop(turns)
        return bool(turns)

    # Options

    def set_model(self, model_id: str) -> None:
        """Let another model answer the next turn."""
        if go_on_with(self.chat, ModelRef(model_id)):
            self.show()
        self._core.catalog.used(model_id)
        self._changed()

    def set_option(self, spec: Spec, value: object) -> None:
        """Set a request option of this conversation."""
        self.chat.update(options=with_option(self.chat.conversation.options, spec, value))
        self._changed()

    def set_routing(self, routing: Routing) -> Routing:
        """Set which providers may serve this conversation; returns what is in force, the settings included."""
        self.chat.update(options=routing.laid_over(self.chat.conversation.options))
        self._changed()
        return Routing.of(self.chat.options_in_force())

    def name_of(self, model_id: str) -> str:
        """Return what a model is called on the screen."""
        return self._core.catalog.name_of(model_id)

    # Inside

    def _settle(self, turn: Turn, home: Chat, entry: Entry | None) -> None:
        message = home.settle(turn)
        if turn in self._afterwards:
            self._afterwards.pop(turn)(turn)
        if entry is not None:
            entry.settle(message)
        if home is self.chat:
            self._transcript.refresh_entry(turn.id)
        self._homes.pop(turn, None)
        self._ended(turn)
        self._changed()

    def price(self, message_id: str, usage: Usage) -> None:
        """Show what an answer cost when that was found out after its ending."""
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

    def _submit(self, plan: Plan) -> None:
        self.submitter.submit(plan, self.start_all)
