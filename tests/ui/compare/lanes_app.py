"""A small app around the comparison screen, with real services, the demo server and the real keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.draft import Draft
from tui_router.domain.problem import AppError, Problem
from tui_router.domain.secret import Secret
from tui_router.services.chat import Chat
from tui_router.services.startup import DemoConnection, Services, open_services
from tui_router.ui import textual_private
from tui_router.ui.command import Scope
from tui_router.ui.commands import COMMANDS
from tui_router.ui.commands.context import CommandContext
from tui_router.ui.keymap import bindings_of, resolve
from tui_router.ui.screens.chat.controller import ChatController
from tui_router.ui.screens.compare.screen import CompareLauncher, CompareScreen
from tui_router.ui.themes import to_theme

Result = TypeVar("Result")
_KEYED = {c.id: c for c in COMMANDS if c.scope is Scope.COMPARE or c.id in ("chat.back", "compare.leaderboard")}


@dataclass
class Outcome:
    """How a comparison ended: the kept answer and the remaining draft."""

    kept: str | None
    draft: Draft


class Listener:
    """Records what a host is told; stubs what these tests do not need."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.problems: list[Problem] = []

    def tell(self, sentence: str) -> None:
        self.told.append(sentence)

    def tell_problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def open_help(self) -> None:
        self.told.append("help")

    def open_palette(self) -> None:
        self.told.append("palette")

    def open_settings(self, group: str = "") -> None:
        self.told.append(f"settings {group}")

    def put_in_editor(self, text: str) -> str | None:
        return None

    def write_terminal(self, sequence: str) -> None:
        """Ignore terminal sequences."""


class LanesApp(Listener, App[None]):
    """Hosts one comparison at a time and records its messages and outcome."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, services: Services, chat: Chat | None = None) -> None:
        Listener.__init__(self)
        App.__init__(self)
        self.services = services
        self.core = services.core
        self.chat = chat or self.core.new_chat()
        self.outcomes: list[Outcome] = []
        self.picked = "demo/echo"
        """The model that the picker returns."""
        self.launcher = CompareLauncher(
            self.core, services.preferences, self, pick_model=lambda use: use(self.picked), closed=self.keep_outcome
        )
        palette, _ = services.preferences.palette()
        self.register_theme(to_theme(palette))
        self.theme = palette.name

    def on_mount(self) -> None:
        textual_private.set_bindings(self, bindings_of(resolve(_KEYED.values(), {})))

    @property
    def compare(self) -> CompareScreen:
        """The comparison screen, below any dialogs."""
        return next(s for s in reversed(self.screen_stack) if isinstance(s, CompareScreen))

    @property
    def is_open(self) -> bool:
        return any(isinstance(s, CompareScreen) for s in self.screen_stack)

    def keep_outcome(self, kept: str | None) -> None:
        self.outcomes.append(Outcome(kept, self.core.outboxes.of(self.chat).draft))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "command" or isinstance(self.screen, CompareScreen)

    def action_command(self, command_id: str) -> None:
        self.run_id(command_id)

    def run_id(self, command_id: str, words: str = "") -> None:
        if command_id == "chat.back":
            self.compare.back()
            return
        context = CommandContext(
            self, self.services, cast(ChatController, None), self.compare if self.is_open else None
        )
        self.guarded(lambda: _KEYED[command_id].run(context, words))

    def guarded(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except AppError as trouble:
            self.tell_problem(trouble.problem)

    def show_screen(self, screen: Screen[Result], done: Callable[[Result | None], None] | None = None) -> None:
        self.push_screen(screen, lambda result: self.guarded(lambda: done(result)) if done is not None else None)

    def work(
        self, job: Callable[[], Result], done: Callable[[Result], None], failed: Callable[[Problem], None] | None = None
    ) -> None:
        def run() -> None:
            try:
                result = job()
            except AppError as trouble:
                problem = trouble.problem
                self.soon(lambda: (failed or self.tell_problem)(problem))
            else:
                self.soon(lambda: done(result))

        threading.Thread(target=run, daemon=True).start()

    def soon(self, callback: Callable[[], Any]) -> None:
        self.call_later(self.guarded, callback)

    def run_slash(self, name: str, words: str, line: str) -> None:
        command = next(c for c in COMMANDS if name in c.slash)
        self.run_id(command.id, words)

    def leave(self, *, to_demo: bool = False) -> None:
        self.exit()

    def redraw(self) -> None:
        self.refresh()

    def screen_text(self) -> str:
        """Return the screen content as lines of text."""
        return "\n".join(strip.text.rstrip() for strip in self.screen._compositor.render_strips())


@contextmanager
def demo_services(folder: Path, *, speed: float = 0) -> Iterator[Services]:
    """Open real services in a folder, connected to the demo server."""
    with DemoServer(speed=speed) as demo_server:
        connection = DemoConnection(base_url=demo_server.base_url, key=Secret(DEMO_KEY), source="the test")
        services = open_services(config_dir=str(folder), environ={}, start_demo=lambda: connection)
        services.core.catalog.refresh()
        try:
            yield services
        finally:
            services.close()


async def until(pilot: Pilot[None], condition: Callable[[], object], tries: int = 2000) -> None:
    """Run the app until a condition holds."""
    for _ in range(tries):
        if condition():
            return
        await pilot.pause(0.005)
    app = cast(LanesApp, pilot.app)
    raise AssertionError(f"the condition was never met; the screen:\n{app.screen_text()}\n{app.problems}")


async def asked(pilot: Pilot[None], models: Sequence[str], question: str = "Hello?", **opening: Any) -> CompareScreen:
    """Open lanes, ask a question, and wait until every lane has ended."""
    app = cast(LanesApp, pilot.app)
    app.launcher.start(app.chat, models, **opening)
    await until(pilot, lambda: app.is_open and app.compare.is_writing)
    await ask(pilot, question)
    return app.compare


async def ask(pilot: Pilot[None], question: str, *, wait: bool = True) -> None:
    """Send a question, and wait until every lane has ended."""
    screen = cast(LanesApp, pilot.app).compare
    screen.box.prompt.load(question)
    screen.box.write()
    await pilot.press("enter")
    await until(pilot, lambda: screen.lanes.comparison.batch and screen.box.prompt.draft.is_empty)
    await pilot.press("tab")
    await until(pilot, lambda: not screen.is_writing)
    if wait:
        await until(pilot, lambda: not screen.lanes.running)
