"""The app: the first frame, the keys, and the last catch of trouble. Everything else is in its rooms."""

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
from textual.content import Content
from textual.screen import Screen

from tui_router.domain.problem import Trouble
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import redact
from tui_router.ui import private
from tui_router.ui.actions import Actions
from tui_router.ui.front import Front, Leaving, bug
from tui_router.ui.screens.chat.launch_options import LaunchOptions
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.themes import to_theme, transcript_styles, without_color

if TYPE_CHECKING:
    from tui_router.domain.settings import Settings
    from tui_router.services.wiring import Services
    from tui_router.ui.screens.chat.controller import ChatController

_log = logging.getLogger(__name__)


class TuiRouter(App[Leaving]):
    """The program on the screen."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "tui-router"

    def __init__(self, services: Services, options: LaunchOptions | None = None) -> None:
        super().__init__(ansi_color=bool(os.environ.get("NO_COLOR")))
        self._services = services
        self._options = options or LaunchOptions()
        self._chat = self._chat_screen(services.preferences.current)
        self._controller: ChatController | None = None
        self._actions = Actions(services.preferences)
        self._is_bound = False
        self.front = Front(self, services, self._chat, self._actions)
        self._dress()

    # The first frame, and what comes after it

    def get_default_screen(self) -> Screen[Any]:
        """The chat screen is there at once."""
        return self._chat

    async def on_mount(self) -> None:
        """Give the prompt the keyboard; after the first frame bring the services up."""
        # No key is looked at before this returns. One that comes before the prompt has the focus would be lost.
        # The rest of the screen is not waited for: so the first frame shows the keys that came already.
        prompt = self._chat.box.prompt
        await private.mounted(prompt)
        self._chat.set_focus(prompt)
        if self._options.terminal_modes is not None:
            from tui_router.ui.prompt.private import adopt_terminal_modes

            adopt_terminal_modes(private.driver_of(self), self._options.terminal_modes)
        self._stop_listening = self._services.preferences.listen(self._settings_changed)
        self.call_after_refresh(self._warm_up)

    def _warm_up(self) -> None:
        self._restyle()
        threading.Thread(target=self._prepare, name="warm-up", daemon=True).start()

    def _prepare(self) -> None:
        """Off the UI thread: everything that the first frame did without."""
        sys.setswitchinterval(0.001)  # imports must not make the first keys wait
        try:
            from tui_router.ui import commands, keyboard  # noqa: F401  # what the keys mean
            from tui_router.ui.screens.chat import controller  # SQLite, httpx, …

            core = self._services.core
            core.come_back()
            self.front.soon(lambda: self._begin(controller.ChatController))
            from tui_router.ui.transcript.warm import load_libraries

            load_libraries()
        except Exception as error:  # a broken start must say so on the screen that is already there
            _log.exception("the services could not be opened")
            problem = error.problem if isinstance(error, Trouble) else bug(error)
            self.front.soon(lambda: self.front.tell_problem(problem))
            return
        finally:
            sys.setswitchinterval(0.005)
            gc.enable()
        del core
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)

    def _begin(self, make_controller: Callable[..., ChatController]) -> None:
        from tui_router.ui.screens.chat.startup import open_first
        from tui_router.ui.terminal import watch_signals

        front = self.front
        self._services.core.hurry(threading.current_thread())
        controller = self._controller = make_controller(self._chat, self._services, front, self)
        self._chat.box.prompt.set_commands(self._menu_items())
        if not self.is_headless:
            import asyncio

            watch_signals(asyncio.get_running_loop(), lambda _: front.leave(asks=False))
        controller.guard(lambda _: open_first(controller, self._services, self._options))
        if not self._is_bound:
            self._bind()
        for problem in self._actions.keymap.problems:
            front.tell_problem(problem)
        self._chat.attach(controller)
        front.begin(controller)

    # Keys and commands

    async def on_event(self, event: events.Event) -> None:
        """Know what the keys mean before the first that is no letter; letters are the prompt's."""
        if not self._is_bound and isinstance(event, events.Key) and not event.is_printable:
            self._bind()
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key means something here."""
        if action == "command":
            from tui_router.ui.keyboard import hears

            return hears(self._actions.by_id[str(parameters[0])].scope, self.screen, self._chat)
        return True

    def action_command(self, command_id: str) -> None:
        """Run a command by its key."""
        self.front.run_id(command_id)

    # Inside

    def _fatal_error(self) -> None:
        """Say that the program failed, without locals: they may hold a key. The log has the traceback."""
        self.bell()
        self._services.open_log()
        _log.exception("the app crashed")
        error = sys.exc_info()[1]
        name = type(error).__name__ if error else "unknown"
        words = clean_line(redact(str(error)), 200) if error else ""
        unsaved = self._services.close()
        rest = unsaved.sentence() if unsaved is not None else "What was said is saved."
        text = f"tui-router failed: {name}: {words}. {rest} The log is {self._services.paths.log_file}"
        self._exit_renderables.append(Content(text).plain)
        self._close_messages_no_wait()

    def _chat_screen(self, settings: Settings) -> ChatScreen:
        from tui_router.ui.prompt.pastes import FoldRule

        fold = FoldRule(lines=settings.prompt.fold_paste_lines, chars=settings.prompt.fold_paste_chars)
        return ChatScreen(fold=fold, vim=settings.prompt.vim, hint=settings.chat.model)

    def _bind(self) -> None:
        from tui_router.ui.keyboard import bindings_of

        self._is_bound = True
        private.set_bindings(self, bindings_of(self._actions.keymap))
        self.set_keymap(self._actions.prompt_keys)

    def _dress(self) -> None:
        """Wear the theme of the settings."""
        palette, problems = self._services.preferences.palette()
        if os.environ.get("NO_COLOR"):
            palette = without_color(palette)
        private.wear(self, to_theme(palette))
        self._styles = transcript_styles(palette)
        for problem in problems:
            self.call_later(self.front.tell_problem, problem)

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
        self.front.soon(lambda: self._apply_settings(before, after))

    def _apply_settings(self, before: Settings, after: Settings) -> None:
        if before.keys != after.keys:
            self._actions.forget_keys()
            self._bind()
        if before.look != after.look:
            self._dress()
            self._restyle()
        if before.prompt.vim != after.prompt.vim:
            self._chat.box.prompt.set_vim(after.prompt.vim)
        if self._controller is not None:
            self._controller.refresh()

    def _menu_items(self) -> list[Any]:
        from tui_router.ui.prompt.completion import MenuItem

        return [
            MenuItem(value=c.slash[0], help=c.help, aliases=c.slash[1:], takes_words=bool(c.takes))
            for c in self._actions.all
            if c.slash
        ]
