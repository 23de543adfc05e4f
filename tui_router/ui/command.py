"""``Command`` and the ``@command`` decorator: the single declaration behind key, palette entry, slash word and help.

Key names are Textual's. To add a command, write a function with ``@command`` in ``ui/commands/<topic>.py`` and
list it at the end of that file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Context = TypeVar("Context")
"""The type of the first argument of every command: ``CommandContext`` in the app."""


class Scope(StrEnum):
    """Where a key works."""

    EVERYWHERE = "everywhere"
    """On every screen, including dialogs."""
    MAIN = "main"
    """On the chat and comparison screens, while no dialog covers them."""
    CHAT = "chat"
    """On the chat screen."""
    PROMPT = "prompt"
    """While the prompt has the focus."""
    MESSAGES = "messages"
    """In message mode, or while the transcript has the focus."""
    COMPARE = "compare"
    """On the comparison screen, outside its prompt."""


SCOPE_TITLES = {
    Scope.EVERYWHERE: "Everywhere",
    Scope.MAIN: "Chat and comparison",
    Scope.CHAT: "Chat",
    Scope.PROMPT: "Prompt",
    Scope.MESSAGES: "Message mode",
    Scope.COMPARE: "Comparison",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[Context]):
    """Something the user can do."""

    id: str
    """``topic.verb``, e.g. ``chat.stop``; users rebind keys by it."""
    title: str
    help: str
    run: Callable[[Context, str], None]
    """Called with the context and the text after the slash word."""
    key: str = ""
    """Default keys, comma separated; empty for none."""
    slash: tuple[str, ...] = ()
    """Slash words without the slash: the name, then its aliases."""
    takes: str = ""
    """Syntax of the text after the slash word, e.g. ``[text]``."""
    scope: Scope = Scope.MAIN
    priority: bool = True
    """Whether the key takes precedence over the focused widget."""
    in_palette: bool = True

    @property
    def is_of_conversation(self) -> bool:
        """Whether it acts on the conversation of the chat screen, which an open comparison covers."""
        return self.scope in (Scope.CHAT, Scope.PROMPT, Scope.MESSAGES)


def command(
    id: str,
    title: str,
    help: str = "",
    *,
    key: str = "",
    slash: tuple[str, ...] = (),
    takes: str = "",
    scope: Scope = Scope.MAIN,
    priority: bool = True,
    in_palette: bool = True,
) -> Callable[[Callable[[Context, str], None]], Command[Context]]:
    """Turn a function ``(context, words)`` into a ``Command``. Does not register it anywhere."""

    def make(run: Callable[[Context, str], None]) -> Command[Context]:
        return Command(
            id=id,
            title=title,
            help=help or title,
            run=run,
            key=key,
            slash=slash,
            takes=takes,
            scope=scope,
            priority=priority,
            in_palette=in_palette,
        )

    return make
