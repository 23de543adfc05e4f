"""The current settings: read when used, changed in one place, with change listeners."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tui_router.domain.palette import Palette
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.settings import Settings, find_setting, value_at
from tui_router.storage.environment import Environment
from tui_router.storage.paths import AppPaths
from tui_router.storage.settings import SavedSettings, change_key, change_setting, load_settings
from tui_router.storage.themes import bundled_themes, find_palette, load_palettes

Listener = Callable[[Settings, Settings], None]
"""Receives the settings before and after a change, on the thread that made it."""


class Preferences:
    """Owns the settings. ``current`` is immutable and replaced on change; do not keep a copy.

    Layers, later ones take precedence: default, file, ``.env``, environment, flags of this run.
    """

    def __init__(
        self,
        paths: AppPaths,
        environment: Environment | None = None,
        *,
        flags: Mapping[str, object] | None = None,
        themes: Path | None = None,
    ) -> None:
        self._paths = paths
        self._environment = environment or Environment()
        self._themes = themes
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        loaded = load_settings(paths, self._environment)
        self._fixed = {path: value_at(loaded.settings, path) for path in sorted(loaded.from_env)}
        self._flags = {p: find_setting(p).spec.check(v) for p, v in (flags or {}).items()}
        self._stored = loaded.stored
        self._current = self._laid(loaded.stored)
        self.problems: tuple[Problem, ...] = loaded.problems
        """Problems of the file and the environment at start."""
        self.last_good: Callable[[], Mapping[str, object]] = dict
        """Spending limits by path that apply while the file cannot be read; a new file starts with them."""

    @property
    def current(self) -> Settings:
        """The current settings."""
        return self._current

    @property
    def stored(self) -> Settings:
        """The settings in the file, without environment and flags."""
        return self._stored

    def locked_by(self, path: str) -> str:
        """Return what prevents changing a setting, e.g. ``environment (LOG_LEVEL)``; else empty."""
        setting = find_setting(path)
        if setting.path not in self._fixed:
            return ""
        return self._environment.source(setting.spec.env) or "environment"

    def change(self, path: str, value: object) -> tuple[Problem, ...]:
        """Check, save and apply one setting; returns notices (a copy of the file was kept).

        Raises ``AppError`` when the value does not fit, the environment holds it, or the disk refuses;
        then nothing has changed.
        """
        setting = find_setting(path)
        holder = self.locked_by(setting.path)
        if holder:
            raise AppError(
                Problem(
                    kind=ErrorKind.SETTINGS,
                    title=f"{setting.path} is set by the {holder}",
                    detail="That wins over the settings file, so a change here would do nothing",
                    hint=f"Unset {setting.spec.env} and start again",
                )
            )
        with self._lock:
            self._flags.pop(setting.path, None)
            saved = change_setting(self._paths, setting.path, value, self.last_good())
            return self._take(saved)

    def toggle(self, path: str) -> bool:
        """Toggle a boolean setting; returns its new value. Raises ``AppError``."""
        with self._lock:
            is_on = not value_at(self._current, find_setting(path).path)
            self.change(path, is_on)
        return is_on

    def change_typed(self, path: str, text: str) -> tuple[Problem, ...]:
        """Change a setting to what a person typed: ``/set temperature 0.3``, ``/set temperature default``."""
        setting = find_setting(path)
        return self.change(setting.path, setting.spec.parse(text))

    def change_keys(self, command: str, keys: str | None) -> tuple[Problem, ...]:
        """Set a command's keys (comma-separated); ``None`` restores the defaults."""
        with self._lock:
            return self._take(change_key(self._paths, command, keys, self.last_good()))

    def reload(self) -> tuple[Problem, ...]:
        """Reload the file; returns its problems."""
        loaded = load_settings(self._paths, self._environment)
        with self._lock:
            self._take(SavedSettings(stored=loaded.stored))
        return loaded.problems

    def override(self, path: str, value: object) -> None:
        """Override a setting for this run without saving it."""
        setting = find_setting(path)
        checked = setting.spec.check(value)
        with self._lock:
            self._flags[setting.path] = checked
            self._apply(self._stored)

    def forget_overrides(self, path: str) -> None:
        """Remove the override of a setting."""
        with self._lock:
            self._flags.pop(find_setting(path).path, None)
            self._apply(self._stored)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` on every change; call the returned function to stop."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def palettes(self) -> tuple[tuple[Palette, ...], tuple[Problem, ...]]:
        """Return all themes, bundled and custom, with problems of custom ones."""
        return load_palettes(self._themes or bundled_themes(), self._paths.themes)

    def palette(self) -> tuple[Palette, tuple[Problem, ...]]:
        """Return the configured theme, or a fallback and a problem if it is missing. Reads one file."""
        return find_palette(self._current.look.theme, self._themes or bundled_themes(), self._paths.themes)

    def _take(self, saved: SavedSettings) -> tuple[Problem, ...]:
        self._stored = saved.stored
        self._apply(saved.stored)
        return saved.notices

    def _apply(self, stored: Settings) -> None:
        before, self._current = self._current, self._laid(stored)
        if before == self._current:
            return
        for listener in tuple(self._listeners):
            listener(before, self._current)

    def _laid(self, stored: Settings) -> Settings:
        settings = stored
        for path, value in {**self._fixed, **self._flags}.items():
            group, _, name = path.partition(".")
            settings = replace(settings, **{group: replace(getattr(settings, group), **{name: value})})
        return settings
