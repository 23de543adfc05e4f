"""Estimates the cost of a request before it is sent, and learns from the usage of earlier answers.

The typical cost is displayed; the maximum is reserved against budgets. So ``most`` errs on the high
side everywhere: a margin on the prompt, the longest answer allowed, the most expensive model that may answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal

from tui_router.domain.account import Endpoint
from tui_router.domain.message import File, Message, Part, Reasoning, Text, ToolCall, ToolResult
from tui_router.domain.model import Model
from tui_router.domain.model_names import PRESET, ROUTING_SUFFIXES
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError
from tui_router.domain.request import ChatRequest
from tui_router.domain.routing import Routing, Standing
from tui_router.domain.token_count import Count, Tally, count, rough_sizes
from tui_router.domain.usage import Pricing, Usage, cost_of, money, per_million
from tui_router.openrouter.request import extra_fields
from tui_router.services.app_state import StateStore
from tui_router.services.token_calibration import TokenMemory

_LONG = 400_000  # characters that take longer than a frame to count
_ANSWER = 400
_THINKING_ANSWER = 1_500
"""Tokens of a usual answer before anything was learned about a model."""
_LONGEST_ANSWER = 131_072
"""Assumed maximum answer length if neither the user nor the catalogue sets a limit."""
_MOST_SEARCHES = 5
_SEARCH_RESULT = 2_000
"""Tokens that one web search adds to the prompt."""
_PRESET_PROMPT = 2_000
"""Tokens of a system prompt that a preset may add."""
_MEDIA_MARGIN = 3
"""An image or PDF may use this many times its estimated tokens."""
_MARKS = 64
"""Bytes of overhead for each message."""
_PRIORITY = 2
"""Price factor of the service tier ``priority``."""
_FREE_ROUTER = "openrouter/free"
_FREE = Pricing(prompt=Decimal(0), completion=Decimal(0))
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The estimated cost of one question, all lanes together."""

    tokens: int
    """Prompt tokens, for the model that counts the most."""
    share: float | None
    """Largest share of a model's window that the prompt uses; 0 to 1 or more."""
    low: Decimal | None
    """Dollars if the answers are empty; ``None`` if no price is known."""
    typical: Decimal | None
    """Dollars with answers of the usual length."""
    most: Decimal | None
    """Dollars with answers of maximum length and a margin on the prompt; ``Estimates.bound`` is a strict bound."""
    models: int = 1
    unpriced: int = 0
    """Number of requests that a model without a known price may answer; their cost is not included."""

    @property
    def label(self) -> str:
        """A short label for the status line: ``~$0.004``, ``with 3 models ~$0.031``, ``free``, or ``price varies``."""
        if self.typical is None:
            return "price varies" if self.unpriced else ""
        price = "free" if self.most == 0 else money(self.typical, approximate=True)
        if self.unpriced:
            price += f" + {self.unpriced} without a price"
        return f"with {self.models} models {price}" if self.models > 1 else price


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prompt:
    """The likely and maximum size of a prompt, in tokens."""

    likely: int
    most: int
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Costs:
    """The cost of one request in dollars; ``None`` if no price is known."""

    low: Decimal | None
    typical: Decimal | None
    most: Decimal | None
    is_priced: bool


