"""A command declares itself once. Its key, palette entry, slash word, footer and help all read this.

Names of keys are Textual's. Whoever adds a command writes one function with ``@command`` in
``ui/commands/<topic>.py`` and lists it at the bottom of that file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Context = TypeVar("Context")
"""What a command works with; the app says what that is."""


class Scope(StrEnum):
    """Where a key works."""

    EVERYWHERE = "everywhere"
    """On every screen, over dialogs too."""
    MAIN = "main"
    """On the chat and comparison screens, while nothing lies over them."""
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
    """Something that a person can do."""

    id: str
    """An imperative with its topic, e.g. ``chat.stop``; users rebind keys by it."""
    title: str
    help: str
    run: Callable[[Context, str], None]
    """Does it; the text is what followed the slash word."""
    key: str = ""
    """Keys, comma separated; empty for none."""
    slash: tuple[str, ...] = ()
    """Slash words without the slash; the first is the name, the others are aliases."""
    takes: str = ""
    """What may follow the slash word, e.g. ``[text]``."""
    scope: Scope = Scope.MAIN
    priority: bool = True
    """Whether the key wins over the widget that has the focus."""
    in_palette: bool = True

    @property
    def is_of_conversation(self) -> bool:
        """True when it works on the conversation in view; lanes lie over that."""
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
    """Make a ``Command`` of a function ``(context, words)``. Nothing is registered anywhere."""

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
