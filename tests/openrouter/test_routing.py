"""The service's own tries: asked for, read from metadata and from errors, folded with those that we sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.openrouter.asking import ask, failed
from tests.openrouter.scripted import ScriptedServer, chunk, events, good, head, plain
from tui_router.domain.events import Event, Routed
from tui_router.domain.message import RouteAttempt
from tui_router.domain.stream import StreamState
from tui_router.openrouter.routing import failed_attempts

TRIED = [
    {"provider": "Azure", "model": "a/b", "status": 429},
    {"provider": "Deep", "model": "a/b", "status": 502},
    {"provider": "Acme", "model": "c/d", "status": 200},
]
FAILED = (
    RouteAttempt(model="a/b", provider="Azure", status=429),
    RouteAttempt(model="a/b", provider="Deep", status=502),
)


def folded(found: list[Event]) -> StreamState:
    state = StreamState()
    for event in found:
        state.apply(event)
    return state


@pytest.mark.parametrize(
    ("payload", "attempts"),
    [
        ({"openrouter_metadata": {"attempts": TRIED}}, FAILED),
        ({"openrouter_metadata": {"attempts": TRIED[2:]}}, ()),
        ({"openrouter_metadata": {"attempt": 1, "endpoints": {}}}, ()),
        ({"openrouter_metadata": {"attempts": "many"}}, ()),
        ({"openrouter_metadata": {"attempts": [7, None, {}]}}, ()),
        ({"error": {"metadata": {"previous_errors": [{"provider": "Azure", "code": 429, "message": "slow down"}]}}},
         (RouteAttempt(provider="Azure", status=429, reason="slow down"),)),
        ({"error": "plain"}, ()),
        ({}, ()),
    ],
)  # fmt: skip
def test_what_failed_is_read_and_what_succeeded_left_out(payload: Any, attempts: tuple[RouteAttempt, ...]) -> None:
    assert failed_attempts(payload) == attempts


def test_metadata_is_asked_for_and_its_failures_are_told_once() -> None:
    told = {"choices": [], "openrouter_metadata": {"attempts": TRIED}}
    stream = head() + events(chunk("Hi"), chunk(finish="stop"), told, told, "[DONE]")
    with ScriptedServer([stream]) as server:
        found = ask(server)
        assert server.requests[0].headers["x-openrouter-metadata"] == "enabled"
    assert [e for e in found if isinstance(e, Routed)] == [Routed(FAILED)]
    assert folded(found).attempts == FAILED


def test_an_answer_at_the_first_try_has_no_attempts() -> None:
    with ScriptedServer([good("Hi")]) as server:
        assert folded(ask(server)).attempts == ()


def test_our_own_retry_completes_what_the_service_told_of_it() -> None:
    before = [{"provider": "Azure", "status": 429}, {"provider": "Deep", "status": 502}]
    error = {"code": 502, "message": "Bad", "metadata": {"provider_name": "Deep", "previous_errors": before}}
    with ScriptedServer([plain(502, json.dumps({"error": error}))], [good("Hi")]) as server:
        first, second = folded(ask(server)).attempts
    assert first == RouteAttempt(provider="Azure", status=429)
    assert (second.provider, second.status, second.reason) == ("Deep", 502, "The provider failed")
    assert second.wait is not None


def test_each_retry_counts_even_when_the_service_tells_nothing() -> None:
    with ScriptedServer([plain(502, "{}")], [plain(503, "{}")], [good("Hi")]) as server:
        attempts = folded(ask(server)).attempts
    assert [(a.status, a.reason) for a in attempts] == [(502, "The provider failed"), (503, "The provider failed")]
    assert all(a.wait is not None for a in attempts)


def test_the_tries_before_a_failure_for_good_are_told_too() -> None:
    tried = {"attempts": [{"provider": "Azure", "status": 400}]}
    body = {"error": {"code": 400, "message": "No"}, "openrouter_metadata": tried}
    with ScriptedServer([plain(400, json.dumps(body))]) as server:
        found = ask(server)
    assert failed(found).problem.status == 400
    assert folded(found).attempts == (RouteAttempt(provider="Azure", status=400),)
