"""The private leaderboard: ratings computed from votes, with speed and cost of each model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Protocol

from tui_router.domain.message import Message
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.rating import Outcome, Strength, Vote, bradley_terry, wins_of
from tui_router.services.writer import READ_PATIENCE, ImmediateWrites, Write, Writes


class MeasuredSpeed(Protocol):
    """Speed and cost of one answer."""

    @property
    def model(self) -> str:
        """Model id."""
        ...

    @property
    def first_token(self) -> float | None:
        """Seconds."""
        ...

    @property
    def seconds(self) -> float | None:
        """Seconds in all."""
        ...

    @property
    def completion_tokens(self) -> int:
        """Tokens of the answer, reasoning included."""
        ...

    @property
    def cost(self) -> Decimal | None:
        """Dollars."""
        ...


class Ballots(Protocol):
    """Stores votes."""

    def add(self, vote: Vote) -> None:
        """Save a vote, replacing an earlier one on the same batch."""
        ...

    def remove(self, batch: str) -> None:
        """Delete a vote."""
        ...

    def find(self, batch: str) -> Vote | None:
        """Return the vote on a comparison."""
        ...

    def all(self, tag: str = "") -> tuple[Vote, ...]:
        """Return votes, oldest first."""
        ...

    def all_tags(self) -> tuple[str, ...]:
        """Return every tag in use."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """One row of the leaderboard."""

    model: str
    strength: Strength
    games: int
    """Number of voted comparisons with this model."""
    wins: int
    ties: int
    first_token: float | None = None
    """Median seconds to the first token over all its answers."""
    speed: float | None = None
    """Median tokens a second after the first token."""
    cost: Decimal | None = None
    """Average dollars per answer; ``None`` if no cost is known."""
    seconds: float | None = None
    """Median seconds of an answer."""

    @property
    def wins_per_dollar(self) -> float | None:
        """Wins per dollar at its average cost; ``None`` if it is free or its cost is unknown."""
        if self.cost is None or self.cost <= 0 or not self.games:
            return None
        return self.wins / float(self.cost * self.games)

    @property
    def wins_per_second(self) -> float | None:
        """Wins per second of waiting, at its median duration."""
        return self.wins / (self.seconds * self.games) if self.seconds and self.games else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Median speed of a model's answers."""

    first_token: float | None
    """Seconds to the first token."""
    speed: float | None
    """Tokens a second after it."""
    seconds: float | None
    """Seconds of an answer."""


