"""What an answer costs at a catalogue price; done here once more, so that the client's own arithmetic has a judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tui_router.demo_server.wire import Wire

MEDIA_TOKENS = 258
"""Prompt tokens that one image, file, sound or video counts as."""
SEARCH_PRICE = Decimal("0.005")
"""Dollars for a web search where the catalogue names no price."""


def tokens(characters: int) -> int:
    """Return the tokens of so many characters: four each, rounded up."""
    return -(-characters // 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Dollars, in the parts that the service tells."""

    prompt: Decimal
    completion: Decimal
    extras: Decimal
    """Request fee and searches."""

    @property
    def total(self) -> Decimal:
        """Everything."""
        return self.prompt + self.completion + self.extras


def _in_window(step: Mapping[str, object], now: float) -> bool:
    start, end = step.get("utc_start"), step.get("utc_end")
    if not isinstance(start, int | float) or not isinstance(end, int | float):
        return True
    at = datetime.fromtimestamp(now, UTC)
    clock = at.hour * 100 + at.minute
    return start <= clock < end if start <= end else clock >= start or clock < end


def prices_in_force(pricing: Mapping[str, object], prompt_tokens: int, now: float) -> dict[str, Decimal]:
    """Return dollars per unit for a request of this size; routers (negative prices) cost nothing here."""
    prices = {k: v for k, v in pricing.items() if isinstance(v, str)}
    overrides = pricing.get("overrides")
    for step in overrides if isinstance(overrides, list) else []:
        least = step.get("min_prompt_tokens")
        if (least is None or prompt_tokens > least) and _in_window(step, now):
            prices |= {k: v for k, v in step.items() if isinstance(v, str)}
    return {k: max(Decimal(0), Decimal(v)) for k, v in prices.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was used."""

    prompt: int
    completion: int
    """Tokens, reasoning included."""
    reasoning: int = 0
    cached: int = 0
    images: int = 0
    searches: int = 0


def charge(pricing: Mapping[str, object], counts: Counts, now: float) -> Cost:
    """Return what ``counts`` cost."""
    price = prices_in_force(pricing, counts.prompt, now)
    nothing = Decimal(0)
    ask, tell = price.get("prompt", nothing), price.get("completion", nothing)
    think = price.get("internal_reasoning", tell)
    read = price.get("input_cache_read", ask)
    return Cost(
        prompt=(counts.prompt - counts.cached) * ask + counts.cached * read,
        completion=(counts.completion - counts.reasoning) * tell + counts.reasoning * think,
        extras=price.get("request", nothing) + counts.searches * price.get("web_search", SEARCH_PRICE),
    )


def usage_body(counts: Counts, cost: Cost, *, byok: bool = False) -> Wire:
    """Return the ``usage`` object."""
    total = float(cost.total)
    return {
        "prompt_tokens": counts.prompt,
        "completion_tokens": counts.completion,
        "total_tokens": counts.prompt + counts.completion,
        "cost": 0 if byok else total,
        "is_byok": byok,
        "prompt_tokens_details": {
            "cached_tokens": counts.cached,
            "cache_write_tokens": 0,
            "audio_tokens": 0,
            "video_tokens": 0,
        },
        "cost_details": {
            "upstream_inference_cost": total,
            "upstream_inference_prompt_cost": float(cost.prompt),
            "upstream_inference_completions_cost": float(cost.completion),
        },
        "completion_tokens_details": {
            "reasoning_tokens": counts.reasoning,
            "image_tokens": 0,
            "audio_tokens": 0,
        },
        "server_tool_use_details": {
            "web_search_requests": counts.searches,
            "tool_calls_requested": 0,
            "tool_calls_executed": counts.searches,
        },
    }
