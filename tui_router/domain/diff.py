"""The words that differ between two texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_EXACT_LIMIT = 2_000
"""Above this many words the most frequent ones stop anchoring matches: exact would take seconds."""


class Change(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring words with the same fate. White space is kept, so the runs join to the texts again."""

    change: Change
    text: str


def word_diff(left: str, right: str) -> tuple[Run, ...]:
    """Return how ``left`` becomes ``right``, word by word.

    The runs that are not ``ADDED`` join to ``left``, those that are not ``REMOVED`` to ``right``.
    Words that only share punctuation or white space between two changes count as changed.
    """
    import difflib  # only ever needed when somebody asks for a diff; kept off the start-up path

    old, new = _WORDS.findall(left), _WORDS.findall(right)
    small = max(len(old), len(new)) <= _EXACT_LIMIT
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=not small)
    runs: list[Run] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run(Change.SAME, "".join(old[a:b])))
            continue
        runs += [Run(Change.REMOVED, "".join(old[a:b]))] if b > a else []
        runs += [Run(Change.ADDED, "".join(new[c:d]))] if d > c else []
    return tuple(_joined(_without_islands(runs)))


def same_share(runs: Sequence[Run]) -> float:
    """Return the share of characters that both texts have in common, 0 to 1."""
    same = sum(len(r.text) for r in runs if r.change is Change.SAME)
    total = sum(len(r.text) * (2 if r.change is Change.SAME else 1) for r in runs)
    return 2 * same / total if total else 1.0


def _without_islands(runs: Sequence[Run]) -> list[Run]:
    kept: list[Run] = []
    for place, run in enumerate(runs):
        inside = 0 < place < len(runs) - 1
        if run.change is Change.SAME and inside and not any(c.isalnum() for c in run.text):
            kept += [Run(Change.REMOVED, run.text), Run(Change.ADDED, run.text)]
        else:
            kept.append(run)
    return kept


def _joined(runs: Sequence[Run]) -> list[Run]:
    joined: list[Run] = []
    removed: list[str] = []
    added: list[str] = []

    def flush() -> None:
        if removed:
            joined.append(Run(Change.REMOVED, "".join(removed)))
        if added:
            joined.append(Run(Change.ADDED, "".join(added)))
        removed.clear()
        added.clear()

    for run in runs:
        if run.change is Change.SAME:
            flush()
            joined.append(run)
        else:
            (removed if run.change is Change.REMOVED else added).append(run.text)
    flush()
    return joined
