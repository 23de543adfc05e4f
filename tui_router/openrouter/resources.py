"""Parses the JSON of models, endpoints, keys, credits and generations; unreadable records are skipped and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from decimal import Decimal
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.account import Credits, DataPolicy, Endpoint, GenerationRecord, KeyInfo
from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.options import EFFORTS
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.usage import PriceStep, Pricing

_PRICE_FIELDS = frozenset(f.name for f in fields(Pricing)) - {"varies", "steps"}


@dataclass(frozen=True, slots=True)
class ModelCatalog:
    """The parsed response of ``GET /models``."""

    models: tuple[Model, ...]
    skipped: int = 0
    """Number of unreadable records."""


def parse_models(payload: object) -> ModelCatalog:
    """Parse ``GET /models``: models in the server's order, each id once."""
    records = untrusted.items(untrusted.mapping(payload).get("data"))
    models = [model for record in records if (model := parse_model(record)) is not None]
    unique = {model.id: model for model in reversed(models)}
    return ModelCatalog(tuple(reversed(unique.values())), len(records) - len(models))


def parse_model(record: object) -> Model | None:
    """Parse one model; ``None`` if it has no usable id."""
    row = untrusted.mapping(record)
    model_id = untrusted.text(row.get("id"))
    if not model_id or clean_line(model_id) != model_id or " " in model_id:
        return None
    architecture = untrusted.mapping(row.get("architecture"))
    top = untrusted.mapping(row.get("top_provider"))
    return Model(
        id=model_id,
        name=untrusted.line(row.get("name")) or model_id,
        canonical=untrusted.line(row.get("canonical_slug")),
        description=clean(untrusted.text(row.get("description"))),
        created=untrusted.day(row.get("created")),
        context=untrusted.count(row.get("context_length")) or untrusted.count(top.get("context_length")),
        max_output=untrusted.count(top.get("max_completion_tokens")) or None,
        inputs=frozenset(untrusted.lines(architecture.get("input_modalities"))) or frozenset({"text"}),
        outputs=frozenset(untrusted.lines(architecture.get("output_modalities"))) or frozenset({"text"}),
        parameters=frozenset(untrusted.lines(row.get("supported_parameters"))),
        pricing=parse_pricing(row.get("pricing")),
        reasoning=parse_reasoning(row.get("reasoning")),
        is_moderated=top.get("is_moderated") is True,
        expires=untrusted.day(row.get("expiration_date")),
        alias_of=untrusted.line(untrusted.mapping(row.get("alias_target")).get("slug")),
        tokenizer=untrusted.line(architecture.get("tokenizer"), 40),
        is_demo=model_id.startswith("demo/"),
    )


def parse_pricing(record: object) -> Pricing:
    """Parse prices in US dollars per unit. Negative prices mean that the price varies."""
    row = untrusted.mapping(record)
    prices = _read_prices(row)
    varies = any(price < 0 for price in prices.values())
    if varies:
        return Pricing(varies=True)
    steps = tuple(
        step
        for item in untrusted.items(row.get("overrides"))
        if (step := _price_step(untrusted.mapping(item))) is not None
    )
    return Pricing(**prices, steps=steps)  # type: ignore[arg-type]


def parse_reasoning(record: object) -> ReasoningAbility | None:
    """Parse the reasoning options of a model; ``None`` if it has none."""
    if not isinstance(record, dict):
        return None
    listed = record.get("supported_efforts", ())
    efforts = tuple(reversed(EFFORTS)) if listed is None else untrusted.lines(listed)
    mandatory = record.get("mandatory") is True
    order = {effort: place for place, effort in enumerate(EFFORTS)}
    return ReasoningAbility(
        mandatory=mandatory,
        efforts=tuple(
            sorted((e for e in efforts if not (mandatory and e == "none")), key=lambda e: order.get(e, 0), reverse=True)
        ),
        default_effort=untrusted.line(record.get("default_effort"), 20),
        takes_budget=record.get("supports_max_tokens") is True,
    )


def parse_zdr_endpoints(payload: object) -> frozenset[tuple[str, str]]:
    """Parse ``GET /endpoints/zdr``: (dated model id, tag) of each endpoint with zero data retention."""
    rows = map(untrusted.mapping, untrusted.items(untrusted.mapping(payload).get("data")))
    return frozenset((untrusted.line(row.get("model_id")), untrusted.line(row.get("tag"), 60)) for row in rows)


