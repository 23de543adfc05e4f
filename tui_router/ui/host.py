"""``Host``: the part of the app that screens and commands may use. It is passed in; they never use ``self.app``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from textual.screen import Screen

from tui_router.domain.problem import Problem

Result = TypeVar("Result")


class Host(Protocol):
    """What screens and commands may ask of the app. UI thread, except ``soon``."""

    def tell(self, sentence: str) -> None:
        """Show a short notification."""
        ...

    def tell_problem(self, problem: Problem) -> None:
        """Show a problem and its hint as a warning."""
        ...

    def show_screen(self, screen: Screen[Result], done: Callable[[Result | None], None] | None = None) -> None:
        """Push a screen and pass its result to ``done``."""
        ...

    def work(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run ``job`` on a worker thread and ``done`` with its result on the UI thread.

        An exception goes to ``failed`` as a problem; without ``failed`` it is shown.
        """
        ...

    def soon(self, callback: Callable[[], Any]) -> None:
        """Run a callback on the UI thread. Safe on any thread."""
        ...

    def run_id(self, command_id: str, words: str = "") -> None:
        """Run a command by its id."""
        ...

    def run_slash(self, name: str, words: str, line: str) -> None:
        """Run a slash command; put ``line`` back into the prompt if the word is unknown. Never sends it to a model."""
        ...

    def leave(self, *, to_demo: bool = False) -> None:
        """Save everything and exit, or reopen with the offline demo."""
        ...

    def open_help(self) -> None:
        """Show the keys, starting with those of the current screen."""
        ...

    def open_palette(self) -> None:
        """Show the command palette."""
        ...

    def open_settings(self, group: str = "") -> None:
        """Show the settings, optionally at a group."""
        ...

    def put_in_editor(self, text: str) -> str | None:
        """Edit a text in the user's editor; return ``None`` (after reporting why) if that failed."""
        ...

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence to the terminal."""
        ...

    def redraw(self) -> None:
        """Repaint the screen."""
        ...
