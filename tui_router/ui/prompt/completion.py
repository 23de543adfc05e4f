"""What the prompt can complete: which word is being typed, which items fit it, which one is marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from tui_router.ui.fuzzy import fold, named, rank

MOST_ITEMS = 50
"""Items a menu holds; typing narrows them."""


class MenuKind(StrEnum):
    """What a menu offers."""

    COMMAND = "command"
    FILE = "file"
    HISTORY = "history"


class MenuItem(NamedTuple):
    """One row of a menu."""

    value: str
    """The command without its slash, the path, or the old text."""
    help: str = ""
    aliases: tuple[str, ...] = ()
    takes_words: bool = False
    """Whether a command wants words behind it: then choosing completes, and does not run yet."""
    insert: str = ""
    """A snippet: choosing puts this text in the place of what was typed."""


class Token(NamedTuple):
    """The word at the cursor that a menu belongs to: where it is, and what to look for."""

    kind: MenuKind
    start: int
    end: int
    query: str


def find_token(text: str, cursor: int) -> Token | None:
    """Return the command or file that is being typed at the cursor, if there is one."""
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


class Catalogue:
    """Items of one kind, folded once for searching."""

    def __init__(self, items: Iterable[MenuItem] = ()) -> None:
        self.items = tuple(items)
        self._rows = [fold(" ".join((item.value, *item.aliases, item.help))) for item in self.items]

    def find(self, query: str, limit: int = MOST_ITEMS) -> tuple[MenuItem, ...]:
        """Return the items that fit, best first."""
        return tuple(self.items[hit.row] for hit in rank(query, self._rows, limit))

    def meant(self, query: str) -> MenuItem | None:
        """Return the one item that is meant by its name or by a beginning that no other has; ``None`` otherwise."""
        found = named(query, [(item.value, *item.aliases) for item in self.items])
        return self.items[found[0]] if len(found) == 1 else None


class Completion:
    """The open menu: its token, its items, and the marked one. Closed while it has no items.

    Of commands none is marked until it is clear which one is meant: by its name, by a beginning that no other has,
    or by the keys that walk the menu. What is marked is what Enter takes, and nothing else.
    """

    def __init__(self) -> None:
        self.token: Token | None = None
        self.items: tuple[MenuItem, ...] = ()
        self.index = 0
        """The marked row; -1 for none."""
        self._dismissed: tuple[MenuKind, int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether keys go to the menu."""
        return bool(self.items)

    @property
    def marked(self) -> MenuItem | None:
        """The item that Enter takes."""
        return self.items[self.index] if self.items and self.index >= 0 else None

    @property
    def offered(self) -> MenuItem | None:
        """The item that Tab writes out: the marked one, else the first."""
        return self.items[max(0, self.index)] if self.items else None

    def show(self, token: Token | None, items: tuple[MenuItem, ...], meant: MenuItem | None = None) -> bool:
        """Follow what is typed; returns whether anything that is seen has changed. ``meant`` is the command to mark."""
        place = (token.kind, token.start) if token else None
        if place != self._dismissed:
            self._dismissed = None
        elif place is not None:
            items = ()
        before = (self.items, self.token)
        if (items, token) != before:
            is_open = token is not None and token.kind is MenuKind.COMMAND and meant not in items
            self.index = -1 if is_open else items.index(meant) if meant is not None else 0
        self.token, self.items = (token, items) if items else (None, ())
        return (self.items, self.token) != before

    def dismiss(self) -> None:
        """Close, and stay closed until another word is typed."""
        if self.token:
            self._dismissed = (self.token.kind, self.token.start)
        self.token, self.items, self.index = None, (), 0

    def move(self, rows: int) -> None:
        """Mark another row; the ends are joined."""
        if self.items:
            start = -1 if self.index < 0 and rows > 0 else max(0, self.index)
            self.index = (start + rows) % len(self.items)

    def mark(self, index: int) -> None:
        """Mark a row."""
        self.index = index

    def ghost(self) -> str:
        """Return the rest of the marked word, to be shown behind the cursor."""
        item, token = self.offered, self.token
        if (
            item is None
            or token is None
            or token.kind is MenuKind.HISTORY
            or len(token.query) != token.end - token.start - 1
        ):
            return ""
        return item.value[len(token.query) :] if item.value.startswith(token.query) and token.query else ""
