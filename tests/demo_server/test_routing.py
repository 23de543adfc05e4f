"""The demo server routes as it was asked to, and tells what it tried."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo_server.raw_client import Client

CHAT = "/api/v1/chat/completions"


def answered(client: Client, **body: Any) -> Any:
    asked = {"model": "demo/quick", "messages": client.messages, **body}
    return client.call("POST", CHAT, asked, {"X-OpenRouter-Metadata": "enabled"})


@pytest.mark.parametrize(
    ("provider", "served"),
    [
        ({}, "Demo"),
        ({"only": ["demo-spare"]}, "Demo Spare"),
        ({"only": ["Demo-Spare", "demo"]}, "Demo"),
        ({"ignore": ["demo"]}, "Demo Spare"),
        ({"order": ["demo-spare"]}, "Demo Spare"),
        ({"order": ["nobody"]}, "Demo"),
    ],
)
def test_the_preferences_of_a_request_choose_who_serves_it(client: Client, provider: Any, served: str) -> None:
    assert answered(client, provider=provider).json["provider"] == served


@pytest.mark.parametrize("provider", [{"only": ["nobody"]}, {"ignore": ["demo", "demo-spare"]}])
def test_preferences_that_nobody_fits_are_refused(client: Client, provider: Any) -> None:
    heard = answered(client, provider=provider)
    assert heard.status == 404
    assert "providers" in heard.json["error"]["message"]


@pytest.mark.parametrize("stream", [True, False])
def test_metadata_names_what_was_tried(client: Client, stream: bool) -> None:
    heard = answered(client, model="demo/error-404", models=["demo/quick"], stream=stream)
    found = heard.events[-1] if stream else heard.json
    told = found["openrouter_metadata"]
    assert [(a["model"].partition("-2")[0], a["status"]) for a in told["attempts"]] == [
        ("demo/error-404", 404),
        (told["endpoints"]["available"][0]["model"].partition("-2")[0], 200),
    ]


def test_nothing_is_told_unasked(client: Client) -> None:
    heard = client.call("POST", CHAT, {"model": "demo/quick", "messages": client.messages})
    assert "openrouter_metadata" not in heard.json


def test_who_keeps_nothing_is_listed_with_the_same_names_as_in_the_tables(client: Client) -> None:
    listed = {(e["model_id"], e["tag"]) for e in client.get("/endpoints/zdr").json["data"]}
    table = client.get("/models/meta-llama/llama-3.3-70b-instruct/endpoints").json["data"]["endpoints"]
    assert 0 < sum((e["model_id"], e["tag"]) in listed for e in table) <= len(table)
