"""What is known of a message, in words; and the request, without the key and without a megabyte of picture."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.services.offline_dependencies import offline_dependencies
from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.message import (
    Citation,
    Ending,
    EndingKind,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    RouteAttempt,
    Text,
    Timing,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import ModelRef
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.usage import Usage
from tui_router.services.chat import Chat
from tui_router.services.details import Details, message_details

QUICK = ModelRef("openrouter/demo/quick")
KEY = "sk-or-v1-" + "a1b2c3d4" * 8
USAGE = Usage(
    prompt_tokens=1_234, completion_tokens=300, reasoning_tokens=100, cached_tokens=1_000, cost=Decimal("0.0123"),
    is_byok=True, upstream_cost=Decimal("0.5"), web_searches=2,
)  # fmt: skip


def a_chat(*messages: Message, **known: object) -> Chat:
    conversation = a_conversation(head=messages[-1].id if messages else None, system="Be kind", model=QUICK)
    return Chat(offline_dependencies(), replace(conversation, **known), messages)  # type: ignore[arg-type]


def facts(details: Details | None) -> dict[str, str]:
    assert details is not None
    return {fact.name: fact.text for fact in details.facts}


def an_answered(*parts: Part, **known: object) -> Message:
    about: dict[str, Any] = {
        "parts": parts or (Reasoning("Hm.", seconds=1.5), Text("Two words"), Citation("https://e.org", "E")),
        "model": QUICK,
        "served_model": "demo/quick-0925",
        "provider": "Fireworks",
        "usage": USAGE,
        "timing": Timing(first_token=0.5, total=3.5),
        "generation_id": "gen-1",
        "batch": "b1",
        "lane": 1,
        **known,
    }
    return an_answer("a", "q", **about)


def test_everything_that_is_known_of_an_answer_is_said() -> None:
    chat = a_chat(a_message("q", None, "Hello"), an_answer("other", "q"), an_answered())
    details = message_details(chat, "a", base_url="https://openrouter.ai/api/v1/")
    found = facts(details)
    assert (
        found.items()
        >= {
            "model asked": "demo/quick",
            "model that ran": "demo/quick-0925",
            "provider": "Fireworks",
            "ending": "by itself",
            "tokens read": "1,234 (1,000 cached)",
            "tokens written": "300 (100 thinking)",
            "web searches": "2",
            "cost": "$0.012 (told by the service)",
            "own key": "the provider charges $0.500",
            "first token": "after 0.50 s",
            "whole answer": "3.50 s, 100 tokens a second",
            "thinking": "1.5 s",
            "text": "9 characters, 2 words",
            "source": "E https://e.org",
            "version": "2 of 2",
            "comparison": "b1, lane 2",
            "generation id": "gen-1",
            "message id": "a",
        }.items()
    )
    assert details is not None
    assert details.title == "Answer"
    assert "POST https://openrouter.ai/api/v1/chat/completions" in details.note
    body = json.loads(details.request)
    assert body["model"] == "demo/quick"
    assert body["messages"] == [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hello"}]
    assert "Fireworks" in details.text
    assert details.request in details.text


def test_the_way_to_an_answer_is_told_try_by_try() -> None:
    attempts = (
        RouteAttempt(model="openrouter/demo/quick", provider="Azure", status=429, reason="Rate limited", wait=1.25),
        RouteAttempt(provider="Deep", status=502),
        RouteAttempt(),
    )
    details = message_details(a_chat(a_message("q", None, "Hello"), an_answered(attempts=attempts)), "a")
    assert details is not None
    names = [f.name for f in details.facts]
    assert names[1:7] == ["model asked", "attempt 1", "attempt 2", "attempt 3", "model that ran", "provider"]
    found = facts(details)
    assert found["attempt 1"] == "Azure · demo/quick · 429 Rate limited · sent again after 1.2 s"
    assert found["attempt 2"] == "Deep · 502"
    assert found["attempt 3"] == "failed"


def test_how_an_answer_failed_is_said_with_what_support_will_ask_for() -> None:
    problem = Problem(
        kind=ErrorKind.PROVIDER, title="The provider failed", detail="Busy", status=502, provider="Fireworks",
        request_id="cf-1",
    )  # fmt: skip
    answer = an_answered(Text("x"), ending=Ending(EndingKind.FAILED, problem), usage=None, timing=Timing())
    details = message_details(a_chat(a_message("q", None), answer), "a")
    found = facts(details)
    assert found["ending"] == "Failed"
    assert found[""] == "The provider failed. Busy."
    assert (found["status"], found["failed at"], found["request id"]) == ("502", "Fireworks", "cf-1")
    assert "cost" not in found
    assert details is not None
    assert any(f.is_bad for f in details.facts)


def test_a_key_is_never_in_the_request_and_data_is_cut_short() -> None:
    paper = File("x.pdf", "application/pdf", data="B" * 900)
    question = a_message("q", None, parts=(Text(f"My key is {KEY}"), Image("image/png", "A" * 9_000), paper))
    details = message_details(a_chat(question), "q")
    assert details is not None
    assert KEY not in details.text
    assert "A" * 200 not in details.request
    assert "more characters)" in details.request
    assert facts(details)["picture"] == "image/png · 6,750 bytes"
    assert facts(details)["file"] == "x.pdf · application/pdf · 675 bytes"


def test_a_request_that_cannot_be_made_says_why() -> None:
    chat = a_chat(a_message("q", None), options=ChatOptions(extra="[1"))
    details = message_details(chat, "q")
    assert details is not None
    assert details.request == ""


def test_tools_streaming_answers_and_lost_messages() -> None:
    call = an_answered(ToolCall("1", "find", '{"a": 1}'), ToolResult("1", "no", failed=True), ending=None)
    chat = a_chat(a_message("q", None), call)
    found = facts(message_details(chat, "a"))
    assert found["ending"] == "still streaming"
    assert found["tool called"] == 'find {"a": 1}'
    assert found["tool result"] == "failed: 2 characters"
    assert message_details(chat, "gone") is None
    assert found["written"].startswith(f"{NOON.astimezone():%Y-%m-%d}")
