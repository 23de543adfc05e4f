"""The app: the first frame, the keys, and the last catch of trouble. Everything else is in its rooms."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.content import Content
from textual.screen import Screen

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact
from tui_router.ui import private
from tui_router.ui.command import Command
from tui_router.ui.commands import COMMANDS
from tui_router.ui.commands.context import CommandContext
from tui_router.ui.keyboard import bindings_of, hears
from tui_router.ui.keymap import Keymap, resolve
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.screens.chat.wish import Opening
from tui_router.ui.themes import to_theme, transcript_styles, without_color

if TYPE_CHECKING:
    from tui_router.domain.settings import Settings
    from tui_router.services.wiring import Services
    from tui_router.ui.screens.chat.room import Room

_log = logging.getLogger(__name__)
_TOAST = 4.0
_LONG_TOAST = 8.0
Result = TypeVar("Result")


class Leaving(Enum):
    """How the app was left."""

    QUIT = "quit"
    TO_DEMO = "to demo"


class TuiRouter(App[Leaving]):
    """The program on the screen."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "tui-router"

    def __init__(self, services: Services, opening: Opening | None = None) -> None:
        super().__init__()
        self._services = services
        self._opening = opening or Opening()
        self._chat = self._chat_screen(services.preferences.current)
        self._room: Room | None = None
        self._is_leaving = False
        self._table = self._resolve_keys()
        self._dress()

    # The first frame, and what comes after it

    def get_default_screen(self) -> Screen[Any]:
        """The chat screen is there at once."""
        return self._chat

    def on_mount(self) -> None:
        """Set the keys; after the first frame bring the services up."""
        self._bind()
        self._restyle()
        if self._opening.terminal_modes is not None:
            from tui_router.ui.prompt.private import adopt_terminal_modes

            adopt_terminal_modes(private.driver_of(self), self._opening.terminal_modes)
        self._stop_listening = self._services.preferences.listen(self._settings_changed)
        self.call_after_refresh(self._warm_up)

    def _warm_up(self) -> None:
        threading.Thread(target=self._prepare, name="warm-up", daemon=True).start()

    def _prepare(self) -> None:
        """Off the UI thread: everything that the first frame did without."""
        sys.setswitchinterval(0.001)  # imports must not make the first keys wait
        try:
            from tui_router.ui.screens.chat import room  # SQLite, httpx, Markdown, …

            core = self._services.core
        except Exception as error:  # a broken start must say so on the screen that is already there
            _log.exception("the services could not be opened")
            problem = error.problem if isinstance(error, Trouble) else _bug(error)
            self.soon(lambda: self.tell_problem(problem))
            return
        finally:
            sys.setswitchinterval(0.005)
        del core
        self.soon(lambda: self._begin(room.Room))
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)
        gc.enable()

    def _begin(self, make_room: Callable[..., Room]) -> None:
        from tui_router.ui.screens.chat.opening import open_first
        from tui_router.ui.terminal import watch_signals

        self._room = make_room(self._chat, self._services, self, self)
        self._chat.box.prompt.set_commands(self._menu_items())
        if not self.is_headless:
            import asyncio

            watch_signals(asyncio.get_running_loop(), lambda _: self.leave())
        room = self._room
        room.guard(lambda _: open_first(room, self._services, self._opening))
        for problem in self._table.problems:
            self.tell_problem(problem)
        self._chat.begin(room)

    # Keys and commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key means something here."""
        if action == "command":
            return hears(self._command(str(parameters[0])).scope, self.screen, self._chat)
        return True

    def action_command(self, command_id: str) -> None:
        """Run a command by its key."""
        self.run_id(command_id)

    def run_id(self, command_id: str, words: str = "") -> None:
        """Run a command; what it raises as ``Trouble`` is told."""
        command = self._command(command_id)
        if self._is_leaving or (command_id == "app.quit" and self._room is None):
            self.leave()
            return
        self._chat.with_room(
            lambda room: command.run(CommandContext(self, self._services, room, self._comparison()), words)
        )

    def run_slash(self, name: str, words: str, line: str) -> None:
        """Run what a slash word means; an unknown one goes back into the prompt."""
        for command in COMMANDS:
            if name.lower() in command.slash:
                self.run_id(command.id, words)
                return
        from difflib import get_close_matches

        known = [s for c in COMMANDS for s in c.slash]
        near = ", ".join(f"/{n}" for n in get_close_matches(name.lower(), known, n=3, cutoff=0.5))
        hint = f"Did you mean {near}?" if near else "/help lists all; // sends a slash"
        self.tell_problem(Problem(kind=Kind.USAGE, title=f"There is no command /{clean_line(name, 30)}", hint=hint))
        self._chat.box.prompt.load(line)

    # What screens and commands may ask for (Host)

    def tell(self, sentence: str) -> None:
        """Show a short notice."""
        self.notify(clean(sentence), timeout=_TOAST if len(sentence) < 80 else _LONG_TOAST, markup=False)

    def tell_problem(self, problem: Problem) -> None:
        """Show a problem with its hint."""
        lines = "\n".join(clean(t) for t in (problem.detail, problem.hint) if t)
        self.notify(
            lines or " ", title=clean_line(problem.title), severity="warning", timeout=_LONG_TOAST, markup=False
        )

    def show_screen(self, screen: Screen[Result], done: Callable[[Result | None], None] | None = None) -> None:
        """Lay a screen over the present one; ``done`` gets its result."""

        def finished(result: Result | None) -> None:
            if done is not None:
                self._guard(lambda: done(result))

        self.push_screen(screen, finished)

    def work(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run ``job`` on a daemon thread and ``done`` with its result on the UI thread."""

        def run() -> None:
            try:
                result = job()
            except Exception as error:  # a thread's traceback would be swallowed: it is told instead
                problem = error.problem if isinstance(error, Trouble) else _bug(error)
                tell = failed or self.tell_problem
                self.soon(lambda: tell(problem))
            else:
                self.soon(lambda: done(result))

        threading.Thread(target=run, name="work", daemon=True).start()

    def soon(self, callback: Callable[[], Any]) -> None:
        """Run a callback on the UI thread. Safe on any thread; forgotten when the app is gone."""
        try:
            self.call_later(self._guard, callback)
        except RuntimeError:
            _log.debug("the app has gone")

    def leave(self, *, to_demo: bool = False) -> None:
        """Save everything and end."""
        if self._is_leaving:
            return
        self._is_leaving = True
        if self._room is not None:
            self._room.guard(lambda room: room.leave())
        self._services.close()
        self.exit(Leaving.TO_DEMO if to_demo else Leaving.QUIT)

    def open_help(self) -> None:
        """Show the keys, those of this place first."""
        from tui_router.ui.keyboard import help_rows
        from tui_router.ui.screens.help import HelpScreen

        rows = help_rows(COMMANDS, self._table, reading=self._chat.is_reading)
        self.show_screen(HelpScreen(rows), lambda chosen: self.run_id(chosen) if chosen in _IDS else None)

    def open_palette(self) -> None:
        """Show every action."""
        from tui_router.ui.keyboard import palette_rows
        from tui_router.ui.screens.palette import PaletteScreen

        rows = palette_rows(COMMANDS, self._table)
        self.show_screen(PaletteScreen(rows), lambda chosen: self.run_id(chosen) if chosen else None)

    def open_settings(self, group: str = "") -> None:
        """Show the settings; changes take effect at once."""
        from tui_router.ui.settings_page import show_settings

        show_settings(self, self._services, COMMANDS, group, self._restore_theme)

    def put_in_editor(self, text: str) -> str | None:
        """Let the person edit a text; the screen comes back afterwards."""
        from tui_router.ui.editor import edit_text, editor_command

        try:
            command = editor_command(self._services.preferences.current.prompt.editor, os.environ)
            return edit_text(text, command, self.suspend)
        except Trouble as trouble:
            self.tell_problem(trouble.problem)
            return None

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence of ours to the terminal."""
        private.write(self, sequence)

    def redraw(self) -> None:
        """Paint everything anew."""
        self.refresh(layout=True)

    # Inside

    def _fatal_error(self) -> None:
        """Say that the program failed, without locals: they may hold a key. The log has the traceback."""
        self.bell()
        _log.exception("the app crashed")
        error = sys.exc_info()[1]
        name = type(error).__name__ if error else "unknown"
        words = clean_line(redact(str(error)), 200) if error else ""
        text = (
            f"tui-router failed: {name}: {words}. What was said is saved; the log is {self._services.places.log_file}"
        )
        self._exit_renderables.append(Content(text).plain)
        self._close_messages_no_wait()

    def _guard(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except Trouble as trouble:
            self.tell_problem(trouble.problem)

    def _command(self, command_id: str) -> Command[Any]:
        return _BY_ID[command_id]

    def _comparison(self) -> Any:
        for screen in reversed(self.screen_stack):
            if type(screen).__name__ == "CompareScreen":
                return screen
        return None

    def _chat_screen(self, settings: Settings) -> ChatScreen:
        from tui_router.ui.prompt.pastes import FoldRule

        fold = FoldRule(lines=settings.prompt.fold_paste_lines, chars=settings.prompt.fold_paste_chars)
        return ChatScreen(fold=fold, vim=settings.prompt.vim, hint=settings.chat.model)

    def _resolve_keys(self) -> Keymap:
        own = self._services.preferences.current.keys
        return resolve(COMMANDS, {i: k for i, k in own.items() if not i.startswith("prompt.")})

    def _bind(self) -> None:
        private.set_bindings(self, bindings_of(self._table))
        own = self._services.preferences.current.keys
        self.set_keymap({i: k for i, k in own.items() if i.startswith("prompt.")})

    def _dress(self) -> None:
        """Wear the theme of the settings."""
        palette, problems = self._services.preferences.palette()
        if os.environ.get("NO_COLOR"):
            palette = without_color(palette)
        theme = to_theme(palette)
        self.register_theme(theme)
        self.theme = theme.name
        self._styles = transcript_styles(palette)
        for problem in problems:
            self.call_later(self.tell_problem, problem)

    def _restyle(self) -> None:
        from tui_router.ui.transcript.look import Look

        look = self._services.preferences.current.look
        transcript = self._chat.pane.transcript
        transcript.set_text_styles(self._styles)
        transcript.set_look(
            Look(
                density=look.density,
                timestamps=look.timestamps,
                reasoning=look.reasoning,
                motion=look.motion and os.environ.get("TEXTUAL_ANIMATIONS") != "none",
            ),
            widest=look.width,
        )

    def _settings_changed(self, before: Settings, after: Settings) -> None:
        self.soon(lambda: self._apply_settings(before, after))

    def _apply_settings(self, before: Settings, after: Settings) -> None:
        if before.keys != after.keys:
            self._table = self._resolve_keys()
            self._bind()
        if before.look != after.look:
            self._dress()
            self._restyle()
        if before.prompt.vim != after.prompt.vim:
            self._chat.box.prompt.set_vim(after.prompt.vim)
        if self._room is not None:
            self._room.refresh()

    def _restore_theme(self) -> None:
        """A theme that was only looked at goes with the settings screen."""
        self._services.preferences.forget_overrides("look.theme")

    def _menu_items(self) -> list[Any]:
        from tui_router.ui.prompt.completion import MenuItem

        return [
            MenuItem(value=c.slash[0], help=c.help, aliases=c.slash[1:], takes_words=bool(c.takes))
            for c in COMMANDS
            if c.slash
        ]


def _bug(error: BaseException) -> Problem:
    _log.error("unexpected", exc_info=error)
    detail = f"{type(error).__name__}: {clean_line(redact(str(error)), 160)}"
    return Problem(kind=Kind.BUG, title="Something went wrong in here", detail=detail, hint="The log has more")


_BY_ID = {c.id: c for c in COMMANDS}
_IDS = frozenset(_BY_ID)
