"""One question as it is asked of a service: who, what was said before, with which options."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_router.domain.message import Message
from tui_router.domain.model import Model
from tui_router.domain.options import ChatOptions

FREE_ROUTER = "openrouter/free"
"""Picks one of the free models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """Everything that a request body is made from."""

    model: str
    """Id as it is sent (see ``normal_id``)."""
    messages: tuple[Message, ...]
    """The thread, oldest first; ends with a question, a tool result, or an answer to continue."""
    system: str = ""
    options: ChatOptions = field(default_factory=ChatOptions)
    about: Model | None = None
    """The catalogue row, where there is one: what it does not support is left out."""
    session_id: str = ""
    """Keeps a conversation at one provider and groups it in the service's log."""
    may_be_cached: bool = False
    """Lets the service answer from its own cache, at no cost, what it was asked a moment ago."""

    @property
    def asks_free_model(self) -> bool:
        """True when a free model is asked: the service counts those apart, by minute and by day."""
        return self.model.endswith(":free") or self.model == FREE_ROUTER
