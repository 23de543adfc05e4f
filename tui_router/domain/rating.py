"""Votes become strengths: Bradley–Terry with intervals, small enough to own.

The model: A is preferred to B with probability ``exp(a) / (exp(a) + exp(b))``. Found by Newton's
method; the spread comes from the inverse of the Fisher information (Agresti, Categorical Data
Analysis, 2nd ed., p. 438). One imagined draw of each model against an average one keeps strengths finite
while votes are few, and draws them towards the middle: a model that won its only game is not
infinitely good.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Z95 = 1.959964
"""Standard errors on each side of a 95 % interval."""

_POINTS = 400 / math.log(10)
_ROUNDS = 100
_CLOSE_ENOUGH = 1e-10


class Outcome(StrEnum):
    """What a vote said."""

    WIN = "win"
    TIE = "tie"
    ALL_BAD = "all_bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One comparison that was voted on."""

    models: tuple[str, ...]
    """Who answered, by lane."""
    outcome: Outcome
    winner: int | None = None
    """The lane that won; ``None`` unless ``outcome`` is ``WIN``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """One model's place. Points are on the Elo scale: 1000 is average, 400 apart is ten to one."""

    name: str
    log: float
    """Natural logarithm of the strength; all of them sum to zero."""
    error: float
    """Standard error of ``log``."""

    @property
    def points(self) -> int:
        """Strength in points."""
        return round(1000 + _POINTS * self.log)

    @property
    def low(self) -> int:
        """Lower end of the 95 % interval, in points."""
        return round(1000 + _POINTS * (self.log - Z95 * self.error))

    @property
    def high(self) -> int:
        """Upper end of the 95 % interval, in points."""
        return round(1000 + _POINTS * (self.log + Z95 * self.error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Strengths of all models with their covariance, in the order of ``names``."""

    names: tuple[str, ...]
    logs: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def strengths(self) -> tuple[Strength, ...]:
        """Return the models, strongest first."""
        found = [
            Strength(name=n, log=self.logs[i], error=math.sqrt(max(0.0, self.covariance[i][i])))
            for i, n in enumerate(self.names)
        ]
        return tuple(sorted(found, key=lambda s: (-s.log, s.name)))

    def difference(self, one: str, other: str) -> tuple[float, float]:
        """Return how much stronger ``one`` is than ``other`` (log odds), and the standard error of that."""
        i, j = self.names.index(one), self.names.index(other)
        spread = self.covariance[i][i] + self.covariance[j][j] - 2 * self.covariance[i][j]
        return self.logs[i] - self.logs[j], math.sqrt(max(0.0, spread))


def wins_of(ballots: Iterable[Ballot]) -> dict[tuple[str, str], float]:
    """Return how often each model was preferred to each other one: ``{(winner, loser): wins}``.

    The winner of a ballot beats every other lane; a tie, and a ballot where all were bad, count as
    half a win both ways. A model that runs twice does not play against itself.
    """
    wins: dict[tuple[str, str], float] = defaultdict(float)
    for ballot in ballots:
        for i, one in enumerate(ballot.models):
            for j, other in enumerate(ballot.models):
                if i == j or one == other:
                    continue
                if ballot.outcome is not Outcome.WIN:
                    wins[one, other] += 0.5
                elif i == ballot.winner:
                    wins[one, other] += 1.0
    return dict(wins)


def bradley_terry(wins: Mapping[tuple[str, str], float], prior: float = 0.5) -> Fit:
    """Fit strengths to wins.

    ``prior`` is how many times each model is imagined to have won and lost against an average
    one; 0 is plain maximum likelihood, which is finite only where everybody both won and lost.
    """
    names = tuple(sorted({n for pair in wins for n in pair}))
    place = {n: i for i, n in enumerate(names)}
    size = len(names)
    scores = [[0.0] * size for _ in names]
    for (winner, loser), count in wins.items():
        scores[place[winner]][place[loser]] += count
    logs = [0.0] * size
    for _ in range(_ROUNDS):
        gradient, information = _slope(scores, logs, prior)
        step = _solve(information, gradient)
        # A long step overshoots where the curve is flat; two units are a factor of seven.
        # It also bounds what 100 rounds can reach, so that no exponential overflows.
        length = max(map(abs, step), default=0.0)
        scale = min(1.0, 2.0 / length) if length else 1.0
        logs = _centred([a + scale * b for a, b in zip(logs, step, strict=True)])
        if length < _CLOSE_ENOUGH:
            break
    _, information = _slope(scores, logs, prior)
    return Fit(names=names, logs=tuple(logs), covariance=_covariance(information))


def _slope(
    scores: Sequence[Sequence[float]], logs: Sequence[float], prior: float
) -> tuple[list[float], list[list[float]]]:
    size = len(logs)
    gradient = [0.0] * size
    # A constant on every entry fixes the sum of all strengths, which the games leave open.
    information = [[1.0 / size] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1, size):
            games = scores[i][j] + scores[j][i]
            if not games:
                continue
            chance = _chance(logs[i] - logs[j])
            surprise = scores[i][j] - games * chance
            gradient[i] += surprise
            gradient[j] -= surprise
            weight = games * chance * (1 - chance)
            information[i][i] += weight
            information[j][j] += weight
            information[i][j] -= weight
            information[j][i] -= weight
        chance = _chance(logs[i])
        gradient[i] += prior * (1 - 2 * chance)
        information[i][i] += 2 * prior * chance * (1 - chance)
    return gradient, information


def _chance(difference: float) -> float:
    return 1 / (1 + math.exp(-difference))


def _centred(logs: Sequence[float]) -> list[float]:
    middle = sum(logs) / len(logs) if logs else 0.0
    return [a - middle for a in logs]


def _covariance(information: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """Return the inverse on the strengths that sum to zero."""
    size = len(information)
    columns = [_centred(_solve(information, _centred([float(i == j) for i in range(size)]))) for j in range(size)]
    return tuple(tuple(columns[j][i] for j in range(size)) for i in range(size))


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a symmetric positive definite system by Cholesky; a direction without information moves nothing."""
    size = len(right)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            if i == j:
                lower[i][i] = math.sqrt(rest) if rest > 1e-12 else math.inf
            else:
                lower[i][j] = rest / lower[j][j]
    half = [0.0] * size
    for i in range(size):
        half[i] = (right[i] - sum(lower[i][k] * half[k] for k in range(i))) / lower[i][i]
    full = [0.0] * size
    for i in reversed(range(size)):
        full[i] = (half[i] - sum(lower[k][i] * full[k] for k in range(i + 1, size))) / lower[i][i]
    return full


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
