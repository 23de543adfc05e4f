"""Summaries in the tree: a message that stands for earlier turns of its path when the path is sent.

The turns stay where they are and stay in view; only requests see the summary in their place. A summary
whose sources were taken away is out of force, and the turns are sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui_router.domain.message import Message, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Condensed:
    """A path as it is sent."""

    kept: tuple[Message, ...]
    """The turns that are sent word for word."""
    summary: str
    """What stands for the others; empty when nothing was summarised."""
    replaced: tuple[Message, ...]
    """The turns that the summary stands for."""


def is_summary(message: Message) -> bool:
    """Say whether a message is a summary of earlier turns, in force or not: a model made it, unlike a system prompt."""
    return message.role is Role.SYSTEM and message.model is not None


def condense(thread: Sequence[Message]) -> Condensed:
    """Return a path with the turns left out that its summaries stand for. The last summary may stand for others."""
    standing = [m for m in thread if is_summary(m) and m.sources and m.text.strip()]
    gone = {source for m in standing for source in m.sources}
    return Condensed(
        kept=tuple(m for m in thread if m.id not in gone and not is_summary(m)),
        summary="\n\n".join(m.text.strip() for m in standing if m.id not in gone),
        replaced=tuple(m for m in thread if m.id in gone and not is_summary(m)),
    )
