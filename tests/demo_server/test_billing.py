"""Billing of the demo server, checked against manually computed figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.billing import UsageCounts, answer_cost
from tui_router.demo_server.chat_request import tokens
from tui_router.demo_server.server import DemoServer
from tui_router.demo_server.state import DemoAccount

HAIKU: dict[str, Any] = {
    "prompt": "0.0000001",
    "completion": "0.0000005",
    "input_cache_read": "0.00000001",
    "overrides": [{"min_prompt_tokens": 100000, "prompt": "0.0000005", "completion": "0.0000025"}],
}


@pytest.mark.parametrize(("characters", "count"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100)])
def test_four_characters_are_a_token(characters: int, count: int) -> None:
    assert tokens(characters) == count


@pytest.mark.parametrize(
    ("prompt", "cached", "total"),
    [
        (1_000, 0, "0.00015"),
        (1_000, 400, "0.000114"),
        (100_000, 0, "0.01005"),
        (100_001, 0, "0.0502505"),
    ],
)
def test_a_price_step_changes_the_whole_request(prompt: int, cached: int, total: str) -> None:
    counts = UsageCounts(prompt=prompt, completion=100, cached=cached)
    assert answer_cost(HAIKU, counts, 0).total == Decimal(total)


def test_requests_searches_and_reasoning_are_priced_separately() -> None:
    pricing = {"prompt": "0.001", "completion": "0.01", "internal_reasoning": "0.1", "request": "1", "web_search": "2"}
    counts = UsageCounts(prompt=1, completion=3, reasoning=2, web_searches=3)
    assert answer_cost(pricing, counts, 0).total == Decimal("0.001") + Decimal("0.01") + Decimal("0.2") + 1 + 6
    assert answer_cost({"prompt": "-1", "completion": "-1"}, counts, 0).completion == 0


@pytest.mark.parametrize(("hour", "price"), [(1, "2"), (3, "1"), (22, "1"), (23, "2")])
def test_a_price_can_apply_at_certain_hours(hour: int, price: str) -> None:
    pricing = {"prompt": "1", "completion": "0", "overrides": [{"utc_start": 2300, "utc_end": 200, "prompt": "2"}]}
    assert answer_cost(pricing, UsageCounts(prompt=1, completion=0), hour * 3600).total == Decimal(price)
    day = {"prompt": "1", "completion": "0", "overrides": [{"utc_start": 200, "utc_end": 2300, "prompt": "2"}]}
    assert (answer_cost(day, UsageCounts(prompt=1, completion=0), hour * 3600).total == 1) == (price == "2")


def test_an_answer_is_charged_at_catalog_prices_to_its_key(client: Client) -> None:
    question = "x" * 41
    response = client.chat("openai/gpt-4o", messages=[{"role": "user", "content": question}])
    usage = response.usage
    assert usage["prompt_tokens"] == 11
    assert usage["completion_tokens"] == -(-len(response.joined()) // 4)
    expected = 11 * Decimal("0.0000025") + usage["completion_tokens"] * Decimal("0.00001")
    assert Decimal(str(usage["cost"])) == expected
    key = client.get("/key").json["data"]
    assert Decimal(str(key["usage"])) == expected
    assert client.get("/credits").json["data"] == {"total_credits": 25.0, "total_usage": float(expected)}
    client.key = "another"
    assert client.get("/key").json["data"]["usage"] == 0


def test_reasoning_is_part_of_the_completion(client: Client) -> None:
    response = client.chat("demo/thinking")
    reasoning, text = response.joined("reasoning"), response.joined()
    assert reasoning
    assert response.usage["completion_tokens_details"]["reasoning_tokens"] == -(-len(reasoning) // 4)
    assert response.usage["completion_tokens"] == -(-len(reasoning) // 4) + -(-len(text) // 4)
    hidden = client.chat("demo/thinking", reasoning={"effort": "medium", "exclude": True})
    assert hidden.joined("reasoning") == ""
    assert hidden.usage["completion_tokens"] == response.usage["completion_tokens"]


def test_free_answers_cost_nothing_and_are_counted(client: Client) -> None:
    assert client.chat("google/gemma-4-31b-it:free").usage["cost"] == 0
    assert client.get("/key").json["data"]["free_model_daily_requests"]["used"] == 1


def test_failures_are_free_and_disconnects_are_charged(client: Client) -> None:
    client.chat("demo/error-stream-1")
    client.chat("demo/error-empty")
    assert client.get("/key").json["data"]["usage"] == 0
    client.chat("demo/error-cut")
    assert client.get("/key").json["data"]["usage"] > 0


def test_an_unaffordable_request_is_refused_with_the_affordable_tokens() -> None:
    with DemoServer(speed=0, account=DemoAccount(Decimal("0.01"))) as demo_server:
        client = Client(demo_server)
        error = client.chat("openai/gpt-4o", max_tokens=2000).json["error"]
        assert error["code"] == 402
        assert "can only afford 1000" in error["message"]
        assert client.chat("openai/gpt-4o", max_tokens=900).status == 200


def test_an_empty_balance_allows_free_models_only() -> None:
    with DemoServer(speed=0, account=DemoAccount(Decimal(0))) as demo_server:
        client = Client(demo_server)
        assert client.chat("openai/gpt-4o").json["error"]["metadata"]["limit_source"] == "openrouter_credits"
        assert client.chat("demo/echo").status == 200
