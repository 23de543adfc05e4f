"""Which sentences of several answers have a counterpart in another one.

This compares words, not meaning: two answers may say the same in other words, or the opposite in
the same words. Whatever shows the result says so with ``LABEL``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LABEL = "textual overlap, not truth"
"""To be shown wherever the map is shown."""

THRESHOLD = 0.5
"""Share of words (Dice) from which two sentences count as counterparts."""

_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[)\"'*_]*(?=\s|$)|[。！？]+|$)")
_MARKUP = re.compile(r"^\s*(?:[-*+>#|]+|\d+[.)])?\s*")
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SMALL_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "has", "have", "if", "in", "is",
    "it", "its", "not", "of", "on", "or", "so", "than", "that", "the", "their", "then", "there", "these", "this",
    "to", "was", "we", "were", "which", "will", "with", "you", "your",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an answer. Offsets count characters of the answer's text."""

    start: int
    end: int
    shared_with: tuple[int, ...]
    """AppPaths of the answers that hold a counterpart."""
    overlap: float
    """Highest share of words in common with a sentence of another answer, 0 to 1."""

    @property
    def is_alone(self) -> bool:
        """True when no other answer holds a counterpart."""
        return not self.shared_with


def overlap_map(answers: Sequence[str], threshold: float = THRESHOLD) -> tuple[tuple[Sentence, ...], ...]:
    """Return the sentences of each answer with their counterparts. Code blocks hold no sentences."""
    spans = [list(_sentences(text)) for text in answers]
    words = [[_words(text[a:b]) for a, b in found] for text, found in zip(answers, spans, strict=True)]
    index: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for answer, sentences in enumerate(words):
        for place, bag in enumerate(sentences):
            for word in bag:
                index[word].append((answer, place))
    return tuple(
        tuple(
            _compared(answer, span, bag, words, index, threshold)
            for span, bag in zip(spans[answer], words[answer], strict=True)
            if bag
        )
        for answer in range(len(answers))
    )


def summary(found: Sequence[Sequence[Sentence]]) -> str:
    """Return one honest line about a map: how many sentences stand alone."""
    total = sum(map(len, found))
    alone = sum(s.is_alone for sentences in found for s in sentences)
    return f"{alone} of {total} sentences have no counterpart in another answer ({LABEL})"


def _compared(
    answer: int,
    span: tuple[int, int],
    bag: frozenset[str],
    words: Sequence[Sequence[frozenset[str]]],
    index: dict[str, list[tuple[int, int]]],
    threshold: float,
) -> Sentence:
    common: dict[tuple[int, int], int] = defaultdict(int)
    for word in bag:
        for where in index[word]:
            if where[0] != answer:
                common[where] += 1
    best: dict[int, float] = defaultdict(float)
    for (other, place), count in common.items():
        share = 2 * count / (len(bag) + len(words[other][place]))
        best[other] = max(best[other], share)
    return Sentence(
        start=span[0],
        end=span[1],
        shared_with=tuple(sorted(other for other, share in best.items() if share >= threshold)),
        overlap=max(best.values(), default=0.0),
    )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    fence = ""
    for line in _LINE.finditer(text):
        stripped = line.group().strip()
        mark = stripped[:3]
        if mark in ("```", "~~~") and (not fence or mark == fence):
            fence = "" if fence else mark
            continue
        if fence:
            continue
        markup = _MARKUP.match(line.group())
        begin = line.start() + (markup.end() if markup else 0)
        for found in _SENTENCE.finditer(text, begin, line.end()):
            yield found.start(), found.end()


def _words(sentence: str) -> frozenset[str]:
    bag: set[str] = set()
    for word in _WORD.findall(sentence.lower()):
        if _CJK.search(word):
            # No spaces between words there: pairs of characters serve as words.
            bag.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            bag.add(word)
    return frozenset(bag - _SMALL_WORDS or bag)
