"""What the app was started with."""

from __future__ import annotations

from typing import Any, NamedTuple


class LaunchOptions(NamedTuple):
    """Options of the command line that the app applies after its first frame."""

    text: str = ""
    """Text to put into the prompt."""
    model: str = ""
    """Model to ask, as typed."""
    resume: str = ""
    """Id of a conversation, a prefix of one, or ``last``."""
    compare: tuple[str, ...] = ()
    """Models to compare, as typed."""
    terminal_modes: list[Any] | None = None
    """Terminal modes saved before the first frame."""
