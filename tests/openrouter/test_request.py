"""The request body: what is sent, and what is omitted."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.openrouter.payloads import after_thinking, said
from tui_router.domain.message import (
    Citation,
    Ending,
    EndingKind,
    File,
    Image,
    Message,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.request import ChatRequest
from tui_router.openrouter.request import encode, has_reasoning_details, to_body

QUESTION = said(Role.USER, Text("Hi"))


def body(options: ChatOptions | None = None, about: Model | None = None, model: str = "a/b", **more: Any) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    """The body of a question."""
    request = ChatRequest(model=model, messages=(QUESTION,), options=options or ChatOptions(), about=about, **more)
    return to_body(request)


def messages(*thread: Message, model: str = "a/b") -> list[dict[str, Any]]:
    """The messages of a thread as they are sent."""
    found: list[dict[str, Any]] = to_body(ChatRequest(model=model, messages=thread))["messages"]
    return found


def model_with(*parameters: str, **more: Any) -> Model:
    """A model that supports these fields."""
    return Model(id="a/b", name="B", parameters=frozenset(parameters), **more)


def test_a_plain_question_has_a_minimal_body() -> None:
    assert body() == {
        "model": "a/b",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "plugins": [{"id": "context-compression", "enabled": False}],
    }


def test_the_openrouter_prefix_of_ids_is_removed() -> None:
    assert body(model="openrouter/openai/gpt-4o")["model"] == "openai/gpt-4o"
    assert body(model="openrouter/auto")["model"] == "openrouter/auto"
    assert body(ChatOptions(fallback_models=("openrouter/c/d", "e/f", "g/h", "i/j")))["models"] == ["c/d", "e/f", "g/h"]


def test_options_are_sent_under_their_api_names() -> None:
    options = ChatOptions(
        temperature=0.5, stop=("END",), max_tokens=100, provider_order=("acme",), zero_retention=True,
        max_prompt_price=Decimal("1.50"), preset="mine", service_tier="flex",
    )  # fmt: skip
    found = body(options, session_id="c-1")
    assert found["temperature"] == 0.5
    assert found["stop"] == ["END"]
    assert found["max_tokens"] == 100
    assert found["provider"] == {"order": ["acme"], "zdr": True, "max_price": {"prompt": "1.50"}}
    assert (found["preset"], found["service_tier"], found["session_id"]) == ("mine", "flex", "c-1")


def test_unsupported_options_are_omitted() -> None:
    options = ChatOptions(temperature=0.5, top_k=3, reasoning_effort="high", provider_sort="price")
    found = body(options, model_with("temperature"))
    assert "top_k" not in found
    assert "reasoning" not in found
    assert found["provider"] == {"sort": "price"}
    assert found["temperature"] == 0.5


def test_the_body_is_deterministic() -> None:
    options = ChatOptions(temperature=0.5, seed=1, reasoning_effort="low", web_search=True)
    assert encode(body(options)) == encode(body(options))
    assert list(body(options))[:3] == ["model", "messages", "stream"]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (("max_tokens", "max_completion_tokens"), "max_tokens"),
        (("max_completion_tokens",), "max_completion_tokens"),
        ((), "max_tokens"),
        (("seed",), "max_tokens"),
    ],
)
def test_the_output_limit_has_the_name_that_the_model_supports(parameters: tuple[str, ...], name: str) -> None:
    found = body(ChatOptions(max_tokens=50), model_with(*parameters))
    assert found[name] == 50


def test_the_output_limit_fits_the_model_and_its_remaining_window() -> None:
    assert body(ChatOptions(max_tokens=9999), model_with(max_output=400))["max_tokens"] == 400
    long = said(Role.USER, Text("four " * 1000), File("a.txt", text="four " * 100), Image("image/png", "AAAA"))
    request = ChatRequest(
        model="a/b", messages=(long,), options=ChatOptions(max_tokens=8000), about=model_with(context=8000)
    )
    assert 5000 < to_body(request)["max_tokens"] < 6000
    full = replace(request, about=model_with(context=2000))
    assert to_body(full)["max_tokens"] == 8000


@pytest.mark.parametrize(
    ("ability", "options", "expected"),
    [
        (ReasoningAbility(efforts=("high", "low")), ChatOptions(reasoning_effort="high"), {"effort": "high"}),
        (ReasoningAbility(efforts=("high", "low")), ChatOptions(reasoning_effort="max"), {"effort": "high"}),
        (ReasoningAbility(efforts=("high", "low")), ChatOptions(reasoning_effort="minimal"), {"effort": "low"}),
        (ReasoningAbility(efforts=("high",)), ChatOptions(reasoning_effort="none"), {"effort": "none"}),
        (ReasoningAbility(efforts=("high",), mandatory=True), ChatOptions(reasoning_effort="none"), None),
        (ReasoningAbility(), ChatOptions(reasoning_effort="high"), {"enabled": True}),
        (ReasoningAbility(mandatory=True), ChatOptions(reasoning_effort="high"), None),
        (ReasoningAbility(takes_budget=True), ChatOptions(reasoning_tokens=500), {"max_tokens": 500}),
        (ReasoningAbility(efforts=("low",)),
         ChatOptions(reasoning_tokens=5, reasoning_effort="low"), {"effort": "low"}),
        (ReasoningAbility(takes_budget=True, efforts=("low",)),
         ChatOptions(reasoning_tokens=5, reasoning_effort="low"), {"max_tokens": 5}),
        (ReasoningAbility(), ChatOptions(hide_reasoning=True), {"exclude": True}),
        (None, ChatOptions(reasoning_effort="high"), {"effort": "high"}),
    ],
)  # fmt: skip
def test_reasoning_is_requested_as_the_model_supports_it(
    ability: ReasoningAbility | None, options: ChatOptions, expected: dict[str, Any] | None
) -> None:
    assert body(options, model_with("reasoning", reasoning=ability)).get("reasoning") == expected


@pytest.mark.parametrize(("budget", "limit", "sent"), [(100, 4000, 1024), (9000, 4000, 3999), (100, 500, None)])
def test_claude_gets_a_valid_reasoning_budget(budget: int, limit: int, sent: int | None) -> None:
    found = body(ChatOptions(reasoning_tokens=budget, max_tokens=limit), model="anthropic/claude-x")
    assert found.get("reasoning", {}).get("max_tokens") == sent


def test_claude_uses_prompt_caching_and_web_search() -> None:
    found = body(ChatOptions(web_search=True), model="anthropic/claude-x")
    assert found["cache_control"] == {"type": "ephemeral"}
    assert found["tools"][0]["type"] == "openrouter:web_search"
    assert "cache_control" not in body()


def test_extra_json_overrides_and_null_removes() -> None:
    options = ChatOptions(temperature=1, provider_sort="price", extra='{"temperature":2,"provider":{"zdr":true},"plugins":null,"x":[1]}')  # fmt: skip  # noqa: E501
    found = body(options)
    assert found["temperature"] == 2
    assert found["provider"] == {"sort": "price", "zdr": True}
    assert "plugins" not in found
    assert found["x"] == [1]
    assert body(ChatOptions(extra=" ")) == body()


@pytest.mark.parametrize("extra", ["{", "[1]", "7"])
def test_extra_json_must_be_an_object(extra: str) -> None:
    with pytest.raises(AppError) as caught:
        body(ChatOptions(extra=extra))
    assert caught.value.problem.kind is ErrorKind.SETTINGS


def test_files_and_images_follow_the_text() -> None:
    parts = said(
        Role.USER,
        Image("image/png", "AAAA"),
        Image("image/*", url="https://e.org/a.png"),
        File("a.py", text="x = '```'"),
        File("a.pdf", "application/pdf", data="BBBB"),
        File("a.mp3", "audio/mpeg", data="CCCC"),
        File("a.webm", "video/webm", data="DDDD"),
        File("a.gif", "image/gif", data="EEEE"),
        Citation("https://e.org"),
        Text("Look"),
    )
    found = to_body(ChatRequest(model="a/b", messages=(parts,)))
    content = found["messages"][0]["content"]
    assert [c["type"] for c in content] == [
        "text", "text", "image_url", "image_url", "file", "input_audio", "video_url", "image_url",
    ]  # fmt: skip
    assert content[0]["text"] == "a.py\n````\nx = '```'\n````"
    assert content[2]["image_url"]["url"] == "data:image/png;base64,AAAA"
    assert content[3]["image_url"]["url"] == "https://e.org/a.png"
    assert content[4]["file"] == {"filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB"}
    assert content[5]["input_audio"] == {"data": "CCCC", "format": "mp3"}
    assert found["plugins"][1] == {"id": "file-parser", "pdf": {"engine": "cloudflare-ai"}}


def test_a_model_with_file_input_reads_pdfs_natively() -> None:
    pdf = said(Role.USER, File("a.pdf", "application/pdf", data="BBBB"))
    about = model_with(inputs=frozenset({"text", "file"}))
    found = to_body(ChatRequest(model="a/b", messages=(pdf,), about=about))
    assert found["plugins"][1]["pdf"] == {"engine": "native"}


def test_empty_answers_are_omitted_and_text_of_failed_ones_is_sent() -> None:
    failed = Ending(EndingKind.FAILED)
    found = messages(
        QUESTION,
        said(Role.ASSISTANT, Reasoning("Hm"), ending=failed),
        QUESTION,
        said(Role.ASSISTANT, Text("Half"), ending=failed),
        QUESTION,
    )
    assert [m["role"] for m in found] == ["user", "user", "assistant", "user"]
    assert found[2] == {"role": "assistant", "content": "Half"}


def test_the_system_prompt_comes_first() -> None:
    request = ChatRequest(model="a/b", messages=(said(Role.SYSTEM, Text("Two")), QUESTION), system="One")
    assert [m["content"] for m in to_body(request)["messages"]] == ["One", "Two", "Hi"]


def test_reasoning_is_replayed_to_the_same_model_only() -> None:
    assert has_reasoning_details(to_body(after_thinking("a/b")))
    assert not has_reasoning_details(to_body(replace(after_thinking("a/b"), model="c/d")))
    assert not has_reasoning_details(to_body(after_thinking("a/b"), with_reasoning_details=False))


@pytest.mark.parametrize(
    ("detail", "is_sent"),
    [
        ('{"type":"reasoning.text","text":"x","signature":null}', False),
        ('{"type":"reasoning.text","text":"x","signature":"s"}', True),
        ("{broken", False),
        ("[]", False),
    ],
)
def test_claude_gets_signed_reasoning_only(detail: str, is_sent: bool) -> None:
    answer = said(Role.ASSISTANT, Reasoning("x", (detail,)), Text("y"), model="anthropic/c")
    found = messages(QUESTION, answer, QUESTION, model="anthropic/c")
    assert ("reasoning_details" in found[1]) is is_sent
    assert b"null" not in json.dumps(found).encode()


def test_reasoning_of_a_stopped_answer_is_not_replayed() -> None:
    answer = said(Role.ASSISTANT, Reasoning("x", ("{}",)), Text("y"), model="a/b", ending=Ending(EndingKind.CANCELLED))
    assert "reasoning_details" not in messages(QUESTION, answer, QUESTION)[1]


def test_tool_calls_are_sent_with_results_and_omitted_without() -> None:
    found = messages(
        QUESTION,
        said(Role.ASSISTANT, ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "{}")),
        said(Role.TOOL, ToolResult("c1", "one"), ToolResult("c9", "lost")),
        said(Role.ASSISTANT, ToolCall("c3", "h", "")),
        said(Role.USER, Text("Never mind")),
    )
    assert found[1] == {
        "role": "assistant",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}],
    }
    assert found[2] == {"role": "tool", "tool_call_id": "c1", "content": "one"}
    assert [m["role"] for m in found] == ["user", "assistant", "tool", "user"]


def test_truncated_arguments_are_replaced() -> None:
    found = messages(
        QUESTION, said(Role.ASSISTANT, ToolCall("c1", "f", '{"a":')), said(Role.TOOL, ToolResult("c1", "x"))
    )
    assert found[1]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_mistral_gets_tool_call_ids_of_nine_characters() -> None:
    thread = (
        said(Role.ASSISTANT, ToolCall("call_long_id", "f"), ToolCall("abcdefgh9", "g")),
        said(Role.TOOL, ToolResult("call_long_id", "x"), ToolResult("abcdefgh9", "y")),
    )
    found = messages(*thread, model="mistralai/m")
    ids = [c["id"] for c in found[0]["tool_calls"]]
    assert [m["tool_call_id"] for m in found[1:]] == ids
    assert all(len(i) == 9 and i.isalnum() for i in ids)
    assert ids[1] == "abcdefgh9"


def test_a_prefill_has_no_trailing_white_space() -> None:
    assert messages(QUESTION, said(Role.ASSISTANT, Text("Once \n")))[-1]["content"] == "Once"
    assert messages(QUESTION, said(Role.ASSISTANT, Text("Once ")), QUESTION)[1]["content"] == "Once "


def test_images_of_an_answer_are_sent_with_it() -> None:
    found = messages(QUESTION, said(Role.ASSISTANT, Image("image/png", "AAAA")), QUESTION)[1]
    assert found["content"] == ""
    assert found["images"][0]["type"] == "image_url"


def test_lone_surrogates_are_replaced() -> None:
    assert encode({"a": "\ud800é"}) == '{"a":"?é"}'.encode()
