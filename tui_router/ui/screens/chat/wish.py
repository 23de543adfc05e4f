"""What the app was opened with."""

from __future__ import annotations

from typing import Any, NamedTuple


class Opening(NamedTuple):
    """The wishes of the command line."""

    text: str = ""
    """The draft."""
    model: str = ""
    """Who answers, as typed."""
    resume: str = ""
    """Id of a conversation, the beginning of one, or ``last``."""
    compare: tuple[str, ...] = ()
    """Models to compare, as typed."""
    terminal_modes: list[Any] | None = None
    """The terminal's modes from before the first frame."""
