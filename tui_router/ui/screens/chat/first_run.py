"""The cards of the first minutes: how to get a key, whom to ask first, and one line after the first answer."""

from __future__ import annotations

from collections.abc import Sequence

from tui_router.domain.guide import Section
from tui_router.domain.message import Message
from tui_router.domain.usage import money, per_million
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.offers import Action
from tui_router.ui.transcript.parts import Parts

KEY_CARD = "card:key"
MODEL_CARD = "card:models"
SIGN_IN_KEYS = {"b": "sign_in", "c": "sign_in_code", "p": "paste_key", "d": "demo"}
"""The four choices of the key card: one key each, while the prompt is empty."""


def key_card(*, over_ssh: bool) -> Entry:
    """Return the card that is shown while there is no key."""
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


def model_card(cards: Sequence[Section], total: int) -> Entry:
    """Return three models to begin with, out of all there are."""
    actions = [
        Action(
            f"model:{section.models[0].id}",
            f"{section.title}: {section.models[0].short_name} · {_price(section)}",
            str(number),
        )
        for number, section in enumerate(cards, 1)
    ]
    rows: tuple[Parts, ...] = (
        (("Whom do you want to ask?", "heading2"),),
        ((f"{len(cards)} of {total} shown. Ctrl+L shows all of them, and typing there searches.", "muted"),),
        (),
    )
    return Entry.card(MODEL_CARD, *rows, actions=tuple(actions))


def first_answer_line(message: Message, hint: str) -> str:
    """Return the one line after the first answer ever: cost, time, and keys worth knowing."""
    usage, total = message.usage, message.timing.total
    cost = f"cost {money(usage.cost)}" if usage is not None else "cost unknown"
    took = f" · {total:.1f} s" if total is not None else ""
    return f"{cost}{took} · {hint}"


def _price(section: Section) -> str:
    pricing = section.models[0].pricing
    if pricing.is_free:
        return "free"
    return f"${per_million(pricing.prompt)} in, ${per_million(pricing.completion)} out per million tokens"
