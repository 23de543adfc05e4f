"""The client against a misbehaving server."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.openrouter.scripted_client import KEY, ask, failed, text_of
from tests.openrouter.scripted_server import (
    USAGE,
    Gate,
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
    Connecting,
    Finished,
    Retrying,
    Started,
    UsageReport,
)
from tui_router.domain.problem import ErrorKind
from tui_router.openrouter import OpenRouter, RetryPolicy, Timeouts


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 524, 529])
def test_a_temporary_failure_is_retried(status: int) -> None:
    with ScriptedServer([plain(status, '{"error":{"message":"later"}}')], [good()]) as server:
        found = ask(server)
    (retrying,) = [e for e in found if isinstance(e, Retrying)]
    assert (retrying.attempt, retrying.of, retrying.problem.status) == (1, 5, status)
    assert [e.attempt for e in found if isinstance(e, Connecting)] == [1, 2]
    assert text_of(found) == "Hello"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422])
def test_a_permanent_failure_is_not_retried(status: int) -> None:
    with ScriptedServer([plain(status, '{"error":{"message":"no"}}')]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert failed(found).problem.status == status


def test_retries_stop_at_the_policy_limit() -> None:
    with ScriptedServer(*[[plain(503, "{}")]] * 4) as server:
        found = ask(server, retry=RetryPolicy(max_retries=2, initial_delay=0.001))
        assert len(server.requests) == 3
    assert failed(found).problem.kind is ErrorKind.PROVIDER


def test_an_hour_of_delay_is_reported_instead_of_waited_for() -> None:
    with ScriptedServer([plain(429, '{"error":{"message":"slow"}}', Retry_After="3600")]) as server:
        problem = failed(ask(server)).problem
    assert (problem.kind, problem.retry_after) == (ErrorKind.RATE_LIMIT, 3600.0)


def test_the_retry_after_of_the_server_is_waited_for() -> None:
    with ScriptedServer([plain(429, "{}", Retry_After="0.01")], [good()]) as server:
        found = ask(server)
    assert [e.wait for e in found if isinstance(e, Retrying)] == [0.01]


def test_nothing_is_retried_after_the_first_token() -> None:
    with ScriptedServer([head() + events(chunk("Half"), {"error": {"code": 502, "message": "gone"}})]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert text_of(found) == "Half"
    assert failed(found).problem.kind is ErrorKind.PROVIDER


def test_a_mid_stream_error_before_any_token_is_retried() -> None:
    with ScriptedServer([head() + events({"error": {"code": 502, "message": "gone"}})], [good()]) as server:
        assert text_of(ask(server)) == "Hello"


def test_a_lost_connection_is_interrupted_never_finished() -> None:
    with ScriptedServer([head() + events(chunk("Half"))]) as server:
        found = ask(server)
    assert text_of(found) == "Half"
    assert failed(found).problem.kind is ErrorKind.INTERRUPTED


def test_a_chunked_answer_without_its_end_is_interrupted() -> None:
    with ScriptedServer([chunked(events(chunk("Half")), is_complete=False)]) as server:
        assert failed(ask(server)).problem.kind is ErrorKind.INTERRUPTED


def test_done_without_its_empty_line_counts() -> None:
    with ScriptedServer([head() + events(chunk("All")) + b"data: [DONE]"]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_a_connection_reset_before_any_answer_is_retried() -> None:
    with ScriptedServer([Reset()], [good()]) as server:
        found = ask(server)
    assert [e.problem.kind for e in found if isinstance(e, Retrying)] == [ErrorKind.NETWORK]
    assert text_of(found) == "Hello"


def test_a_refused_connection_is_no_network() -> None:
    with ScriptedServer() as server:
        url = server.url
    with OpenRouter(KEY, base_url=url, retry=RetryPolicy(max_retries=0)) as client:
        problem = failed(list(client.stream("Hi"))).problem
    assert (problem.kind, problem.title) == (ErrorKind.NETWORK, "No network")
    assert "refused" in problem.detail


def test_an_html_page_of_the_cdn_is_never_shown() -> None:
    page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
    with ScriptedServer([plain(502, page, "text/html", cf_ray="ray-1")]) as server:
        problem = failed(ask(server, retry=RetryPolicy(max_retries=0))).problem
    assert problem.title == "The provider failed"
    assert "<" not in problem.sentence()
    assert problem.request_id == "ray-1"


def test_a_compressed_html_page_is_recognised() -> None:
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
        assert failed(ask(server, retry=RetryPolicy(max_retries=0))).problem.kind is ErrorKind.UNREADABLE


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_reported_and_never_followed(status: int) -> None:
    with ScriptedServer([good()]) as other:
        target = f"{other.url}/elsewhere"
        with ScriptedServer([plain(status, "", Location=target)]) as server:
            problem = failed(ask(server)).problem
        assert other.requests == []
    assert target in problem.detail
    assert problem.kind is ErrorKind.SETTINGS


def test_silence_before_the_answer_is_a_timeout_and_is_retried_once() -> None:
    gates = [Gate(), Gate()]
    with ScriptedServer([gates[0]], [gates[1]], [good()]) as server:
        found = ask(server, timeouts=Timeouts(read=0.05))
        assert len(server.requests) == 2
    assert failed(found).problem.title == "No answer for 0.05 s"
    assert failed(found).problem.kind is ErrorKind.TIMEOUT


def test_a_timeout_mid_stream_keeps_the_text() -> None:
    with ScriptedServer([head() + events(chunk("Half")), Gate()]) as server:
        found = ask(server, timeouts=Timeouts(read=0.05))
    assert text_of(found) == "Half"
    assert failed(found).problem.kind is ErrorKind.TIMEOUT


def test_a_200_with_an_error_is_an_error() -> None:
    body = json.dumps({"id": "gen-1", "error": {"message": "Upstream error from Nvidia", "code": 503}})
    with ScriptedServer([plain(200, body)]) as server:
        problem = failed(ask(server, retry=RetryPolicy(max_retries=0))).problem
    assert (problem.kind, problem.detail, problem.status) == (ErrorKind.PROVIDER, "Upstream error from Nvidia", 503)


def test_a_whole_completion_instead_of_a_stream_is_an_answer() -> None:
    message = {"role": "assistant", "content": "Hello!", "reasoning": None}
    body = {"id": "gen-2", "choices": [{"finish_reason": "stop", "message": message}], "usage": USAGE}
    with ScriptedServer([plain(200, "\n  \n" + json.dumps(body))]) as server:
        found = ask(server)
    assert text_of(found) == "Hello!"
    assert isinstance(found[-1], Finished)


def test_json_with_a_stream_content_type_is_read() -> None:
    body = json.dumps({"error": {"message": "Out of credit", "code": 402}})
    with ScriptedServer([plain(200, body, "text/event-stream")]) as server:
        assert failed(ask(server)).problem.kind is ErrorKind.NO_CREDIT


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
def test_a_body_of_white_space_is_a_provider_failure(kind: str) -> None:
    with ScriptedServer([plain(200, " \n \n ", kind)], [good()]) as server:
        found = ask(server)
    assert [e.problem.kind for e in found if isinstance(e, Retrying)] == [ErrorKind.PROVIDER]
    assert text_of(found) == "Hello"


def test_a_web_page_with_status_200_is_unreadable() -> None:
    with ScriptedServer(*[[plain(200, "<html>hello</html>", "text/html")]] * 2) as server:
        problem = failed(ask(server)).problem
        assert len(server.requests) == 2
    assert problem.title == "The answer could not be read"


def test_an_empty_free_answer_is_retried_once() -> None:
    empty = head() + events(chunk(finish="stop", usage={**USAGE, "completion_tokens": 0, "cost": 0}), "[DONE]")
    with ScriptedServer([empty], [empty]) as server:
        problem = failed(ask(server)).problem
        assert len(server.requests) == 2
    assert (problem.kind, problem.request_id) == (ErrorKind.PROVIDER, "gen-1")
    assert "The provider sent an empty answer" in problem.detail


@pytest.mark.parametrize("payloads", [[chunk(finish="stop")], ["[DONE]"], [chunk(finish="whatever"), "[DONE]"]])
def test_an_empty_answer_is_never_a_success(payloads: list[Any]) -> None:
    empty = head() + events(*payloads)
    with ScriptedServer([empty], [empty]) as server:
        assert failed(ask(server)).problem.kind is ErrorKind.PROVIDER
        assert len(server.requests) == 2


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls"])
def test_an_empty_answer_with_a_reason_keeps_its_ending(finish: str) -> None:
    with ScriptedServer([head() + events(chunk(finish=finish, usage=USAGE), "[DONE]")]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_an_empty_charged_answer_is_not_retried() -> None:
    empty = head() + events(chunk(finish="stop", usage={**USAGE, "completion_tokens": 0}), "[DONE]")
    with ScriptedServer([empty], [good()]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert failed(found).problem.kind is ErrorKind.PROVIDER
    assert [e.usage.cost for e in found if isinstance(e, UsageReport)] == [Decimal("0.000058")]


@pytest.mark.parametrize("usage", [{"cost": 0.25}, {"completion_tokens": 7}, {"cost": 0, "is_byok": True,
                         "cost_details": {"upstream_inference_cost": 0.1}}])  # fmt: skip
def test_a_charged_mid_stream_failure_is_not_retried(usage: dict[str, Any]) -> None:
    broken = head() + events({"id": "gen-1", "error": {"code": 502, "message": "gone"}, "usage": usage})
    with ScriptedServer([broken], [good()]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert failed(found).problem.kind is ErrorKind.PROVIDER
    assert any(isinstance(e, UsageReport) for e in found)


def test_a_free_mid_stream_failure_is_retried() -> None:
    free = {"cost": 0, "completion_tokens": 7}
    broken = head() + events({"id": "gen-1", "error": {"code": 502, "message": "gone"}, "usage": free})
    with ScriptedServer([broken], [good()]) as server:
        assert text_of(ask(server)) == "Hello"


@pytest.mark.parametrize("body", [
    {"error": {"message": "no"}, "usage": {"cost": 0.25}},
    {"error": {"message": "no", "usage": {"cost": 0.25}}},
    {"error": {"message": "no", "metadata": {"cost": "0.25"}}},
])  # fmt: skip
def test_an_error_that_reports_a_cost_is_not_retried(body: dict[str, Any]) -> None:
    with ScriptedServer([plain(500, json.dumps(body), X_Generation_Id="gen-7")], [good()]) as server:
        found = ask(server)
        assert len(server.requests) == 1
    assert failed(found).problem.status == 500
    assert [e.usage.cost for e in found if isinstance(e, UsageReport)] == [Decimal("0.25")]
    assert [e.generation_id for e in found if isinstance(e, Started)] == ["gen-7"]


def test_a_connection_lost_after_the_finish_is_still_finished() -> None:
    whole = chunked(events(chunk("All"), chunk(finish="stop")), is_complete=False)
    with ScriptedServer([whole]) as server:
        assert isinstance(ask(server)[-1], Finished)


def test_an_error_with_a_truncated_body_is_classified_by_status() -> None:
    with ScriptedServer([head(401, "application/json", Content_Length="50") + b'{"error"']) as server:
        assert failed(ask(server)).problem.kind is ErrorKind.BAD_KEY


def test_an_endless_error_body_is_read_in_part() -> None:
    with ScriptedServer([head(401, "text/plain") + b"x" * 2_000_000]) as server:
        assert failed(ask(server)).problem.kind is ErrorKind.BAD_KEY
