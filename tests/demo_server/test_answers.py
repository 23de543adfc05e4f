"""Content and streaming of the demo server's answers."""

from __future__ import annotations

import base64
import http.client
import json
import struct
import zlib
from typing import Any

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.samples import sample_json
from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.demo_server.tour import DISCLAIMER, topic_for, topics

CLOCK = {"name": "get_time", "parameters": {"type": "object", "properties": {"zone": {"enum": ["UTC"]}}}}


def _ask(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def test_a_stream_matches_a_captured_one(client: Client) -> None:
    chat = client.chat()
    assert chat.headers["content-type"] == "text/event-stream"
    assert chat.lines[:2] == [": OPENROUTER PROCESSING", ""]
    assert chat.lines[-3] == "data: [DONE]"
    *text_chunks, finish_chunk, usage_chunk = chat.events
    assert all({"role", "content"} <= set(e["choices"][0]["delta"]) for e in text_chunks)
    assert len({e["id"] for e in chat.events} | {chat.headers["x-generation-id"]}) == 1
    assert finish_chunk["choices"] == usage_chunk["choices"]
    assert finish_chunk["choices"][0]["finish_reason"] == "stop"
    assert "usage" in usage_chunk


def test_reasoning_is_sent_twice(client: Client) -> None:
    deltas = [e["choices"][0]["delta"] for e in client.chat("demo/thinking").events]
    reasoning = [d for d in deltas if "reasoning" in d]
    assert reasoning
    assert all(d["reasoning"] == d["reasoning_details"][0]["text"] for d in reasoning)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Which keys should I know?", "keys"),
        ("How do I compare two models side by side?", "compare"),
        ("What does it cost?", "cost"),
        ("How can I attach a picture?", "attach"),
        ("Is my data private?", "privacy"),
        ("How to export to HTML?", "export"),
        ("hello", "start"),
        ("Why is the sky blue?", ""),
    ],
)
def test_a_question_finds_its_topic(question: str, topic: str) -> None:
    found = topic_for(question)
    assert (found.name if found else "") == topic


@pytest.mark.parametrize("model", ["demo/opinion-a", "demo/opinion-b", "demo/opinion-c"])
@pytest.mark.parametrize("question", ["Why is the sky blue?", *(f"Tell me about {t.name}" for t in topics())])
def test_every_answer_has_the_disclaimer(client: Client, model: str, question: str) -> None:
    assert DISCLAIMER.lower() in client.ask(question, model).lower()


def test_the_opinion_models_give_different_answers(client: Client) -> None:
    answers = {client.ask("How do I compare?", f"demo/opinion-{letter}") for letter in "abc"}
    assert len(answers) == 3


def test_real_model_ids_answer_with_the_disclaimer(client: Client) -> None:
    assert DISCLAIMER.lower() in client.ask("Why?", "anthropic/claude-sonnet-5.5").lower()
    assert DISCLAIMER.lower() in client.ask("Why?", "openrouter/auto").lower()
    assert client.chat("~openai/gpt-luna-latest").events[0]["model"].startswith("openai/gpt-6-luna")


def test_echo_repeats_every_character(client: Client) -> None:
    text = "  a\u202eb 😀\n\n\tc\x1b[31m 日本語の長い文章 \ud800 "
    assert client.ask(text, "demo/echo") == text


def test_the_long_model_writes_fifty_thousand_tokens(client: Client) -> None:
    chat = client.chat("demo/long", max_tokens=60_000)
    assert chat.usage["completion_tokens"] == 50_000
    assert chat.joined().endswith("The end.")


def test_an_answer_truncated_at_the_limit_can_be_continued(client: Client) -> None:
    whole = client.ask("Tell me about keys", "demo/opinion-b")
    cut = client.chat("demo/opinion-b", messages=_ask("Tell me about keys"), max_tokens=20)
    assert cut.events[-1]["choices"][0]["finish_reason"] == "length"
    assert cut.usage["completion_tokens"] == 20
    partial = [*_ask("Tell me about keys"), {"role": "assistant", "content": cut.joined()}]
    stem = cut.joined().rstrip()
    assert stem + client.chat("demo/opinion-b", messages=partial).joined() == whole
    messages = [*partial, {"role": "user", "content": "Continue exactly where you stopped."}]
    assert stem + client.chat("demo/opinion-b", messages=messages).joined() == whole
    other = [*_ask("Tell me"), {"role": "assistant", "content": "Once upon a time"}]
    assert "from where it was cut" in client.chat(messages=other).joined()


def test_stop_sequences(client: Client) -> None:
    assert client.ask("one two three", "demo/echo", stop="two") == "one "
    assert client.ask("one two three", "demo/echo", stop=["three", "e"]) == "on"


def test_reasoning_follows_the_effort(client: Client) -> None:
    def reasoning_length(**reasoning: object) -> int:
        return len(client.chat("demo/thinking", reasoning=reasoning).joined("reasoning"))

    assert reasoning_length(effort="none") == 0
    assert 0 < reasoning_length(effort="low") < reasoning_length(effort="high")
    assert client.chat("anthropic/claude-haiku-5.5").joined("reasoning") == ""
    assert reasoning_length(enabled=True) > 0


