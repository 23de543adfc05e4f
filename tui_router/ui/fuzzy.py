"""Fuzzy matching for menus and pickers: every word of the query must match, in any order.

A word matches as a substring, or else as a subsequence. Rows are case-folded once with ``fold``; ranking reads only
the folded rows, and offsets for highlighting are computed for the visible rows only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_AT_START = 400
_AT_BOUNDARY = 200
_SUBSTRING = 1000
_LONGEST_PENALTY = 90


class Ranked(NamedTuple):
    """The index of a matching row and its score (higher is better)."""

    row: int
    score: int


def fold(text: str) -> str:
    """Return ``text`` in lower case with the same number of characters, so that offsets stay valid."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def rank(query: str, folded: Sequence[str], limit: int = 0) -> list[Ranked]:
    """Return the matching rows, best first; equal scores keep their order.

    Args:
        query: Words as typed. If empty, every row matches with score 0.
        folded: Rows, each passed through ``fold``.
        limit: Maximum number of rows; 0 for all.
    """
    words = fold(query).split()
    if not words:
        everything = [Ranked(i, 0) for i in range(len(folded))]
        return everything[:limit] if limit else everything
    scores = _score_word(words[0], folded, None)
    for word in words[1:]:
        more = _score_word(word, folded, scores)
        scores = {i: scores[i] + s for i, s in more.items()}
    ranked = [Ranked(i, s) for i, s in scores.items()]
    ranked.sort(key=_order)
    return ranked[:limit] if limit else ranked


def _order(ranked: Ranked) -> tuple[int, int]:
    return -ranked.score, ranked.row


def _score_word(word: str, folded: Sequence[str], among: Iterable[int] | None) -> dict[int, int]:
    """Score one word over the rows ``among`` (``None``: all)."""
    if among is None:
        places = [text.find(word) for text in folded]
        candidates: Iterable[int] = range(len(folded))
    else:
        candidates = list(among)
        places = [folded[i].find(word) for i in candidates]
    # Possessive quantifiers: a lazy chain would backtrack exponentially on repetitive rows.
    chain = "".join(f"[^{re.escape(c)}]*+{re.escape(c)}" for c in word)
    match = re.compile(chain).match if len(word) > 1 else None
    longest = max(12, len(word) * 5)
    scores: dict[int, int] = {}
    for i, at in zip(candidates, places, strict=True):
        text = folded[i]
        if at >= 0:
            scores[i] = _substring_score(word, text, at)
        elif match is not None and (hit := match(text)):
            end = start = hit.end()
            for c in reversed(word):
                start = text.rfind(c, 0, start)
            if end - start <= longest:
                scores[i] = 300 - 10 * (end - start - len(word)) - min(start, _LONGEST_PENALTY)
    return scores


def _substring_score(word: str, text: str, at: int) -> int:
    penalty = min(len(text), _LONGEST_PENALTY)
    if at == 0:
        return _SUBSTRING + _AT_START - penalty
    place = at
    for _ in range(3):
        if not text[place - 1].isalnum():
            return _SUBSTRING + _AT_BOUNDARY - penalty - min(place, _LONGEST_PENALTY) // 4
        place = text.find(word, place + 1)
        if place < 0:
            break
    return _SUBSTRING - penalty - min(at, _LONGEST_PENALTY) // 4


def offsets(query: str, text: str) -> tuple[int, ...]:
    """Return the sorted indices of the characters of ``text`` that the query matches; empty without a match."""
    folded = fold(text)
    hits: set[int] = set()
    for word in fold(query).split():
        at = _best_place(word, folded)
        if at >= 0:
            hits.update(range(at, at + len(word)))
            continue
        places = _subsequence(word, folded)
        if not places:
            return ()
        hits.update(places)
    return tuple(sorted(hits))


def spans(query: str, text: str) -> list[tuple[int, int]]:
    """Return ``offsets`` as half-open ranges."""
    found: list[tuple[int, int]] = []
    for i in offsets(query, text):
        if found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def _best_place(word: str, text: str) -> int:
    first = place = text.find(word)
    while place > 0:
        if not text[place - 1].isalnum():
            return place
        place = text.find(word, place + 1)
    return first if place < 0 else place


def _subsequence(word: str, text: str) -> list[int]:
    end = -1
    for c in word:
        end = text.find(c, end + 1)
        if end < 0:
            return []
    places: list[int] = []
    at = end + 1
    for c in reversed(word):
        at = text.rfind(c, 0, at)
        places.append(at)
    return places[::-1]


def named(typed: str, names: Sequence[Sequence[str]]) -> list[int]:
    """Return the rows with a name equal to a typed word, or else all rows with a name that starts with it."""
    wanted = typed.lower()
    same = [i for i, known in enumerate(names) if any(n.lower() == wanted for n in known)]
    return same or [i for i, known in enumerate(names) if any(n.lower().startswith(wanted) for n in known)]
