"""Wires the parts of the chat screen and runs what involves several of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from textual.timer import Timer

from tui_router.domain.draft import Draft, to_type
from tui_router.domain.message import EndingKind, Part
from tui_router.domain.problem import AppError
from tui_router.domain.usage import Usage
from tui_router.services.account import Checked
from tui_router.services.chat import Chat, fork
from tui_router.services.core import Core
from tui_router.services.startup import Services
from tui_router.services.turn import Turn
from tui_router.services.welcome import Hints
from tui_router.ui.host import Host
from tui_router.ui.relay import Loop, Relay, Show
from tui_router.ui.screens.chat.account import AccountActions
from tui_router.ui.screens.chat.cards import Cards
from tui_router.ui.screens.chat.conversation_actions import ConversationActions
from tui_router.ui.screens.chat.copy_actions import CopyActions
from tui_router.ui.screens.chat.models import ModelChooser
from tui_router.ui.screens.chat.navigation import MessageMode, Navigation
from tui_router.ui.screens.chat.overlays import Overlays
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.chat.sender import RETRY_ACTIONS, ChatSender, RetryActions
from tui_router.ui.screens.chat.status import ChatStatus
from tui_router.ui.screens.chat.view import ChatView
from tui_router.ui.screens.drafts import DraftController, waiting_words
from tui_router.ui.screens.submitter import PlanSubmitter

_DOUBLE_ESCAPE = 1.0
_QUIT_WITHIN = 2.0
"""Seconds within which a second press counts."""
_TICK = 0.1
"""Seconds between two updates of the counters while a turn streams."""


class ChatController:
    """Owns the parts of the chat screen; commands reach them as attributes.

    Created once the services are open; lives on the UI thread.
    """

    def __init__(self, screen: ChatView, services: Services, host: Host, loop: Loop) -> None:
        self._screen = screen
        self.host = host
        self.core: Core = services.core
        self.transcript = screen.pane.transcript
        self.prompt = screen.box.prompt
        submitter = PlanSubmitter(self.core, host)
        self.presenter = ConversationPresenter(
            self.core,
            self.transcript,
            lambda show: Relay(loop, self._guarded(show)),
            self.refresh,
            self._turn_ended,
            submitter,
        )
        self.core.paid_requests.listen_for_costs(
            lambda message_id, usage: host.soon(lambda: self._usage_found(message_id, usage))
        )
        self.navigation = Navigation(self.presenter, self.transcript)
        hints = Hints(self.core.state, lambda: services.preferences.current.chat.hints)
        self.cards = Cards(self.core, screen, hints, self.run_action)
        self.drafts = DraftController(self.core, host, self.prompt, lambda: self.presenter.chat, self.refresh)
        self.models = ModelChooser(self.core, host, self.presenter)
        self.account = AccountActions(services, self.core, host, self.presenter, self._signed_in, self.models.pick)
        self.sender = ChatSender(
            self.core,
            host,
            self.presenter,
            submitter,
            put_back=self.drafts.put_back,
            need_key=self.cards.show_sign_in,
            pick_model=self.models.pick,
            choose_missing=self.models.choose_missing,
            changed=self.refresh,
        )
        self.message_mode = MessageMode(screen, self.presenter, self.refresh)
        self.retry_actions = RetryActions(self.presenter, self.sender, self.models)
        self.copy_actions = CopyActions(host, self.transcript, self.presenter, self.navigation)
        self.actions = ConversationActions(self.core, host, self.presenter, self.open)
        self.overlays = Overlays(
            screen, services, host, self.presenter, self.copy_actions, self.open, self.navigation.go_to
        )
        self.status = ChatStatus(self.core, host, self.presenter, self.refresh, is_demo=services.is_demo)
        self._ticking: Timer | None = None
        self._escaped = self._interrupted = float("-inf")
        self._draft: tuple[Part, ...] = ()

    # Opening and closing

    def open(self, conversation_id: str, message_id: str = "") -> None:
        """Open a conversation (an empty id begins a new one), at a message or the saved position."""
        self.save()
        self._show(self.core.open_chat(conversation_id) if conversation_id else self._new_chat())
        if message_id:
            self.navigation.go_to(message_id)

    def open_new(self, *, is_temporary: bool = False) -> None:
        """Begin a new conversation with the same model."""
        self.save()
        self._show(self._new_chat(is_temporary=is_temporary))
        if is_temporary:
            self.host.tell("Temporary: nothing of this conversation is written to disk")

    def fork(self, message_id: str) -> None:
        """Continue from a message of this conversation in a new one."""
        forked, words = fork(self.presenter.chat, message_id)
        self.save()
        self._show(forked)
        if words:
            self.prompt.load(to_type(words))
        self.host.tell("Forked: the old conversation stays as it is")

    def save(self) -> None:
        """Save draft and position of this conversation. A question waiting for prices becomes a draft again."""
        self.presenter.submitter.stop()
        self.drafts.close()
        self.actions.save_place(self.transcript.viewport.position())

    def close(self) -> None:
        """Save, and stop all turns; takes at most a second."""
        self.save()
        self.presenter.relay.close()

    def guard(self, act: Callable[[ChatController], object]) -> None:
        """Call ``act`` and show the problem of a ``AppError`` it raises."""
        try:
            act(self)
        except AppError as trouble:
            self.host.tell_problem(trouble.problem)

    # Keys with several meanings

    def back(self) -> None:
        """Handle Escape: close an overlay, else leave message mode, else stop the answer. Never quits."""
        now = monotonic()
        twice, self._escaped = now - self._escaped <= _DOUBLE_ESCAPE, now
        if self.overlays.close() or self.account.cancel_waiting():
            return
        if self._screen.is_reading:
            self.message_mode.leave()
        elif not self.presenter.stop() and twice:
            self.presenter.relay.stop()

    def interrupt(self) -> None:
        """Handle Ctrl+C: copy the selection, else clear the draft, else stop, else quit at the second press."""
        if self.copy_actions.copy_selection():
            return
        now = monotonic()
        twice, self._interrupted = now - self._interrupted <= _QUIT_WITHIN, now
        if not self.prompt.draft.is_empty:
            self.drafts.clear()
            self._interrupted = float("-inf")  # a press that did something is not the first of two that quit
        elif self.presenter.stop():
            self._interrupted = float("-inf")
        elif twice:
            self.host.leave()
        else:
            self.host.tell("Press Ctrl+C again to quit")

    # Status and input

    def refresh(self) -> None:
        """Update the status line, and keep it ticking while a turn streams."""
        self.core.notices.guard(self._show_status)
        if self.presenter.relay.running and self._ticking is None:
            self._ticking = self._screen.set_interval(_TICK, self._tick)

    def _show_status(self) -> None:
        mode = "MESSAGES" if self._screen.is_reading else ""
        queued = len(self.drafts.outbox.queue)
        self._screen.status.show(self.status.gather(self._draft, queued, mode))
        self.prompt.has_queue = queued > 0

    def draft_changed(self) -> None:
        """Save the changed draft and update its estimated cost."""
        self.presenter.relay.key_pressed()
        self.core.notices.guard(self._follow_draft)

    def _follow_draft(self) -> None:
        self.drafts.sync()
        text = self.prompt.draft.text
        self.cards.typed(text)
        parts = self.prompt.draft.pieces
        if parts != self._draft:
            self._draft = parts
            self.refresh()

    def submit(self, draft: Draft) -> None:
        """Send a question, or queue it while an answer runs. A single letter may be the key of a card."""
        if draft.attachments or not self.cards.take_key(draft.text.strip()):
            self.sender.submit(self.drafts.take(draft))

    def run_action(self, entry_id: str, action: str) -> None:
        """Run an action offered by an entry."""
        kind, _, rest = action.partition(":")
        if self.account.act(action):
            return
        if kind in RETRY_ACTIONS:
            self.guard(lambda _: RETRY_ACTIONS[kind](self.retry_actions, entry_id, rest))
        elif kind in ACTIONS:
            ACTIONS[kind](self, rest or entry_id)

    # Inside

    def _new_chat(self, *, is_temporary: bool = False) -> Chat:
        """Return a new conversation with the model of this one, resolved or as typed."""
        chat = self.core.new_chat(is_temporary=is_temporary, model=self.presenter.model_id)
        chat.wanted = self.presenter.chat.wanted
        return chat

    def _show(self, chat: Chat) -> None:
        before, left = self.presenter.chat, self.drafts.outbox
        self.presenter.open(chat)
        self.overlays.close()
        outbox = self.drafts.outbox
        if outbox is not left and left.queue and len(before.tree) and not before.conversation.is_temporary:
            self.host.tell(f"{waiting_words(left)} in the conversation you left: open it again to go on")
        outbox.is_held = outbox.is_held or not self.presenter.streaming
        self.drafts.restore()
        place = self.actions.saved_place() if len(chat.tree) else None
        if place is not None:
            self.transcript.viewport.restore(place)
        self.prompt.focus()
        self.refresh()
        self.status.recount(self.host, self.refresh)
        self.overlays.refresh_sidebar()

    def _guarded(self, show: Show) -> Show:
        """Wrap ``show``: a failing read must not end a streaming turn, only its display."""
        return lambda turn, events: self.core.notices.guard(lambda: show(turn, events))

    def _turn_ended(self, turn: Turn) -> None:
        self.status.recount(self.host, self.refresh)
        self.core.notices.guard(self.overlays.refresh_sidebar)
        self.cards.hint_once(turn)
        ending = turn.message.ending
        if not self.presenter.contains(turn):
            return
        if ending is not None and ending.kind in (EndingKind.COMPLETE, EndingKind.LENGTH):
            self.sender.next()
        else:
            self.drafts.outbox.is_held = True
            self.drafts.report_held()

    def _usage_found(self, message_id: str, usage: Usage) -> None:
        self.presenter.set_usage(message_id, usage)
        self.status.recount(self.host, self.refresh)

    def _signed_in(self, checked: Checked | None) -> None:
        self.cards.drop()
        self.cards.note("The key is saved. " + (checked.sentence if checked else "It could not be checked just now"))
        self.cards.show_models()
        self.prompt.focus()
        self.refresh()

    def _tick(self) -> None:
        self.transcript.tick(self.transcript.clock())
        if not self.presenter.relay.running and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.refresh()


def _use(controller: ChatController, model_id: str) -> None:
    controller.cards.drop()
    controller.models.use(model_id)


ACTIONS: Mapping[str, Callable[[ChatController, str], object]] = {
    "retry": lambda controller, entry_id: controller.presenter.retry(entry_id),
    "continue": lambda controller, entry_id: controller.presenter.continue_answer(entry_id),
    "change_model": lambda controller, entry_id: controller.models.pick(
        lambda model_id: controller.presenter.retry(entry_id, model_id)
    ),
    "settings": lambda controller, _: controller.host.open_settings("account"),
    "restore": lambda controller, entry_id: controller.navigation.restore(entry_id),
    "open": lambda controller, conversation_id: controller.open(conversation_id),
    "model": _use,
}
"""Actions of entries by the prefix of their id (``prefix:argument``); called with the argument, else the entry id.

Sign-in actions are in ``account``, retries in ``sender``."""
