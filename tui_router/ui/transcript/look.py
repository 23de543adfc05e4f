"""How turns are shown: what a person chose, and the kinds of turns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    """What a turn is."""

    USER = "user"
    ASSISTANT = "assistant"
    NOTICE = "notice"
    CARD = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a transcript shows its turns."""

    width: int = 80
    """Cells for words."""
    density: str = "comfortable"
    """``comfortable``: a row between turns; ``compact``: none."""
    timestamps: bool = False
    reasoning: str = "folded"
    """``folded``, ``open`` or ``hidden`` at first."""
    motion: bool = True
