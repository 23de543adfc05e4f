"""A desk that talks to nobody and saves nothing: for tests of what a conversation knows by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.values import NOON
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.domain.settings import Settings
from tui_router.services.chat import ConversationDependencies


class NoKeeper:
    """Takes everything and keeps nothing."""

    def begin(self, answer: Message) -> None: ...

    def note(self, message_id: str, *, text: str = "", reasoning: str = "") -> None: ...

    def finish(self, message: Message) -> None: ...

    def save(self, conversation: Conversation) -> None: ...

    def add(self, conversation_id: str, messages: Sequence[Message]) -> None: ...

    def delete(self, message_ids: Sequence[str]) -> None: ...

    def restore(self, messages: Sequence[Message]) -> None: ...

    def change(self, message: Message) -> None: ...


def _nobody() -> Any:
    raise AssertionError("nobody is asked here")


class _OpenGate:
    def acquire(self, cancel: Any, notify: Any, *, is_free: bool = False) -> Any:
        return None


def offline_dependencies() -> ConversationDependencies:
    """Return a desk without a client."""
    return ConversationDependencies(
        connect=_nobody,
        gate=_OpenGate(),
        settings=Settings,
        model=lambda model_id: None,
        bill=lambda conversation, answer, request, purpose: _nobody(),
        learn=lambda request, usage: None,
        advise=lambda model, problem: problem,
        journal=lambda conversation: NoKeeper(),
        keeper=lambda conversation: NoKeeper(),
        now=lambda: NOON,
    )
