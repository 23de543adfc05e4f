"""Clients of the scripted server, and accessors for the events they yield."""

from __future__ import annotations

from typing import Any

from tests.openrouter.scripted_server import (
    ScriptedServer,
)
from tui_router.domain.events import (
    Event,
    Failed,
    TextDelta,
)
from tui_router.openrouter import OpenRouter, RetryPolicy

KEY = "sk-or-v1-0123456789abcdef"
QUICK = RetryPolicy(initial_delay=0.001)


def client_of(server: ScriptedServer, **options: Any) -> OpenRouter:
    """Return a client of the scripted server with negligible retry delays."""
    return OpenRouter(KEY, base_url=server.url, **{"retry": QUICK, "rng": lambda: 0.0, **options})


def ask(server: ScriptedServer, **options: Any) -> list[Event]:
    """Return all events of one question."""
    with client_of(server, **options) as client:
        return list(client.stream("Hi", model="a/b"))


def failed(found: list[Event]) -> Failed:
    """Return the final event, which must be a failure."""
    assert isinstance(found[-1], Failed)
    return found[-1]


def text_of(found: list[Event]) -> str:
    """Return the text of the answer."""
    return "".join(e.text for e in found if isinstance(e, TextDelta))
