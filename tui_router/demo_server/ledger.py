"""Counts one answer, bills it, and writes its generation record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tui_router.demo_server.asked import Asked
from tui_router.demo_server.parts import Answer, Played
from tui_router.demo_server.pricing import Cost, Counts, charge, tokens, usage_body
from tui_router.demo_server.site import Received, Site
from tui_router.demo_server.wire import Envelope, Wire

_UNKNOWN = (
    "moderation_latency", "app_id", "upstream_inference_cost", "cache_discount", "service_tier", "router",
    "response_cache_source_id", "preset_id", "workspace_id", "external_user", "upstream_id", "web_search_engine",
    "provider_responses",
)  # fmt: skip
_NONE = (
    "native_tokens_completion_images", "num_media_completion", "num_input_audio_prompt", "num_search_results",
    "num_fetches",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The money side of one answer."""

    site: Site
    request: Received
    asked: Asked
    row: Wire
    answer: Answer
    envelope: Envelope
    streamed: bool
    byok: bool
    started: float

    def played_whole(self, answer: Answer, *, failed: bool) -> Played:
        """Return the counters of an answer that went out in one piece."""
        said = len(answer.text) + len(answer.refusal) + sum(len(c.name) + len(c.arguments) for c in answer.tool_calls)
        thought = len(answer.reasoning)
        return Played(said=said, thought=thought, finish=answer.finish, native=answer.native, failed=failed)

    def _counts(self, played: Played) -> Counts:
        thought = len(self.answer.reasoning) if self.answer.hide_reasoning else played.thought
        thinking = tokens(thought)
        prompt = self.asked.prompt_tokens
        return Counts(
            prompt=prompt,
            completion=tokens(played.said) + thinking,
            reasoning=thinking,
            cached=int(prompt * self.answer.cached_share),
            searches=self.answer.searches,
        )

    def _cost(self, counts: Counts) -> Cost:
        return charge(self.row["pricing"], counts, self.started)

    def bill(self, played: Played) -> Wire:
        """Return the ``usage`` of what was played so far."""
        counts = self._counts(played)
        return usage_body(counts, self._cost(counts), byok=self.byok)

    def settle(self, played: Played) -> None:
        """Take the money and write the record. An answer that failed, or never began, costs nothing."""
        counts = self._counts(played)
        cost = self._cost(counts)
        is_due = not played.failed and not self.byok and counts.completion > 0
        total = cost.total if is_due else cost.total * 0
        pricing = self.row["pricing"]
        is_free = pricing["prompt"] == "0" and pricing["completion"] == "0"
        key = self.request.key.reveal() if self.request.key else ""
        self.site.account.charge(key, total, is_free=is_free)
        now = self.site.clock()
        headers = self.request.headers
        record: Wire = {
            **dict.fromkeys(_UNKNOWN),
            **dict.fromkeys(_NONE, 0),
            "id": self.envelope.id,
            "model": self.envelope.model,
            "provider_name": self.envelope.provider,
            "created_at": datetime.fromtimestamp(self.started, UTC).isoformat().replace("+00:00", "Z"),
            "streamed": self.streamed,
            "cancelled": played.cancelled,
            "finish_reason": played.finish,
            "native_finish_reason": played.native,
            "latency": 400,
            "generation_time": int((now - self.started) * 1000),
            "tokens_prompt": counts.prompt,
            "tokens_completion": counts.completion,
            "native_tokens_prompt": counts.prompt,
            "native_tokens_completion": counts.completion,
            "native_tokens_reasoning": counts.reasoning,
            "native_tokens_cached": counts.cached,
            "num_media_prompt": len(self.asked.media),
            "total_cost": float(total),
            "usage": float(total),
            "is_byok": self.byok,
            "request_id": "req-" + self.envelope.id.removeprefix("gen-"),
            "session_id": self.asked.body.get("session_id"),
            "data_region": "global",
            "api_type": "completions",
            "origin": headers.get("http-referer", ""),
            "http_referer": headers.get("http-referer"),
            "user_agent": headers.get("user-agent"),
        }
        self.site.account.write_down(record, now=now, speed=self.site.speed)