class Estimates:
    """Counts tokens, estimates costs and learns from usage. Thread-safe."""

    def __init__(
        self,
        app_state: StateStore,
        now: Callable[[], datetime],
        find: Callable[[str], Model | None],
        served: Callable[[str], Sequence[Endpoint]] = lambda _: (),
    ) -> None:
        """Make it.

        Args:
            notebook: Stores what was learned.
            now: The clock, UTC.
            find: Returns the model with an id; routing suffixes and presets are ignored.
            served: Returns the known endpoints of a model; some cost more than the catalogue says.
        """
        self._now = now
        self._find = find
        self._served = served
        self._memory = TokenMemory(app_state, now)
        self._tally = Tally()

    def count(self, request: ChatRequest, thread: Iterable[Message] = ()) -> Count:
        """Count what a request sends; messages of ``thread`` that it lacks count as left out."""
        return count(request, thread, self._tally.sizes)

    def quick_count(self, request: ChatRequest) -> Count | None:
        """Count by length alone if a proper count would take long; ``None`` if ``count`` is fast enough for a frame."""
        if self._tally.uncounted(request.messages) < _LONG:
            return None
        return count(request, sizes=rough_sizes)

    def tokens(self, request: ChatRequest) -> int:
        """Return the prompt tokens of a request, corrected by learned usage."""
        return self._size(request.model, self.count(request)).likely

    def of(self, requests: Sequence[ChatRequest], counts: Sequence[Count] = ()) -> Estimate:
        """Estimate the total cost of ``requests``; ``counts`` are their token counts, if already known."""
        counted = counts or [self.count(r) for r in requests]
        prompts = [self._prompt(r, c) for r, c in zip(requests, counted, strict=True)]
        rows = [self._costs(r, p) for r, p in zip(requests, prompts, strict=True)]
        windows = [(p.likely, m.context) for r, p in zip(requests, prompts, strict=True) if (m := self._about(r))]
        return Estimate(
            tokens=max((p.likely for p in prompts), default=0),
            share=max((tokens / window for tokens, window in windows if window), default=None),
            low=_sum(r.low for r in rows),
            typical=_sum(r.typical for r in rows),
            most=_sum(r.most for r in rows),
            models=len(rows),
            unpriced=sum(not r.is_priced for r in rows),
        )

    def bound(self, requests: Sequence[ChatRequest]) -> Decimal | None:
        """Return an upper bound in dollars of the cost of ``requests``: a text has at most as many tokens as bytes.

        ``None`` if a model without a known price may answer one of them.
        """
        found = [self._bound(request) for request in requests]
        return None if any(cost is None for cost in found) else _sum(found) or _NOTHING

    def worst(self, requests: Sequence[ChatRequest]) -> str:
        """Return a description of the bound: ``your words and 8,192 answer tokens at $15 per million``."""
        models = [(r, m, _price(m).completion) for r in requests if (m := self._about(r)) is not None]
        answers = [(_answer_limit(r.options, m), price) for r, m, price in models if price]
        if not answers:
            return ""
        tokens, price = max(answers, key=lambda answer: answer[0] * answer[1])
        several = f"{len(requests)} answers, the most expensive with {tokens:,} tokens"
        answer = several if len(requests) > 1 else f"{tokens:,} answer tokens"
        return f"your words and {answer} at ${per_million(price)} per million"

    def learn(self, request: ChatRequest, usage: Usage) -> None:
        """Learn from the actual usage of an answer. Raises ``AppError``."""
        counted = self.count(request)
        if usage.prompt_tokens < 1 or usage.completion_tokens < 1 or usage.web_searches:
            return  # search results are in the prompt but were not counted
        guess = counted.tokens if not counted.media and not _may_search(request) else 0
        self._memory.learn(request.model, guess, usage.prompt_tokens, usage.completion_tokens)

    def scale(self, model_id: str) -> float:
        """Return the correction factor for token estimates of a model; 1 before anything was learned."""
        return self._memory.scale(model_id)

    def usual_answer(self, model: Model) -> int:
        """Return the tokens of a usual answer of a model."""
        found = self._memory.answer(model.id)
        return found or (_THINKING_ANSWER if model.thinks else _ANSWER)

    def _bound(self, request: ChatRequest) -> Decimal | None:
        counted = self.count(request)
        size = self._prompt(request, counted)
        costs = self._costs(request, replace(size, most=max(size.most, _bytes(request) + size.most - size.likely)))
        return costs.most if costs.is_priced else None

    def _about(self, request: ChatRequest) -> Model | None:
        return self._find(request.model) or request.about  # its prices may have been fetched after planning

    def _prompt(self, request: ChatRequest, counted: Count) -> _Prompt:
        size = self._size(request.model, counted)
        most = size.most + (_PRESET_PROMPT if _has_preset(request) else 0)
        if _may_search(request):
            # The model is asked again after each search, with everything found so far.
            rounds = _MOST_SEARCHES + 1
            most = rounds * most + _SEARCH_RESULT * sum(range(rounds))
        return _Prompt(likely=size.likely, most=most, pictures=size.pictures)

    def _size(self, model_id: str, counted: Count) -> _Prompt:
        words, media = counted.tokens - counted.media, counted.media
        likely = self._memory.corrected(model_id, words)
        most = likely * self._memory.margin(model_id) + 50
        return _Prompt(
            likely=round(likely) + media, most=round(most) + media * _MEDIA_MARGIN, pictures=counted.pictures
        )

    def _costs(self, request: ChatRequest, prompt: _Prompt) -> _Costs:
        own, *others = self._candidates(request)
        low = typical = None
        if own is not None:
            usual = min(_answer_limit(request.options, own), self.usual_answer(own))
            searches = int(_asks_to_search(request))
            low = self._likely(own, prompt, 0, 0)
            typical = self._likely(own, prompt, usual, searches)
        found = [None if m is None else self._most(request, m, prompt) for m in (own, *others)]
        known = [cost for cost in found if cost is not None]
        return _Costs(low=low, typical=typical, most=max(known, default=None), is_priced=len(known) == len(found))

    def _candidates(self, request: ChatRequest) -> list[Model | None]:
        """Return the requested model and all fallbacks; ``None`` for one that is not in the catalogue."""
        extra = _extra(request.options)
        ids = [*request.options.fallback_models]
        ids += [i for i in (extra.get("model"), *_list(extra.get("models"))) if isinstance(i, str)]
        return [self._about(request), *map(self._find, dict.fromkeys(ids))]

    def _likely(self, model: Model, prompt: _Prompt, answer: int, searches: int) -> Decimal | None:
        price = _price(model)
        usage = Usage(prompt_tokens=prompt.likely, completion_tokens=answer, web_searches=searches)
        cost = cost_of(usage, price, self._now().time())
        return None if cost is None else cost + prompt.pictures * (price.image or _NOTHING)

    def _most(self, request: ChatRequest, model: Model, prompt: _Prompt) -> Decimal | None:
        """Return the maximum cost: any applicable price step, with cache writes and reasoning at the higher price."""
        searches = _MOST_SEARCHES if _may_search(request) else 0
        tokens = min(prompt.most, model.context * (searches + 1)) if model.context else prompt.most
        answer, clock = _answer_limit(request.options, model), self._now().time()
        costs: list[Decimal] = []
        for whole in (_price(model), *self._other_prices(request, model)):
            for size, at in _steps(whole, tokens, clock):
                price = whole.at(size, at)
                cost = cost_of(_worst(tokens, answer, searches, price), price)
                if cost is None:
                    return None
                costs.append(cost + prompt.pictures * (price.image or _NOTHING))
        return max(costs) * (_PRIORITY if request.options.service_tier == "priority" else 1)

    def _other_prices(self, request: ChatRequest, model: Model) -> list[Pricing]:
        """Return the prices of providers that may serve a model, if its endpoints are known."""
        plain = next((model.id.removesuffix(s) for s in ROUTING_SUFFIXES if model.id.endswith(s)), model.id)
        routing = Routing.of(request.options)
        shut = (Standing.BANNED, Standing.SHUT_OUT)
        return [e.pricing for e in self._served(plain) if e.pricing.is_known and routing.standing(e) not in shut]


