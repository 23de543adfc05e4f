"""Cards and notes in the transcript that are no part of the conversation: sign in, choose a model, hints."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from time import monotonic

from tui_router.domain.message import EndingKind
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.services.welcome import Hint, Hints, Offer
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.first_run import KEY_CARD, MODEL_CARD, first_answer_line, key_card, model_card
from tui_router.ui.screens.chat.view import ChatView
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.offers import Action
from tui_router.ui.transcript.view import Transcript

_PAUSE = 0.45
"""Seconds without another key after which a letter is taken for a choice, not for the begin of a question."""
_LONG = 6_000
"""Characters from which an answer is long."""


class Cards:
    """Shows them, and does what one of their keys means. ``act`` gets (entry id, action)."""

    def __init__(self, core: Core, screen: ChatView, hints: Hints, act: Callable[[str, str], None]) -> None:
        self._core = core
        self._screen = screen
        self._hints = hints
        self._act = act

    @property
    def _transcript(self) -> Transcript:
        return self._screen.pane.transcript

    @property
    def _prompt(self) -> Prompt:
        return self._screen.box.prompt

    def show_sign_in(self) -> None:
        """Show how to get a key."""
        self.drop()
        self._transcript.append(key_card(over_ssh="SSH_CONNECTION" in os.environ))
        self._transcript.jump_end()

    def show_models(self) -> None:
        """Show three models to begin with."""
        cards = self._core.catalog.cards()
        if cards:
            self.drop()
            self._transcript.append(model_card(cards, len(self._core.catalog.chat_models)))

    def drop(self) -> None:
        """Take the cards away."""
        self._transcript.remove_entry(KEY_CARD)
        self._transcript.remove_entry(MODEL_CARD)

    def note(self, *lines: str) -> None:
        """Put a quiet note into the transcript."""
        if any(lines):
            self._transcript.append(Entry.notice(f"note:{monotonic()}", *(line for line in lines if line)))

    def offer(self, offers: Sequence[Offer]) -> None:
        """Offer conversations to go on with."""
        if offers:
            actions = tuple(Action(f"open:{o.conversation_id}", o.sentence) for o in offers)
            self._transcript.append(Entry.notice("card:offers", "", actions=actions))

    def hint_once(self, turn: Turn) -> None:
        """After an answer: one line that helps now, each once ever; the first names cost and time too."""
        message = turn.message
        kind = message.ending.kind if message.ending is not None else None
        is_whole = kind in (EndingKind.COMPLETE, EndingKind.LENGTH)
        for hint, fits in (
            (Hint.FIRST_ANSWER, is_whole),
            (Hint.STOPPED, kind is EndingKind.CANCELLED and bool(message.text)),
            (Hint.LONG_ANSWER, is_whole and len(message.text) > _LONG),
        ):
            line = self._hints.once(hint) if fits else ""
            if line:
                self.note(first_answer_line(message, line) if hint is Hint.FIRST_ANSWER else line)
                return

    def take_key(self, key: str) -> bool:
        """Do what a key of a visible card does; ``False`` when it means nothing."""
        for card_id in (KEY_CARD, MODEL_CARD):
            card = self._transcript.entry(card_id)
            for action in (card.actions or ()) if card is not None else ():
                if action.key == key:
                    self._act(card_id, action.id)
                    return True
        return False

    def typed(self, text: str) -> None:
        """Notice a letter that may be a choice: it is one when nothing follows it for a moment."""
        if len(text) == 1 and text in self._keys():
            self._screen.set_timer(_PAUSE, lambda: self._rested(text))

    def _keys(self) -> set[str]:
        cards = (self._transcript.entry(i) for i in (KEY_CARD, MODEL_CARD))
        return {a.key for card in cards if card is not None for a in card.actions or ()}

    def _rested(self, text: str) -> None:
        if self._prompt.text == text:
            self._prompt.load("", is_kept=True)
            self.take_key(text)
