"""Votes on comparisons, and the line-ups of models to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tui_router.domain.rating import Outcome, Vote
from tui_router.storage.database import Database
from tui_router.storage.json_columns import storable, to_text
from tui_router.storage.rows import as_text, as_texts, from_micros, to_micros


class Votes:
    """The votes, at most one per comparison."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, vote: Vote) -> None:
        """Store a vote, replacing an earlier one on the same comparison."""
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
        """Delete the vote on a comparison."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM votes WHERE batch = ?", (batch,))

    def find(self, batch: str) -> Vote | None:
        """Return the vote on a comparison, ``None`` if there is none."""
        return next((v for v in self.all() if v.batch == batch), None)

    def all(self, tag: str = "") -> tuple[Vote, ...]:
        """Return the votes, oldest first, optionally only those with a tag."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT batch, outcome, winner, models, tags, blind, created FROM votes ORDER BY created, rowid"
            ).fetchall()
        votes = []
        for batch, outcome, winner, models, tags, blind, created in rows:
            if outcome not in {o.value for o in Outcome}:
                continue  # written by a later version
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
        """Return all tags of votes, sorted."""
        return tuple(sorted({t for v in self.all() for t in v.tags}))


LAST = ""
"""The name of the line-up that ran last."""


class Lineup(NamedTuple):
    """The models of a comparison by lane; a model may occur twice."""

    name: str
    models: tuple[str, ...]


class Lineups:
    """The saved line-ups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, models: Sequence[str], name: str = LAST) -> None:
        """Store a line-up, replacing one of the same name. Without a name it is the last one used."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO lineups (name, models, used) VALUES (?, ?, ?)",
                (storable(name), to_text(list(models)), to_micros(datetime.now(UTC))),
            )

    def remove(self, name: str) -> None:
        """Delete a line-up."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM lineups WHERE name = ?", (storable(name),))

    def last(self) -> Lineup | None:
        """Return the line-up that ran last."""
        return next((found for found in self._read() if found.name == LAST), None)

    def named(self) -> tuple[Lineup, ...]:
        """Return the named line-ups, most recently used first."""
        return tuple(found for found in self._read() if found.name != LAST)

    def _read(self) -> tuple[Lineup, ...]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT name, models FROM lineups ORDER BY used DESC, name").fetchall()
        return tuple(Lineup(str(name), as_texts(models)) for name, models in rows)