def test_tools_are_called_and_their_results_used(client: Client) -> None:
    tools = [{"type": "function", "function": CLOCK}]
    chat = client.chat("demo/tools", tools=tools)
    calls = [c for e in chat.events for c in e["choices"][0]["delta"].get("tool_calls", ())]
    arguments = "".join(c["function"]["arguments"] for c in calls)
    assert json.loads(arguments) == {"zone": "UTC"}
    assert chat.events[-1]["choices"][0]["finish_reason"] == "tool_calls"
    call = {"id": calls[0]["id"], "type": "function", "function": {"name": "get_time", "arguments": arguments}}
    messages = [*client.messages, {"role": "assistant", "content": None, "tool_calls": [call]}]
    result = {"role": "tool", "tool_call_id": call["id"], "content": "It is noon"}
    assert "It is noon" in client.chat("demo/tools", messages=[*messages, result], tools=tools).joined()
    assert "offered none" in client.chat("demo/tools").joined()
    assert client.chat(tools=tools, tool_choice="required").events[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_an_image_is_a_real_png(client: Client) -> None:
    deltas = [e["choices"][0]["delta"] for e in client.chat("demo/image").events]
    url = next(d["images"] for d in deltas if "images" in d)[0]["image_url"]["url"]
    data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    assert len(zlib.decompress(data[41 : 41 + length])) == height * (1 + 3 * width)


def test_citations_point_into_the_text(client: Client) -> None:
    chat = client.chat("demo/citations")
    found = [a["url_citation"] for e in chat.events for a in e["choices"][0]["delta"].get("annotations", ())]
    text = chat.joined()
    assert found
    assert all(text[c["start_index"] : c["end_index"]] == f"[example.org]({c['url']})" for c in found)
    searched = client.chat(tools=[{"type": "openrouter:web_search"}])
    assert searched.usage["server_tool_use_details"]["web_search_requests"] == 1


def test_structured_answers_fit_their_schema(client: Client) -> None:
    schema = {"type": "object", "properties": {"score": {"type": "integer", "minimum": 3}}, "required": ["score"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "s", "schema": schema}}
    assert json.loads(client.chat(response_format=wanted).joined()) == {"score": 3}
    assert json.loads(client.chat(response_format={"type": "json_object"}).joined())["answer"] == "demo"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"anyOf": [{"type": "null"}]}, None),
        ({"const": 7}, 7),
        ({"type": ["null", "number"]}, 1),
        ({"type": "string", "format": "date"}, "2026-11-22"),
        ("no schema", "demo"),
    ],
)
def test_a_sample_fits_its_schema(schema: object, value: object) -> None:
    assert sample_json(schema) == value


def test_titles_and_summaries(client: Client) -> None:
    rules = {"role": "system", "content": "Give a title of at most five words."}
    title = client.chat(messages=[rules, *_ask("Please tell me all about the history of bread")]).joined()
    assert title == "Please tell me all about"
    assert "The user asked: one" in client.chat(messages=[*_ask("one"), *_ask("Summarise this")]).joined()


def test_files_are_named(client: Client) -> None:
    part = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"}}
    assert "a.pdf" in client.chat(messages=[{"role": "user", "content": [part]}]).joined()


def test_showcase_pages_have_their_elements(client: Client) -> None:
    assert client.ask("x", "demo/code").count("```") >= 10
    assert "|:--|" in client.ask("x", "demo/table")
    assert "\x1b]52;" in client.ask("x", "demo/hostile")
    assert "$$" in client.ask("x", "demo/markdown")


def test_a_stream_at_realistic_speed_is_complete() -> None:
    with DemoServer(speed=1) as demo_server:
        client = Client(demo_server)
        fast = client.chat("demo/echo", messages=_ask("one two three"))
        assert fast.joined() == "one two three"
        assert client.get(f"/generation?id={fast.headers['x-generation-id']}").status == 404
    assert demo_server.errors == ()


def test_closing_ends_a_slow_answer_and_bills_what_was_sent() -> None:
    demo_server = DemoServer(speed=0.01).start()
    connection = http.client.HTTPConnection("127.0.0.1", demo_server.port, timeout=5)
    body = json.dumps({"model": "demo/slow", "messages": _ask("keys"), "stream": True})
    connection.request("POST", "/api/v1/chat/completions", body=body, headers={"Authorization": "Bearer x"})
    response = connection.getresponse()
    assert response.read1(1) == b":"
    demo_server.close()
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    record = demo_server.account.generation(str(response.getheader("X-Generation-Id")), now=float("inf"))
    assert record is not None
    assert record["cancelled"] is True
    assert demo_server.errors == ()


def test_the_demo_key_has_the_format_of_a_real_key(client: Client) -> None:
    assert len(DEMO_KEY) == len("sk-or-v1-") + 64
    assert client.get("/key").json["data"]["label"] == "sk-or-v1-de3...e30"
