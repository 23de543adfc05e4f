"""Parsing models, endpoints, keys, credits and generations, and the calls that fetch them."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.openrouter.scripted_client import client_of
from tests.openrouter.scripted_server import Reset, ScriptedServer, plain
from tui_router.domain.account import Credits, DataPolicy, KeyInfo
from tui_router.domain.options import EFFORTS
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.openrouter import OpenRouter
from tui_router.openrouter.resources import (
    parse_credits,
    parse_endpoints,
    parse_generation,
    parse_key_info,
    parse_model,
    parse_models,
    parse_pricing,
    parse_reasoning,
    parse_zdr_endpoints,
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


def test_a_minimal_record_is_a_model() -> None:
    model = parse_model({"id": "a/b", "name": None, "pricing": None, "architecture": [], "top_provider": 3})
    assert model is not None
    assert (model.name, model.context, model.max_output) == ("a/b", 0, None)
    assert not model.pricing.is_known


def test_broken_records_are_skipped_and_counted() -> None:
    found = parse_models({"data": [RECORD, RECORD, 7, {}, {"id": ""}, {"id": "a b"}, {"id": "a/\x1b"}, {"id": "c/d"}]})
    assert [m.id for m in found.models] == ["anthropic/claude-x", "c/d"]
    assert found.skipped == 5


def test_an_empty_payload_has_no_models() -> None:
    assert parse_models(None).models == ()


def test_negative_prices_vary_and_missing_ones_are_unknown() -> None:
    assert parse_pricing({"prompt": "-1", "completion": "-1"}).varies
    assert parse_pricing({"prompt": "0", "completion": "0"}).is_free
    assert parse_pricing({"prompt": "x", "completion": True}).prompt is None


def test_price_steps_have_hours() -> None:
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
def test_efforts_are_sorted_strongest_first(record: dict[str, Any], efforts: tuple[str, ...]) -> None:
    ability = parse_reasoning(record)
    assert ability is not None
    assert ability.efforts == efforts


def test_endpoints_are_parsed() -> None:
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


def test_zdr_endpoints_are_pairs_of_model_and_tag() -> None:
    rows = [{"model_id": "a/b-0601", "tag": "deepinfra/fp8", "name": "x"}, {"model_id": "c/d", "tag": "openai"}]
    assert parse_zdr_endpoints({"data": rows}) == {("a/b-0601", "deepinfra/fp8"), ("c/d", "openai")}
    assert parse_zdr_endpoints({"data": None}) == frozenset()


SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.lists(st.text(max_size=3))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(RECORD)), SCALAR | st.dictionaries(st.text(max_size=8), SCALAR)))
def test_any_record_is_accepted(record: dict[str, Any]) -> None:
    parse_models({"data": [record, {"id": "a/b", **{k: v for k, v in record.items() if k != "id"}}]})


KEY_ANSWER = {
    "data": {
        "label": "sk-or-v1-au7…890", "limit": 100, "limit_remaining": 74.5, "limit_reset": "monthly", "usage": 25.5,
        "usage_daily": 0.4, "usage_monthly": 25.5, "is_free_tier": False, "is_management_key": False,
        "expires_at": "2027-01-01T00:00:00Z",
        "free_model_daily_requests": {"used": 60, "limit": 1000, "remaining": 940},
    }
}  # fmt: skip


def test_key_info_is_parsed() -> None:
    info = parse_key_info(KEY_ANSWER)
    assert (info.limit, info.limit_remaining, info.limit_reset) == (Decimal(100), Decimal("74.5"), "monthly")
    assert (info.free_used, info.free_limit, info.free_left, info.is_management) == (60, 1000, 940, False)
    assert info.expires is not None
    assert info.expires.year == 2027


def test_responses_without_data_are_unknown() -> None:
    assert parse_key_info(None) == KeyInfo()
    assert parse_credits({"data": {}}) is None
    assert parse_generation({"data": []}) is None


def test_the_balance_is_credits_minus_usage() -> None:
    balance = plain(200, '{"data":{"total_credits":100.5,"total_usage":25.75}}')
    with ScriptedServer([balance]) as server, client_of(server) as client:
        found = client.credits()
    assert found == Credits(total=Decimal("100.5"), used=Decimal("25.75"))
    assert found.left == Decimal("74.75")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_credits_are_none_without_permission(status: int) -> None:
    with ScriptedServer([plain(status, "{}")]) as server, client_of(server) as client:
        assert client.credits() is None


def test_failing_to_fetch_credits_raises() -> None:
    with ScriptedServer([plain(500, "{}")]) as server, client_of(server) as client, pytest.raises(AppError):
        client.credits()


def test_a_generation_is_none_until_available() -> None:
    record = {"data": {"id": "gen-1", "total_cost": 0.0015, "provider_name": "OpenAI", "native_tokens_prompt": 11,
                       "tokens_completion": 25, "cancelled": True}}  # fmt: skip
    with ScriptedServer([plain(404, "{}")], [plain(200, json.dumps(record))], [plain(500, "{}")]) as server:
        with client_of(server) as client:
            assert client.generation("gen-1") is None
            found = client.generation("gen-1")
            with pytest.raises(AppError):
                client.generation("gen-1")
        assert server.requests[0].line == "GET /api/v1/generation?id=gen-1 HTTP/1.1"
    assert found is not None
    assert (found.cost, found.prompt_tokens, found.completion_tokens) == (Decimal("0.0015"), 11, 25)
    assert found.cancelled


def test_key_info_sends_the_key() -> None:
    with ScriptedServer([plain(200, json.dumps(KEY_ANSWER))]) as server, client_of(server) as client:
        assert client.key_info().usage == Decimal("25.5")
        assert server.requests[0].line == "GET /api/v1/key HTTP/1.1"
    with OpenRouter() as client, pytest.raises(AppError) as caught:
        client.key_info()
    assert caught.value.problem.kind is ErrorKind.NO_KEY


def test_the_catalog_is_fetched_without_the_key_unless_required() -> None:
    listed = plain(200, '{"data":[{"id":"a/b"}]}')
    with ScriptedServer([listed], [plain(401, "{}")], [listed], [plain(401, "{}")]) as server:
        with client_of(server) as client:
            assert [m.id for m in client.models()] == ["a/b"]
            assert [m.id for m in client.models()] == ["a/b"]
        with OpenRouter(base_url=server.url) as stranger, pytest.raises(AppError):
            stranger.models()
        keys = ["authorization" in r.headers for r in server.requests]
    assert keys == [False, False, True, False]


@pytest.mark.parametrize("body", ["<html>", "[]", '{"data":7}', '{"data":[7]}', '{"error":{"message":"x","code":500}}'])
def test_an_invalid_catalog_raises(body: str) -> None:
    with ScriptedServer([plain(200, body)]) as server, client_of(server) as client, pytest.raises(AppError):
        client.models()


def test_endpoints_encode_each_segment_of_the_id() -> None:
    with ScriptedServer([plain(200, '{"data":{"endpoints":[{"provider_name":"X"}]}}')]) as server:
        with client_of(server) as client:
            assert client.endpoints("a/b c:free")[0].provider == "X"
        assert server.requests[0].line == "GET /api/v1/models/a/b%20c%3Afree/endpoints HTTP/1.1"


def test_health_with_a_valid_key() -> None:
    with ScriptedServer([plain(200, json.dumps(KEY_ANSWER))]) as server, client_of(server) as client:
        health = client.health_check()
    assert health.reachable
    assert health.latency is not None
    assert health.key is not None


def test_health_with_an_invalid_key() -> None:
    with ScriptedServer([plain(401, "{}")]) as server, client_of(server) as client:
        health = client.health_check()
    assert health.reachable
    assert health.key is None
    assert "not accepted" in health.detail


def test_health_without_a_server() -> None:
    with ScriptedServer([Reset()]) as server, client_of(server) as client:
        health = client.health_check()
    assert not health.reachable
    assert health.latency is None


def test_a_redirect_raises() -> None:
    moved = plain(302, "", Location="https://evil.example/x")
    with ScriptedServer([moved]) as server, client_of(server) as client, pytest.raises(AppError) as caught:
        client.key_info()
    assert "https://evil.example/x" in caught.value.problem.detail


def test_a_code_is_exchanged_without_sending_a_key() -> None:
    answers = (
        [plain(200, '{"key":"sk-or-v1-new0123456789","user_id":"user_x"}')],
        [plain(200, "{}")],
        [plain(403, "{}")],
    )
    with ScriptedServer(*answers) as server, client_of(server) as client:
        assert client.redeem_code(" code ", "verifier").reveal() == "sk-or-v1-new0123456789"
        for _ in range(2):
            with pytest.raises(AppError):
                client.redeem_code("code", "verifier")
        sent = server.requests[0]
    assert "authorization" not in sent.headers
    assert sent.json == {"code": "code", "code_verifier": "verifier", "code_challenge_method": "S256"}
