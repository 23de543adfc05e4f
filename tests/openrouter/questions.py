"""Requests that several tests ask with."""

from __future__ import annotations

from datetime import UTC, datetime

from tui_router.domain.message import COMPLETE, Ending, Message, Part, Reasoning, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.request import ChatRequest

THEN = datetime(2026, 11, 22, tzinfo=UTC)


def said(role: Role, *parts: Part, model: str = "", ending: Ending = COMPLETE) -> Message:
    """A message."""
    ref = ModelRef(model) if model else None
    return Message(
        id=f"{role}-{len(parts)}", parent_id=None, role=role, parts=parts, created=THEN, model=ref, ending=ending
    )


def after_thinking(model: str) -> ChatRequest:
    """A second question to a model that thought before its first answer."""
    detail = '{"type":"reasoning.text","text":"Hm","signature":"s1","index":0}'
    return ChatRequest(
        model=model,
        messages=(
            said(Role.USER, Text("Hi")),
            said(Role.ASSISTANT, Reasoning("Hm", (detail,)), Text("Hello"), model=model),
            said(Role.USER, Text("And?")),
        ),
    )
