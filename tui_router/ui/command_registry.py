"""The commands by id, key and slash word, and the rows that help and palette show for them.

Nothing is imported until something is looked up: the first frame needs neither commands nor keymap.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_router.services.preferences import Preferences
    from tui_router.ui.command import Command, Scope
    from tui_router.ui.keymap import Keymap
    from tui_router.ui.prompt.completion import MenuItem
    from tui_router.ui.screens.chat.screen import ChatScreen
    from tui_router.ui.screens.search_dialog import ActionRow

_MAX_SUGGESTIONS = 6
"""Commands listed when a slash word is ambiguous."""
_PROMPT_ROWS = (
    ("Send", "Enter"),
    ("New line", "Ctrl+J, Shift+Enter, Alt+Enter, \\ then Enter"),
    ("History", "Up, Down at the first and last line"),
    ("Search what was sent before", "Ctrl+R"),
    ("Commands", "/"),
    ("Files", "@"),
    ("Clear the draft, or edit an earlier question", "Esc Esc"),
)
"""Title and key of what the prompt handles itself, for the help."""


class CommandRegistry:
    """Looks up commands. UI thread."""

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
        """The active keys: the user's over the defaults."""
        if self._keymap is None:
            from tui_router.ui.keymap import resolve

            own = self._preferences.current.keys
            self._keymap = resolve(self.all, {i: k for i, k in own.items() if not i.startswith("prompt.")})
        return self._keymap

    @property
    def prompt_keys(self) -> dict[str, str]:
        """The user's keys for the prompt, which has bindings of its own."""
        return {i: k for i, k in self._preferences.current.keys.items() if i.startswith("prompt.")}

    def forget_keys(self) -> None:
        """Resolve the keys again on next use, after the settings changed."""
        self._keymap = None

    def menu_items(self) -> list[MenuItem]:
        """Return the slash commands as items of the completion menu."""
        from tui_router.ui.prompt.completion import MenuItem

        return [
            MenuItem(value=c.slash[0], help=c.help, aliases=c.slash[1:], takes_words=bool(c.takes))
            for c in self.all
            if c.slash
        ]

    def palette_rows(self) -> list[ActionRow]:
        """Return every palette command with its first key."""
        from tui_router.ui.keymap import show_key
        from tui_router.ui.screens.search_dialog import ActionRow

        return [
            ActionRow(
                id=c.id, text=c.title, key=", ".join(map(show_key, self.keymap.keys_of(c.id)[:1])), detail=_details(c)
            )
            for c in self.all
            if c.in_palette
        ]

    def help_rows(self, *, reading: bool, comparing: bool = False) -> list[ActionRow]:
        """Return every command with a key grouped by scope, current scope first, then all slash words.

        Args:
            reading: The chat is in message mode.
            comparing: The comparison screen is open.
        """
        from tui_router.ui.command import SCOPE_TITLES, Scope
        from tui_router.ui.keymap import show_key
        from tui_router.ui.screens.search_dialog import ActionRow

        first = Scope.COMPARE if comparing else Scope.MESSAGES if reading else Scope.PROMPT
        rows = [
            ActionRow(
                id=c.id, text=c.title, key=", ".join(map(show_key, keys)), context=SCOPE_TITLES[s], detail=_details(c)
            )
            for s in (first, *(s for s in Scope if s is not first))
            for c in self.all
            if c.scope is s and (keys := self.keymap.keys_of(c.id))
        ]
        prompt = SCOPE_TITLES[Scope.PROMPT]
        own = [ActionRow(id=f"prompt:{k}", text=t, key=k, context=prompt) for t, k in _PROMPT_ROWS]
        words = [
            ActionRow(id=c.id, text=f"/{c.slash[0]} {c.takes}".strip(), context="Words", detail=c.help)
            for c in self.all
            if c.slash
        ]
        place = next((i for i, r in enumerate(rows) if r.context == prompt), 0)
        return [*rows[:place], *own, *rows[place:], *words]


def find_slash_command(name: str, commands: Sequence[Command[Any]]) -> Command[Any]:
    """Return the command with this slash word, alias, or unique prefix of one.

    Raises:
        AppError: No command matches, or several do; the hint lists the nearest.
    """
    from tui_router.domain.problem import misuse
    from tui_router.domain.safe import clean_line
    from tui_router.ui.fuzzy import named

    found = [commands[row] for row in named(name, [c.slash for c in commands])] if name else []
    if len(found) == 1:
        return found[0]
    shown = clean_line(name, 30)
    if found:
        near = [next(s for s in c.slash if s.startswith(name.lower())) for c in found]
        raise misuse(f"/{shown} may be several commands", f"Did you mean {_listed(near)}?")
    from difflib import get_close_matches  # needed only for this error; kept off the start-up path

    near = get_close_matches(name.lower(), [s for c in commands for s in c.slash], n=3, cutoff=0.5)
    hint = f"Did you mean {_listed(near)}?" if near else "/help lists all; // sends a slash"
    raise misuse(f"There is no command /{shown}", hint)


def is_scope_active(scope: Scope, screen: Screen[Any], chat: ChatScreen) -> bool:
    """Return whether keys of a scope work while ``screen`` is on top."""
    from tui_router.ui.command import Scope

    match scope:
        case Scope.EVERYWHERE:
            return True
        case Scope.MAIN:
            return screen is chat or is_comparison(screen)
        case Scope.CHAT:
            return screen is chat
        case Scope.PROMPT:
            return screen is chat and chat.focused is chat.box.prompt
        case Scope.MESSAGES:
            return screen is chat and chat.is_reading
        case Scope.COMPARE:
            return is_comparison(screen)


def is_comparison(screen: Screen[Any]) -> bool:
    """Return whether a screen is the comparison, without importing it."""
    return bool(getattr(screen, "is_comparison", False))


def _details(command: Command[Any]) -> str:
    slash = f"/{command.slash[0]}" if command.slash else ""
    return " · ".join(t for t in (command.help if command.help != command.title else "", slash) if t)


def _listed(names: Sequence[str]) -> str:
    shown = [f"/{n}" for n in names[:_MAX_SUGGESTIONS]]
    return ", ".join(shown) + ("…" if len(names) > _MAX_SUGGESTIONS else "")
