"""Payloads of answers and requests that several tests share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tui_router.domain.events import (
    Event,
)
from tui_router.domain.message import COMPLETE, Ending, Message, Part, Reasoning, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.request import ChatRequest
from tui_router.domain.stream import StreamState
from tui_router.openrouter.answer_reader import read_payloads


def read(*payloads: Any) -> list[Event]:
    """Return all events; values other than strings are encoded as JSON first."""
    return read_payloads(p if isinstance(p, str) else json.dumps(p) for p in payloads)


def folded(*payloads: Any) -> StreamState:
    """Return the state after all events."""
    state = StreamState()
    for event in read(*payloads):
        state.apply(event)
    return state


def delta(**parts: Any) -> dict[str, Any]:
    """Return a chunk with only this delta."""
    return {"choices": [{"index": 0, "delta": parts}]}


def call(**fields: Any) -> dict[str, Any]:
    """Return a chunk with one tool call fragment."""
    return delta(tool_calls=[fields])


FINISH = {"choices": [{"delta": {}, "finish_reason": "stop"}]}


THEN = datetime(2026, 11, 22, tzinfo=UTC)


def said(role: Role, *parts: Part, model: str = "", ending: Ending = COMPLETE) -> Message:
    """Return a message."""
    ref = ModelRef(model) if model else None
    return Message(
        id=f"{role}-{len(parts)}", parent_id=None, role=role, parts=parts, created=THEN, model=ref, ending=ending
    )


def after_thinking(model: str) -> ChatRequest:
    """Return a follow-up question to a model that reasoned before its first answer."""
    detail = '{"type":"reasoning.text","text":"Hm","signature":"s1","index":0}'
    return ChatRequest(
        model=model,
        messages=(
            said(Role.USER, Text("Hi")),
            said(Role.ASSISTANT, Reasoning("Hm", (detail,)), Text("Hello"), model=model),
            said(Role.USER, Text("And?")),
        ),
    )
