"""Blind comparison: lanes in a random order, and nothing in an answer that names its author."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

COVER = "▒▒▒"
"""Stands where a name was."""

_MAKERS = (
    "OpenAI", "ChatGPT", "Anthropic", "DeepSeek", "Qwen", "Alibaba Cloud", "Tongyi", "Mistral AI", "Mixtral",
    "Codestral", "Devstral", "Meta AI", "Google DeepMind", "DeepMind", "Moonshot AI", "Kimi", "Zhipu AI", "Z.ai",
    "ChatGLM", "MiniMax", "Nemotron", "Cohere", "xAI", "Perplexity AI", "ERNIE Bot", "ByteDance", "Hunyuan", "StepFun",
    "AI21", "Nous Research", "Inflection AI", "Amazon Nova",
)  # fmt: skip
"""Names that mean nothing else: hidden wherever they stand."""

_ORDINARY = (
    "Claude", "Opus", "Sonnet", "Haiku", "Gemini", "Gemma", "Bard", "Google", "GPT", "Llama", "Meta", "Mistral",
    "Grok", "Phi", "Microsoft", "Copilot", "Command", "Nova", "Amazon", "Titan", "Yi", "GLM", "Jamba", "Olmo",
    "Hermes", "Granite", "IBM", "Nvidia", "Pi", "Ernie", "Baidu", "Doubao", "Tencent", "Step", "Ling", "Mercury",
    "Sonar", "Falcon", "Dolphin", "Palmyra", "Reka", "Seed", "Alibaba", "Perplexity", "Moonshot",
)  # fmt: skip
"""Names that are also words: hidden where the answer speaks of itself."""

_GENERIC = frozenset(
    ("instruct", "preview", "latest", "chat", "free", "base", "large", "small", "medium", "mini", "pro", "max", "exp")
)
_SPEAKS = (
    r"(?:\b(?:I\s{1,2}am|I['’]m|I\s{1,2}was|my\s{1,2}name\s{1,2}is|call\s{1,2}me|this\s{1,2}is|here\s{1,2}is|as)"
    r"(?:\s{1,2}(?:an?|the|made|built|created|trained|developed|designed|by)){0,4}"
    r"|\b(?:made|built|created|trained|developed|designed|powered|provided)\s{1,2}(?:and\s{1,2}\w{3,12}\s{1,2})?by)"
)
_VERSION = r"(?:[\s-]{1,2}(?:v?\d{1,4}(?:[.]\d{1,3})*[a-z]?|[A-Z][a-z]{1,11}(?=[\s.,;:!?)]|$))){0,3}"
_LONGEST = 240
"""No match is longer than this; a stream holds back so much."""


def shuffled(count: int, seed: str) -> tuple[int, ...]:
    """Return the lanes 0…count-1 in a random order that the seed (the id of the batch) fixes."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return tuple(order)


class NameCover:
    """Hides who wrote an answer. ``names`` are the ids and display names of the lanes.

    Distinct names go wherever they stand, unless the person's own ``question`` holds them; names
    that are also ordinary words go where the answer speaks of itself ("I am …", "made by …").
    """

    def __init__(self, names: Iterable[str], question: str = "") -> None:
        asked = question.lower()
        distinct = {n for n in (*_MAKERS, *_lane_names(names)) if n.lower() not in asked}
        everywhere = _alternatives(distinct)
        own = _alternatives({*_MAKERS, *_lane_names(names), *_lane_words(names)})
        # Ordinary words count with their capital only: "I am a step ahead" names nobody.
        self._pattern = re.compile(
            rf"(?P<self>(?i:{_SPEAKS})\s{{1,2}}[*_\"“]{{0,3}})(?:(?i:{own})|{_alternatives(_ORDINARY)})\b{_VERSION}"
            + (rf"|(?<!\w)(?i:{everywhere})(?!\w)" if everywhere else "")
        )

    def cover(self, text: str) -> str:
        """Return ``text`` without names."""
        return self._pattern.sub(self._mask, text)

    def matches_before(self, text: str, limit: int) -> int:
        """Return the end of the last match that begins before ``limit``, or ``limit`` itself when none crosses it."""
        for found in self._pattern.finditer(text):
            if found.start() >= limit:
                break
            limit = max(limit, found.end())
        return limit

    @staticmethod
    def _mask(found: re.Match[str]) -> str:
        return (found["self"] or "") + COVER


class CoveredStream:
    """``NameCover.cover`` for text that arrives in pieces: holds back what may yet turn out to be a name."""

    def __init__(self, veil: NameCover) -> None:
        self._veil = veil
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be shown of all that has arrived."""
        self._held += piece
        # Only whole words are let go, so that a name is judged with what stands before it.
        limit = len(self._held) - _LONGEST
        while limit > 0 and not self._held[limit - 1].isspace():
            limit -= 1
        if limit <= 0:
            return ""
        limit = self._veil.matches_before(self._held, limit)
        ready, self._held = self._held[:limit], self._held[limit:]
        return self._veil.cover(ready)

    def flush(self) -> str:
        """Return the rest; nothing more will arrive."""
        ready, self._held = self._held, ""
        return self._veil.cover(ready)


def _alternatives(names: Iterable[str]) -> str:
    longest_first = sorted(names, key=lambda n: (-len(n), n))
    return "|".join(re.escape(n).replace(r"\ ", r"[\s-]{1,2}") for n in longest_first)


def _lane_names(names: Iterable[str]) -> set[str]:
    """Return the full spellings of each lane: id, slug, display name with and without its author."""
    found: set[str] = set()
    for name in names:
        plain = name.split(":free")[0].strip().lstrip("~")
        author, _, rest = plain.partition(": ")
        slug = plain.rpartition("/")[2]
        found |= {plain, rest or author, slug, slug.replace("-", " ")}
    return {n for n in found if 3 < len(n) <= 60 and not n.isdigit() and n.lower() not in _ORDINARY_LOWER}


def _lane_words(names: Iterable[str]) -> set[str]:
    """Return the telling words of each lane's name, hidden only where the answer speaks of itself."""
    words = {w for n in names for w in re.split(r"[\s/:~.-]+", n)}
    return {w for w in words if 2 < len(w) <= 30 and w.isalpha() and w.lower() not in _GENERIC | _ORDINARY_LOWER}


_ORDINARY_LOWER = frozenset(n.lower() for n in _ORDINARY)
