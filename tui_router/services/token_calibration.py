"""Learns from past turns how far token estimates are off, and how long answers are.

Models of a family share a tokenizer, so a family learns together: what is known of ``openai/gpt-4o-mini``
applies to ``openai/gpt-4o`` too. With little data, averages of the author and of all models fill in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from tui_router.domain.model import normal_id
from tui_router.services.app_state import StateStore

_SIZES_KEY, _ANSWERS_KEY = "tokens.sizes", "tokens.answers"
_ALL = "*"
_PRIOR = 200
"""Weight in tokens of the wider group's average: one short turn must not dominate."""
_SMALL = 150
"""Below this many tokens, the difference shows fixed overhead per request instead of tokenizer differences."""
_MOST_OF_ONE = 3_000
"""Maximum weight of one turn, in tokens."""
_MEMORY_TOKENS = 60_000
_LEAST_RATIO, _MOST_RATIO = 0.4, 2.5
_MOST_ADDED = 600
_ANSWERS = 20
"""Number of answers that a moving average covers."""
_MODELS_REMEMBERED = 200
_FRESH_FOR = timedelta(seconds=20)
_UNLEARNED_MARGIN, _LEAST_MARGIN, _SURE_AFTER = 1.5, 1.3, 10


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Actual against estimated tokens of a group of models."""

    guessed: float = 0.0
    used: float = 0.0
    added: float = 0.0
    """Average fixed overhead per request, in tokens."""
    small: int = 0
    turns: int = 0


def family_of(model_id: str) -> str:
    """Return author and family of a model id: ``openai/gpt-4o`` for ``openai/gpt-4o-mini:online``."""
    author, _, slug = normal_id(model_id).partition("@")[0].lstrip("~").lower().partition("/")
    words = slug.partition(":")[0].split("-")
    version = re.match(r"\d+o?(?![a-z0-9])", words[1]) if len(words) > 1 else None
    return f"{author}/{words[0]}" + (f"-{version[0]}" if version else "")


class TokenMemory:
    """Learns in the notebook. Reading is cheap: the notebook is asked again only after a while."""

    def __init__(self, app_state: StateStore, now: Callable[[], datetime]) -> None:
        self._app_state = app_state
        self._now = now
        self._read: datetime | None = None
        self._sizes: dict[str, _Sizes] = {}
        self._answers: dict[str, tuple[float, int]] = {}

    def learn(self, model_id: str, guess: int, used: int, answer: int) -> None:
        """Learn from one turn; a ``guess`` of 0 means that it is not comparable with the usage."""
        if guess > 0:
            self._app_state.change(_SIZES_KEY, lambda kept: self._learned_sizes(kept, model_id, guess, used))
        self._app_state.change(_ANSWERS_KEY, lambda kept: _learned_answer(kept, model_id, answer))
        self._read = None

    def scale(self, model_id: str) -> float:
        """Return the correction factor for estimates."""
        return self._circle(model_id)[0]

    def corrected(self, model_id: str, guess: int) -> float:
        """Return an estimate corrected for this family, including overhead."""
        scale, added, _ = self._circle(model_id)
        return guess * scale + added if guess else 0.0

    def margin(self, model_id: str) -> float:
        """Return the safety factor for a corrected estimate; it shrinks as more is learned."""
        sure = min(1.0, self._circle(model_id)[2] / _SURE_AFTER)
        return _UNLEARNED_MARGIN - (_UNLEARNED_MARGIN - _LEAST_MARGIN) * sure

    def answer(self, model_id: str) -> int | None:
        """Return the usual answer length of a model or its family in tokens; ``None`` without data."""
        self._refresh()
        found = self._answers.get(normal_id(model_id)) or self._answers.get(family_of(model_id))
        return max(1, round(found[0])) if found else None

    def _circle(self, model_id: str) -> tuple[float, float, int]:
        """Return scale, overhead tokens and number of turns of a family, blended with its wider groups."""
        self._refresh()
        return _blended(self._sizes, family_of(model_id))

    def _refresh(self) -> None:
        now = self._now()
        if self._read is not None and timedelta(0) <= now - self._read < _FRESH_FOR:
            return
        self._sizes = _sizes(self._app_state.get(_SIZES_KEY))
        self._answers = _answers(self._app_state.get(_ANSWERS_KEY))
        self._read = now

    def _learned_sizes(self, kept: object, model_id: str, guess: int, used: int) -> dict[str, list[float]]:
        known = _sizes(kept)
        family = family_of(model_id)
        for name in (family, *_wider(family)):
            known[name] = _with_turn(known.pop(name, _Sizes()), guess, used)
        return {name: list(astuple(s)) for name, s in list(known.items())[-_MODELS_REMEMBERED:]}


def _wider(family: str) -> tuple[str, str]:
    return family.partition("/")[0], _ALL


def _blended(known: dict[str, _Sizes], family: str) -> tuple[float, float, int]:
    scale, added = 1.0, 0.0
    for name in (*reversed(_wider(family)), family):
        found = known.get(name)
        if found is not None:
            scale = (found.used + _PRIOR * scale) / (found.guessed + _PRIOR)
            added = (found.added * found.small + added) / (found.small + 1)
    own = known.get(family)
    return scale, added, own.turns if own else 0


def _with_turn(old: _Sizes, guess: int, used: int) -> _Sizes:
    turns = old.turns + 1
    if guess < _SMALL:
        extra = min(_MOST_ADDED, max(0, used - guess))
        small = min(old.small + 1, _ANSWERS)
        return _Sizes(old.guessed, old.used, old.added + (extra - old.added) / small, small, turns)
    # A hidden system prompt or parsed file can distort one turn; clamp it.
    ratio = min(_MOST_RATIO, max(_LEAST_RATIO, (used - old.added) / guess))
    weight = min(guess, _MOST_OF_ONE)
    fade = min(1.0, _MEMORY_TOKENS / (old.guessed + weight))
    return _Sizes((old.guessed + weight) * fade, (old.used + weight * ratio) * fade, old.added, old.small, turns)


def _learned_answer(kept: object, model_id: str, answer: int) -> dict[str, list[float]]:
    known = _answers(kept)
    for name in dict.fromkeys((family_of(model_id), normal_id(model_id))):
        average, count = known.pop(name, (0.0, 0))
        count = min(count + 1, _ANSWERS)
        known[name] = (average + (answer - average) / count, count)
    return {name: list(value) for name, value in list(known.items())[-_MODELS_REMEMBERED:]}


def _sizes(kept: object) -> dict[str, _Sizes]:
    return {
        name: _Sizes(values[0], values[1], values[2], int(values[3]), int(values[4]))
        for name, values in _number_rows(kept, 5).items()
    }


def _answers(kept: object) -> dict[str, tuple[float, int]]:
    return {name: (values[0], int(values[1])) for name, values in _number_rows(kept, 2).items()}


def _number_rows(kept: object, length: int) -> dict[str, list[float]]:
    """Return the valid rows of a stored table; damaged ones are dropped."""
    if not isinstance(kept, dict):
        return {}
    return {
        name: [float(n) for n in row]
        for name, row in kept.items()
        if isinstance(row, list) and len(row) == length and all(_is_sane(n) for n in row)
    }


def _is_sane(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
