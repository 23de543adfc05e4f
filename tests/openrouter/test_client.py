"""The client against a server that misbehaves on purpose."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.openrouter.scripted import (
    USAGE,
    Gate,
    Keep,
    Reset,
    ScriptedServer,
    chunk,
    chunked,
    events,
    good,
    head,
    plain,
)
from tui_router.domain.events import (
    Cancelled,
    Connecting,
    Event,
    Failed,
    Finished,
    FirstToken,
    Retrying,
    Started,
    TextDelta,
    UsageReport,
    Working,
)
from tui_router.domain.message import EndingKind
from tui_router.domain.problem import Kind, Trouble
from tui_router.openrouter import OpenRouter, RetryPolicy, Timeouts
from tui_router.openrouter.cancel import Cancel

KEY = "sk-or-v1-0123456789abcdef"
QUICK = RetryPolicy(initial_delay=0.001)


def client_of(server: ScriptedServer, **options: Any) -> OpenRouter:
    """A client of the scripted server that does not wait between retries."""
    return OpenRouter(KEY, base_url=server.url, **{"retry": QUICK, "rng": lambda: 0.0, **options})


def ask(server: ScriptedServer, **options: Any) -> list[Event]:
    """All events of one question."""
    with client_of(server, **options) as client:
        return list(client.stream("Hi", model="a/b"))


def failed(found: list[Event]) -> Failed:
    """The failure at the end."""
    assert isinstance(found[-1], Failed)
    return found[-1]


def text_of(found: list[Event]) -> str:
    """The words."""
    return "".join(e.text for e in found if isinstance(e, TextDelta))


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


def test_the_generation_id_of_the_header_is_known_before_the_first_chunk() -> None:
    with ScriptedServer([head(X_Generation_Id="gen-77") + events(chunk("a", id="x"), "[DONE]")]) as server:
        found = ask(server)
    started = [e for e in found if isinstance(e, Started)]
    assert started[0] == Started("gen-77")
    assert started[-1] == Started("gen-77", "a/b-20260101", "Acme")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 524, 529])
def test_a_passing_failure_is_retried_and_then_succeeds(status: int) -> None:
    with ScriptedServer([plain(status, '{"error":{"message":"later"}}')], [good()]) as server:
        found = ask(server)
    (retrying,) = [e for e in found if isinstance(e, Retrying)]
    assert (retrying.attempt, retrying.of, retrying.problem.status) == (1, 5, status)
    assert [e.attempt for e in found if isinstance(e, Connecting)] == [1, 2]
    assert text_of(found) == "Hello"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422])
def test_a_lasting_failure_is_told_at_once(status: int) -> None:
    with ScriptedServer([plain(status, '{"error":{"message":"no"}}')]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert failed(found).problem.status == status


def test_retries_stop_after_the_policy_says_so() -> None:
    with ScriptedServer(*[[plain(503, "{}")]] * 4) as server:
        found = ask(server, retry=RetryPolicy(max_retries=2, initial_delay=0.001))
        assert len(server.requests) == 3
    assert failed(found).problem.kind is Kind.PROVIDER


def test_a_wait_of_an_hour_is_offered_and_not_taken() -> None:
    with ScriptedServer([plain(429, '{"error":{"message":"slow"}}', Retry_After="3600")]) as server:
        problem = failed(ask(server)).problem
    assert (problem.kind, problem.retry_after) == (Kind.RATE_LIMIT, 3600.0)


def test_retry_after_of_the_server_is_what_is_waited_for() -> None:
    with ScriptedServer([plain(429, "{}", Retry_After="0.01")], [good()]) as server:
        found = ask(server)
    assert [e.wait for e in found if isinstance(e, Retrying)] == [0.01]


def test_nothing_is_sent_again_after_the_first_word() -> None:
    with ScriptedServer([head() + events(chunk("Half"), {"error": {"code": 502, "message": "gone"}})]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert text_of(found) == "Half"
    assert failed(found).problem.kind is Kind.PROVIDER


def test_an_error_in_the_stream_before_any_word_is_retried() -> None:
    with ScriptedServer([head() + events({"error": {"code": 502, "message": "gone"}})], [good()]) as server:
        assert text_of(ask(server)) == "Hello"


def test_a_cut_connection_is_interrupted_never_finished() -> None:
    with ScriptedServer([head() + events(chunk("Half"))]) as server:
        found = ask(server)
    assert text_of(found) == "Half"
    assert failed(found).problem.kind is Kind.INTERRUPTED


def test_a_chunked_answer_without_its_end_is_interrupted() -> None:
    with ScriptedServer([chunked(events(chunk("Half")), is_complete=False)]) as server:
        assert failed(ask(server)).problem.kind is Kind.INTERRUPTED


def test_an_answer_without_done_is_complete_when_it_said_why_it_ended() -> None:
    with ScriptedServer([head() + events(chunk("All"), chunk(finish="stop"))]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_done_without_its_empty_line_counts() -> None:
    with ScriptedServer([head() + events(chunk("All")) + b"data: [DONE]"]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_a_connection_reset_before_any_answer_is_retried() -> None:
    with ScriptedServer([Reset()], [good()]) as server:
        found = ask(server)
    assert [e.problem.kind for e in found if isinstance(e, Retrying)] == [Kind.NETWORK]
    assert text_of(found) == "Hello"


def test_nobody_listening_is_no_network() -> None:
    with ScriptedServer() as server:
        url = server.url
    with OpenRouter(KEY, base_url=url, retry=RetryPolicy(max_retries=0)) as client:
        problem = failed(list(client.stream("Hi"))).problem
    assert (problem.kind, problem.title) == (Kind.NETWORK, "No network")
    assert "refused" in problem.detail


def test_a_page_of_the_network_edge_is_never_shown() -> None:
    page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
    with ScriptedServer([plain(502, page, "text/html", cf_ray="ray-1")]) as server:
        problem = failed(ask(server, retry=RetryPolicy(max_retries=0))).problem
    assert problem.title == "The provider failed"
    assert "<" not in problem.sentence()
    assert problem.request_id == "ray-1"


def test_a_compressed_page_is_understood_too() -> None:
    body = gzip.compress(b'{"error":{"message":"Out of order","code":500}}')
    with ScriptedServer([plain(500, body, Content_Encoding="gzip")]) as server:
        problem = failed(ask(server, retry=RetryPolicy(max_retries=0))).problem
    assert problem.detail == "Out of order"


def test_a_compressed_stream_is_read() -> None:
    body = gzip.compress(events(chunk("Hello"), chunk(finish="stop"), "[DONE]"))
    with ScriptedServer([plain(200, body, "text/event-stream", Content_Encoding="gzip")]) as server:
        assert text_of(ask(server)) == "Hello"


def test_broken_compression_is_unreadable() -> None:
    with ScriptedServer([plain(200, b"not gzip", "text/event-stream", Content_Encoding="gzip")]) as server:
        assert failed(ask(server, retry=RetryPolicy(max_retries=0))).problem.kind is Kind.UNREADABLE


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_named_and_never_followed(status: int) -> None:
    with ScriptedServer([good()]) as other:
        target = f"{other.url}/elsewhere"
        with ScriptedServer([plain(status, "", Location=target)]) as server:
            problem = failed(ask(server)).problem
        assert other.requests == []
    assert target in problem.detail
    assert problem.kind is Kind.SETTINGS


def test_silence_before_the_answer_is_a_timeout_and_is_retried_once() -> None:
    gates = [Gate(), Gate()]
    with ScriptedServer([gates[0]], [gates[1]], [good()]) as server:
        found = ask(server, timeouts=Timeouts(read=0.05))
        assert len(server.requests) == 2
    assert failed(found).problem.title == "No answer for 0.05 s"
    assert failed(found).problem.kind is Kind.TIMEOUT


def test_silence_in_the_middle_keeps_what_came() -> None:
    with ScriptedServer([head() + events(chunk("Half")), Gate()]) as server:
        found = ask(server, timeouts=Timeouts(read=0.05))
    assert text_of(found) == "Half"
    assert failed(found).problem.kind is Kind.TIMEOUT


def test_ok_with_an_error_in_it_is_an_error() -> None:
    body = json.dumps({"id": "gen-1", "error": {"message": "Upstream error from Nvidia", "code": 503}})
    with ScriptedServer([plain(200, body)]) as server:
        problem = failed(ask(server, retry=RetryPolicy(max_retries=0))).problem
    assert (problem.kind, problem.detail, problem.status) == (Kind.PROVIDER, "Upstream error from Nvidia", 503)


def test_a_whole_completion_instead_of_a_stream_is_an_answer() -> None:
    message = {"role": "assistant", "content": "Hello!", "reasoning": None}
    body = {"id": "gen-2", "choices": [{"finish_reason": "stop", "message": message}], "usage": USAGE}
    with ScriptedServer([plain(200, "\n  \n" + json.dumps(body))]) as server:
        found = ask(server)
    assert text_of(found) == "Hello!"
    assert isinstance(found[-1], Finished)


def test_json_under_the_name_of_a_stream_is_still_read() -> None:
    body = json.dumps({"error": {"message": "Out of credit", "code": 402}})
    with ScriptedServer([plain(200, body, "text/event-stream")]) as server:
        assert failed(ask(server)).problem.kind is Kind.NO_CREDIT


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
def test_a_body_of_white_space_is_a_dead_provider(kind: str) -> None:
    with ScriptedServer([plain(200, " \n \n ", kind)], [good()]) as server:
        found = ask(server)
    assert [e.problem.kind for e in found if isinstance(e, Retrying)] == [Kind.PROVIDER]
    assert text_of(found) == "Hello"


def test_a_web_page_with_status_200_cannot_be_read() -> None:
    with ScriptedServer(*[[plain(200, "<html>hello</html>", "text/html")]] * 2) as server:
        problem = failed(ask(server)).problem
        assert len(server.requests) == 2
    assert problem.title == "The answer could not be read"


def test_an_empty_answer_that_used_nothing_is_asked_once_more() -> None:
    empty = head() + events(chunk(finish="stop", usage={**USAGE, "completion_tokens": 0}), "[DONE]")
    with ScriptedServer([empty], [empty]) as server:
        found = ask(server)
        assert len(server.requests) == 2
    assert isinstance(found[-1], Finished)


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


def test_a_connection_lost_after_the_finish_is_still_finished() -> None:
    whole = chunked(events(chunk("All"), chunk(finish="stop")), is_complete=False)
    with ScriptedServer([whole]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_an_error_whose_body_breaks_off_is_known_by_its_status() -> None:
    with ScriptedServer([head(401, "application/json", Content_Length="50") + b'{"error"']) as server:
        assert failed(ask(server)).problem.kind is Kind.BAD_KEY


def test_an_error_that_never_ends_is_not_read_to_its_end() -> None:
    with ScriptedServer([head(401, "text/plain") + b"x" * 2_000_000]) as server:
        assert failed(ask(server)).problem.kind is Kind.BAD_KEY


def test_a_silent_server_after_the_finish_is_not_waited_for() -> None:
    with ScriptedServer([head() + events(chunk("All"), chunk(finish="stop")), Gate()]) as server:
        found = ask(server, grace=0.01)
    assert isinstance(found[-1], Finished)


def test_a_server_that_stays_after_done_is_not_waited_for() -> None:
    with ScriptedServer([head() + events(chunk("All"), "[DONE]"), Gate()]) as server:
        found = ask(server, grace=0.01)
    assert isinstance(found[-1], Finished)


def test_a_refused_signature_is_sent_again_once_without_the_thinking() -> None:
    from tests.openrouter.questions import after_thinking

    refusal = plain(400, '{"error":{"message":"Invalid signature in thinking block","code":400}}')
    with ScriptedServer([refusal], [good()]) as server, client_of(server) as client:
        found = list(client.stream(after_thinking("a/b")))
        first, second = server.requests
    assert "reasoning_details" in first.json["messages"][1]
    assert "reasoning_details" not in second.json["messages"][1]
    assert text_of(found) == "Hello"


def test_a_refused_signature_without_thinking_is_a_plain_failure() -> None:
    with ScriptedServer([plain(400, '{"error":{"message":"Invalid signature"}}')]) as server:
        assert failed(ask(server)).problem.kind is Kind.BAD_REQUEST


def test_leaving_a_stream_early_closes_the_connection() -> None:
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


def test_complete_raises_when_nothing_came() -> None:
    refusal = plain(401, '{"error":{"message":"User not found."}}')
    with ScriptedServer([refusal]) as server, client_of(server) as client, pytest.raises(Trouble) as caught:
        client.complete("Hi")
    assert caught.value.problem.title == "The key was not accepted"


def test_complete_returns_half_an_answer_with_its_ending() -> None:
    with ScriptedServer([head() + events(chunk("Half"))]) as server, client_of(server) as client:
        state = client.complete("Hi")
    assert state.text == "Half"
    assert state.ending is not None
    assert state.ending.kind is EndingKind.INTERRUPTED


def test_a_stream_without_a_key_says_so() -> None:
    with OpenRouter() as client:
        assert failed(list(client.stream("Hi"))).problem.kind is Kind.NO_KEY


def test_the_environment_names_key_address_and_model() -> None:
    with ScriptedServer([good()]) as server:
        environ = {
            "OPENROUTER_API_KEY": f" {KEY}\n", "OPENROUTER_BASE_URL": server.url, "OPENROUTER_DEFAULT_MODEL": "x/y",
        }  # fmt: skip
        with OpenRouter.from_environment(environ) as client:
            assert client.complete("Hello").text == "Hello"
        assert server.requests[0].json["model"] == "x/y"
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_an_environment_without_a_key_is_trouble() -> None:
    with pytest.raises(Trouble) as caught:
        OpenRouter.from_environment({})
    assert caught.value.problem.kind is Kind.NO_KEY


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
