"""Recovers spending limits from a settings file that cannot be read or has misspelt names.

A limit that the user wrote must not be lifted because its name or another line is misspelt. Imported only for a
faulty file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.settings import MoneySettings, find_setting
from tui_router.domain.spec import specs_of
from tui_router.storage.toml import parse_toml

LIMITS = tuple(f"money.{s.name}" for s in specs_of(MoneySettings) if s.name.endswith("_budget"))
"""The limits on spending, by path."""
GUARDS = tuple(f"money.{s.name}" for s in specs_of(MoneySettings))
"""The limits, and the cost above which a turn needs confirmation."""

_LINE = r"(?m)^(?:[^#\n]*[{{,])?[ \t]*(?:money[ \t]*\.[ \t]*)?[\"']?{name}[\"']?[ \t]*=.*$"
_ALIKE = 0.7


def line_of(text: str, name: str) -> int:
    """Return the number of the first line that sets this name, from 1; 0 if there is none."""
    found = re.search(_LINE.format(name=re.escape(name)), text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def guards_in(text: str) -> frozenset[str]:
    """Return the paths of the guards that a text seems to set."""
    return frozenset(path for path in GUARDS if line_of(text, _name(path)))


def misspelt_limits(unknown: Iterable[str], document: Mapping[str, Any]) -> dict[str, str]:
    """Return the limits that unknown settings were probably meant to set, by path: limit to unknown setting.

    A limit in the wrong group, or one whose name is misspelt, counts unless the right place holds one too.
    """
    group = document.get("money")
    missing = [p for p in LIMITS if not (isinstance(group, Mapping) and _name(p) in group)]
    found: dict[str, str] = {}
    for wrong in unknown:
        near = difflib.get_close_matches(_name(wrong), [_name(p) for p in missing], n=1, cutoff=_ALIKE)
        if near:
            found.setdefault(f"money.{near[0]}", wrong)
    return found


def with_line(problem: Problem, text: str, path: str) -> Problem:
    """Return the problem of a value with its line number."""
    line = line_of(text, _name(path))
    return replace(problem, detail=f"Line {line}: {problem.detail}") if line else problem


def limits_to_keep(text: str, last_good: Mapping[str, object], changed: str) -> dict[str, Decimal]:
    """Return the guards that a new file must contain when it replaces an unreadable one.

    Of the limit that counted last and the one that the file seems to hold the smaller stays. Raises ``AppError``
    where the file seems to hold one that cannot be read: beginning anew would lift it. ``changed`` is the setting
    that is being set, which needs no rescue.
    """
    found: dict[str, Decimal] = {}
    for path in GUARDS:
        if path == changed:
            continue
        written, last = _written(text, path), last_good.get(path)
        known = [v for v in (written, last) if isinstance(v, Decimal)]
        limits = [v for v in known if v > 0] if path in LIMITS else known[:1]
        if limits:
            found[path] = min(limits)
        elif written is None and path in guards_in(text):
            raise AppError(_would_be_lost(text, path))
    return found


def _written(text: str, path: str) -> Decimal | None:
    """Return the value of a setting by parsing its line alone; ``None`` if that fails."""
    line = line_of(text, _name(path))
    if not line:
        return None
    words = text.split("\n")[line - 1].strip().removeprefix("money").lstrip(" \t.")
    document, broken = parse_toml(words.encode(), "")
    try:
        return None if broken else find_setting(path).spec.check(document.get(_name(path)))
    except AppError:
        return None


def _would_be_lost(text: str, path: str) -> Problem:
    line = line_of(text, _name(path))
    return Problem(
        kind=ErrorKind.SETTINGS,
        title="settings.toml is not changed while it cannot be read",
        detail=f"Line {line} seems to set {path}, and a new file would lose that limit",
        hint=f"Correct the file, or set the limit first: /set {path} AMOUNT",
    )


def _name(path: str) -> str:
    return path.rpartition(".")[2]
