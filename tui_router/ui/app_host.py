"""``AppHost``: what the app offers to screens and commands, and where their errors are reported."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui_router.domain.problem import AppError, ErrorKind, Problem, misuse
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact
from tui_router.ui import textual_private
from tui_router.ui.command_registry import find_slash_command, is_comparison

if TYPE_CHECKING:
    from tui_router.services.startup import Services
    from tui_router.ui.command_registry import CommandRegistry
    from tui_router.ui.screens.chat.controller import ChatController
    from tui_router.ui.screens.chat.screen import ChatScreen

_log = logging.getLogger(__name__)
_TOAST_SECONDS = 4.0
_LONG_TOAST_SECONDS = 8.0
Result = TypeVar("Result")


class ExitReason(Enum):
    """What happens after the app has closed."""

    QUIT = "quit"
    TO_DEMO = "to demo"


class AppHost:
    """The one ``Host`` of an app. Call it on the UI thread; only ``soon`` may be called on any thread."""

    def __init__(self, app: App[ExitReason], services: Services, chat: ChatScreen, registry: CommandRegistry) -> None:
        self._app = app
        self._services = services
        self._chat = chat
        self._registry = registry
        self._controller: ChatController | None = None
        self._deferred: list[Callable[[ChatController], Any]] = []
        self._is_leaving = False

    def begin(self, controller: ChatController) -> None:
        """Run the actions that were requested before the services were ready."""
        self._controller = controller
        deferred, self._deferred = self._deferred, []
        for act in deferred:
            controller.guard(act)

    def run_id(self, command_id: str, words: str = "") -> None:
        """Run a command; report the ``AppError`` it raises."""
        self._run(command_id, words)

    def run_slash(self, name: str, words: str, line: str) -> None:
        """Run the command with this slash word or unique prefix; put the line back into the prompt if that fails."""
        comparison = self._comparison()
        prompt = (self._chat if comparison is None else comparison).box.prompt

        def restore_line() -> None:
            if prompt.draft.text.strip():
                self.tell("Up brings the refused line back")
            else:
                prompt.load(line, attachments=prompt.draft.attachments)

        try:
            command_id = find_slash_command(name, self._registry.all).id
        except AppError as trouble:
            self.tell_problem(trouble.problem)
            restore_line()
        else:
            self._run(command_id, words, restore_line)

    def tell(self, sentence: str) -> None:
        """Show a short notification."""
        _toast(self._app, clean(sentence), timeout=_TOAST_SECONDS if len(sentence) < 80 else _LONG_TOAST_SECONDS)

    def tell_problem(self, problem: Problem) -> None:
        """Show a problem and its hint as a warning."""
        lines = "\n".join(clean(t) for t in (problem.detail, problem.hint) if t)
        _toast(
            self._app, lines or " ", title=clean_line(problem.title), severity="warning", timeout=_LONG_TOAST_SECONDS
        )

    def show_screen(self, screen: Screen[Result], done: Callable[[Result | None], None] | None = None) -> None:
        """Push a screen and pass its result to ``done``; dismiss informational notifications that would cover it."""

        def finished(result: Result | None) -> None:
            if done is not None:
                self.guard(lambda: done(result))

        textual_private.dismiss_information(self._app)
        self._app.push_screen(screen, finished)

    def work(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run ``job`` on a daemon thread and ``done`` with its result on the UI thread; see ``Host.work``."""

        def run() -> None:
            try:
                result = job()
            except Exception as error:  # a worker thread would swallow the traceback: report it
                problem = error.problem if isinstance(error, AppError) else unexpected_problem(error)
                report = failed or self.tell_problem
                self.soon(lambda: report(problem))
            else:
                self.soon(lambda: done(result))

        threading.Thread(target=run, name="work", daemon=True).start()

    def soon(self, callback: Callable[[], Any]) -> None:
        """Run a callback on the UI thread. Safe on any thread; dropped once the app has closed."""
        try:
            self._app.call_later(self.guard, callback)
        except RuntimeError:
            _log.debug("the app has closed")

    def leave(self, *, to_demo: bool = False, asks: bool = True) -> None:
        """Save everything and exit. The services stay open until pending key events are handled.

        Args:
            to_demo: Reopen with the offline demo.
            asks: Ask first if something cannot be saved. Signal handlers pass ``False``.
        """
        if asks and (self._is_leaving or self._confirms_quit(to_demo)):
            return
        self._is_leaving = True
        comparison = self._comparison()
        if comparison is not None:
            comparison.drafts.sync()
        if self._controller is not None:
            self._controller.guard(lambda controller: controller.close())
        self._app.exit(ExitReason.TO_DEMO if to_demo else ExitReason.QUIT)

    def _confirms_quit(self, to_demo: bool) -> bool:
        if not self._services.is_ready:
            return False
        from tui_router.ui.quit_dialog import confirm_quit, has_unsaved_changes  # rarely needed

        core = self._services.core
        if not has_unsaved_changes(core):
            return False
        self._is_leaving = True

        def stay() -> None:
            self._is_leaving = False

        confirm_quit(core, self, lambda: self.leave(to_demo=to_demo, asks=False), stay)
        return True

    def open_help(self) -> None:
        """Show the keys, starting with those of the current screen."""
        from tui_router.ui.screens.search_dialog import HelpScreen

        rows = self._registry.help_rows(reading=self._chat.is_reading, comparing=self._comparison() is not None)
        self.show_screen(
            HelpScreen(rows), lambda chosen: self.run_id(chosen) if chosen in self._registry.by_id else None
        )

    def open_palette(self) -> None:
        """Show the command palette."""
        from tui_router.ui.screens.search_dialog import PaletteScreen

        self.show_screen(
            PaletteScreen(self._registry.palette_rows()), lambda chosen: self.run_id(chosen) if chosen else None
        )

    def open_settings(self, group: str = "") -> None:
        """Show the settings, optionally at a group; changes take effect immediately."""
        from tui_router.ui.screens.settings import show_settings

        show_settings(self, self._services, self._registry.all, group, self._end_theme_preview)

    def put_in_editor(self, text: str) -> str | None:
        """Edit a text in the user's editor; return ``None`` (after reporting why) if that failed."""
        from tui_router.ui.editor import edit_text, editor_command

        try:
            command = editor_command(self._services.preferences.current.prompt.editor, os.environ)
            return edit_text(text, command, self._app.suspend)
        except AppError as trouble:
            self.tell_problem(trouble.problem)
            return None

    def write_terminal(self, sequence: str) -> None:
        """Send a control sequence to the terminal."""
        textual_private.write(self._app, sequence)

    def redraw(self) -> None:
        """Repaint the screen."""
        self._app.refresh(layout=True)

    def guard(self, act: Callable[[], Any]) -> None:
        """Call ``act``; report the ``AppError`` it raises."""
        try:
            act()
        except AppError as trouble:
            self.tell_problem(trouble.problem)

    def _run(self, command_id: str, words: str, on_error: Callable[[], None] = lambda: None) -> None:
        if command_id == "app.quit":
            self.leave()
            return
        command, comparison = self._registry.by_id[command_id], self._comparison()
        from tui_router.ui.commands.context import CommandContext  # not needed for the first frame

        def run(controller: ChatController) -> None:
            try:
                if comparison is not None and command.is_of_conversation:
                    raise misuse("A comparison is open", "Esc closes it first")
                command.run(CommandContext(self, self._services, controller, comparison), words)
            except AppError:
                on_error()
                raise

        self._when_ready(run)

    def _when_ready(self, act: Callable[[ChatController], Any]) -> None:
        if self._controller is None:
            self._deferred.append(act)
        else:
            self._controller.guard(act)

    def _comparison(self) -> Any:
        return next((s for s in reversed(self._app.screen_stack) if is_comparison(s)), None)

    def _end_theme_preview(self) -> None:
        """Return to the saved theme when the settings screen closes."""
        self._services.preferences.forget_overrides("look.theme")


def unexpected_problem(error: BaseException) -> Problem:
    """Return an unexpected exception as a problem and log its traceback."""
    _log.error("unexpected", exc_info=error)
    detail = f"{type(error).__name__}: {clean_line(redact(str(error)), 160)}"
    return Problem(kind=ErrorKind.BUG, title="Something went wrong in here", detail=detail, hint="The log has more")


def _toast(
    app: App[Any], text: str, *, title: str = "", severity: SeverityLevel = "information", timeout: float
) -> None:
    """Show a notification unless the same text is still on the screen."""
    if not textual_private.is_notified(app, title, text):
        app.notify(text, title=title, severity=severity, timeout=timeout, markup=False)
