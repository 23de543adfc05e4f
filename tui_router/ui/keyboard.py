"""From commands to Textual's bindings, and to the rows of help and palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.screen import Screen

from tui_router.ui.command import SCOPE_TITLES, Command, Scope
from tui_router.ui.keymap import Keymap, show_key

if TYPE_CHECKING:
    from tui_router.ui.actions import Actions
    from tui_router.ui.screens.chat.screen import ChatScreen
    from tui_router.ui.screens.search_dialog import ActionRow

_PROMPT_ROWS = (
    ("Send", "Enter"),
    ("New line", "Ctrl+J, Shift+Enter, Alt+Enter, \\ then Enter"),
    ("History", "Up, Down at the first and last line"),
    ("Search what was sent before", "Ctrl+R"),
    ("Commands", "/"),
    ("Files", "@"),
    ("Clear the draft, or edit an earlier question", "Esc Esc"),
)
"""What the prompt does by itself; for the help."""


def bindings_of(keymap: Keymap) -> list[Binding]:
    """Return one binding a key; which of them means something is asked when it is pressed."""
    return [
        Binding(b.key, f"command('{b.command.id}')", b.command.title, show=False, priority=b.command.priority)
        for b in keymap.bound
    ]


def hears(scope: Scope, screen: Screen[Any], chat: ChatScreen) -> bool:
    """Say whether keys of a scope mean something on the screen that is in front."""
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
    """Say whether a screen is the comparison, without importing it."""
    return bool(getattr(screen, "is_comparison", False))


def help_rows(actions: Actions, *, reading: bool, comparing: bool = False) -> list[ActionRow]:
    """Return everything with a key, by where it works; the place one is at comes first."""
    from tui_router.ui.screens.search_dialog import ActionRow

    first = Scope.COMPARE if comparing else Scope.MESSAGES if reading else Scope.PROMPT
    order = [first, *(s for s in Scope if s is not first)]
    rows = [
        ActionRow(id=c.id, text=c.title, key=", ".join(map(show_key, keys)), context=SCOPE_TITLES[s], detail=_more(c))
        for s in order
        for c in actions.all
        if c.scope is s and (keys := actions.keymap.keys_of(c.id))
    ]
    own = [ActionRow(id=f"prompt:{k}", text=t, key=k, context=SCOPE_TITLES[Scope.PROMPT]) for t, k in _PROMPT_ROWS]
    words = [
        ActionRow(id=c.id, text=f"/{c.slash[0]} {c.takes}".strip(), context="Words", detail=c.help)
        for c in actions.all
        if c.slash
    ]
    place = next((i for i, r in enumerate(rows) if r.context == SCOPE_TITLES[Scope.PROMPT]), 0)
    return [*rows[:place], *own, *rows[place:], *words]


def palette_rows(actions: Actions) -> list[ActionRow]:
    """Return every action with its key."""
    from tui_router.ui.screens.search_dialog import ActionRow

    return [
        ActionRow(
            id=c.id, text=c.title, key=", ".join(map(show_key, actions.keymap.keys_of(c.id)[:1])), detail=_more(c)
        )
        for c in actions.all
        if c.in_palette
    ]


def _more(command: Command[Any]) -> str:
    words = f"/{command.slash[0]}" if command.slash else ""
    return " · ".join(t for t in (command.help if command.help != command.title else "", words) if t)
