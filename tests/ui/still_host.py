"""A host without an app: what screens ask of it happens at once and is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.screen import Screen

from tui_router.domain.problem import AppError, Problem


class StillHost:
    """Runs jobs at once (or when ``run_held`` is called) and shows screens on ``app``."""

    def __init__(self, app: App[Any] | None = None, *, hold: bool = False) -> None:
        self.app = app
        self.hold = hold
        self.held: list[Callable[[], None]] = []
        self.told: list[str] = []
        self.problems: list[Problem] = []
        self.written: list[str] = []

    def tell(self, sentence: str) -> None:
        self.told.append(sentence)

    def tell_problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def show_screen(self, screen: Screen[Any], done: Callable[[Any], None] | None = None) -> None:
        assert self.app is not None
        self.app.push_screen(screen, done)

    def work(
        self, job: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Problem], None] | None = None
    ) -> None:
        def run() -> None:
            try:
                result = job()
            except AppError as trouble:
                (failed or self.tell_problem)(trouble.problem)
                return
            done(result)

        if self.hold:
            self.held.append(run)
        else:
            run()

    def run_held(self) -> None:
        """Let what was held back happen, the last one first: threads keep no order."""
        held, self.held = self.held, []
        for run in reversed(held):
            run()

    def soon(self, callback: Callable[[], Any]) -> None:
        callback()

    def run_id(self, command_id: str, words: str = "") -> None:
        self.told.append(f"{command_id} {words}".strip())

    def run_slash(self, name: str, words: str, line: str) -> None:
        self.told.append(line)

    def leave(self, *, to_demo: bool = False) -> None:
        self.told.append("leave")

    def open_help(self) -> None:
        self.told.append("help")

    def open_palette(self) -> None:
        self.told.append("palette")

    def open_settings(self, group: str = "") -> None:
        self.told.append(f"settings {group}".strip())

    def put_in_editor(self, text: str) -> str | None:
        return text

    def write_terminal(self, sequence: str) -> None:
        self.written.append(sequence)

    def redraw(self) -> None:
        self.told.append("redraw")


class Holding(App[None]):
    """Shows one screen and keeps its result."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[StillHost], Screen[Any]], *, hold: bool = False) -> None:
        super().__init__()
        self.host = StillHost(self, hold=hold)
        self.shown = make(self.host)
        self.result: Any = "open"

    def on_mount(self) -> None:
        self.push_screen(self.shown, self.keep)

    def keep(self, result: Any) -> None:
        self.result = result


def screen_text(app: App[Any]) -> str:
    """Return what stands on the screen, a line for each row."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())
