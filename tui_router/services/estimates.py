"""What a request will hold and what it may cost, learned from what earlier ones did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tui_router.domain.message import Image, Message
from tui_router.domain.model import Model
from tui_router.domain.options import ChatOptions
from tui_router.domain.request import ChatRequest
from tui_router.domain.usage import Usage, cost_of, money
from tui_router.domain.window import thread_tokens
from tui_router.services.catalog import Notebook

_ANSWER = 400
_THINKING_ANSWER = 1_500
_LEARNED_KEY = "money.learned"
_MEMORY = 20
_MODELS_REMEMBERED = 200


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


class Estimates:
    """Interim."""

    def __init__(self, notebook: Notebook, now: Callable[[], datetime], find: Callable[[str], Model | None]) -> None:
        self._notebook = notebook
        self._now = now
        self._find = find

    def of(self, requests: Sequence[ChatRequest]) -> Estimate:
        """Interim."""
        rows = [m for r in requests if (m := self._find(r.model)) is not None]
        first = requests[0]
        found = self.estimate(rows, first.messages, system=first.system, options=first.options)
        from dataclasses import replace

        return replace(found, models=len(requests), unpriced=found.unpriced + len(requests) - len(rows))

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


def _learned(kept: object) -> dict[str, tuple[float, float, int]]:
    if not isinstance(kept, dict):
        return {}
    return {
        i: (float(v[0]), float(v[1]), int(v[2]))
        for i, v in kept.items()
        if isinstance(v, list) and len(v) == 3 and all(isinstance(n, int | float) for n in v)
    }
