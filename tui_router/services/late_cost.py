"""What a stopped or cut answer cost: asked once it has ended, since no usage comes with it."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.message import Message
from tui_router.domain.usage import Usage
from tui_router.services.core import Core
from tui_router.services.turn import Turn

_LOOK_AFTER = (0.6, 1.5, 4.0)
"""Seconds before each look: the record is written a moment after the answer."""


def look_up(core: Core, turn: Turn, pause: Callable[[float], bool]) -> Usage | None:
    """On a worker: ask what an answer used, a few times; ``pause`` returns ``True`` to give up."""
    for wait in _LOOK_AFTER:
        if turn.message.usage is not None or not is_on_record(turn.message) or pause(wait):
            return None
        found = turn.look_up_cost(core.cost_of_stopped)
        if found is not None and found.usage is not None:
            return found.usage
    return None


def is_on_record(message: Message) -> bool:
    """Say whether the service can be asked about an answer: only OpenRouter's own ids lead to a record."""
    return message.generation_id.startswith("gen-")