class Leaderboard:
    """Saves votes and computes ratings."""

    def __init__(
        self,
        *,
        ballots: Ballots,
        speeds: Callable[[], Sequence[MeasuredSpeed]],
        now: Callable[[], datetime],
        writes: Writes | None = None,
    ) -> None:
        """Take the vote store, speeds and costs, the clock, and the write queue."""
        self._writes = writes or ImmediateWrites()
        self._unsaved: dict[str, tuple[Vote | None]] = {}
        self._ballots = ballots
        self._speeds = speeds
        self._now = now

    def vote(
        self,
        answers: Sequence[Message],
        winner: int | None,
        *,
        all_bad: bool = False,
        tags: Sequence[str] = (),
        blind: bool = False,
    ) -> Vote:
        """Save a vote on answers of one batch. ``winner`` is a lane; ``None`` is a tie or all bad.

        Voting again replaces the vote. Raises ``AppError`` if there is nothing to vote on.
        """
        lanes = sorted(answers, key=lambda m: m.lane)
        batches = {m.batch for m in lanes}
        if len(lanes) < 2 or len(batches) != 1 or "" in batches:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE, title="There is nothing to vote on", hint="Compare two or more answers first"
                )
            )
        places = {m.lane: place for place, m in enumerate(lanes)}
        if winner is not None and winner not in places:
            raise AppError(Problem(kind=ErrorKind.USAGE, title=f"There is no lane {winner + 1}"))
        outcome = Outcome.WIN if winner is not None else Outcome.ALL_BAD if all_bad else Outcome.TIE
        vote = Vote(
            batch=batches.pop(),
            outcome=outcome,
            models=tuple(str(m.model or "") for m in lanes),
            winner=None if winner is None else places[winner],
            tags=tuple(dict.fromkeys(t.strip() for t in tags if t.strip())),
            is_blind=blind,
            created=self._now(),
        )
        self._keep(vote.batch, vote, lambda: self._ballots.add(vote))
        return vote

    def take_back(self, batch: str) -> bool:
        """Delete the vote on a comparison; ``False`` if there was none."""
        if self.vote_on(batch) is None:
            return False
        self._keep(batch, None, lambda: self._ballots.remove(batch))
        return True

    def vote_on(self, batch: str) -> Vote | None:
        """Return the vote on a comparison."""
        unsaved = self._unsaved.get(batch)
        return unsaved[0] if unsaved is not None else self._ballots.find(batch)

    def tags(self) -> tuple[str, ...]:
        """Return all tags of votes."""
        self._writes.wait(READ_PATIENCE)
        return self._ballots.all_tags()

    def leaderboard(self, tag: str = "", *, blind_only: bool = False) -> tuple[Ranking, ...]:
        """Return the rated models, strongest first; with ``tag`` only those votes count."""
        self._writes.wait(READ_PATIENCE)
        votes = [v for v in self._ballots.all(tag) if v.is_blind or not blind_only]
        strengths = bradley_terry(wins_of(v.ballot for v in votes)).strengths()
        figures = _figures(self._speeds())
        return tuple(self._standing(s, votes, figures.get(s.name, [])) for s in strengths)

    def paces(self) -> dict[str, Pace]:
        """Return the speed of every model that answered, with or without votes."""
        return {model: _pace(answers) for model, answers in _figures(self._speeds()).items()}

    def _keep(self, batch: str, vote: Vote | None, write: Write) -> None:
        """Queue a vote for writing; until then ``vote_on`` returns it."""
        mine = self._unsaved[batch] = (vote,)

        def written() -> None:
            if self._unsaved.get(batch) is mine:
                del self._unsaved[batch]

        self._writes.put(write, written)

    def _standing(self, strength: Strength, votes: Iterable[Vote], answers: Sequence[MeasuredSpeed]) -> Ranking:
        mine = [v for v in votes if strength.name in v.models]
        wins = sum(v.winner is not None and v.models[v.winner] == strength.name for v in mine)
        costs = [a.cost for a in answers if a.cost is not None]
        pace = _pace(answers)
        return Ranking(
            model=strength.name,
            strength=strength,
            games=len(mine),
            wins=wins,
            ties=sum(v.outcome is Outcome.TIE for v in mine),
            first_token=pace.first_token,
            speed=pace.speed,
            cost=sum(costs, Decimal(0)) / len(costs) if costs else None,
            seconds=pace.seconds,
        )


def tokens_per_second(answer: MeasuredSpeed) -> float | None:
    """Return tokens per second after the first token; ``None`` with too little data."""
    if answer.first_token is None or answer.seconds is None or answer.completion_tokens < 2:
        return None
    spent = answer.seconds - answer.first_token
    return answer.completion_tokens / spent if spent > 0.01 else None


def _pace(answers: Sequence[MeasuredSpeed]) -> Pace:
    return Pace(
        first_token=_median(a.first_token for a in answers),
        speed=_median(map(tokens_per_second, answers)),
        seconds=_median(a.seconds for a in answers),
    )


def _figures(speeds: Iterable[MeasuredSpeed]) -> dict[str, list[MeasuredSpeed]]:
    found: dict[str, list[MeasuredSpeed]] = defaultdict(list)
    for answer in speeds:
        found[answer.model].append(answer)
    return found


def _median(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return median(known) if known else None
