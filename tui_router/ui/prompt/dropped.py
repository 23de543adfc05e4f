"""A file dragged into a terminal arrives as a paste of its path, quoted in one of several ways."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

_DRAGGED = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
"""Text files are not among them: a pasted path of one may well be meant as words."""


def dropped_file(text: str) -> str | None:
    """Return the path of a picture or PDF that was dragged into the terminal, which pastes its path; else ``None``."""
    line = text.strip()
    if not line or "\n" in line or len(line) > 4096 or not line.strip("'\"").lower().endswith(_DRAGGED):
        return None
    if line.startswith("file://"):
        line = unquote(urlsplit(line).path)
    elif line[0] in "'\"" or "\\" in line:
        import shlex  # rare, and not needed to start

        try:
            words = shlex.split(line)
        except ValueError:
            return None
        line = words[0] if len(words) == 1 else ""
    if not line.startswith(("/", "~")):
        return None
    path = os.path.expanduser(line)
    return path if os.path.isfile(path) else None
