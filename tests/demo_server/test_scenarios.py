"""Each scenario does what its description says."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.models import DEMO_MODELS, SCENARIOS, find_scenario
from tui_router.demo_server.payloads import RelativeTime, TimeFormat
from tui_router.demo_server.script import Alter, CloseConnection, NeverRespond, ReturnError
from tui_router.demo_server.server import DemoServer

ERRORS = [s for s in SCENARIOS.values() if isinstance(s.effect, ReturnError)]
HANGING = {"error-hang", "error-hang-start"}
STREAMS = [s.name for s in SCENARIOS.values() if isinstance(s.effect, Alter) and s.name not in HANGING]
DISCONNECTED = {"error-cut", "error-cut-event", "error-cut-start", "error-reset"}


def test_scenarios_have_unique_names_and_one_sentence() -> None:
    assert all(row.description.endswith(".") and "\n" not in row.description for row in SCENARIOS.values())
    assert all(name == row.name for name, row in SCENARIOS.items())
    assert not set(SCENARIOS) & {model.slug for model in DEMO_MODELS}


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row.name)
def test_an_error_has_its_status(client: Client, row: object) -> None:
    assert isinstance(row, type(ERRORS[0]))
    assert isinstance(row.effect, ReturnError)
    response = client.chat(f"demo/{row.name}")
    assert response.status == row.effect.response.status
    assert response.headers["content-type"].startswith(row.effect.response.content_type)
    if row.effect.response.page is None and row.name != "error-200":
        assert response.json["error"]["code"] == response.status


@pytest.mark.parametrize("name", STREAMS)
def test_stream_scenarios_end(client: Client, name: str) -> None:
    response = client.chat("demo/opinion-b", scenario=name)
    assert response.status == 200
    assert response.broke == (name in DISCONNECTED)


@pytest.mark.parametrize("name", STREAMS)
def test_stream_scenarios_also_work_without_streaming(client: Client, name: str) -> None:
    response = client.chat("demo/thinking", scenario=name, stream=False)
    assert response.broke == (name in DISCONNECTED)
    if not response.broke:
        assert response.json["choices"][0]["message"]["role"] == "assistant"


def test_model_id_and_header_select_the_same_scenario(client: Client) -> None:
    assert client.chat("demo/error-503").status == client.chat("openai/gpt-4o", scenario="error-503").status == 503


@pytest.mark.parametrize("number", range(1, 8))
def test_the_seven_forms_of_a_mid_stream_error(client: Client, number: int) -> None:
    response = client.chat("demo/opinion-b", scenario=f"error-stream-{number}")
    last = response.events[-1]
    errors = [e["error"] for e in response.events if "error" in e]
    match number:
        case 1:
            assert errors[0]["code"] == 502
            assert last["choices"][0]["finish_reason"] == "error"
        case 2:
            assert last["choices"] == []
            assert errors[0]["metadata"]["error_type"] == "provider_unavailable"
        case 3:
            assert list(last) == ["error"]
        case 4:
            assert last["choices"][0]["error"]["code"] == 502
        case 5:
            assert last["choices"][0]["native_finish_reason"] == "MALFORMED_FUNCTION_CALL"
        case 6:
            assert response.joined() == ""
            assert last["choices"][0]["native_finish_reason"] == "network_error"
        case _:
            assert errors == ["upstream connect error"]
    assert (response.joined() != "") == (number != 6)


def test_flaky_models_answer_after_their_failures(client: Client) -> None:
    assert [client.chat("demo/error-flaky-429").status for _ in range(4)] == [429, 429, 200, 429]
    assert [client.chat(scenario="error-429=1").status for _ in range(3)] == [429, 200, 429]


def test_a_flaky_connection_closes_without_a_response(client: Client) -> None:
    for _ in range(2):
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            client.chat("demo/error-flaky-connection")
    assert client.chat("demo/error-flaky-connection").status == 200


@pytest.mark.parametrize("name", ["error-silent", "error-hang", "error-hang-start"])
def test_a_hanging_answer_ends_with_the_client(client: Client, name: str) -> None:
    client.timeout = 0.1
    with pytest.raises(TimeoutError):
        client.chat("demo/opinion-b", scenario=name)


def test_retry_delays_come_in_every_notation(client: Client) -> None:
    now = datetime.now(UTC)
    assert client.chat("demo/error-429-seconds").headers["retry-after"] == "2"
    assert client.chat("demo/error-429-ms").headers["retry-after-ms"] == "1500"
    dated = client.chat("demo/error-429-date").headers["retry-after"]
    assert parsedate_to_datetime(dated) >= now.replace(microsecond=0)
    assert client.chat("demo/error-429-body").json["error"]["metadata"]["headers"] == {"Retry-After": "2"}
    assert int(client.chat("demo/error-429-reset").headers["x-ratelimit-reset"]) > now.timestamp() * 1000
    assert client.chat("demo/error-429-capacity").json["error"]["availability"]["retry_after"] == 2


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (TimeFormat.SECONDS, "90"),
        (TimeFormat.MILLISECONDS, "90000"),
        (TimeFormat.HTTP_DATE, "Thu, 01 Jan 1970 00:01:30 GMT"),
        (TimeFormat.EPOCH_MS, "90000"),
        (TimeFormat.EPOCH_MS_MIDNIGHT, "86400000"),
        (TimeFormat.ISO_MIDNIGHT, "1970-01-02T00:00:00Z"),
    ],
)
def test_times_are_rendered_in_their_format(form: TimeFormat, text: str) -> None:
    assert RelativeTime(90, form).text(0) == text


def test_every_limit_source_is_covered(client: Client) -> None:
    sources = {
        s.effect.response.metadata.get("limit_source") for s in SCENARIOS.values() if isinstance(s.effect, ReturnError)
    } - {None}
    assert sources == {
        "openrouter_credits", "openrouter_key_limit", "openrouter_in_flight_budget", "openrouter_guardrail_budget",
        "openrouter_workspace_budget", "openrouter_free_tier_per_minute", "openrouter_free_tier_minute",
        "openrouter_free_tier_daily", "openrouter_new_account", "openrouter_admission_control",
        "upstream_provider_shared_pool",
    }  # fmt: skip


def test_framing_does_not_change_the_text(client: Client) -> None:
    plain = client.chat().joined()
    for name in ("crlf", "cr", "bom", "no-space", "batch", "gzip", "no-done", "no-comments", "bare-deltas", "debug"):
        assert client.chat(scenario=name).joined() == plain, name
    assert b"\r\n\r\n" in client.chat(scenario="crlf").raw
    assert client.chat(scenario="bom").raw.startswith(b"\xef\xbb\xbf")
    assert b"[DONE]" not in client.chat(scenario="no-done").raw
    assert "日本語" in client.chat(scenario="bytes").joined()


def test_usage_scenarios(client: Client) -> None:
    assert [e["choices"] for e in client.chat(scenario="usage-empty-choices").events if "usage" in e] == [[]]
    assert not [e for e in client.chat(scenario="usage-none").events if "usage" in e]
    assert client.chat(scenario="usage-byok").usage["is_byok"] is True
    cached = client.chat("openai/gpt-4o", scenario="usage-cached", messages=[{"role": "user", "content": "x" * 80}])
    assert cached.usage["prompt_tokens_details"]["cached_tokens"] == 10


def test_tool_call_scenarios(client: Client) -> None:
    def fragments(name: str) -> list[dict[str, object]]:
        deltas = [e["choices"][0]["delta"] for e in client.chat(scenario=name).events if e["choices"]]
        return [call for delta in deltas for call in delta.get("tool_calls", ())]

    assert {f["index"] for f in fragments("tool-parallel")} == {0, 1}
    assert len(fragments("tool-split")) > 2
    assert fragments("tool-no-id")[0]["id"] == ""
    assert "index" not in fragments("tool-no-index")[0]
    assert "arguments" not in str(fragments("tool-no-arguments")[0])


def test_a_stream_request_can_get_a_json_body(client: Client) -> None:
    response = client.chat(scenario="json-padded")
    assert response.headers["content-type"] == "application/json"
    assert response.raw[:1] == b"\n"
    assert response.json["choices"]


def test_a_huge_event_is_one_event(client: Client) -> None:
    assert max(len(line) for line in client.chat(scenario="error-huge").lines) > 2_000_000


def test_a_fallback_answers_for_a_failing_model(client: Client) -> None:
    response = client.chat("demo/error-503", models=["no/such", "openai/gpt-4o"])
    assert response.events[0]["model"].startswith("openai/gpt-4o")
    assert client.chat("demo/error-503", models=["no/such"]).status == 503


def test_the_answer_names_the_dated_slug_or_the_requested_id(client: Client) -> None:
    assert client.chat("anthropic/claude-haiku-5.5").events[0]["model"] == "anthropic/claude-haiku-5.5-20261007"
    echoed = client.chat("anthropic/claude-haiku-5.5", scenario="model-echo").events[0]["model"]
    assert echoed == "anthropic/claude-haiku-5.5"


def test_closing_ends_hanging_streams_immediately() -> None:
    demo_server = DemoServer(speed=0).start()
    body = json.dumps({"model": "demo/error-hang", "messages": [{"role": "user", "content": "x"}], "stream": True})
    headers = {"Authorization": "Bearer x"}
    connection = http.client.HTTPConnection("127.0.0.1", demo_server.port, timeout=5)
    connection.request("POST", "/api/v1/chat/completions", body=body, headers=headers)
    response = connection.getresponse()
    assert response.read1(1)
    demo_server.close()
    demo_server.close()
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    assert demo_server.errors == ()


def test_an_unknown_scenario_has_no_effect(client: Client) -> None:
    assert find_scenario("no-such") is None
    assert client.chat(scenario="no-such").status == 200
    assert isinstance(SCENARIOS["error-silent"].effect, NeverRespond)
    assert isinstance(SCENARIOS["error-connection"].effect, CloseConnection)
