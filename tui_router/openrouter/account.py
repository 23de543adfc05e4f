"""What the service says of a key, a balance and one answer: JSON to values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.account import Credits, GenerationRecord, KeyInfo


def parse_key_info(payload: object) -> KeyInfo:
    """Return what ``GET /key`` says; fields that are missing keep their defaults."""
    row = _data(payload)
    free = untrusted.mapping(row.get("free_model_daily_requests"))
    return KeyInfo(
        label=untrusted.line(row.get("label"), 60),
        limit=untrusted.amount(row.get("limit")),
        limit_remaining=untrusted.amount(row.get("limit_remaining")),
        limit_reset=untrusted.line(row.get("limit_reset"), 20),
        usage=untrusted.amount(row.get("usage")) or Decimal(0),
        usage_daily=untrusted.amount(row.get("usage_daily")) or Decimal(0),
        usage_monthly=untrusted.amount(row.get("usage_monthly")) or Decimal(0),
        is_free_tier=row.get("is_free_tier") is True,
        is_management=row.get("is_management_key") is True or row.get("is_provisioning_key") is True,
        free_used=untrusted.integer(free.get("used")),
        free_limit=untrusted.integer(free.get("limit")),
        expires=untrusted.timestamp(row.get("expires_at")),
    )


def parse_credits(payload: object) -> Credits | None:
    """Return what ``GET /credits`` says; ``None`` when it names no total."""
    row = _data(payload)
    total = untrusted.amount(row.get("total_credits"))
    if total is None:
        return None
    return Credits(total=total, used=untrusted.amount(row.get("total_usage")) or Decimal(0))


def parse_generation(payload: object) -> GenerationRecord | None:
    """Return what ``GET /generation`` says of one answer; ``None`` when there is no record in it."""
    row = _data(payload)
    generation_id = untrusted.line(row.get("id"), 128)
    if not generation_id:
        return None
    cost = untrusted.amount(row.get("total_cost"))
    return GenerationRecord(
        id=generation_id,
        cost=untrusted.amount(row.get("usage")) if cost is None else cost,
        provider=untrusted.line(row.get("provider_name"), 60),
        prompt_tokens=untrusted.count(row.get("native_tokens_prompt")) or untrusted.count(row.get("tokens_prompt")),
        completion_tokens=untrusted.count(row.get("native_tokens_completion"))
        or untrusted.count(row.get("tokens_completion")),
        reasoning_tokens=untrusted.count(row.get("native_tokens_reasoning")),
        cached_tokens=untrusted.count(row.get("native_tokens_cached")),
        cancelled=row.get("cancelled") is True,
    )


def _data(payload: object) -> Mapping[str, Any]:
    return untrusted.mapping(untrusted.mapping(payload).get("data"))
