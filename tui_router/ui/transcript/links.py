"""The table of addresses of one text. Styled lines carry numbers into it, never an address."""

from __future__ import annotations

from typing import NamedTuple


class Link(NamedTuple):
    """An address and what the text calls it; the label is empty where the text shows the address itself."""

    url: str
    label: str = ""


class Links:
    """Numbers addresses from 1, each once. What a growing tail adds can be taken back."""

    __slots__ = ("_frozen", "_numbers", "_table")

    def __init__(self) -> None:
        self._table: list[Link] = []
        self._numbers: dict[str, int] = {}
        self._frozen = 0

    def number(self, url: str, label: str = "") -> int:
        """Return the number of ``url``, a new one when it was not met before."""
        number = self._numbers.get(url)
        if number is None:
            self._table.append(Link(url, label))
            number = self._numbers[url] = len(self._table)
        elif label and not self._table[number - 1].label:
            self._table[number - 1] = Link(url, label)
        return number

    def freeze(self) -> None:
        """Keep all that is known now."""
        self._frozen = len(self._table)

    def take_back(self) -> None:
        """Forget what came after the last ``freeze``."""
        for link in self._table[self._frozen :]:
            del self._numbers[link.url]
        del self._table[self._frozen :]

    def clear(self) -> None:
        """Forget everything."""
        self._frozen = 0
        self.take_back()

    @property
    def table(self) -> tuple[Link, ...]:
        """All addresses; number n is at n - 1."""
        return tuple(self._table)
