"""The judge is judged: what the charging server says it charged is what its answers and records say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.charging_server import KEY, ChargingServer
from tui_router.domain.options import ChatOptions
from tui_router.openrouter import OpenRouter, RetryPolicy
from tui_router.openrouter.cancel import Cancel

_PROMPT = 6
"""Tokens of ``hello``: two for its letters and four for the message."""


@pytest.fixture
def server() -> Iterator[ChargingServer]:
    with ChargingServer() as running:
        yield running
    assert running.faults == []


@pytest.fixture
def client(server: ChargingServer) -> Iterator[OpenRouter]:
    with OpenRouter(KEY, base_url=server.base_url, retry=RetryPolicy(max_retries=0)) as opened:
        yield opened


@pytest.mark.parametrize(("model", "tokens"), [("ok", 60), ("thinking", 140), ("long", 600), ("error-with-usage", 60)])
def test_an_answer_says_what_it_is_charged(server: ChargingServer, client: OpenRouter, model: str, tokens: int) -> None:
    state = client.complete("hello", model=f"test/{model}")
    (charged,) = server.book.charges.values()
    assert charged.cost == _PROMPT * Decimal("0.000003") + tokens * Decimal("0.000015") == server.book.total
    assert state.usage is not None
    assert (state.usage.cost, state.usage.completion_tokens) == (charged.cost, tokens)
    assert (state.generation_id, charged.is_told) == (charged.id, True)


@pytest.mark.parametrize("model", ["cut", "no-usage", "error-in-stream", "no-id-cut"])
def test_a_record_says_what_the_answer_did_not(server: ChargingServer, client: OpenRouter, model: str) -> None:
    state = client.complete("hello", model=f"test/{model}")
    assert state.usage is None
    record = client.generation(state.generation_id)
    assert record is not None
    assert record.cost == server.book.total > 0


def test_whoever_leaves_pays_for_what_was_sent(server: ChargingServer, client: OpenRouter) -> None:
    cancel = Cancel()
    for _ in client.stream("hello", cancel, model="test/hang"):
        if server.book.visits and server.book.visits[0].sent == 2:
            cancel.cancel()
    server.book.wait_until_idle()
    (charged,) = server.book.charges.values()
    assert (charged.completion_tokens, charged.is_cancelled, charged.is_told) == (20, True, False)


def test_a_gated_answer_waits(server: ChargingServer, client: OpenRouter) -> None:
    for _ in client.stream("hello", model="test/gated"):
        if server.book.visits and server.book.visits[0].sent == 5:
            assert len(server.book.running) == 1
            server.gate.set()
    assert server.book.visits[0].sent == 6


def test_no_answer_is_longer_than_was_asked_for(server: ChargingServer, client: OpenRouter) -> None:
    client.complete("hello", model="test/long", options=ChatOptions(max_tokens=45))
    (charged,) = server.book.charges.values()
    assert charged.completion_tokens == 40


def test_a_fallback_is_charged_at_its_own_price(server: ChargingServer, client: OpenRouter) -> None:
    assert client.complete("hello", model="test/fallback").model == "test/costly"
    assert server.book.total == _PROMPT * Decimal("0.00003") + 60 * Decimal("0.00015")


def test_records_can_be_late_missing_or_broken(server: ChargingServer, client: OpenRouter) -> None:
    generation = client.complete("hello", model="test/cut").generation_id
    address = f"{server.base_url}/generation?id={generation}"
    server.delay = 1000
    assert client.generation(generation) is None
    server.delay, server.lookups = 0, "never"
    assert client.generation(generation) is None
    server.lookups = "broken"
    with pytest.raises(HTTPError) as refused:
        urlopen(address)
    refused.value.close()
    assert refused.value.code == 500
    server.lookups = "told"
    assert client.generation(generation) is not None
    assert server.book.looked_up == [generation] * 4


def test_the_second_attempt_goes_another_way(server: ChargingServer) -> None:
    retry = RetryPolicy(max_retries=5, initial_delay=0)
    with OpenRouter(KEY, base_url=server.base_url, retry=retry) as client:
        for model in ("429-then-ok", "500-charged-then-ok", "cut-before-token-then-ok"):
            assert "piece 5" in client.complete("hello", model=f"test/{model}").text
    assert [v.attempt for v in server.book.visits] == [1, 2] * 3
    assert len(server.book.charges) == 5, "only the 429 is free"


def test_the_same_seed_is_the_same_mix(server: ChargingServer) -> None:
    retry = RetryPolicy(max_retries=5, initial_delay=0)

    def charged(seed: int) -> Decimal:
        with (
            ChargingServer(seed=seed) as own,
            OpenRouter(KEY, base_url=own.base_url, retry=retry) as client,
        ):
            for number in range(30):
                for _ in client.stream(f"question {number}", model="test/mix"):
                    pass
            return own.book.total

    assert charged(1) == charged(1) != charged(2)


def test_another_process_reads_the_ledger(server: ChargingServer, client: OpenRouter) -> None:
    client.complete("hello", model="test/ok")
    with urlopen(f"http://127.0.0.1:{server.port}/charges") as answer:
        told = json.load(answer)
    assert Decimal(told["total"]) == server.book.total
    assert [c["id"] for c in told["charges"]] == list(server.book.charges)
    assert client.key_info().usage_daily == server.book.total
