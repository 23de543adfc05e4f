"""Lists the files below a folder for the ``@`` menu: a bounded number, without hidden, generated or ignored files."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tui_router.domain.safe import clean_line

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MOST_FILES = 5000
"""Paths that are offered."""
MOST_LOOKED_AT = 50_000
"""Directory entries that are read before giving up: a home folder has millions."""

_NEVER = frozenset({"node_modules", "__pycache__", "venv", "target", "dist", "build"})
_MOST_CHARACTERS = 100_000
"""Of one ignore file."""


class IgnoreFile(NamedTuple):
    """The patterns of one ``.gitignore``, which apply to paths below its folder."""

    folder: str
    """Relative to the root, with a slash at the end; empty for the root."""
    patterns: GitIgnoreSpec


def read_ignore_file(text: str, folder: str = "") -> IgnoreFile:
    """Parse a ``.gitignore``; invalid patterns are skipped, as git does."""
    from pathspec import GitIgnoreSpec  # 30 ms; only folders with ignore files need it

    lines = text.splitlines()
    try:
        return IgnoreFile(folder, GitIgnoreSpec.from_lines(lines))
    except ValueError:
        return IgnoreFile(folder, GitIgnoreSpec.from_lines(line for line in lines if _is_valid(line)))


def is_ignored(path: str, is_folder: bool, ignore_files: Sequence[IgnoreFile]) -> bool:
    """Tell whether a relative path is ignored.

    The deepest ignore file with a matching pattern decides, and in it the last matching pattern, as in gitignore(5).
    ``ignore_files`` are those of the folders above the path, outermost first.
    """
    for folder, patterns in reversed(ignore_files):
        decision = patterns.check_file(path.removeprefix(folder) + ("/" if is_folder else "")).include
        if decision is not None:
            return decision
    return False


def list_files(root: str, limit: int = MOST_FILES, looked_at: int = MOST_LOOKED_AT) -> tuple[str, ...]:
    """Return relative paths below ``root``, shallow ones first; folders end with a slash.

    Links to folders are not followed. Unreadable folders and names with control characters are skipped. Never raises.
    """
    found: list[str] = []
    todo: deque[tuple[str, tuple[IgnoreFile, ...]]] = deque([("", ())])
    while todo and len(found) < limit and looked_at > 0:
        folder, ignore_files = todo.popleft()
        ignore_files = (*ignore_files, *_ignore_file_in(root, folder))
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
            if is_ignored(path, is_folder, ignore_files):
                continue
            if is_folder:
                todo.append((path + "/", ignore_files))
            found.append(path + "/" if is_folder else path)
    return tuple(found[:limit])


def _ignore_file_in(root: str, folder: str) -> Iterator[IgnoreFile]:
    try:
        with open(os.path.join(root, folder, ".gitignore"), encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_CHARACTERS)
    except (OSError, ValueError):
        return
    yield read_ignore_file(text, folder)


def _is_valid(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
