"""Cards and notes in the transcript outside the conversation: sign in, first models, hints."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from time import monotonic

from tui_router.domain.message import EndingKind, Message
from tui_router.domain.recommendations import ModelSection
from tui_router.domain.usage import money, per_million
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.services.welcome import Hint, Hints, Offer
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.view import ChatView
from tui_router.ui.transcript.actions import Action
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.parts import Parts
from tui_router.ui.transcript.transcript import Transcript

KEY_CARD = "card:key"
MODEL_CARD = "card:models"
SIGN_IN_KEYS = {"b": "sign_in", "c": "sign_in_code", "p": "paste_key", "d": "demo"}
"""Keys of the sign-in card, while the prompt is empty."""
_PAUSE = 0.45
"""Seconds without another key after which a single letter counts as a choice, not as the start of a question."""
_LONG = 6_000
"""Characters from which an answer counts as long."""


class Cards:
    """Shows cards and handles their keys. ``act`` is called with (entry id, action)."""

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
        self._transcript.viewport.jump_end()

    def show_models(self) -> None:
        """Show three models to begin with."""
        cards = self._core.catalog.cards()
        if cards:
            self.drop()
            self._transcript.append(model_card(cards, len(self._core.catalog.chat_models)))

    def drop(self) -> None:
        """Remove the cards."""
        self._transcript.remove_entry(KEY_CARD)
        self._transcript.remove_entry(MODEL_CARD)

    def note(self, *lines: str) -> None:
        """Append a note; empty lines are dropped."""
        if any(lines):
            self._transcript.append(Entry.notice(f"note:{monotonic()}", *(line for line in lines if line)))

    def offer(self, offers: Sequence[Offer]) -> None:
        """Offer earlier conversations to continue."""
        if offers:
            actions = tuple(Action(f"open:{o.conversation_id}", o.sentence) for o in offers)
            self._transcript.append(Entry.notice("card:offers", "", actions=actions))

    def hint_once(self, turn: Turn) -> None:
        """Show at most one hint after an answer. Each hint appears once ever; the first adds cost and time."""
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
        """Run the action of a visible card's key; ``False`` when no card has that key."""
        for card_id in (KEY_CARD, MODEL_CARD):
            card = self._transcript.entry(card_id)
            for action in (card.actions or ()) if card is not None else ():
                if action.key == key:
                    self._act(card_id, action.id)
                    return True
        return False

    def typed(self, text: str) -> None:
        """Watch for a single letter that may be a card key: it is one when no other key follows."""
        if len(text) == 1 and text in self._keys():
            self._screen.set_timer(_PAUSE, lambda: self._key_settled(text))

    def _keys(self) -> set[str]:
        cards = (self._transcript.entry(i) for i in (KEY_CARD, MODEL_CARD))
        return {a.key for card in cards if card is not None for a in card.actions or ()}

    def _key_settled(self, text: str) -> None:
        if self._prompt.text == text:
            self._prompt.load("", is_kept=True)
            self.take_key(text)


def key_card(*, over_ssh: bool) -> Entry:
    """Return the card shown while there is no API key."""
    usual = "c" if over_ssh else "b"
    labels = {
        "b": "Sign in with the browser",
        "c": "Sign in elsewhere and paste a code",
        "p": "Paste a key from openrouter.ai/keys",
        "d": "Try the offline demo: no account, nothing leaves this machine",
    }
    actions = tuple(
        Action(SIGN_IN_KEYS[k], f"{label}{' (usual here)' if k == usual else ''}", k) for k, label in labels.items()
    )
    rows: tuple[Parts, ...] = (
        (("Welcome to tui-router", "heading1"),),
        (("One program, every model. To ask one, it needs a key of your OpenRouter account.", "text"),),
        (),
    )
    return Entry.card(KEY_CARD, *rows, actions=actions)


def model_card(cards: Sequence[ModelSection], total: int) -> Entry:
    """Return the card with suggested models, out of ``total``."""
    actions = [
        Action(
            f"model:{section.models[0].id}",
            f"{section.title}: {section.models[0].short_name} · {_price(section)}",
            str(number),
        )
        for number, section in enumerate(cards, 1)
    ]
    rows: tuple[Parts, ...] = (
        (("Which model do you want to ask?", "heading2"),),
        ((f"{len(cards)} of {total} shown. Ctrl+L shows all of them, and typing there searches.", "muted"),),
        (),
    )
    return Entry.card(MODEL_CARD, *rows, actions=tuple(actions))


def first_answer_line(message: Message, hint: str) -> str:
    """Return the line below the first answer ever: cost, time and a hint."""
    usage, total = message.usage, message.timing.total
    cost = f"cost {money(usage.cost)}" if usage is not None else "cost unknown"
    took = f" · {total:.1f} s" if total is not None else ""
    return f"{cost}{took} · {hint}"


def _price(section: ModelSection) -> str:
    pricing = section.models[0].pricing
    if pricing.is_free:
        return "free"
    return f"${per_million(pricing.prompt)} in, ${per_million(pricing.completion)} out per million tokens"
