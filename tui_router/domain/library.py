"""Conversations as lists and searches show them: summaries, hits, and a search as a person types it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One conversation in a list."""

    id: str
    title: str
    updated: datetime
    created: datetime
    model: str = ""
    message_count: int = 0
    cost: Decimal = Decimal(0)
    """Dollars spent in it."""
    tags: tuple[str, ...] = ()
    is_pinned: bool = False
    is_archived: bool = False
    has_draft: bool = False
    is_unfinished: bool = False
    """True when its last answer was interrupted by a crash and not yet continued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One message found by a search."""

    conversation: Summary
    message_id: str
    snippet: str
    """One line around the hit."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each hit within the snippet, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """Money and tokens of one group: a day, a model or a conversation."""

    label: str
    cost: Decimal
    requests: int
    prompt_tokens: int
    completion_tokens: int
    day: date | None = None
    estimated: Decimal = Decimal(0)
    """The part of ``cost`` that was computed here and not told by the server."""
    unknown: int = 0
    """Requests whose cost is not known yet; nothing is counted for them."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search as a person typed it, taken apart."""

    words: tuple[str, ...] = ()
    """Every one must occur; the last one may be the beginning of a word."""
    phrases: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pinned: bool | None = None
    archived: bool | None = None
    before: date | None = None
    after: date | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing restricts the result."""
        return self == Query()


_TOKEN = re.compile(r'(?P<name>[A-Za-z]+):(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]+))|"(?P<phrase>[^"]*)"|(?P<word>\S+)')
_YES = {"yes", "true", "1", "on", "y"}
_NO = {"no", "false", "0", "off", "n"}
_SPANS = {"d": 1, "w": 7, "m": 30, "y": 365}
PREFIXES = ("model:", "tag:", "pinned:", "archived:", "before:", "after:")
"""What a search may be narrowed by; help and completion read this."""


def parse_query(text: str, today: date | None = None) -> Query:
    """Take a search apart. ``today`` lets dates such as ``7d``, ``today`` and ``yesterday`` be understood."""
    words: list[str] = []
    phrases: list[str] = []
    found: dict[str, list[str]] = {"model": [], "tag": []}
    flags: dict[str, bool] = {}
    days: dict[str, date] = {}
    for token in _TOKEN.finditer(text):
        name, value = (token["name"] or "").lower(), token["quoted"] or token["value"] or ""
        if name in found and value:
            found[name].append(value)
        elif name in {"pinned", "archived"} and value.lower() in _YES | _NO:
            flags[name] = value.lower() in _YES
        elif name in {"before", "after"} and (day := parse_day(value, today)):
            days[name] = day
        elif token["phrase"] is not None:
            phrases.extend([token["phrase"].strip()] if token["phrase"].strip() else [])
        else:
            words.append(token[0])
    return Query(
        words=tuple(words),
        phrases=tuple(phrases),
        models=tuple(found["model"]),
        tags=tuple(found["tag"]),
        pinned=flags.get("pinned"),
        archived=flags.get("archived"),
        before=days.get("before"),
        after=days.get("after"),
    )


def parse_day(text: str, today: date | None = None) -> date | None:
    """Return a day: ``2026-11-22``, ``2026-11``, ``2026``, ``today``, ``yesterday``, ``30d``, ``2w``; or ``None``."""
    word = text.strip().lower()
    if match := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", word):
        try:
            return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        except ValueError:
            return None
    if today is None:
        return None
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    if match := re.fullmatch(r"(\d{1,5})([dwmy])", word):
        try:
            return today - timedelta(days=int(match[1]) * _SPANS[match[2]])
        except OverflowError:
            return None
    return None
