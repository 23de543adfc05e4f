"""The catalogue's JSON, good and broken."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_router.domain.account import DataPolicy
from tui_router.domain.options import EFFORTS
from tui_router.openrouter.catalog import (
    parse_endpoints,
    parse_model,
    parse_models,
    parse_pricing,
    parse_reasoning,
    parse_zero_retention,
)

RECORD: dict[str, Any] = {
    "id": "anthropic/claude-x",
    "canonical_slug": "anthropic/claude-x-20261007",
    "name": "Anthropic: Claude X",
    "created": 1791397883,
    "description": "Small\x1b[31m, fast",
    "context_length": 1000000,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "Claude"},
    "pricing": {
        "prompt": "0.0000001",
        "completion": "0.0000005",
        "overrides": [{"min_prompt_tokens": 100000, "prompt": "0.0000005"}],
    },
    "top_provider": {"max_completion_tokens": 128000, "is_moderated": True},
    "supported_parameters": ["max_tokens", "tools"],
    "reasoning": {"mandatory": False, "default_effort": "none", "supported_efforts": ["high", "none", "low"]},
    "expiration_date": "2026-12-31",
    "alias_target": {"name": "x", "slug": "anthropic/claude-y"},
}


def test_a_record_becomes_a_model() -> None:
    model = parse_model(RECORD)
    assert model is not None
    assert (model.id, model.canonical, model.max_output) == (
        "anthropic/claude-x",
        "anthropic/claude-x-20261007",
        128000,
    )
    assert model.description == "Small␛[31m, fast"
    assert model.created == date(2026, 10, 7)
    assert model.expires == date(2026, 12, 31)
    assert model.sees_images
    assert model.is_moderated
    assert model.uses_tools
    assert model.alias_of == "anthropic/claude-y"
    assert model.pricing.at(100_001).prompt == Decimal("0.0000005")
    assert model.pricing.at(100_000).prompt == Decimal("0.0000001")
    assert model.reasoning is not None
    assert model.reasoning.efforts == ("high", "low", "none")


def test_a_record_with_next_to_nothing_is_still_a_model() -> None:
    model = parse_model({"id": "a/b", "name": None, "pricing": None, "architecture": [], "top_provider": 3})
    assert model is not None
    assert (model.name, model.context, model.max_output) == ("a/b", 0, None)
    assert not model.pricing.is_known


def test_broken_records_are_skipped_and_counted() -> None:
    found = parse_models({"data": [RECORD, RECORD, 7, {}, {"id": ""}, {"id": "a b"}, {"id": "a/\x1b"}, {"id": "c/d"}]})
    assert [m.id for m in found.models] == ["anthropic/claude-x", "c/d"]
    assert found.skipped == 5


def test_nothing_is_no_catalogue() -> None:
    assert parse_models(None).models == ()


def test_negative_prices_vary_and_absent_ones_are_unknown() -> None:
    assert parse_pricing({"prompt": "-1", "completion": "-1"}).varies
    assert parse_pricing({"prompt": "0", "completion": "0"}).is_free
    assert parse_pricing({"prompt": "x", "completion": True}).prompt is None


def test_price_steps_know_their_hours() -> None:
    pricing = parse_pricing(
        {
            "prompt": "2",
            "completion": "4",
            "overrides": [
                {"utc_start": 1630, "utc_end": 30, "prompt": "1"},
                {"utc_start": 2400, "utc_end": 9999, "prompt": "9"},
                {"utc_days": [1], "min_prompt_tokens": 1, "prompt": "9"},
                {"min_prompt_tokens": 1},
                "junk",
            ],
        }
    )
    assert len(pricing.steps) == 1
    assert pricing.at(5, time(23, 0)).prompt == 1
    assert pricing.at(5, time(12, 0)).prompt == 2


@pytest.mark.parametrize(
    ("record", "efforts"),
    [
        ({"supported_efforts": None}, tuple(reversed(EFFORTS))),
        ({}, ()),
        ({"supported_efforts": ["low", "none"], "mandatory": True}, ("low",)),
        ({"supported_efforts": ["low", "new", "high"]}, ("high", "low", "new")),
    ],
)
def test_efforts_come_strongest_first(record: dict[str, Any], efforts: tuple[str, ...]) -> None:
    ability = parse_reasoning(record)
    assert ability is not None
    assert ability.efforts == efforts


def test_endpoints_say_who_serves_and_how_well() -> None:
    row = {
        "name": "OpenAI | openai/x", "provider_name": "OpenAI", "tag": "openai", "quantization": "unknown",
        "context_length": 10, "pricing": {"prompt": "1", "completion": "2"}, "status": 0, "uptime_last_1d": 99.8,
        "latency_last_30m": {"p50": 640}, "throughput_last_30m": {"p50": 88}, "model_id": "openai/x-0601",
        "data_policy": {"training": False, "retainsPrompts": True, "retentionDays": 30},
    }  # fmt: skip
    down = {"name": "Deep | x", "quantization": "fp8", "status": -5, "uptime_last_30m": 3, "latency_last_30m": None}
    good, bad = parse_endpoints({"data": {"endpoints": [row, down, {}, 7]}})
    assert (good.provider, good.latency, good.throughput, good.uptime) == ("OpenAI", 0.64, 88, 99.8)
    assert (good.quantization, good.is_down) == ("", False)
    assert (good.model, good.policy) == ("openai/x-0601", DataPolicy(trains=False, retains=True, days=30))
    assert good.policy.label == "30 days"
    assert bad.policy == DataPolicy()
    assert (bad.provider, bad.quantization, bad.is_down, bad.uptime) == ("Deep", "fp8", True, 3)


def test_who_keeps_nothing_is_a_set_of_models_and_tags() -> None:
    rows = [{"model_id": "a/b-0601", "tag": "deepinfra/fp8", "name": "x"}, {"model_id": "c/d", "tag": "openai"}]
    assert parse_zero_retention({"data": rows}) == {("a/b-0601", "deepinfra/fp8"), ("c/d", "openai")}
    assert parse_zero_retention({"data": None}) == frozenset()


SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.lists(st.text(max_size=3))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(RECORD)), SCALAR | st.dictionaries(st.text(max_size=8), SCALAR)))
def test_no_record_is_too_strange(record: dict[str, Any]) -> None:
    parse_models({"data": [record, {"id": "a/b", **{k: v for k, v in record.items() if k != "id"}}]})
