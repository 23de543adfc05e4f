"""What a comparison needs of the program around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui_router.services.core import Core
from tui_router.ui.host import Host
from tui_router.ui.transcript.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """How transcripts look at the moment."""

    styles: Mapping[str, str]
    look: Look
    widest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Handed to the comparison screen and to what it opens."""

    core: Core
    host: Host
    pick_model: Callable[[Callable[[str], None]], None]
    """Lets the person choose one model."""
    dress: Callable[[], Dress]
    listen: Callable[[Callable[[], None]], Callable[[], None]] = lambda _: lambda: None
    """Calls back, on any thread, when the dress is another one; returns what ends that."""
