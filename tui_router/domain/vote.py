"""A person's verdict on one comparison."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tui_router.domain.rating import Ballot, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What was preferred among answers that share a batch."""

    batch: str
    outcome: Outcome
    models: tuple[str, ...]
    """Who answered, by lane."""
    winner: int | None = None
    """The lane that won; ``None`` unless ``outcome`` is ``WIN``."""
    tags: tuple[str, ...] = ()
    is_blind: bool = False
    """True when the names were hidden until the vote."""
    created: datetime
    """UTC."""

    @property
    def ballot(self) -> Ballot:
        """The vote as the rating counts it."""
        return Ballot(models=self.models, outcome=self.outcome, winner=self.winner)
