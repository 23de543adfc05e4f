"""Payloads of answers, and reading them."""

from __future__ import annotations

import json
from typing import Any

from tui_router.domain.events import (
    Event,
)
from tui_router.domain.stream import StreamState
from tui_router.openrouter.chunks import read_payloads


def read(*payloads: Any) -> list[Event]:
    """All events; what is no text becomes JSON first."""
    return read_payloads(p if isinstance(p, str) else json.dumps(p) for p in payloads)


def folded(*payloads: Any) -> StreamState:
    """The answer that the events fold to."""
    state = StreamState()
    for event in read(*payloads):
        state.apply(event)
    return state


def delta(**parts: Any) -> dict[str, Any]:
    """A chunk with these parts and nothing else."""
    return {"choices": [{"index": 0, "delta": parts}]}


def call(**fields: Any) -> dict[str, Any]:
    """A chunk with one fragment of a tool call."""
    return delta(tool_calls=[fields])


FINISH = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
