"""Prices answers, reports usage and records generations; independent of the client's own arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tui_router.demo_server.chat_request import DemoChatRequest, tokens
from tui_router.demo_server.payloads import CompletionInfo, JsonObject
from tui_router.demo_server.script import DemoAnswer, StreamProgress
from tui_router.demo_server.state import RecordedRequest, ServerState

SEARCH_PRICE = Decimal("0.005")
"""US dollars per web search if the catalog lists no price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCost:
    """The cost of an answer in US dollars, as OpenRouter breaks it down."""

    prompt: Decimal
    completion: Decimal
    extras: Decimal
    """Request fee and web searches."""

    @property
    def total(self) -> Decimal:
        """Sum of all parts."""
        return self.prompt + self.completion + self.extras


def _applies_at(override: Mapping[str, object], now: float) -> bool:
    start, end = override.get("utc_start"), override.get("utc_end")
    if not isinstance(start, int | float) or not isinstance(end, int | float):
        return True
    at = datetime.fromtimestamp(now, UTC)
    clock = at.hour * 100 + at.minute
    return start <= clock < end if start <= end else clock >= start or clock < end


def prices_in_force(pricing: Mapping[str, object], prompt_tokens: int, now: float) -> dict[str, Decimal]:
    """Return US dollars per unit for a request of this size at ``now``; negative prices (routers) become 0."""
    prices = {k: v for k, v in pricing.items() if isinstance(v, str)}
    overrides = pricing.get("overrides")
    for override in overrides if isinstance(overrides, list) else []:
        min_tokens = override.get("min_prompt_tokens")
        if (min_tokens is None or prompt_tokens > min_tokens) and _applies_at(override, now):
            prices |= {k: v for k, v in override.items() if isinstance(v, str)}
    return {k: max(Decimal(0), Decimal(v)) for k, v in prices.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCounts:
    """Billable quantities of one answer."""

    prompt: int
    completion: int
    """Completion tokens, including reasoning."""
    reasoning: int = 0
    cached: int = 0
    images: int = 0
    web_searches: int = 0


def answer_cost(pricing: Mapping[str, object], counts: UsageCounts, now: float) -> AnswerCost:
    """Return the cost of ``counts`` at the prices in force at ``now`` (Unix seconds)."""
    price = prices_in_force(pricing, counts.prompt, now)
    zero = Decimal(0)
    prompt_price, completion_price = price.get("prompt", zero), price.get("completion", zero)
    reasoning_price = price.get("internal_reasoning", completion_price)
    cache_read_price = price.get("input_cache_read", prompt_price)
    return AnswerCost(
        prompt=(counts.prompt - counts.cached) * prompt_price + counts.cached * cache_read_price,
        completion=(counts.completion - counts.reasoning) * completion_price + counts.reasoning * reasoning_price,
        extras=price.get("request", zero) + counts.web_searches * price.get("web_search", SEARCH_PRICE),
    )


def usage_json(counts: UsageCounts, cost: AnswerCost, *, byok: bool = False) -> JsonObject:
    """Return the ``usage`` object of the API."""
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
            "web_search_requests": counts.web_searches,
            "tool_calls_requested": 0,
            "tool_calls_executed": counts.web_searches,
        },
    }


_NULL_FIELDS = (
    "moderation_latency", "app_id", "upstream_inference_cost", "cache_discount", "service_tier", "router",
    "response_cache_source_id", "preset_id", "workspace_id", "external_user", "upstream_id", "web_search_engine",
    "provider_responses",
)  # fmt: skip
_ZERO_FIELDS = (
    "native_tokens_completion_images", "num_media_completion", "num_input_audio_prompt", "num_search_results",
    "num_fetches",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBill:
    """Computes the usage of one answer, charges the account and stores the generation record."""

    state: ServerState
    request: RecordedRequest
    chat: DemoChatRequest
    row: JsonObject
    answer: DemoAnswer
    info: CompletionInfo
    streamed: bool
    byok: bool
    started: float

    def progress_of_whole(self, answer: DemoAnswer, *, failed: bool) -> StreamProgress:
        """Return the progress of an answer sent as one JSON body."""
        text_chars = (
            len(answer.text) + len(answer.refusal) + sum(len(c.name) + len(c.arguments) for c in answer.tool_calls)
        )
        reasoning_chars = len(answer.reasoning)
        return StreamProgress(
            text_chars=text_chars,
            reasoning_chars=reasoning_chars,
            finish=answer.finish,
            native_finish=answer.native_finish,
            failed=failed,
        )

    def _counts(self, progress: StreamProgress) -> UsageCounts:
        reasoning_chars = len(self.answer.reasoning) if self.answer.hide_reasoning else progress.reasoning_chars
        reasoning_tokens = tokens(reasoning_chars)
        prompt = self.chat.prompt_tokens
        return UsageCounts(
            prompt=prompt,
            completion=tokens(progress.text_chars) + reasoning_tokens,
            reasoning=reasoning_tokens,
            cached=int(prompt * self.answer.cached_share),
            web_searches=self.answer.web_searches,
        )

    def _cost(self, counts: UsageCounts) -> AnswerCost:
        return answer_cost(self.row["pricing"], counts, self.started)

    def make_usage(self, progress: StreamProgress) -> JsonObject:
        """Return the ``usage`` object for the progress so far."""
        counts = self._counts(progress)
        return usage_json(counts, self._cost(counts), byok=self.byok)

    def settle(self, progress: StreamProgress) -> None:
        """Charge the account and store the record. Answers that failed or are empty are free."""
        counts = self._counts(progress)
        cost = self._cost(counts)
        is_charged = not progress.failed and not self.byok and counts.completion > 0
        total = cost.total if is_charged else cost.total * 0
        pricing = self.row["pricing"]
        is_free = pricing["prompt"] == "0" and pricing["completion"] == "0"
        key = self.request.key.reveal() if self.request.key else ""
        self.state.account.charge(key, total, is_free=is_free)
        now = self.state.clock()
        headers = self.request.headers
        record: JsonObject = {
            **dict.fromkeys(_NULL_FIELDS),
            **dict.fromkeys(_ZERO_FIELDS, 0),
            "id": self.info.id,
            "model": self.info.model,
            "provider_name": self.info.provider,
            "created_at": datetime.fromtimestamp(self.started, UTC).isoformat().replace("+00:00", "Z"),
            "streamed": self.streamed,
            "cancelled": progress.cancelled,
            "finish_reason": progress.finish,
            "native_finish_reason": progress.native_finish,
            "latency": 400,
            "generation_time": int((now - self.started) * 1000),
            "tokens_prompt": counts.prompt,
            "tokens_completion": counts.completion,
            "native_tokens_prompt": counts.prompt,
            "native_tokens_completion": counts.completion,
            "native_tokens_reasoning": counts.reasoning,
            "native_tokens_cached": counts.cached,
            "num_media_prompt": len(self.chat.media),
            "total_cost": float(total),
            "usage": float(total),
            "is_byok": self.byok,
            "request_id": "req-" + self.info.id.removeprefix("gen-"),
            "session_id": self.chat.body.get("session_id"),
            "data_region": "global",
            "api_type": "completions",
            "origin": headers.get("http-referer", ""),
            "http_referer": headers.get("http-referer"),
            "user_agent": headers.get("user-agent"),
        }
        self.state.account.add_generation(record, now=now, speed=self.state.speed)
