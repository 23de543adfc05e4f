"""What a command works with: the app as far as commands need it, the services, and the screens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from textual.screen import Screen

from tui_router.domain.problem import Problem
from tui_router.services.wiring import Services
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.screens.compare.screen import CompareScreen


class Host(Protocol):
    """The app, as far as commands may use it. Everything runs on the UI thread unless it says otherwise."""

    def show_screen(self, screen: Screen[Any], done: Callable[[Any], None] | None = None) -> None:
        """Lay a screen over the present one; ``done`` gets its result."""
        ...

    def tell(self, sentence: str) -> None:
        """Show a short notice."""
        ...

    def tell_problem(self, problem: Problem) -> None:
        """Show a problem with its hint."""
        ...

    def work(
        self, job: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Problem], None] | None = None
    ) -> None:
        """Run ``job`` on a thread of its own and ``done`` with its result on the UI thread."""
        ...

    def leave(self, *, to_demo: bool = False) -> None:
        """Save everything and end the app (or open it again with the offline demo)."""
        ...

    def open_help(self) -> None:
        """Show the keys of this place."""
        ...

    def open_palette(self) -> None:
        """Show every action."""
        ...

    def open_settings(self, group: str = "") -> None:
        """Show the settings."""
        ...

    def put_in_editor(self, text: str) -> str | None:
        """Suspend the app, let the person edit ``text``, return it; ``None`` when nothing came back."""
        ...

    def redraw(self) -> None:
        """Paint everything anew."""
        ...


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Handed to every command."""

    app: Host
    services: Services
    chat: ChatScreen
    compare: CompareScreen | None = None
    """The comparison screen while it is shown."""
