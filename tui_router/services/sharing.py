"""How processes tell each other which requests they have started: what the limiter needs of it, and having nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tui_router.domain.rate import Share, Shares


class Exchange(Protocol):
    """Where processes tell each other what they have started."""

    @property
    def token(self) -> str:
        """The name of this process."""
        ...

    def exchange(self, now: float, decide: Callable[[Shares], Share]) -> bool:
        """Give ``decide`` the shares of the others and keep the share that it returns; nobody else decides meanwhile.

        ``False`` when somebody else decides just now: ``decide`` was not called, ask again.
        """
        ...

    def close(self) -> None:
        """Leave."""
        ...


class Alone:
    """An exchange of a process that shares its limits with nobody."""

    token = "alone"

    def exchange(self, now: float, decide: Callable[[Shares], Share]) -> bool:
        """Decide, with no others."""
        decide({})
        return True

    def close(self) -> None:
        """Nothing is held."""
