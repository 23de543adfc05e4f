"""Responses of each route."""

from __future__ import annotations

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.server import DEMO_KEY, DemoServer

AUTHENTICATED = ("/models/user", "/key", "/auth/key", "/credits", "/generation?id=gen-1")


def test_the_catalog_is_public_and_complete_by_default(client: Client) -> None:
    client.key = ""
    body = client.get("/models").json
    assert len(body["data"]) == body["total_count"] == client.get("/models/count").json["data"]["count"]
    assert body["links"] == {"next": None}


def test_the_catalog_is_paginated_on_request(client: Client) -> None:
    rows, path = [], "/api/v1/models?limit=200"
    while path:
        body = client.call("GET", path).json
        rows += [row["id"] for row in body["data"]]
        path = body["links"]["next"]
    assert len(rows) == len(set(rows)) == client.get("/models").json["total_count"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "offset=-1"])
def test_an_invalid_page_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/models?{query}").status == 400


def test_the_catalog_is_filtered(client: Client) -> None:
    tools = client.get("/models?supported_parameters=tools,reasoning").json["data"]
    assert tools
    assert all({"tools", "reasoning"} <= set(row["supported_parameters"]) for row in tools)
    assert [row["id"] for row in client.get("/models?q=demo+hostile").json["data"]] == ["demo/hostile"]
    pictures = client.get("/models?output_modalities=image").json["data"]
    assert {"demo/image", "google/gemini-nano-banana-2.1", "openrouter/auto"} == {row["id"] for row in pictures}
    assert all(row["context_length"] >= 10**6 for row in client.get("/models?context=1000000").json["data"])


@pytest.mark.parametrize("path", AUTHENTICATED)
def test_authenticated_routes_require_a_key(client: Client, path: str) -> None:
    client.key = ""
    assert client.get(path).status == 401
    client.key = "sk-or-v1-bad"
    assert client.get(path).json["error"] == {"message": "User not found.", "code": 401}


def test_a_model_is_found_by_id_alias_suffix_and_dated_slug(client: Client) -> None:
    alias = "~anthropic/claude-sonnet-latest"
    for name in ("openai/gpt-4o", "openai/gpt-4o:nitro", alias, alias.replace("/", "%2F")):
        assert client.get(f"/model/{name}").status == 200, name
    assert client.get("/model/anthropic/claude-haiku-5.5-20261007").json["data"]["id"] == "anthropic/claude-haiku-5.5"
    assert client.get("/model/no/such").status == 404
    assert client.get("/models/no/such/endpoints").status == 404


def test_endpoint_speed_requires_a_key(client: Client) -> None:
    path = "/models/meta-llama/llama-3.3-70b-instruct/endpoints"
    assert client.get(path).json["data"]["endpoints"][0]["latency_last_30m"]["p50"] > 0
    client.key = ""
    assert client.get(path).json["data"]["endpoints"][0]["latency_last_30m"] is None


def test_providers_and_embedding_models_are_listed(client: Client) -> None:
    assert {"name", "slug", "privacy_policy_url"} <= set(client.get("/providers").json["data"][0])
    assert client.get("/embeddings/models").json["data"][0]["architecture"]["output_modalities"] == ["embeddings"]


def test_unknown_paths_and_methods_are_refused(client: Client) -> None:
    assert client.get("/nothing").status == 404
    assert client.call("POST", "/api/v1/models", {}).status == 405
    assert client.call("GET", "/api/v1/chat/completions").status == 405
    assert client.call("POST", "/api/v1/chat/completions", b"{not json").status == 400
    assert client.call("POST", "/api/v1/chat/completions", b"").status == 400


def test_a_chunked_request_body_is_read(client: Client) -> None:
    body = b"2\r\n{}\r\n0\r\n\r\n"
    response = client.call("POST", "/api/v1/chat/completions", body, {"Transfer-Encoding": "chunked"})
    assert "messages: Required" in response.json["error"]["message"]


def test_an_oversized_body_is_refused(client: Client) -> None:
    assert client.call("POST", "/api/v1/chat/completions", b"", {"Content-Length": "99999999999"}).status == 413


def test_large_responses_are_compressed_if_accepted(client: Client) -> None:
    response = client.get("/models", **{"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.json["total_count"] > 450


def test_a_generation_record_appears_on_the_second_read(client: Client) -> None:
    response = client.chat(session_id="c-1")
    wanted = f"/generation?id={response.headers['x-generation-id']}"
    assert client.get(wanted).status == 404
    record = client.get(wanted).json["data"]
    assert (record["session_id"], record["cancelled"]) == ("c-1", False)
    assert record["native_tokens_completion"] == response.usage["completion_tokens"]
    assert client.get("/generation?id=gen-unknown").status == 404


def test_requests_are_logged_with_the_key_masked(client: Client, demo_server: DemoServer) -> None:
    client.call("POST", "/api/v1/chat/completions", {"messages": []}, {"HTTP-Referer": "https://example.org"})
    request = demo_server.requests[-1]
    assert request.key is not None
    assert request.key.reveal() == DEMO_KEY
    assert request.headers["http-referer"] == "https://example.org"
    assert DEMO_KEY not in repr(request)
    shown = client.call("GET", "/debug/requests")
    assert shown.json["requests"][-1]["body"] == {"messages": []}
    assert DEMO_KEY.encode() not in shown.raw


def test_a_path_prefix_applies_a_scenario_to_any_route(client: Client) -> None:
    response = client.call("GET", "/scenario/error-502-html/api/v1/key")
    assert (response.status, response.headers["content-type"]) == (502, "text/html")
    assert client.call("GET", "/scenario/error-429-seconds/api/v1/models").headers["retry-after"] == "2"
    assert client.call("GET", "/scenario/no-such/api/v1/models").status == 200
