"""Every command, and the keys in force. Read when first asked for: the first frame needs neither."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_router.services.preferences import Preferences
    from tui_router.ui.command import Command
    from tui_router.ui.keymap import Keymap


class Actions:
    """What can be done, by id and by key. UI thread."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._keymap: Keymap | None = None

    @cached_property
    def all(self) -> tuple[Command[Any], ...]:
        """Every command, in the order of help and palette."""
        from tui_router.ui.commands import COMMANDS

        return COMMANDS

    @cached_property
    def by_id(self) -> dict[str, Command[Any]]:
        """Every command by its id."""
        return {c.id: c for c in self.all}

    @property
    def keymap(self) -> Keymap:
        """The keys in force: the user's over the defaults."""
        if self._keymap is None:
            from tui_router.ui.keymap import resolve

            own = self._preferences.current.keys
            self._keymap = resolve(self.all, {i: k for i, k in own.items() if not i.startswith("prompt.")})
        return self._keymap

    @property
    def prompt_keys(self) -> dict[str, str]:
        """The user's keys of the prompt, which binds them itself."""
        return {i: k for i, k in self._preferences.current.keys.items() if i.startswith("prompt.")}

    def forget_keys(self) -> None:
        """Resolve the keys anew: the settings have changed."""
        self._keymap = None
