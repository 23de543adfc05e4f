"""Which models to look at first, told from the live catalogue. Nothing here names a model.

The catalogue holds no benchmark, so these are honest rules of thumb on author, age, price and
abilities; whoever shows a section can say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tui_router.domain.model import Model, is_chat_model
from tui_router.domain.usage import MILLION

_KNOWN_AUTHORS = (
    "openai", "anthropic", "google", "deepseek", "qwen", "x-ai", "mistralai", "moonshotai", "z-ai", "meta-llama",
    "minimax", "nvidia", "amazon", "cohere", "microsoft", "xiaomi",
)  # fmt: skip
_RECENT = timedelta(days=400)
_CHEAP = Decimal(2)
_DEAREST = Decimal(80)
_LONG = 400_000
_CODE = re.compile(r"cod(?:e|er|ex|estral)\b|devstral|code", re.IGNORECASE)
_FAST = re.compile(r"flash|mini\b|nano|haiku|fast|turbo|lite|instant|small|luna", re.IGNORECASE)
_ODD = re.compile(r"image|audio|vision|\bvl\b|search|research|guard|translate|roleplay|base\b|-ft\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelSection:
    """A handful of models under a heading, best first."""

    title: str
    models: tuple[Model, ...]


def completion_price(model: Model) -> Decimal:
    """Return dollars per million tokens of answer; unknown and varying prices sort last."""
    price = model.pricing
    if not price.is_known or price.completion is None:
        return Decimal(10) ** 6
    return price.completion * MILLION


def is_ordinary(model: Model, today: date) -> bool:
    """Say whether a model can be recommended unseen: a chat model, no router or alias, not about to vanish."""
    if not is_chat_model(model) or model.is_router or model.id.startswith(("~", "@")):
        return False
    return model.expires is None or model.expires > today + timedelta(days=14)


def sections(models: Iterable[Model], today: date, count: int = 5) -> tuple[ModelSection, ...]:
    """Return the sections of the picker that have members. A model may stand in several."""
    able = [m for m in models if is_ordinary(m, today)]
    plain = [m for m in able if not _ODD.search(m.id)]
    paid = [m for m in plain if m.pricing.is_known and not m.is_free]
    rank = _ranking(today)
    return tuple(
        ModelSection(title, tuple(found[:count]))
        for title, found in (
            ("Free to try", sorted((m for m in plain if m.is_free), key=rank)),
            ("Good and cheap", sorted((m for m in paid if completion_price(m) <= _CHEAP), key=rank)),
            ("Strongest", sorted((m for m in paid if _fair(m)), key=_by_price_down(today))),
            ("Coding", sorted((m for m in able if _CODE.search(m.id) and not m.is_free), key=rank)),
            ("Long context", sorted((m for m in paid if m.context >= _LONG), key=lambda m: (-m.context, *rank(m)))),
            ("Fast", sorted((m for m in paid if _FAST.search(m.id)), key=rank)),
        )
        if found
    )


def cards(models: Iterable[Model], today: date) -> tuple[ModelSection, ...]:
    """Return one model each for a first look: free, good and cheap, strongest."""
    wanted = ("Free to try", "Good and cheap", "Strongest")
    return tuple(ModelSection(s.title, s.models[:1]) for s in sections(models, today) if s.title in wanted)


def _fair(model: Model) -> bool:
    return model.author in _KNOWN_AUTHORS and completion_price(model) <= _DEAREST


def _ranking(today: date) -> Callable[[Model], tuple[bool, bool, bool, int, str]]:
    def rank(model: Model) -> tuple[bool, bool, bool, int, str]:
        old = model.created is None or today - model.created > _RECENT
        age = (today - model.created).days if model.created else 10_000
        return (model.author not in _KNOWN_AUTHORS, old, not model.uses_tools, age, model.id)

    return rank


def _by_price_down(today: date) -> Callable[[Model], tuple[bool, bool, Decimal, str]]:
    def rank(model: Model) -> tuple[bool, bool, Decimal, str]:
        old = model.created is None or today - model.created > _RECENT
        return (old, not model.thinks, -completion_price(model), model.id)

    return rank
