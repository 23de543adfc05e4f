"""What a person wants to ask, before it is known whether it may be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tui_router.domain.request import ChatRequest
from tui_router.services.cache import Reuse
from tui_router.services.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Requests that belong together. Nothing is in the tree and nothing is written before ``begin``."""

    requests: tuple[ChatRequest, ...]
    """One a model, as they will be sent."""
    begin: Callable[[], list[Turn]]
    """Puts questions and answers into the tree and returns the turns to run. Call it once, when it is ready."""
    conversation_id: str | None = None
    """Whose budget it counts for; ``None`` for what belongs to no saved conversation."""
    reuse: Reuse = field(default_factory=Reuse)
    """Answers some of the requests from the store."""

    @property
    def to_send(self) -> tuple[ChatRequest, ...]:
        """The requests that nobody has answered before: the others cost nothing."""
        return tuple(r for r in self.requests if self.reuse.find(r) is None)
