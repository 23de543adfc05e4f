"""Tokens and money: what was used, what it costs at a price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal

MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("1E-10")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """A condition under which other prices apply to the *whole* request. All conditions must hold."""

    above_prompt_tokens: int | None = None
    """Applies when the prompt has strictly more tokens than this."""
    utc_start: time | None = None
    utc_end: time | None = None
    """Daily window in UTC, start included, end excluded; may wrap midnight."""
    prices: tuple[tuple[str, Decimal], ...] = ()
    """(field of ``Pricing``, dollars per unit); fields not named keep the base price."""

    def applies(self, prompt_tokens: int, at: time | None) -> bool:
        """Say whether this step holds for a request of ``prompt_tokens`` sent ``at`` a UTC time of day."""
        if self.above_prompt_tokens is not None and prompt_tokens <= self.above_prompt_tokens:
            return False
        if self.utc_start is None or self.utc_end is None:
            return True
        if at is None:
            return False
        if self.utc_start <= self.utc_end:
            return self.utc_start <= at < self.utc_end
        return at >= self.utc_start or at < self.utc_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """Dollars per unit. ``None`` is unknown, zero is free, ``varies`` is set for routers."""

    prompt: Decimal | None = None
    completion: Decimal | None = None
    request: Decimal | None = None
    image: Decimal | None = None
    web_search: Decimal | None = None
    internal_reasoning: Decimal | None = None
    input_cache_read: Decimal | None = None
    input_cache_write: Decimal | None = None
    varies: bool = False
    steps: tuple[PriceStep, ...] = ()

    @property
    def is_free(self) -> bool:
        """True when both directions are known to cost nothing."""
        return not self.varies and self.prompt == 0 and self.completion == 0

    @property
    def is_known(self) -> bool:
        """True when a cost can be computed."""
        return not self.varies and self.prompt is not None and self.completion is not None

    def at(self, prompt_tokens: int, clock: time | None = None) -> Pricing:
        """Return the prices in force for a request of this size; later steps win."""
        changes: dict[str, Decimal] = {}
        for step in self.steps:
            if step.applies(prompt_tokens, clock):
                changes.update(step.prices)
        return replace(self, steps=(), **changes) if changes else self  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an answer used. Token counts are the provider's own; ``cost`` is in dollars."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Includes reasoning tokens."""
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    web_searches: int = 0
    cost: Decimal | None = None
    """``None`` when nobody said what it cost."""
    upstream_cost: Decimal | None = None
    """What the provider charged where an own key was used."""
    is_byok: bool = False
    is_estimate: bool = False
    """True when the cost was computed here and not told by the server."""

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


def cost_of(usage: Usage, pricing: Pricing, clock: time | None = None) -> Decimal | None:
    """Return the dollars that ``usage`` costs at ``pricing``, or ``None`` when the price is not known."""
    price = pricing.at(usage.prompt_tokens, clock)
    if not price.is_known or price.prompt is None or price.completion is None:
        return None
    read = price.prompt if price.input_cache_read is None else price.input_cache_read
    write = price.prompt if price.input_cache_write is None else price.input_cache_write
    thinking = price.completion if price.internal_reasoning is None else price.internal_reasoning
    fresh = max(0, usage.prompt_tokens - usage.cached_tokens - usage.cache_write_tokens)
    spoken = max(0, usage.completion_tokens - usage.reasoning_tokens)
    return (
        fresh * price.prompt
        + usage.cached_tokens * read
        + usage.cache_write_tokens * write
        + spoken * price.completion
        + usage.reasoning_tokens * thinking
        + usage.web_searches * (price.web_search or Decimal(0))
        + (price.request or Decimal(0))
    )


def money(amount: Decimal | None, *, approximate: bool = False) -> str:
    """Return dollars as people read them: ``$0``, ``$0.00021``, ``$0.031``, ``$12.50``; ``?`` for unknown."""
    if amount is None:
        return "?"
    mark = "~" if approximate else ""
    sign, size = ("-", -amount) if amount < 0 else ("", amount)
    if size == 0:
        return f"{mark}$0"
    if size >= Decimal("0.9995"):
        return f"{mark}{sign}${size:,.2f}"
    if size >= Decimal("0.01"):
        return f"{mark}{sign}${size:.3f}"
    if size < _SMALLEST:
        return f"{mark}{sign}<${_SMALLEST:f}"
    digits = min(10, 1 - size.adjusted())
    text = f"{size:.{digits}f}".rstrip("0")
    return f"{mark}{sign}${text}"


def per_million(price: Decimal | None) -> str:
    """Return a price per token as dollars per million tokens: ``2``, ``0.25``, ``free``, ``?``."""
    if price is None:
        return "?"
    if price == 0:
        return "free"
    text = f"{price * MILLION:.3f}".rstrip("0").rstrip(".")
    return "<0.001" if text == "0" else text
