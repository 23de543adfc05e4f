"""The Textual app: first frame, service start-up, key bindings, theme, and crash report."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.screen import Screen

from tui_router.domain.problem import AppError
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import redact
from tui_router.ui import textual_private
from tui_router.ui.app_host import AppHost, ExitReason, unexpected_problem
from tui_router.ui.command_registry import CommandRegistry, is_scope_active
from tui_router.ui.screens.chat.launch_options import LaunchOptions
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.themes import to_theme, transcript_styles, without_color

if TYPE_CHECKING:
    from tui_router.domain.settings import Settings
    from tui_router.services.startup import Services
    from tui_router.ui.screens.chat.controller import ChatController

_log = logging.getLogger(__name__)


class TuiRouter(App[ExitReason]):
    """The full-screen program."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "tui-router"

    def __init__(self, services: Services, options: LaunchOptions | None = None) -> None:
        super().__init__(ansi_color=bool(os.environ.get("NO_COLOR")))
        self._services = services
        self._options = options or LaunchOptions()
        self._chat = self._make_chat_screen(services.preferences.current)
        self._controller: ChatController | None = None
        self._command_registry = CommandRegistry(services.preferences)
        self._has_bindings = False
        self.host = AppHost(self, services, self._chat, self._command_registry)
        self._apply_theme()

    # Start-up

    def get_default_screen(self) -> Screen[Any]:
        """Return the chat screen, so that the first frame already shows it."""
        return self._chat

    async def on_mount(self) -> None:
        """Focus the prompt, then start the services after the first frame."""
        # Textual handles no key before this returns; a key before the prompt has focus would be lost. Waiting
        # only for the prompt, not for the whole screen, lets the first frame show keys typed during start-up.
        prompt = self._chat.box.prompt
        await textual_private.wait_until_mounted(prompt)
        self._chat.set_focus(prompt)
        if self._options.terminal_modes is not None:
            from tui_router.ui.prompt.terminal_input import adopt_terminal_modes

            adopt_terminal_modes(textual_private.driver_of(self), self._options.terminal_modes)
        self._stop_listening = self._services.preferences.listen(self._on_settings_changed)
        self.call_after_refresh(self._start_services)

    def _start_services(self) -> None:
        self._apply_appearance()
        threading.Thread(target=self._load_services, name="warm-up", daemon=True).start()

    def _load_services(self) -> None:
        """Import and open everything the first frame does not need. Worker thread."""
        sys.setswitchinterval(0.001)  # otherwise the imports delay the first keystrokes
        try:
            from tui_router.ui import commands, keymap  # noqa: F401  # imported here, not on the first key press
            from tui_router.ui.screens.chat.controller import ChatController  # SQLite, httpx, …

            core = self._services.core
            core.come_back()
            self.host.soon(lambda: self._on_services_ready(ChatController))
            from tui_router.ui.transcript.body import load_libraries

            load_libraries()
        except Exception as error:  # the screen is already up: report the failed start there
            _log.exception("the services could not be opened")
            problem = error.problem if isinstance(error, AppError) else unexpected_problem(error)
            self.host.soon(lambda: self.host.tell_problem(problem))
            return
        finally:
            sys.setswitchinterval(0.005)
            gc.enable()
        del core
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)

    def _on_services_ready(self, make_controller: Callable[..., ChatController]) -> None:
        from tui_router.ui.screens.chat.startup import open_first
        from tui_router.ui.terminal import watch_signals

        host = self.host
        self._services.core.hurry(threading.current_thread())
        controller = self._controller = make_controller(self._chat, self._services, host, self)
        self._chat.box.prompt.completer.set_commands(self._command_registry.menu_items())
        if not self.is_headless:
            import asyncio

            watch_signals(asyncio.get_running_loop(), lambda _: host.leave(asks=False))
        controller.guard(lambda _: open_first(controller, self._services, self._options))
        if not self._has_bindings:
            self._bind_keys()
        for problem in self._command_registry.keymap.problems:
            host.tell_problem(problem)
        self._chat.attach(controller)
        host.begin(controller)

    # Keys and commands

    async def on_event(self, event: events.Event) -> None:
        """Bind the keys before the first non-printable one arrives; printable keys only type into the prompt."""
        if not self._has_bindings and isinstance(event, events.Key) and not event.is_printable:
            self._bind_keys()
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key binding is active on the current screen."""
        if action == "command":
            scope = self._command_registry.by_id[str(parameters[0])].scope
            return is_scope_active(scope, self.screen, self._chat)
        return True

    def action_command(self, command_id: str) -> None:
        """Run a command by its id (the action of every key binding)."""
        self.host.run_id(command_id)

    def _bind_keys(self) -> None:
        from tui_router.ui.keymap import bindings_of

        self._has_bindings = True
        textual_private.set_bindings(self, bindings_of(self._command_registry.keymap))
        self.set_keymap(self._command_registry.prompt_keys)

    # Crash

    def _fatal_error(self) -> None:
        """Report a crash in one sentence. Overrides Textual's traceback, whose locals may hold an API key."""
        self.bell()
        self._services.open_log()
        _log.exception("the app crashed")
        error = sys.exc_info()[1]
        name = type(error).__name__ if error else "unknown"
        message = clean_line(redact(str(error)), 200) if error else ""
        unsaved = self._services.close()
        rest = unsaved.sentence() if unsaved is not None else "What was said is saved."
        textual_private.exit_with_message(
            self, f"tui-router failed: {name}: {message}. {rest} The log is {self._services.paths.log_file}"
        )

    # Settings

    def _make_chat_screen(self, settings: Settings) -> ChatScreen:
        from tui_router.ui.prompt.pastes import FoldRule

        fold = FoldRule(lines=settings.prompt.fold_paste_lines, chars=settings.prompt.fold_paste_chars)
        return ChatScreen(fold=fold, vim=settings.prompt.vim, hint=settings.chat.model)

    def _apply_theme(self) -> None:
        """Apply the configured theme."""
        palette, problems = self._services.preferences.palette()
        if os.environ.get("NO_COLOR"):
            palette = without_color(palette)
        textual_private.apply_theme(self, to_theme(palette))
        self._styles = transcript_styles(palette)
        for problem in problems:
            self.call_later(self.host.tell_problem, problem)

    def _apply_appearance(self) -> None:
        """Apply text styles, density and width to the transcript."""
        from tui_router.ui.transcript.appearance import Appearance

        look = self._services.preferences.current.look
        transcript = self._chat.pane.transcript
        transcript.set_text_styles(self._styles)
        transcript.set_appearance(
            Appearance(
                density=look.density,
                timestamps=look.timestamps,
                reasoning=look.reasoning,
                motion=look.motion and os.environ.get("TEXTUAL_ANIMATIONS") != "none",
            ),
            max_width=look.width,
        )

    def _on_settings_changed(self, before: Settings, after: Settings) -> None:
        self.host.soon(lambda: self._apply_settings(before, after))

    def _apply_settings(self, before: Settings, after: Settings) -> None:
        if before.keys != after.keys:
            self._command_registry.forget_keys()
            self._bind_keys()
        if before.look != after.look:
            self._apply_theme()
            self._apply_appearance()
        if before.prompt.vim != after.prompt.vim:
            self._chat.box.prompt.set_vim(after.prompt.vim)
        if self._controller is not None:
            self._controller.refresh()
