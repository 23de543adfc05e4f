"""The demo server validates requests more strictly than OpenRouter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.validation import validation_error

USER = {"role": "user", "content": "Hi"}
CALL = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "noon"}
PNG = "data:image/png;base64,AAAA"
PICTURE = {"type": "image_url", "image_url": {"url": PNG}}


def _user(*parts: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [USER]},
        {"messages": [USER, CALLED, RESULT]},
        {"messages": [USER, {"role": "assistant", "content": "begun"}]},
        {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be brief"}]}, USER]},
        {"messages": [USER], "reasoning": {"effort": "low"}, "provider": {"zdr": True}, "stop": ["x"], "max_tokens": 1},
        {"messages": [USER], "tools": [{"type": "openrouter:web_search", "parameters": {"engine": None}}]},
        {"messages": [USER, {"role": "assistant", "content": "a", "reasoning_details": [{"signature": None}]}, USER]},
        _user({"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": PNG}}),
        _user({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
        _user({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"}}),
    ],
)
def test_valid_requests_pass(body: object) -> None:
    assert validation_error(body) == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "JSON object"),
        ({}, "messages: Required"),
        ({"messages": []}, "at least 1"),
        ({"messages": [USER], "temperature": None}, "temperature: Expected a value, received null"),
        ({"messages": [{"role": "user", "content": None}]}, "null"),
        ({"messages": [USER], "provider": {"order": [None]}}, "null"),
        ({"messages": [USER], "shiny": 1}, "Unrecognized key 'shiny'"),
        ({"messages": [USER], "stream": "yes"}, "stream: Expected bool"),
        ({"messages": [USER], "max_tokens": True}, "max_tokens: Expected int"),
        ({"messages": [USER], "max_tokens": 0}, "max_tokens"),
        ({"messages": [USER], "temperature": 2.1}, "temperature"),
        ({"messages": [USER], "provider": {"speed": 1}}, "provider"),
        ({"messages": [USER], "reasoning": {"depth": 1}}, "reasoning"),
        ({"messages": [USER], "reasoning": {"effort": "huge"}}, "effort"),
        ({"messages": [USER], "reasoning_effort": "huge"}, "effort"),
        ({"messages": [USER], "reasoning": {"effort": "low", "max_tokens": 5}}, "Only one"),
        ({"messages": [USER], "stop": list("abcde")}, "stop"),
        ({"messages": [USER], "session_id": "x" * 257}, "session_id"),
        ({"messages": [USER], "metadata": {str(n): "v" for n in range(17)}}, "metadata"),
        ({"messages": [USER], "models": list("abcd")}, "models"),
        ({"messages": [USER], "models": [1]}, "models"),
        ({"messages": [USER], "tool_choice": "required"}, "tool_choice"),
        ({"messages": [USER], "tools": [{}]}, "tools[0]"),
        ({"messages": [USER], "tools": [{"type": "function", "function": {"name": "a b"}}]}, "name"),
        ({"messages": [USER], "tools": [{"type": "magic"}]}, "type"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "role"),
        ({"messages": ["x"]}, "role"),
        ({"messages": [{**USER, "id": 7}]}, "Unrecognized key 'id'"),
        ({"messages": [{"role": "user", "content": ""}]}, "content"),
        ({"messages": [{"role": "user", "content": []}]}, "content"),
        ({"messages": [{"role": "system", "content": "x"}]}, "user message"),
        ({"messages": [{"role": "system", "content": [PICTURE]}]}, "text only"),
        ({"messages": [USER, CALLED]}, "not answered"),
        ({"messages": [USER, CALLED, USER]}, "not answered"),
        ({"messages": [USER, RESULT]}, "tool_call_id"),
        ({"messages": [USER, {**CALLED, "content": "x", "tool_calls": []}]}, "tool_calls"),
        ({"messages": [USER, {**CALLED, "tool_calls": [{**CALL, "id": ""}]}]}, "id"),
        ({"messages": [USER, {**CALLED, "tool_calls": [{**CALL, "type": "x"}]}]}, "function"),
        ({"messages": [USER, {**CALLED, "tool_calls": [{**CALL, "function": {"name": "x"}}]}]}, "arguments"),
        (_user("x"), "object"),
        (_user({"type": "text", "text": ""}), "text"),
        (_user({"type": "smell"}), "smell"),
        (_user({"type": "image_url", "image_url": PNG}), "object"),
        (_user({"type": "image_url", "image_url": {}}), "url: Required"),
        (_user({"type": "image_url", "image_url": {"url": "/tmp/x.png"}}), "data URL"),
        (_user({"type": "input_audio", "input_audio": {"data": "data:x", "format": "wav"}}), "base64"),
    ],
)
def test_invalid_requests_are_explained(body: object, message: str) -> None:
    assert message in validation_error(body)


def test_an_invalid_request_returns_400(client: Client) -> None:
    response = client.chat(temperature=None)
    assert response.status == 400
    assert response.json["error"]["metadata"]["error_type"] == "invalid_request"


def test_chat_requires_a_valid_key(client: Client) -> None:
    client.key = ""
    assert client.chat().json["error"]["message"] == "Missing Authentication header"
    client.key = "sk-or-v1-bad"
    assert client.chat().status == 401
    client.key = "anything"
    assert client.chat().status == 200


@pytest.mark.parametrize("name", ["openrouter/openai/gpt-4o", "no/such", "openrouter/deepseek-v2-lite", "gpt-4o"])
def test_an_unknown_model_returns_400(client: Client, name: str) -> None:
    response = client.chat(name)
    assert response.status == 400
    assert response.json["error"]["message"] == f"{name} is not a valid model ID"


def test_a_missing_free_variant_returns_404_with_a_fallback(client: Client) -> None:
    error = client.chat("openai/gpt-4o:free").json["error"]
    assert error["code"] == 404
    assert error["availability"]["fallback_models"] == ["openai/gpt-4o"]


def test_an_image_for_a_text_model_returns_404(client: Client) -> None:
    picture = _user({"type": "image_url", "image_url": {"url": PNG}})["messages"]
    response = client.chat("deepseek/deepseek-r1", messages=picture)
    assert (response.status, response.json["error"]["message"]) == (404, "No endpoints found that support image input")
    assert "cannot see" in client.chat("demo/quick", messages=picture).joined()


def test_a_prompt_longer_than_the_context_returns_400(client: Client) -> None:
    response = client.chat("demo/small-window", messages=[{"role": "user", "content": "x" * 8004}], max_tokens=10)
    assert response.json["error"]["metadata"]["error_type"] == "context_length_exceeded"
    assert "maximum context length is 2000 tokens" in response.json["error"]["message"]


def test_mandatory_reasoning_cannot_be_disabled(client: Client) -> None:
    response = client.chat("openai/gpt-6.1-sol", reasoning={"effort": "none"})
    assert "Reasoning is mandatory" in response.json["error"]["message"]
