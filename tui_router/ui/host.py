"""What screens and commands need of the app. Handed to them; nobody reaches for ``self.app``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from textual.screen import Screen

from tui_router.domain.problem import Problem

Result = TypeVar("Result")


class Host(Protocol):
    """The app, as far as screens and commands may use it. Call it on the UI thread."""

    def tell(self, sentence: str) -> None:
        """Show a short notice."""
        ...

    def tell_problem(self, problem: Problem) -> None:
        """Show a problem with its hint."""
        ...

    def show_screen(self, screen: Screen[Result], done: Callable[[Result | None], None] | None = None) -> None:
        """Lay a screen over the present one; ``done`` gets its result."""
        ...

    def work(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run ``job`` on a thread of its own and ``done`` with its result on the UI thread.

        What it raises as ``Trouble`` goes to ``failed``, or is told.
        """
        ...

    def soon(self, callback: Callable[[], Any]) -> None:
        """Run a callback on the UI thread. Safe on any thread."""
        ...

    def run_id(self, command_id: str, words: str = "") -> None:
        """Run a command."""
        ...

    def run_slash(self, name: str, words: str, line: str) -> None:
        """Run what a slash word means; an unknown one is put back into the prompt, and never sent."""
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
        """Let the person edit a text in an editor; ``None`` when that was not possible (and was said)."""
        ...

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence of ours to the terminal."""
        ...

    def redraw(self) -> None:
        """Paint everything anew."""
        ...
