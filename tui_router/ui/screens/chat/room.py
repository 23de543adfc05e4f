"""What goes on in the chat screen: one place where its parts meet, built once the services are there."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

from textual.timer import Timer

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import EndingKind, Role
from tui_router.domain.problem import Trouble
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import estimate_tokens
from tui_router.services.account import Checked
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.services.wiring import Services
from tui_router.ui.host import Host
from tui_router.ui.relay import Loop, Relay
from tui_router.ui.screens.chat.account import AccountPanel
from tui_router.ui.screens.chat.copying import Copying
from tui_router.ui.screens.chat.drafting import Drafting
from tui_router.ui.screens.chat.first_run import (
    KEY_CARD,
    MODEL_CARD,
    first_answer_line,
    key_card,
    model_card,
)
from tui_router.ui.screens.chat.looking import Looking
from tui_router.ui.screens.chat.models import Models
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.screens.chat.sending import Sending
from tui_router.ui.screens.chat.shelf import Shelf
from tui_router.ui.screens.chat.status import Facts
from tui_router.ui.screens.chat.talk import Talk
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.transcript.entry import Entry

_TWICE_WITHIN = 1.0
_QUIT_WITHIN = 2.0
_TICK = 0.1
_CARD_PAUSE = 0.45
"""Seconds without another key after which a letter is taken for a choice of a card, not for the begin of a question."""
_FIRST_ANSWER = "hint.first_answer"


class Room:
    """The parts of the chat screen, wired. Commands work with these parts by name."""

    def __init__(self, screen: ChatScreen, services: Services, host: Host, loop: Loop) -> None:
        self._screen = screen
        self.host = host
        self._services = services
        self.core: Core = services.core
        self.transcript = screen.pane.transcript
        self.prompt = screen.box.prompt
        self.talk = Talk(self.core, self.transcript, lambda show: Relay(loop, show), self.refresh, self._ended)
        self.drafting = Drafting(self.core, host, self.talk, self.prompt)
        self.models = Models(self.core, host, self.talk)
        self.account = AccountPanel(services, self.core, host, self.talk, self._signed_in)
        self.sending = Sending(
            self.core,
            host,
            self.talk,
            put_back=self.drafting.put_back,
            need_key=self.show_key_card,
            pick_model=self.models.pick,
            changed=self.refresh,
        )
        self.copying = Copying(host, self.transcript, lambda: self.talk)
        self.shelf = Shelf(self.core, host, self.talk, self.open)
        self.looking = Looking(screen, services, host, self.talk, self.copying, self.open)
        self._facts = Facts(self.core, self.talk, is_demo=services.is_demo)
        self._ticking: Timer | None = None
        self._escaped = self._interrupted = float("-inf")
        self._draft_tokens = 0

    # Opening and leaving

    def open(self, conversation_id: str, message_id: str = "") -> None:
        """Show a conversation (an empty id begins a new one), at a message or where the reader was."""
        self.keep()
        chat = self.core.open_chat(conversation_id) if conversation_id else self.core.new_chat(model=self.talk.model_id)
        self._enter(chat)
        if message_id:
            self.talk.go_to(message_id)

    def open_new(self, *, is_temporary: bool = False) -> None:
        """Begin a new conversation with the same model."""
        self.keep()
        self._enter(self.core.new_chat(is_temporary=is_temporary, model=self.talk.model_id))
        if is_temporary:
            self.host.tell("Temporary: nothing of this conversation is written to disk")

    def fork(self, message_id: str) -> None:
        """Go on in a new conversation from a message of this one."""
        twin, words = self.talk.chat.fork(message_id)
        self.keep()
        self._enter(twin)
        if words:
            self.prompt.load(words)
        self.host.tell("Forked: the old conversation stays as it is")

    def keep(self) -> None:
        """Save draft, queue and place of the conversation in view."""
        self.shelf.keep(self.prompt.draft, self.sending.as_drafts(), self.transcript.place())

    def leave(self) -> None:
        """Stop everything and save it; at most a second."""
        self.keep()
        self.talk.relay.close()

    def guard(self, act: Callable[[Room], object]) -> None:
        """Do something; what it raises as ``Trouble`` is told."""
        try:
            act(self)
        except Trouble as trouble:
            self.host.tell_problem(trouble.problem)

    # Sending

    def submit(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Send what was written, or queue it while an answer runs."""
        if not attachments and self.card_key(text.strip()):
            return
        self.drafting.remember(text)
        self.sending.submit(self.drafting.take(text, attachments))

    def take_queued_back(self) -> None:
        """Put the last queued turn back into the prompt."""
        question = self.sending.take_last()
        if question is not None:
            self.prompt.load(question.text, attachments=question.attachments)

    def rewind(self) -> None:
        """Esc Esc: choose an earlier question to edit."""
        questions = [m for m in self.talk.chat.thread if m.role is Role.USER]
        if not questions:
            self.host.tell("There is no question yet")
            return
        rows = [ActionRow(id=m.id, text=clean_line(m.text, 70)) for m in reversed(questions)]
        dialog = ChoiceDialog("Edit which question?", rows)
        self.host.show_screen(dialog, lambda chosen: self.drafting.edit(chosen) if chosen else None)

    # Keys that mean several things

    def back(self) -> None:
        """Escape: leave what is open, then message mode, then stop the answer. Never quits."""
        now = monotonic()
        twice, self._escaped = now - self._escaped <= _TWICE_WITHIN, now
        if self.looking.close() or self.account.cancel_waiting():
            return
        if self._screen.is_reading:
            self.leave_messages()
        elif not self.talk.stop() and twice:
            self.talk.relay.stop()

    def interrupt(self) -> None:
        """Ctrl+C: copy the selection, else clear the draft, else stop, else quit at the second press."""
        if self.copying.copy_selection():
            return
        now = monotonic()
        twice, self._interrupted = now - self._interrupted <= _QUIT_WITHIN, now
        if not self.prompt.draft.is_empty:
            self.prompt.past.add(self.prompt.pastes.expand(self.prompt.text))
            self.drafting.edits = ""
            self.prompt.load("")
        elif self.talk.stop():
            return
        elif twice:
            self.host.leave()
        else:
            self.host.tell("Press Ctrl+C again to quit")

    def enter_messages(self) -> None:
        """Go from the prompt to the messages: the block cursor shows where."""
        if not self.transcript.entries:
            return
        self.transcript.focus()
        if not self.transcript.cursor:
            self.transcript.move_cursor(-1)
        self.refresh()

    def leave_messages(self) -> None:
        """Go back to the prompt."""
        self.transcript.cursor = ""
        self.prompt.focus()
        self.refresh()

    def go_to_end(self, *, first: bool = False) -> None:
        """Go to the last message and follow it, or to the first."""
        entries = self.transcript.entries
        if first and entries:
            self.transcript.scroll_to_entry(entries[0].id)
        else:
            self.transcript.jump_end()
        if self._screen.is_reading and entries:
            self.transcript.cursor = entries[0 if first else -1].id

    def compact(self) -> None:
        """Let the model sum up the oldest turns; from then on the summary stands for them."""
        model = self.core.catalog.get(self.talk.model_id)
        if model is None or len(self.talk.chat.thread) < 4:
            self.host.tell("There is nothing to summarise yet")
            return
        self.sending.summarise(
            model, lambda: self.host.tell("The oldest turns are sent as a summary now"), lambda: None
        )

    # What is shown around the conversation

    def refresh(self) -> None:
        """Show the facts anew, and let the counters run while something streams."""
        mode = "MESSAGES" if self._screen.is_reading else ""
        queued = len(self.sending.queued)
        self._screen.status.show(self._facts.gather(self._draft_tokens, queued, mode))
        self.prompt.has_queue = queued > 0
        if self.talk.relay.running and self._ticking is None:
            self._ticking = self._screen.set_interval(_TICK, self._tick)

    def typed(self, text: str) -> None:
        """What is in the prompt changed: its cost is shown before it is sent."""
        if text and text.strip() in self._card_keys():
            self._screen.set_timer(_CARD_PAUSE, lambda: self._card_key_rested(text))
        tokens = estimate_tokens(text) if text.strip() else 0
        if tokens != self._draft_tokens:
            self._draft_tokens = tokens
            self.refresh()

    def act(self, entry_id: str, action: str) -> None:
        """Do what was clicked under an entry."""
        if self.account.act(action):
            return
        if action.startswith("model:"):
            self.transcript.remove_entry(MODEL_CARD)
            self.models.use(action.removeprefix("model:"))
            return
        acts: dict[str, Callable[[], None]] = {
            "retry": lambda: self.talk.retry(entry_id),
            "continue": lambda: self.talk.continue_answer(entry_id),
            "change_model": lambda: self.models.pick(lambda model_id: self.talk.retry(entry_id, model_id)),
            "settings": lambda: self.host.open_settings("account"),
        }
        if action in acts:
            acts[action]()

    def card_key(self, key: str) -> bool:
        """Do what a key of a visible card does; ``False`` when it has none."""
        for card_id in (KEY_CARD, MODEL_CARD):
            card = self.transcript.entry(card_id)
            for action in (card.actions or ()) if card is not None else ():
                if action.key == key:
                    self.act(card_id, action.id)
                    return True
        return False

    def show_key_card(self) -> None:
        """Show how to get a key."""
        self.transcript.remove_entry(KEY_CARD)
        self.transcript.append(key_card(over_ssh="SSH_CONNECTION" in os.environ))
        self.transcript.jump_end()

    def show_model_card(self) -> None:
        """Show three models to begin with."""
        cards = self.core.catalog.cards()
        if cards and not self.talk.chat.tree:
            self.transcript.remove_entry(MODEL_CARD)
            self.transcript.append(model_card(cards, len(self.core.catalog.chat_models)))

    def restore_draft(self, typed: Draft | None) -> None:
        """Show what was typed and queued for the next conversation, unless something is being typed already."""
        saved = self.core.library.draft(None)
        if typed is None:
            self.drafting.load(saved.draft)
        self.sending.restore(saved.queue)

    def note(self, *lines: str) -> None:
        """Put a quiet note into the transcript; it is not part of the conversation."""
        if any(lines):
            self.transcript.append(Entry.notice(f"note:{monotonic()}", *(line for line in lines if line)))

    # Inside

    def _card_keys(self) -> set[str]:
        cards = (self.transcript.entry(i) for i in (KEY_CARD, MODEL_CARD))
        return {a.key for card in cards if card is not None for a in card.actions or ()}

    def _card_key_rested(self, text: str) -> None:
        """A letter that is a choice of the card, and nothing typed after it: it was meant as the choice."""
        if self.prompt.text == text:
            self.prompt.load("")
            self.card_key(text.strip())

    def _enter(self, chat: Chat) -> None:
        self.talk.open(chat)
        self.looking.close()
        saved = self.core.library.draft(chat.conversation.id if len(chat.tree) else None)
        self.drafting.edits = ""
        self.prompt.load(saved.draft.text, saved.draft.chips, saved.draft.attachments)
        self.sending.restore(saved.queue)
        place = self.shelf.place() if len(chat.tree) else None
        if place is not None:
            self.transcript.restore(place)
        self.prompt.focus()
        self.refresh()

    def _ended(self, turn: Turn) -> None:
        ending = turn.message.ending
        if ending is not None and ending.kind in (EndingKind.COMPLETE, EndingKind.LENGTH):
            self._hint_once(turn)
            self.sending.next()

    def _hint_once(self, turn: Turn) -> None:
        if self._services.preferences.current.chat.hints and not self.core.state.get(_FIRST_ANSWER):
            self.core.state.put(_FIRST_ANSWER, True)
            self.note(first_answer_line(turn.message))

    def _signed_in(self, checked: Checked | None) -> None:
        self.transcript.remove_entry(KEY_CARD)
        self.note("The key was kept. " + (checked.sentence if checked else "It could not be checked just now"))
        self.show_model_card()
        self.prompt.focus()
        self.refresh()

    def _tick(self) -> None:
        self.transcript.tick(self.transcript.clock())
        if not self.talk.relay.running and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.refresh()
