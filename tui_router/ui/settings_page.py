"""The settings screen, fed by the services: changes are saved at once, themes are shown while one chooses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on

from tui_router.domain.problem import Problem, Trouble
from tui_router.domain.settings import all_settings
from tui_router.ui.command import SCOPE_TITLES, Command
from tui_router.ui.host import Host
from tui_router.ui.keymap import Keymap, resolve
from tui_router.ui.screens.settings import SettingsScreen
from tui_router.ui.widgets.form_fields import FormFacts, KeyRow, Option

if TYPE_CHECKING:
    from tui_router.services.preferences import Preferences
    from tui_router.services.wiring import Services


class SettingsPage(SettingsScreen):
    """The form with the preferences behind it."""

    def __init__(self, host: Host, preferences: Preferences, commands: Sequence[Command[Any]], at: str) -> None:
        self._host = host
        self._preferences = preferences
        self._commands = commands
        self._changes: deque[SettingsScreen.SettingChanged] = deque()
        super().__init__(self._make_facts(), at=at, problems=preferences.problems)

    @on(SettingsScreen.SettingChanged)
    def _keep_change(self, event: SettingsScreen.SettingChanged) -> None:
        self._changes.append(event)
        if len(self._changes) == 1:
            self._change_next()

    def _change_next(self) -> None:
        """Write the oldest change; the next one follows it, so that the last one made is the one that stays."""
        event, preferences = self._changes[0], self._preferences

        def change() -> tuple[Problem, ...]:
            try:
                if event.path.startswith("keys."):
                    return preferences.change_keys(event.path.removeprefix("keys."), event.value)
                return preferences.change(event.path, event.value)
            except Trouble as trouble:
                return (trouble.problem,)

        self._host.work(change, self._changed)

    def _changed(self, notices: tuple[Problem, ...]) -> None:
        self._changes.popleft()
        for notice in notices:
            self._host.tell_problem(notice)
        if self._changes:
            self._change_next()
        elif self.is_mounted:
            self.show(self._make_facts())

    @on(SettingsScreen.SettingPreviewed)
    def _show_change(self, event: SettingsScreen.SettingPreviewed) -> None:
        self._preferences.override(event.path, event.value)

    def _make_facts(self) -> FormFacts:
        preferences = self._preferences
        keymap = resolve(self._commands, preferences.current.keys)
        locked = ((s.path, preferences.locked_by(s.path)) for s in all_settings())
        palettes, _ = preferences.palettes()
        return FormFacts(
            settings=preferences.current,
            sources={path: holder for path, holder in locked if holder},
            options={"look.theme": tuple(Option(p.name, p.title or p.name) for p in palettes)},
            keys=tuple(_key_row(c, keymap) for c in self._commands),
            check_key=self._fault,
        )

    def _fault(self, command_id: str, keys: str) -> Problem | None:
        """Say what is wrong with keys before they are kept."""
        wanted = {**self._preferences.current.keys, command_id: keys}
        found = resolve(self._commands, wanted).problems
        return next((p for p in found if f"] {command_id}:" in p.title), None)


def show_settings(
    host: Host, services: Services, commands: Sequence[Command[Any]], group: str, done: Callable[[], None]
) -> None:
    """Lay the settings over the screen, at the first setting of a group."""
    first = next(
        (s.path for s in all_settings() if s.group == group), f"keys.{commands[0].id}" if group == "keys" else ""
    )
    host.show_screen(SettingsPage(host, services.preferences, commands, first), lambda _: done())


def _key_row(command: Command[Any], keymap: Keymap) -> KeyRow:
    return KeyRow(
        id=command.id,
        text=command.title,
        keys=",".join(keymap.keys_of(command.id)),
        default=command.key,
        context=SCOPE_TITLES[command.scope],
    )
