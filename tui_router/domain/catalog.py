"""Looking through the catalogue: sort, filter, ids typed by hand, what one question would cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tui_router.domain.model import Model, normal_id
from tui_router.domain.usage import MILLION, Usage, cost_of

VARIANTS = {
    "free": "the free variant",
    "nitro": "fastest provider first, may cost more",
    "floor": "cheapest provider first",
    "online": "with web search",
    "extended": "the variant with a longer window",
    "thinking": "the variant that thinks",
    "exacto": "providers that call tools best first",
}
"""What may follow a model id after a colon, and what it does."""

CONTEXT_STEPS = (0, 32_000, 128_000, 200_000, 1_000_000)
"""Least windows that the picker offers, in tokens; 0 is any."""

PRICE_STEPS: tuple[Decimal | None, ...] = (None, Decimal("0.50"), Decimal(2), Decimal(5), Decimal(15))
"""Highest prices that the picker offers, in dollars per million tokens; ``None`` is any."""

_UNKNOWN_PRICE = Decimal(10) ** 9
_ID = re.compile(r"(?:@preset/[\w.-]+|~?[\w.-]+/[\w.-]+)(?::[\w-]+)?")
_LEAST = re.compile(r"[>≥]=?(\d+(?:\.\d+)?)([km]?)", re.IGNORECASE)
_MOST = re.compile(r"[<≤]=?\$?(\d+(?:\.\d+)?)")


class Sort(StrEnum):
    """The order of the list. ``BEST`` is best match first, and newest first while nothing is typed."""

    BEST = "best"
    PRICE = "price"
    CONTEXT = "context"
    NEW = "new"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFilter:
    """Which models are shown; the empty filter shows all."""

    free: bool = False
    tools: bool = False
    vision: bool = False
    reasoning: bool = False
    min_context: int = 0
    """Least window in tokens."""
    max_price: Decimal | None = None
    """Highest price in dollars per million tokens, in either direction."""

    def accepts(self, model: Model) -> bool:
        """Say whether a model is shown. An unknown price is not taken for a low one."""
        return (
            (not self.free or model.is_free)
            and (not self.tools or model.uses_tools)
            and (not self.vision or model.sees_images)
            and (not self.reasoning or model.thinks)
            and model.context >= self.min_context
            and (self.max_price is None or _dearest(model) * MILLION <= self.max_price)
        )


def typed_filter(text: str, base: ModelFilter) -> tuple[str, ModelFilter]:
    """Take conditions such as ``>128k`` and ``<$5`` out of a query; return the words left and the filter."""
    if not any(mark in text for mark in "<>≤≥"):
        return text, base
    words: list[str] = []
    for word in text.split():
        if least := _LEAST.fullmatch(word):
            scale = {"": 1, "k": 1000, "m": 1_000_000}[least[2].lower()]
            base = replace(base, min_context=int(Decimal(least[1]) * scale))
        elif most := _MOST.fullmatch(word):
            base = replace(base, max_price=Decimal(most[1]))
        else:
            words.append(word)
    return " ".join(words), base


def in_order(models: Iterable[Model], sort: Sort) -> list[Model]:
    """Return models sorted; unknown prices and dates come last, equal ones keep their order."""
    match sort:
        case Sort.PRICE:
            return sorted(models, key=lambda m: (_blended(m), -m.context))
        case Sort.CONTEXT:
            return sorted(models, key=lambda m: (-m.context, _blended(m)))
        case Sort.NAME:
            return sorted(models, key=lambda m: m.name.casefold())
        case Sort.NEW | Sort.BEST:
            return sorted(models, key=lambda m: m.created or date.min, reverse=True)


def _blended(model: Model) -> Decimal:
    """Return dollars per token at three tokens in for each token out, as conversations go."""
    price = model.pricing
    if not price.is_known or price.prompt is None or price.completion is None:
        return _UNKNOWN_PRICE
    return (3 * price.prompt + price.completion) / 4


def _dearest(model: Model) -> Decimal:
    price = model.pricing
    if not price.is_known or price.prompt is None or price.completion is None:
        return _UNKNOWN_PRICE
    return max(price.prompt, price.completion)


class TypedId(NamedTuple):
    """An id that is not a row of the catalogue but may be sent all the same."""

    id: str
    note: str
    """What is known of it, e.g. ``not in the catalogue``."""
    is_known: bool
    """False when sending it may fail with "no such model"."""


def typed_id(text: str, known: Mapping[str, Model]) -> TypedId | None:
    """Return what a person typed as an id, or ``None`` when it is a catalogue row or no id at all."""
    wanted = normal_id(text)
    if wanted in known or not _ID.fullmatch(wanted):
        return None
    if wanted.startswith("@preset/"):
        return TypedId(wanted, "a preset of your account", is_known=True)
    base, _, variant = wanted.partition(":")
    if base in known and variant in VARIANTS:
        return TypedId(wanted, f"{known[base].short_name}: {VARIANTS[variant]}", is_known=True)
    if base in known:
        return TypedId(wanted, f"{base} is in the catalogue, its variant :{variant} is not", is_known=False)
    return TypedId(wanted, "not in the catalogue, the service may refuse it", is_known=False)


def find_model(model_id: str, known: Mapping[str, Model]) -> Model | None:
    """Return the row whose prices and abilities hold for an id, with or without a variant after a colon."""
    return known.get(model_id) or known.get(model_id.partition(":")[0])


class LineUpCost(NamedTuple):
    """What one question to several models may cost, in dollars."""

    known: Decimal
    """Sum over the models whose price is known."""
    unknown: int
    """How many models have no known price."""


def line_up_cost(models: Sequence[Model | None], prompt_tokens: int, answer_tokens: int) -> LineUpCost:
    """Return the cost of asking every model once; ``None`` stands for a model that the catalogue lacks."""
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=answer_tokens)
    costs = [None if m is None else cost_of(usage, m.pricing) for m in models]
    return LineUpCost(sum((c for c in costs if c is not None), Decimal(0)), costs.count(None))
