"""Keys, balances, records, and the small calls around them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.openrouter.asking import client_of
from tests.openrouter.scripted import Reset, ScriptedServer, plain
from tui_router.domain.account import Credits, KeyInfo
from tui_router.domain.problem import Kind, Trouble
from tui_router.openrouter import OpenRouter
from tui_router.openrouter.account import parse_credits, parse_generation, parse_key_info

KEY_ANSWER = {
    "data": {
        "label": "sk-or-v1-au7…890", "limit": 100, "limit_remaining": 74.5, "limit_reset": "monthly", "usage": 25.5,
        "usage_daily": 0.4, "usage_monthly": 25.5, "is_free_tier": False, "is_management_key": False,
        "expires_at": "2027-01-01T00:00:00Z", "free_model_daily_requests": {"used": 60, "limit": 1000},
    }
}  # fmt: skip


def test_a_key_says_what_it_may_do() -> None:
    info = parse_key_info(KEY_ANSWER)
    assert (info.limit, info.limit_remaining, info.limit_reset) == (Decimal(100), Decimal("74.5"), "monthly")
    assert (info.free_used, info.free_limit, info.is_management) == (60, 1000, False)
    assert info.expires is not None
    assert info.expires.year == 2027


def test_answers_without_data_are_taken_as_unknown() -> None:
    assert parse_key_info(None) == KeyInfo()
    assert parse_credits({"data": {}}) is None
    assert parse_generation({"data": []}) is None


def test_a_balance_is_what_was_bought_less_what_was_used() -> None:
    balance = plain(200, '{"data":{"total_credits":100.5,"total_usage":25.75}}')
    with ScriptedServer([balance]) as server, client_of(server) as client:
        found = client.credits()
    assert found == Credits(total=Decimal("100.5"), used=Decimal("25.75"))
    assert found.left == Decimal("74.75")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_balance_that_this_key_may_not_see_is_none(status: int) -> None:
    with ScriptedServer([plain(status, "{}")]) as server, client_of(server) as client:
        assert client.credits() is None


def test_a_balance_that_could_not_be_fetched_is_trouble() -> None:
    with ScriptedServer([plain(500, "{}")]) as server, client_of(server) as client, pytest.raises(Trouble):
        client.credits()


def test_a_record_of_an_answer_is_read_once_it_is_written() -> None:
    record = {"data": {"id": "gen-1", "total_cost": 0.0015, "provider_name": "OpenAI", "native_tokens_prompt": 11,
                       "tokens_completion": 25, "cancelled": True}}  # fmt: skip
    with ScriptedServer([plain(404, "{}")], [plain(200, json.dumps(record))], [plain(500, "{}")]) as server:
        with client_of(server) as client:
            assert client.generation("gen-1") is None
            found = client.generation("gen-1")
            with pytest.raises(Trouble):
                client.generation("gen-1")
        assert server.requests[0].line == "GET /api/v1/generation?id=gen-1 HTTP/1.1"
    assert found is not None
    assert (found.cost, found.prompt_tokens, found.completion_tokens) == (Decimal("0.0015"), 11, 25)
    assert found.cancelled


def test_key_info_asks_for_the_key() -> None:
    with ScriptedServer([plain(200, json.dumps(KEY_ANSWER))]) as server, client_of(server) as client:
        assert client.key_info().usage == Decimal("25.5")
        assert server.requests[0].line == "GET /api/v1/key HTTP/1.1"
    with OpenRouter() as client, pytest.raises(Trouble) as caught:
        client.key_info()
    assert caught.value.problem.kind is Kind.NO_KEY


def test_the_catalogue_is_fetched_without_the_key_and_with_it_where_that_is_wanted() -> None:
    listed = plain(200, '{"data":[{"id":"a/b"}]}')
    with ScriptedServer([listed], [plain(401, "{}")], [listed], [plain(401, "{}")]) as server:
        with client_of(server) as client:
            assert [m.id for m in client.models()] == ["a/b"]
            assert [m.id for m in client.models()] == ["a/b"]
        with OpenRouter(base_url=server.url) as stranger, pytest.raises(Trouble):
            stranger.models()
        keys = ["authorization" in r.headers for r in server.requests]
    assert keys == [False, False, True, False]


@pytest.mark.parametrize("body", ["<html>", "[]", '{"data":7}', '{"data":[7]}', '{"error":{"message":"x","code":500}}'])
def test_a_catalogue_that_is_none_is_trouble(body: str) -> None:
    with ScriptedServer([plain(200, body)]) as server, client_of(server) as client, pytest.raises(Trouble):
        client.models()


def test_endpoints_encode_each_part_of_the_id() -> None:
    with ScriptedServer([plain(200, '{"data":{"endpoints":[{"provider_name":"X"}]}}')]) as server:
        with client_of(server) as client:
            assert client.endpoints("a/b c:free")[0].provider == "X"
        assert server.requests[0].line == "GET /api/v1/models/a/b%20c%3Afree/endpoints HTTP/1.1"


def test_health_says_reachable_with_a_good_key() -> None:
    with ScriptedServer([plain(200, json.dumps(KEY_ANSWER))]) as server, client_of(server) as client:
        health = client.health_check()
    assert health.reachable
    assert health.latency is not None
    assert health.key is not None


def test_health_says_reachable_with_a_bad_key() -> None:
    with ScriptedServer([plain(401, "{}")]) as server, client_of(server) as client:
        health = client.health_check()
    assert health.reachable
    assert health.key is None
    assert "not accepted" in health.detail


def test_health_says_unreachable_where_nobody_answers() -> None:
    with ScriptedServer([Reset()]) as server, client_of(server) as client:
        health = client.health_check()
    assert not health.reachable
    assert health.latency is None


def test_a_redirect_of_a_small_call_is_trouble() -> None:
    moved = plain(302, "", Location="https://evil.example/x")
    with ScriptedServer([moved]) as server, client_of(server) as client, pytest.raises(Trouble) as caught:
        client.key_info()
    assert "https://evil.example/x" in caught.value.problem.detail


def test_a_code_becomes_a_key_without_any_key_being_sent() -> None:
    answers = (
        [plain(200, '{"key":"sk-or-v1-new0123456789","user_id":"user_x"}')],
        [plain(200, "{}")],
        [plain(403, "{}")],
    )
    with ScriptedServer(*answers) as server, client_of(server) as client:
        assert client.redeem_code(" code ", "verifier").reveal() == "sk-or-v1-new0123456789"
        for _ in range(2):
            with pytest.raises(Trouble):
                client.redeem_code("code", "verifier")
        sent = server.requests[0]
    assert "authorization" not in sent.headers
    assert sent.json == {"code": "code", "code_verifier": "verifier", "code_challenge_method": "S256"}
