"""What screens and commands may ask of the app: the ``Host``, and the last catch of ``Trouble``."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui_router.domain.problem import Kind, Problem, Trouble, misuse
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact
from tui_router.ui import private
from tui_router.ui.fuzzy import named

if TYPE_CHECKING:
    from tui_router.services.wiring import Services
    from tui_router.ui.actions import Actions
    from tui_router.ui.command import Command
    from tui_router.ui.screens.chat.controller import ChatController
    from tui_router.ui.screens.chat.screen import ChatScreen

_log = logging.getLogger(__name__)
_TOAST = 4.0
_LONG_TOAST = 8.0
_MOST_NAMED = 6
"""Commands that are named to somebody who may have meant one of them."""
Result = TypeVar("Result")


class Leaving(Enum):
    """How the app was left."""

    QUIT = "quit"
    TO_DEMO = "to demo"


class Front:
    """Stands between the app and everything in it. One an app; UI thread, but for ``soon``."""

    def __init__(self, app: App[Leaving], services: Services, chat: ChatScreen, actions: Actions) -> None:
        self._app = app
        self._services = services
        self._chat = chat
        self._actions = actions
        self._controller: ChatController | None = None
        self._waiting: list[Callable[[ChatController], Any]] = []
        self._is_leaving = False

    def begin(self, controller: ChatController) -> None:
        """The services are there: do what was asked for meanwhile."""
        self._controller = controller
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            controller.guard(act)

    def run_id(self, command_id: str, words: str = "") -> None:
        """Run a command; what it raises as ``Trouble`` is told."""
        self._run(command_id, words)

    def run_slash(self, name: str, words: str, line: str) -> None:
        """Run the command with this name, or with one that begins so; a refused line stays in its prompt."""
        comparison = self._comparison()
        prompt = (self._chat if comparison is None else comparison).box.prompt

        def refused() -> None:
            if prompt.draft.text.strip():
                self.tell("Up brings the refused line back")
            else:
                prompt.load(line, attachments=prompt.draft.attachments)

        try:
            command_id = named_command(name, self._actions.all).id
        except Trouble as trouble:
            self.tell_problem(trouble.problem)
            refused()
        else:
            self._run(command_id, words, refused)

    def tell(self, sentence: str) -> None:
        """Show a short notice."""
        _toast(self._app, clean(sentence), timeout=_TOAST if len(sentence) < 80 else _LONG_TOAST)

    def tell_problem(self, problem: Problem) -> None:
        """Show a problem with its hint."""
        lines = "\n".join(clean(t) for t in (problem.detail, problem.hint) if t)
        _toast(self._app, lines or " ", title=clean_line(problem.title), severity="warning", timeout=_LONG_TOAST)

    def show_screen(self, screen: Screen[Result], done: Callable[[Result | None], None] | None = None) -> None:
        """Lay a screen over the present one; ``done`` gets its result. Notices that are no problems would cover it."""

        def finished(result: Result | None) -> None:
            if done is not None:
                self.guard(lambda: done(result))

        private.forget_news(self._app)
        self._app.push_screen(screen, finished)

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
                problem = error.problem if isinstance(error, Trouble) else bug(error)
                tell = failed or self.tell_problem
                self.soon(lambda: tell(problem))
            else:
                self.soon(lambda: done(result))

        threading.Thread(target=run, name="work", daemon=True).start()

    def soon(self, callback: Callable[[], Any]) -> None:
        """Run a callback on the UI thread. Safe on any thread; forgotten when the app is gone."""
        try:
            self._app.call_later(self.guard, callback)
        except RuntimeError:
            _log.debug("the app has gone")

    def leave(self, *, to_demo: bool = False, asks: bool = True) -> None:
        """Save everything and end. The services stay open until the last key on its way has been heard.

        While the disk refuses the person chooses first, unless nobody is there to be asked.
        """
        if asks and (self._is_leaving or self._asks_first(to_demo)):
            return
        self._is_leaving = True
        comparison = self._comparison()
        if comparison is not None:
            comparison.drafts.sync()
        if self._controller is not None:
            self._controller.guard(lambda controller: controller.leave())
        self._app.exit(Leaving.TO_DEMO if to_demo else Leaving.QUIT)

    def _asks_first(self, to_demo: bool) -> bool:
        if not self._services.is_ready:
            return False
        from tui_router.ui.leaving import ask_before_leaving, is_held_back  # the disk hardly ever refuses

        core = self._services.core
        if not is_held_back(core):
            return False
        self._is_leaving = True

        def stay() -> None:
            self._is_leaving = False

        ask_before_leaving(core, self, lambda: self.leave(to_demo=to_demo, asks=False), stay)
        return True

    def open_help(self) -> None:
        """Show the keys, those of this place first."""
        from tui_router.ui.keyboard import help_rows
        from tui_router.ui.screens.help import HelpScreen

        comparing = self._comparison() is not None
        rows = help_rows(self._actions, reading=self._chat.is_reading, comparing=comparing)
        self.show_screen(
            HelpScreen(rows), lambda chosen: self.run_id(chosen) if chosen in self._actions.by_id else None
        )

    def open_palette(self) -> None:
        """Show every action."""
        from tui_router.ui.keyboard import palette_rows
        from tui_router.ui.screens.palette import PaletteScreen

        rows = palette_rows(self._actions)
        self.show_screen(PaletteScreen(rows), lambda chosen: self.run_id(chosen) if chosen else None)

    def open_settings(self, group: str = "") -> None:
        """Show the settings; changes take effect at once."""
        from tui_router.ui.settings_page import show_settings

        show_settings(self, self._services, self._actions.all, group, self._forget_preview)

    def put_in_editor(self, text: str) -> str | None:
        """Let the person edit a text; the screen comes back afterwards."""
        from tui_router.ui.editor import edit_text, editor_command

        try:
            command = editor_command(self._services.preferences.current.prompt.editor, os.environ)
            return edit_text(text, command, self._app.suspend)
        except Trouble as trouble:
            self.tell_problem(trouble.problem)
            return None

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence of ours to the terminal."""
        private.write(self._app, sequence)

    def redraw(self) -> None:
        """Paint everything anew."""
        self._app.refresh(layout=True)

    def guard(self, act: Callable[[], Any]) -> None:
        """Do something; what it raises as ``Trouble`` is told."""
        try:
            act()
        except Trouble as trouble:
            self.tell_problem(trouble.problem)

    def _run(self, command_id: str, words: str, refused: Callable[[], None] = lambda: None) -> None:
        if command_id == "app.quit":
            self.leave()
            return
        command, comparison = self._actions.by_id[command_id], self._comparison()
        from tui_router.ui.commands.context import CommandContext  # the first frame runs no command

        def run(controller: ChatController) -> None:
            try:
                if comparison is not None and command.is_of_conversation:
                    raise misuse("A comparison is open", "Esc closes it first")
                command.run(CommandContext(self, self._services, controller, comparison), words)
            except Trouble:
                refused()
                raise

        self._when_ready(run)

    def _when_ready(self, act: Callable[[ChatController], Any]) -> None:
        if self._controller is None:
            self._waiting.append(act)
        else:
            self._controller.guard(act)

    def _comparison(self) -> Any:
        return next((s for s in reversed(self._app.screen_stack) if getattr(s, "is_comparison", False)), None)

    def _forget_preview(self) -> None:
        """A theme that was only looked at goes with the settings screen."""
        self._services.preferences.forget_overrides("look.theme")