def parse_endpoints(payload: object) -> tuple[Endpoint, ...]:
    """Parse ``GET /models/…/endpoints``."""
    data = untrusted.mapping(untrusted.mapping(payload).get("data"))
    found = (_endpoint(untrusted.mapping(item)) for item in untrusted.items(data.get("endpoints")))
    return tuple(endpoint for endpoint in found if endpoint is not None)


def _endpoint(row: Mapping[str, Any]) -> Endpoint | None:
    provider = untrusted.line(row.get("provider_name"), 60) or untrusted.line(row.get("name")).partition(" | ")[0]
    if not provider:
        return None
    latency = untrusted.number(untrusted.mapping(row.get("latency_last_30m")).get("p50"))
    uptimes = (untrusted.number(row.get(f"uptime_last_{span}")) for span in ("1d", "30m", "5m"))
    return Endpoint(
        provider=provider,
        tag=untrusted.line(row.get("tag"), 60),
        model=untrusted.line(row.get("model_id")),
        quantization="" if row.get("quantization") == "unknown" else untrusted.line(row.get("quantization"), 20),
        context=untrusted.count(row.get("context_length")),
        max_output=untrusted.count(row.get("max_completion_tokens")) or None,
        pricing=parse_pricing(row.get("pricing")),
        uptime=next((u for u in uptimes if u is not None), None),
        latency=None if latency is None else latency / 1000,
        throughput=untrusted.number(untrusted.mapping(row.get("throughput_last_30m")).get("p50")),
        is_down=(untrusted.integer(row.get("status")) or 0) < 0,
        policy=_policy(untrusted.mapping(row.get("data_policy"))),
    )


def _policy(row: Mapping[str, Any]) -> DataPolicy:
    """Parse the data policy that some servers report per endpoint; OpenRouter lists ZDR endpoints instead."""
    retains = row.get("retains_prompts", row.get("retainsPrompts"))
    return DataPolicy(
        trains=row["training"] if isinstance(row.get("training"), bool) else None,
        retains=retains if isinstance(retains, bool) else None,
        days=untrusted.count(row.get("retention_days", row.get("retentionDays"))) or None,
    )


def _read_prices(row: Mapping[str, Any]) -> dict[str, Decimal]:
    found = ((name, untrusted.amount(row.get(name))) for name in sorted(_PRICE_FIELDS))
    return {name: price for name, price in found if price is not None}


def _price_step(row: Mapping[str, Any]) -> PriceStep | None:
    """Parse a price step; ``None`` if it has unknown conditions, so that it is never applied wrongly."""
    if set(row) - _PRICE_FIELDS - _CONDITIONS - _OTHER_PRICES:
        return None
    start, end = _time_of_day(row.get("utc_start")), _time_of_day(row.get("utc_end"))
    above = untrusted.integer(row.get("min_prompt_tokens"))
    prices = tuple(sorted((name, price) for name, price in _read_prices(row).items() if price >= 0))
    if not prices or (above is None and (start is None or end is None)):
        return None
    return PriceStep(above_prompt_tokens=above, utc_start=start, utc_end=end, prices=prices)


_CONDITIONS = frozenset({"min_prompt_tokens", "utc_start", "utc_end"})
_OTHER_PRICES = frozenset(
    {
        "audio",
        "audio_output",
        "discount",
        "image_output",
        "image_token",
        "input_audio_cache",
        "input_cache_write_1h",
    }
)


def _time_of_day(value: object) -> time | None:
    """Parse a time of day written as a number: 100 is 01:00, 1030 is 10:30, 2400 is midnight."""
    number = untrusted.integer(value)
    if number is None:
        return None
    hours, minutes = divmod(number, 100)
    return time(hours % 24, minutes) if 0 <= hours <= 24 and 0 <= minutes < 60 else None


def parse_key_info(payload: object) -> KeyInfo:
    """Parse ``GET /key``; missing fields keep their defaults."""
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
        free_left=untrusted.integer(free.get("remaining")),
        expires=untrusted.timestamp(row.get("expires_at")),
    )


def parse_credits(payload: object) -> Credits | None:
    """Parse ``GET /credits``; ``None`` if it has no total."""
    row = _data(payload)
    total = untrusted.amount(row.get("total_credits"))
    if total is None:
        return None
    return Credits(total=total, used=untrusted.amount(row.get("total_usage")) or Decimal(0))


def parse_generation(payload: object) -> GenerationRecord | None:
    """Parse ``GET /generation``; ``None`` if it has no record."""
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
