"""The client as a library, and cancelling it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.openrouter.scripted_client import KEY, ask, client_of, failed, text_of
from tests.openrouter.scripted_server import (
    Gate,
    Keep,
    ScriptedServer,
    chunk,
    chunked,
    events,
    good,
    head,
    plain,
)
from tests.values import a_message
from tui_router.domain.events import (
    Cancelled,
    Connecting,
    Event,
    Finished,
    FirstToken,
    Retrying,
    Started,
    TextDelta,
    UsageReport,
    Working,
)
from tui_router.domain.message import EndingKind
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.request import ChatRequest
from tui_router.domain.stream import StreamState
from tui_router.openrouter import OpenRouter
from tui_router.openrouter.cancel import Cancel


def test_a_good_answer_streams_from_connecting_to_finished() -> None:
    with ScriptedServer([good("Hel", "lo")]) as server:
        found = ask(server)
    kinds = [type(e) for e in found]
    assert kinds == [
        Connecting, Started, Working, Started, FirstToken, TextDelta, TextDelta, UsageReport, Finished,
    ]  # fmt: skip
    assert text_of(found) == "Hello"
    assert isinstance(found[-1], Finished)
    assert found[-1].seconds is not None
    assert found[-1].reason is EndingKind.COMPLETE


def test_the_request_names_the_app_and_carries_the_key_and_nothing_null() -> None:
    with ScriptedServer([good()]) as server:
        ask(server)
        (received,) = server.requests
    assert received.line == "POST /api/v1/chat/completions HTTP/1.1"
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["x-title"] == received.headers["x-openrouter-title"] == "tui-router"
    assert received.headers["http-referer"].startswith("https://")
    assert received.headers["x-openrouter-categories"] == "general-chat"
    assert received.headers["user-agent"].startswith("tui-router/")
    assert received.headers["accept-encoding"] == "identity"
    assert b"null" not in received.body
    assert received.json["stream"] is True


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({}, None),
        ({"X_OpenRouter_Cache_Status": "MISS"}, None),
        ({"X_OpenRouter_Cache_Status": "HIT", "X_OpenRouter_Cache_Age": "42"}, 42.0),
        ({"X_OpenRouter_Cache_Status": "hit", "X_OpenRouter_Cache_Age": "soon"}, 0.0),
    ],
)
def test_the_response_cache_is_requested_and_a_hit_reported(headers: dict[str, Any], age: float | None) -> None:
    with (
        ScriptedServer([head(**headers) + events(chunk("a"), "[DONE]")], [good()]) as server,
        client_of(server) as client,
    ):
        request = ChatRequest(model="a/b", messages=(a_message("q"),), may_be_cached=True)
        state = StreamState()
        for event in client.stream(request):
            state.apply(event)
        ask(server)
        asked = [r.headers.get("x-openrouter-cache") for r in server.requests]
    assert state.cache_age == age
    assert asked == ["true", None]


def test_the_generation_id_of_the_header_is_known_before_the_first_chunk() -> None:
    with ScriptedServer([head(X_Generation_Id="gen-77") + events(chunk("a", id="x"), "[DONE]")]) as server:
        found = ask(server)
    started = [e for e in found if isinstance(e, Started)]
    assert started[0] == Started("gen-77")
    assert started[-1] == Started("gen-77", "a/b-20260101", "Acme")


def test_an_answer_without_done_is_complete_with_a_finish_reason() -> None:
    with ScriptedServer([head() + events(chunk("All"), chunk(finish="stop"))]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_cancel_while_the_server_is_silent_is_cancelled() -> None:
    gate = Gate()
    with ScriptedServer([head() + events(chunk("Half")), gate]) as server, client_of(server) as client:
        cancel = Cancel()
        found: list[Event] = []
        for event in client.stream("Hi", cancel):
            found.append(event)
            if isinstance(event, TextDelta):
                gate.when_reached(cancel.cancel)
    assert text_of(found) == "Half"
    assert isinstance(found[-1], Cancelled)


def test_cancel_before_the_headers_came_is_cancelled() -> None:
    gate = Gate()
    with ScriptedServer([gate]) as server, client_of(server) as client:
        cancel = Cancel()
        gate.when_reached(cancel.cancel)
        assert isinstance(list(client.stream("Hi", cancel))[-1], Cancelled)


def test_cancel_on_a_connection_that_is_used_again_is_cancelled() -> None:
    gate = Gate()
    whole = chunked(events(chunk("One"), chunk(finish="stop"), "[DONE]"))
    with ScriptedServer([whole, Keep()], [gate]) as server, client_of(server) as client:
        assert text_of(list(client.stream("Hi"))) == "One"
        cancel = Cancel()
        gate.when_reached(cancel.cancel)
        assert isinstance(list(client.stream("Hi", cancel))[-1], Cancelled)
        assert [r.connection for r in server.requests] == [1, 1]


def test_cancel_ends_the_wait_before_a_retry() -> None:
    with ScriptedServer([plain(429, "{}", Retry_After="100")]) as server, client_of(server) as client:
        cancel = Cancel()
        found: list[Event] = []
        for event in client.stream("Hi", cancel):
            found.append(event)
            if isinstance(event, Retrying):
                cancel.cancel()
        assert len(server.requests) == 1
    assert isinstance(found[-1], Cancelled)


def test_a_stream_cancelled_before_it_began_sends_nothing() -> None:
    cancel = Cancel()
    cancel.cancel()
    with ScriptedServer([good()]) as server, client_of(server) as client:
        found = list(client.stream("Hi", cancel))
        assert server.requests == []
    assert [type(e) for e in found] == [Cancelled]


def test_a_stream_cancelled_as_it_connects_is_cancelled() -> None:
    with ScriptedServer([Gate()]) as server, client_of(server) as client:
        cancel = Cancel()
        found: list[Event] = []
        for event in client.stream("Hi", cancel):
            found.append(event)
            cancel.cancel()
    assert [type(e) for e in found] == [Connecting, Cancelled]


def test_a_silent_server_after_the_finish_ends_the_answer() -> None:
    with ScriptedServer([head() + events(chunk("All"), chunk(finish="stop")), Gate()]) as server:
        found = ask(server, grace=0.01)
    assert isinstance(found[-1], Finished)


@pytest.mark.parametrize("first", [chunk("All", finish="stop"), chunk(delta={"reasoning": "Hm"}, finish="stop")])
@pytest.mark.parametrize("between", [events(chunk("a ")), b": keep-alive\n\n"])
def test_text_long_after_the_finish_is_not_lost(first: dict[str, Any], between: bytes) -> None:
    gates = [Gate() for _ in range(4)]
    for gate in gates:
        gate.when_reached(lambda gate=gate: threading.Timer(0.2, gate.set).start())  # type: ignore[misc]
    script = [head() + events(first), *(step for gate in gates for step in (gate, between))]
    with ScriptedServer([*script, events(chunk("word"), chunk(finish="stop"), "[DONE]")]) as server:
        found = ask(server, grace=0.5)
    assert text_of(found).endswith("word")
    assert isinstance(found[-1], Finished)


def test_an_answer_cut_by_the_deadline_is_not_retried() -> None:
    with ScriptedServer([head() + events(chunk(finish="stop")), Gate()], [good()]) as server:
        found = ask(server, grace=0.05)
        assert len(server.requests) == 1
    assert "empty answer" in failed(found).problem.detail


def test_keep_alives_after_the_finish_extend_the_deadline_only_so_far() -> None:
    gates = [Gate() for _ in range(40)]
    for gate in gates:
        gate.when_reached(lambda gate=gate: threading.Timer(0.04, gate.set).start())  # type: ignore[misc]
    script = [step for gate in gates for step in (gate, b": keep-alive\n\n")]
    with ScriptedServer([head() + events(chunk("All", finish="stop")), *script, Gate()]) as server:
        found = ask(server, grace=0.1)
        assert not gates[-1].reached.is_set()
    assert isinstance(found[-1], Finished)


def test_a_server_that_keeps_the_stream_open_after_done_is_disconnected() -> None:
    with ScriptedServer([head() + events(chunk("All"), "[DONE]"), Gate()]) as server:
        found = ask(server, grace=0.01)
    assert isinstance(found[-1], Finished)


def test_a_rejected_signature_is_retried_once_without_reasoning() -> None:
    from tests.openrouter.payloads import after_thinking

    refusal = plain(400, '{"error":{"message":"Invalid signature in thinking block","code":400}}')
    with ScriptedServer([refusal], [good()]) as server, client_of(server) as client:
        found = list(client.stream(after_thinking("a/b")))
        first, second = server.requests
    assert "reasoning_details" in first.json["messages"][1]
    assert "reasoning_details" not in second.json["messages"][1]
    assert text_of(found) == "Hello"


def test_a_rejected_signature_without_reasoning_is_a_failure() -> None:
    with ScriptedServer([plain(400, '{"error":{"message":"Invalid signature"}}')]) as server:
        assert failed(ask(server)).problem.kind is ErrorKind.BAD_REQUEST


def test_closing_a_stream_early_closes_the_connection() -> None:
    gate = Gate()
    with ScriptedServer([head() + events(chunk("Half")), gate], [good()]) as server, client_of(server) as client:
        stream = client.stream("Hi")
        for event in stream:
            if isinstance(event, TextDelta):
                break
        assert isinstance(stream, Iterator)
        stream.close()  # type: ignore[attr-defined]
        assert text_of(list(client.stream("Hi"))) == "Hello"


def test_complete_returns_the_folded_answer() -> None:
    with ScriptedServer([good("Hel", "lo")]) as server, client_of(server) as client:
        state = client.complete("Hi", model="openrouter/openai/gpt-4o", system="Be brief")
        assert server.requests[0].json["model"] == "openai/gpt-4o"
        assert server.requests[0].json["messages"][0] == {"role": "system", "content": "Be brief"}
    assert state.text == "Hello"
    assert state.ending is not None
    assert state.ending.kind is EndingKind.COMPLETE
    assert state.usage is not None
    assert state.usage.completion_tokens == 3


def test_complete_raises_without_content() -> None:
    refusal = plain(401, '{"error":{"message":"User not found."}}')
    with ScriptedServer([refusal]) as server, client_of(server) as client, pytest.raises(AppError) as caught:
        client.complete("Hi")
    assert caught.value.problem.title == "The key was not accepted"


def test_complete_returns_an_interrupted_answer_with_its_ending() -> None:
    with ScriptedServer([head() + events(chunk("Half"))]) as server, client_of(server) as client:
        state = client.complete("Hi")
    assert state.text == "Half"
    assert state.ending is not None
    assert state.ending.kind is EndingKind.INTERRUPTED


def test_a_stream_without_a_key_fails() -> None:
    with OpenRouter() as client:
        assert failed(list(client.stream("Hi"))).problem.kind is ErrorKind.NO_KEY


def test_the_environment_sets_key_base_url_and_model() -> None:
    with ScriptedServer([good()]) as server:
        environ = {
            "OPENROUTER_API_KEY": f" {KEY}\n", "OPENROUTER_BASE_URL": server.url, "OPENROUTER_DEFAULT_MODEL": "x/y",
        }  # fmt: skip
        with OpenRouter.from_environment(environ) as client:
            assert client.complete("Hello").text == "Hello"
        assert server.requests[0].json["model"] == "x/y"
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_an_environment_without_a_key_raises() -> None:
    with pytest.raises(AppError) as caught:
        OpenRouter.from_environment({})
    assert caught.value.problem.kind is ErrorKind.NO_KEY


def test_importing_the_client_does_not_import_httpx() -> None:
    program = (
        "import sys; from tui_router.openrouter import OpenRouter, RetryPolicy, Timeouts, Cancel, AppIdentity\n"
        "OpenRouter('sk-or-v1-0123456789')\n"
        "assert 'httpx' not in sys.modules, 'httpx'; assert 'ssl' not in sys.modules, 'ssl'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import tui_router.openrouter

    with pytest.raises(AttributeError):
        _ = tui_router.openrouter.Nothing
