"""Small values of ``domain`` for tests: only what a test is about has to be named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tui_router.domain.charge import Charge, ChargeState, Settlement
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message, Role, Text, Timing, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.charges import Charges

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def a_conversation(conversation_id: str = "c1", **changes: Any) -> Conversation:
    """Return a conversation made at noon."""
    return Conversation(id=conversation_id, **{"title": "Test", "created": NOON, "updated": NOON, **changes})


def a_message(message_id: str, parent: str | None = None, text: str = "", *, after: int = 0, **changes: Any) -> Message:
    """Return a message made ``after`` minutes past noon; a question unless ``role`` says otherwise."""
    about: dict[str, Any] = {"role": Role.USER, "parts": (Text(text or message_id),), **changes}
    return Message(id=message_id, parent_id=parent, created=NOON + timedelta(minutes=after), **about)


def an_answer(message_id: str, parent: str | None, text: str = "", **changes: Any) -> Message:
    """Return an answer."""
    return a_message(message_id, parent, text, role=Role.ASSISTANT, **changes)


def book(
    charges: Charges,
    usage: Usage,
    model: str = "a/b",
    *,
    at: datetime = NOON,
    conversation_id: str | None = None,
    timing: Timing | None = None,
) -> str:
    """Open a charge and settle it; returns its id."""
    charge = Charge(id=new_id(), at=at, model=ModelRef(model), conversation_id=conversation_id)
    charges.open(charge)
    state = ChargeState.ESTIMATED if usage.is_estimate else ChargeState.SETTLED
    charges.settle(charge.id, Settlement(state=state, usage=usage, timing=timing or Timing()))
    return charge.id
