"""The completion model: the word being typed, the items that match it, and the marked item. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from tui_router.ui.fuzzy import fold, named, rank

MAX_ITEMS = 50
"""Maximum items in a menu; typing narrows them down."""


class MenuKind(StrEnum):
    """What a menu offers."""

    COMMAND = "command"
    FILE = "file"
    HISTORY = "history"


class MenuItem(NamedTuple):
    """One row of a menu."""

    value: str
    """The command without its slash, the path, or the history entry."""
    help: str = ""
    aliases: tuple[str, ...] = ()
    takes_words: bool = False
    """Whether the command takes text: choosing it then completes the word but does not run it."""
    insert: str = ""
    """For a snippet: the text that replaces what was typed."""


class Token(NamedTuple):
    """The word at the cursor to complete: its kind, half-open range of offsets, and query."""

    kind: MenuKind
    start: int
    end: int
    query: str


def find_token(text: str, cursor: int) -> Token | None:
    """Return the command or file name being typed at the cursor, or ``None``."""
    if text.startswith("/") and not text.startswith("//"):
        end = next((i for i, c in enumerate(text) if c.isspace()), len(text))
        if 0 < cursor <= end and "/" not in text[1:end]:
            return Token(MenuKind.COMMAND, 0, end, text[1:cursor])
    start = cursor
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    if text[start : start + 1] != "@" or start == cursor:
        return None
    end = cursor
    while end < len(text) and not text[end].isspace():
        end += 1
    return Token(MenuKind.FILE, start, end, text[start + 1 : cursor])


class ItemIndex:
    """Items of one kind, case-folded once for searching."""

    def __init__(self, items: Iterable[MenuItem] = ()) -> None:
        self.items = tuple(items)
        self._rows = [fold(" ".join((item.value, *item.aliases, item.help))) for item in self.items]

    def search(self, query: str, limit: int = MAX_ITEMS) -> tuple[MenuItem, ...]:
        """Return the matching items, best first."""
        return tuple(self.items[hit.row] for hit in rank(query, self._rows, limit))

    def find_named(self, query: str) -> MenuItem | None:
        """Return the item with this name, alias, or unique prefix of one; ``None`` if there is none."""
        found = named(query, [(item.value, *item.aliases) for item in self.items])
        return self.items[found[0]] if len(found) == 1 else None


class CompletionState:
    """The menu: its token, items and marked row. Closed while it has no items.

    No command is marked until the choice is unambiguous: by its name, a unique prefix, or the arrow keys. Enter
    accepts only a marked row.
    """

    def __init__(self) -> None:
        self.token: Token | None = None
        self.items: tuple[MenuItem, ...] = ()
        self.index = 0
        """The marked row; -1 if none."""
        self._dismissed: tuple[MenuKind, int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the menu is open and handles Up, Down, Tab and Enter."""
        return bool(self.items)

    @property
    def marked(self) -> MenuItem | None:
        """The item that Enter accepts."""
        return self.items[self.index] if self.items and self.index >= 0 else None

    @property
    def offered(self) -> MenuItem | None:
        """The item that Tab accepts: the marked one, or else the first."""
        return self.items[max(0, self.index)] if self.items else None

    def show(self, token: Token | None, items: tuple[MenuItem, ...], exact: MenuItem | None = None) -> bool:
        """Update the menu for what is typed; return whether anything visible changed.

        Args:
            token: The word at the cursor, if any.
            items: The items that match it.
            exact: The command that the word names, to be marked.
        """
        place = (token.kind, token.start) if token else None
        if place != self._dismissed:
            self._dismissed = None
        elif place is not None:
            items = ()
        before = (self.items, self.token)
        if (items, token) != before:
            is_ambiguous = token is not None and token.kind is MenuKind.COMMAND and exact not in items
            self.index = -1 if is_ambiguous else items.index(exact) if exact is not None else 0
        self.token, self.items = (token, items) if items else (None, ())
        return (self.items, self.token) != before

    def dismiss(self) -> None:
        """Close the menu until another word is typed."""
        if self.token:
            self._dismissed = (self.token.kind, self.token.start)
        self.token, self.items, self.index = None, (), 0

    def move(self, rows: int) -> None:
        """Move the mark, wrapping around at both ends."""
        if self.items:
            start = -1 if self.index < 0 and rows > 0 else max(0, self.index)
            self.index = (start + rows) % len(self.items)

    def mark(self, index: int) -> None:
        """Mark a row."""
        self.index = index

    def ghost(self) -> str:
        """Return the rest of the offered word, to be shown after the cursor."""
        item, token = self.offered, self.token
        if (
            item is None
            or token is None
            or token.kind is MenuKind.HISTORY
            or len(token.query) != token.end - token.start - 1
        ):
            return ""
        return item.value[len(token.query) :] if item.value.startswith(token.query) and token.query else ""