def named_command(name: str, commands: Sequence[Command[Any]]) -> Command[Any]:
    """Return the one command that a slash word means: by name, alias, or a beginning that no other has.

    Raises ``Trouble`` with the nearest where it is none, or several.
    """
    found = [commands[row] for row in named(name, [c.slash for c in commands])] if name else []
    if len(found) == 1:
        return found[0]
    shown = clean_line(name, 30)
    if found:
        near = [next(s for s in c.slash if s.startswith(name.lower())) for c in found]
        raise misuse(f"/{shown} may be several commands", f"Did you mean {_choice(near)}?")
    from difflib import get_close_matches  # only ever needed on this failure; kept off the start-up path

    near = get_close_matches(name.lower(), [s for c in commands for s in c.slash], n=3, cutoff=0.5)
    hint = f"Did you mean {_choice(near)}?" if near else "/help lists all; // sends a slash"
    raise misuse(f"There is no command /{shown}", hint)


def _choice(names: Sequence[str]) -> str:
    shown = [f"/{n}" for n in names[:_MOST_NAMED]]
    return ", ".join(shown) + ("…" if len(names) > _MOST_NAMED else "")


def bug(error: BaseException) -> Problem:
    """Return a failure of our own as a problem; the log gets the traceback."""
    _log.error("unexpected", exc_info=error)
    detail = f"{type(error).__name__}: {clean_line(redact(str(error)), 160)}"
    return Problem(kind=Kind.BUG, title="Something went wrong in here", detail=detail, hint="The log has more")


def _toast(
    app: App[Any], text: str, *, title: str = "", severity: SeverityLevel = "information", timeout: float
) -> None:
    """Show a notice, unless the same words are still on the screen."""
    if not private.is_notified(app, title, text):
        app.notify(text, title=title, severity=severity, timeout=timeout, markup=False)
