"""Money: what an answer cost, what one may cost, and whether the budget allows it.

The server's own figure always wins. What is computed here is an estimate and says so. Estimates
learn from every answer: how many tokens a guess really was, and how long answers of a model are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Protocol

from tui_router.domain.charge import Cap, Charge, ChargeState, Settlement, Shortfall
from tui_router.domain.library import Spend
from tui_router.domain.message import Image, Message
from tui_router.domain.model import Model
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.settings import MoneySettings
from tui_router.domain.usage import Usage, cost_of, money
from tui_router.domain.window import thread_tokens
from tui_router.services.catalog import Notebook

_ANSWER = 400
_THINKING_ANSWER = 1_500
"""Tokens of a usual answer while nothing was learned of a model."""
_LEARNED_KEY = "money.learned"
_MEMORY = 20
"""An average remembers about this many answers."""
_MODELS_REMEMBERED = 200


class Book(Protocol):
    """The ledger on disk."""

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        """Write a charge, or return the cap that it would break. Raises ``Trouble``."""
        ...

    def settle(self, charge_id: str, settlement: Settlement) -> None:
        """Write down what a charge cost. Raises ``Trouble``."""
        ...

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        """Return dollars spent from ``start`` until before ``end``."""
        ...

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return sums by ``day``, ``model`` or ``conversation``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one question may cost, all lanes together. Every figure is a guess."""

    tokens: int
    """Prompt tokens, for the model that counts most."""
    share: float | None
    """Share of the window that the prompt takes, for the model with the smallest one; 0 to 1 and above."""
    low: Decimal | None
    """Dollars when the answers are empty; ``None`` when no price is known."""
    typical: Decimal | None
    """Dollars with answers of the usual length."""
    most: Decimal | None
    """Dollars with answers as long as allowed."""
    models: int = 1
    unpriced: int = 0
    """How many of the models have no known price; their cost comes on top."""

    @property
    def label(self) -> str:
        """A few words for the status line: ``~$0.004``, ``with 3 models ~$0.031``, ``free``, or ``price varies``."""
        if self.typical is None:
            return "price varies" if self.unpriced else ""
        price = "free" if self.most == 0 else money(self.typical, approximate=True)
        if self.unpriced:
            price += f" + {self.unpriced} without a price"
        return f"with {self.models} models {price}" if self.models > 1 else price


