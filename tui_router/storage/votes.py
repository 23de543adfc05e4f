"""Votes on comparisons."""

from __future__ import annotations

from tui_router.domain.rating import Outcome
from tui_router.domain.vote import Vote
from tui_router.storage.codec import to_text
from tui_router.storage.database import Database
from tui_router.storage.rows import as_text, as_texts, from_micros, to_micros


class Votes:
    """One vote for each comparison; voting again replaces it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, vote: Vote) -> None:
        """Keep a vote."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO votes (batch, outcome, winner, models, tags, blind, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    vote.batch,
                    vote.outcome.value,
                    vote.winner,
                    to_text(list(vote.models)),
                    to_text(list(vote.tags)),
                    int(vote.is_blind),
                    to_micros(vote.created),
                ),
            )

    def remove(self, batch: str) -> None:
        """Take a vote back."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM votes WHERE batch = ?", (batch,))

    def find(self, batch: str) -> Vote | None:
        """Return the vote on a comparison."""
        return next((v for v in self.all() if v.batch == batch), None)

    def all(self, tag: str = "") -> tuple[Vote, ...]:
        """Return the votes, oldest first; with ``tag`` only those that carry it."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT batch, outcome, winner, models, tags, blind, created FROM votes ORDER BY created, rowid"
            ).fetchall()
        votes = []
        for batch, outcome, winner, models, tags, blind, created in rows:
            if outcome not in {o.value for o in Outcome}:
                continue  # of a later version
            votes.append(
                Vote(
                    batch=as_text(batch),
                    outcome=Outcome(outcome),
                    winner=winner if isinstance(winner, int) else None,
                    models=as_texts(models),
                    tags=as_texts(tags),
                    is_blind=bool(blind),
                    created=from_micros(created),
                )
            )
        return tuple(v for v in votes if not tag or tag in v.tags)

    def all_tags(self) -> tuple[str, ...]:
        """Return every tag that a vote carries, in order."""
        return tuple(sorted({t for v in self.all() for t in v.tags}))