def _bytes(request: ChatRequest) -> int:
    """Return the UTF-8 size of all text in a request, with overhead for each message."""
    texts = [request.system, *(text for m in request.messages for p in m.parts for text in _texts(p))]
    return sum(len(text.encode("utf-8", "replace")) for text in texts) + _MARKS * (len(request.messages) + 1)


def _texts(part: Part) -> Iterable[str]:
    match part:
        case Text() | ToolResult():
            return (part.text,)
        case Reasoning():
            return part.details
        case File():
            return (part.name, part.text)
        case ToolCall():
            return (part.name, part.arguments)
        case _:
            return ()


def _price(model: Model) -> Pricing:
    return _FREE if model.id == _FREE_ROUTER else model.pricing


def _steps(price: Pricing, most: int, clock: time) -> list[tuple[int, time]]:
    """Return the sizes and times at which another price may apply to a prompt of at most ``most`` tokens."""
    sizes = {0, most, *(s.above_prompt_tokens + 1 for s in price.steps if s.above_prompt_tokens is not None)}
    clocks = {clock, *(s.utc_start for s in price.steps if s.utc_start), *(s.utc_end for s in price.steps if s.utc_end)}
    return [(size, at) for size in sizes if size <= most for at in clocks]


def _worst(prompt: int, answer: int, searches: int, price: Pricing) -> Usage:
    writes = (price.input_cache_write or _NOTHING) > (price.prompt or _NOTHING)
    thinks = (price.internal_reasoning or _NOTHING) > (price.completion or _NOTHING)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=answer,
        cache_write_tokens=prompt if writes else 0,
        reasoning_tokens=answer if thinks else 0,
        web_searches=searches,
    )


def _answer_limit(options: ChatOptions, model: Model) -> int:
    """Return the maximum answer length: the requested one, capped by the model's limit."""
    extra = _extra(options)
    typed = [extra.get("max_tokens"), extra.get("max_completion_tokens")]
    wanted = max((n for n in typed if isinstance(n, int)), default=options.max_tokens)
    able = model.max_output or model.context or _LONGEST_ANSWER
    return min(wanted, able) if wanted else able


def _asks_to_search(request: ChatRequest) -> bool:
    return bool(request.options.web_search) or ":online" in request.model


def _may_search(request: ChatRequest) -> bool:
    extra = _extra(request.options)
    return bool(
        _asks_to_search(request)
        or any(":online" in model for model in request.options.fallback_models)
        or _has_preset(request)
        or extra.get("plugins")
        or extra.get("tools")
        or extra.get("web_search_options")
    )


def _has_preset(request: ChatRequest) -> bool:
    return PRESET in request.model or bool(request.options.preset)


def _extra(options: ChatOptions) -> dict[str, object]:
    try:
        return dict(extra_fields(options))
    except AppError:
        return {}  # such a request is refused before it is sent


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _sum(costs: Iterable[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, _NOTHING) if known else None