class Ledger:
    """Prices answers, guards budgets, estimates and learns. Safe from any thread."""

    def __init__(
        self,
        *,
        book: Book,
        notebook: Notebook,
        limits: Callable[[], MoneySettings],
        now: Callable[[], datetime],
        zone: tzinfo | None = None,
    ) -> None:
        self._book = book
        self._notebook = notebook
        self._limits = limits
        self._now = now
        self._zone = zone

    def priced(self, model: Model | None, usage: Usage) -> Usage:
        """Return ``usage`` with a cost: the server's, or an estimate from the catalogue where it said none."""
        if usage.cost is not None or model is None:
            return usage
        cost = cost_of(usage, model.pricing, self._now().time())
        return usage if cost is None else replace(usage, cost=cost, is_estimate=True)

    def estimate(
        self,
        models: Sequence[Model],
        thread: Sequence[Message],
        *,
        system: str = "",
        draft_tokens: int = 0,
        options: ChatOptions | None = None,
    ) -> Estimate:
        """Guess what it costs to send a thread (and a draft of so many tokens) to each of ``models``."""
        chosen = options or ChatOptions()
        guess = thread_tokens(thread, system) + draft_tokens
        images = sum(isinstance(p, Image) for m in thread for p in m.parts)
        counts = [round(guess * self.scale(m.id)) for m in models]
        rows = [self._costs(m, tokens, images, chosen) for m, tokens in zip(models, counts, strict=True)]
        known = [r for r in rows if r is not None]
        shares = [tokens / m.context for m, tokens in zip(models, counts, strict=True) if m.context]
        low, typical, most = (sum((r[i] for r in known), Decimal(0)) if known else None for i in range(3))
        return Estimate(
            tokens=max(counts, default=0),
            share=max(shares, default=None),
            low=low,
            typical=typical,
            most=most,
            models=len(models),
            unpriced=len(rows) - len(known),
        )

    def refusal(self, estimate: Estimate, *, max_cost: Decimal | None = None) -> Problem | None:
        """Return why this must not be sent: a budget is used up or would be, or it may cost over ``max_cost``."""
        limits = self._limits()
        for word, budget, begin in (
            ("Today's", limits.daily_budget, self._day()),
            ("This month's", limits.monthly_budget, self._day().replace(day=1)),
        ):
            if budget <= 0:
                continue
            spent = self.spent_since(begin)
            if spent >= budget or spent + (estimate.typical or 0) > budget:
                return _over_budget(word, budget, spent, estimate)
        if max_cost is not None and estimate.most is not None and estimate.most > max_cost:
            return Problem(
                kind=Kind.BUDGET,
                title="This may cost more than allowed",
                detail=f"Up to {money(estimate.most, approximate=True)}; the limit is {money(max_cost)}",
                hint="Raise --max-cost, lower max_tokens, or pick a cheaper model",
            )
        if max_cost is not None and estimate.unpriced:
            return Problem(
                kind=Kind.BUDGET,
                title="What this may cost is not known",
                detail=f"{estimate.unpriced} of the models asked has no fixed price",
                hint="Leave --max-cost out, or pick a model with a price",
            )
        return None

    def asks_first(self, estimate: Estimate) -> bool:
        """Say whether a turn may cost so much that the person is asked."""
        limit = self._limits().warn_above
        return limit > 0 and estimate.most is not None and estimate.most > limit

    def spent_today(self) -> Decimal:
        """Dollars since local midnight."""
        return self.spent_since(self._day())

    def spent_this_month(self) -> Decimal:
        """Dollars since the first of the month, local time."""
        return self.spent_since(self._day().replace(day=1))

    def spent_since(self, at: datetime) -> Decimal:
        """Dollars since a moment."""
        return self._book.spent_between(at, self._now() + timedelta(days=1))

    def record(self, answer: Message, conversation_id: str | None = None) -> None:
        """Write down what an answer used, when that is known; raises ``Trouble``.

        Temporary conversations count too (money was spent), without their id.
        """
        if answer.usage is None or answer.model is None:
            return
        charge = Charge(
            id=answer.id, at=answer.created, model=answer.model, conversation_id=conversation_id, message_id=answer.id
        )
        state = ChargeState.ESTIMATED if answer.usage.is_estimate else ChargeState.SETTLED
        with suppress(Trouble):  # it was opened before
            self._book.open(charge)
        self._book.settle(charge.id, Settlement(state=state, usage=answer.usage, timing=answer.timing))

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return sums by ``day`` (newest first), ``model`` or ``conversation`` (dearest first)."""
        return self._book.spend_by(group, since)

    def learn(self, model_id: str, thread: Sequence[Message], usage: Usage, *, system: str = "") -> None:
        """Correct the guesses for a model by what an answer to ``thread`` really used."""
        guess = thread_tokens(thread, system)
        if guess < 1 or usage.prompt_tokens < 1 or usage.completion_tokens < 1:
            return
        # A hidden system prompt or a parsed file can make one guess absurd; it must not spoil the rest.
        ratio = min(4.0, max(0.25, usage.prompt_tokens / guess))

        def learn(kept: object) -> dict[str, list[float]]:
            learned = _learned(kept)
            scale, answer, count = learned.pop(model_id, (1.0, 0.0, 0))
            weight = 1 / min(count + 1, _MEMORY)
            learned[model_id] = (
                scale + (ratio - scale) * weight,
                answer + (usage.completion_tokens - answer) * weight,
                min(count + 1, _MEMORY),
            )
            return {i: list(v) for i, v in list(learned.items())[-_MODELS_REMEMBERED:]}

        self._notebook.change(_LEARNED_KEY, learn)

    def scale(self, model_id: str) -> float:
        """Return what guesses of tokens are to be multiplied by for a model; 1 while nothing was learned."""
        found = _learned(self._notebook.get(_LEARNED_KEY)).get(model_id)
        return found[0] if found else 1.0

    def usual_answer(self, model: Model) -> int:
        """Return the tokens of a usual answer of a model."""
        found = _learned(self._notebook.get(_LEARNED_KEY)).get(model.id)
        if found:
            return max(1, round(found[1]))
        return _THINKING_ANSWER if model.thinks else _ANSWER

    def _costs(
        self, model: Model, tokens: int, images: int, options: ChatOptions
    ) -> tuple[Decimal, Decimal, Decimal] | None:
        longest = min(options.max_tokens or 8_192, model.max_output or 10**9)
        searches = 1 if options.web_search else 0
        clock = self._now().time()
        extra = images * (model.pricing.image or Decimal(0))
        found = []
        for answer in (0, min(longest, self.usual_answer(model)), longest):
            usage = Usage(prompt_tokens=tokens, completion_tokens=answer, web_searches=searches)
            cost = cost_of(usage, model.pricing, clock)
            if cost is None:
                return None
            found.append(cost + extra)
        return found[0], found[1], found[2]

    def _day(self) -> datetime:
        return self._now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _learned(kept: object) -> dict[str, tuple[float, float, int]]:
    if not isinstance(kept, dict):
        return {}
    return {
        i: (float(v[0]), float(v[1]), int(v[2]))
        for i, v in kept.items()
        if isinstance(v, list) and len(v) == 3 and all(isinstance(n, int | float) for n in v)
    }


def _over_budget(word: str, budget: Decimal, spent: Decimal, estimate: Estimate) -> Problem:
    detail = f"{money(spent)} of {money(budget)} is spent"
    if spent < budget:
        detail += f", and this would cost about {money(estimate.typical, approximate=True)}"
    setting = "daily_budget" if word.startswith("Today") else "monthly_budget"
    return Problem(
        kind=Kind.BUDGET,
        title=f"{word} budget is used up",
        detail=detail,
        hint=f"Raise it with /set {setting}, or pick a free model",
    )
