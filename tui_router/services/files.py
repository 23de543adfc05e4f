"""The files below a folder, as an ``@`` menu offers them: bounded, without what nobody means.

Hidden files, version control, caches and what ``.gitignore`` names are left out. The ignore rules are the
common ones (names, ``*``, ``folder/``, ``/anchored``, ``!kept``), not all of git's.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable
from fnmatch import translate
from typing import NamedTuple

from tui_router.domain.safe import clean_line

MOST_FILES = 5000
"""Paths that are offered."""
MOST_LOOKED_AT = 50_000
"""Entries that are looked at before giving up: a home folder has millions."""

_NEVER = frozenset({"node_modules", "__pycache__", "venv", "target", "dist", "build"})


class Rule(NamedTuple):
    """One line of an ignore file."""

    pattern: re.Pattern[str]
    keeps: bool
    folders_only: bool


def read_rules(text: str) -> tuple[Rule, ...]:
    """Read the lines of a ``.gitignore``; what cannot be understood is passed over."""
    rules = []
    for line in text.splitlines():
        line = line.rstrip()
        if not line or line.startswith("#"):
            continue
        keeps = line.startswith("!")
        line = line.removeprefix("!")
        folders_only = line.endswith("/")
        line = line.rstrip("/")
        anchored = "/" in line
        try:
            pattern = re.compile(translate(line.lstrip("/")) if anchored else "(?:.*/)?" + translate(line))
        except re.error:
            continue
        rules.append(Rule(pattern, keeps, folders_only))
    return tuple(rules)


def is_ignored(path: str, is_folder: bool, rules: Iterable[Rule]) -> bool:
    """Whether the last rule that fits a relative path leaves it out."""
    ignored = False
    for rule in rules:
        if (is_folder or not rule.folders_only) and rule.pattern.match(path):
            ignored = not rule.keeps
    return ignored


def list_files(root: str, limit: int = MOST_FILES, looked_at: int = MOST_LOOKED_AT) -> tuple[str, ...]:
    """Return paths below ``root``, relative, near ones first, folders with a slash at the end.

    Links to folders are not followed, what cannot be read is passed over, and names that are not safe to
    show are left out. Never raises.
    """
    found: list[str] = []
    todo: deque[tuple[str, tuple[Rule, ...]]] = deque([("", ())])
    while todo and len(found) < limit and looked_at > 0:
        folder, rules = todo.popleft()
        rules = (*rules, *_rules_in(os.path.join(root, folder)))
        try:
            with os.scandir(os.path.join(root, folder) or ".") as entries:
                rows = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except OSError:
            continue
        looked_at -= len(rows)
        for name, is_folder in rows:
            path = folder + name
            if name.startswith(".") or (is_folder and name in _NEVER) or clean_line(path) != path:
                continue
            if is_ignored(path, is_folder, rules):
                continue
            if is_folder:
                todo.append((path + "/", rules))
            found.append(path + "/" if is_folder else path)
    return tuple(found[:limit])


def _rules_in(folder: str) -> tuple[Rule, ...]:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as file:
            return read_rules(file.read(100_000))
    except (OSError, ValueError):
        return ()
