"""A search as a person types it: words, "phrases" and prefixes such as ``model:`` and ``before:``.

Never fails: what makes no sense as a prefix is searched for as words, and quotes or operators alone are plain text.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from tui_router.domain.library import Query

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
