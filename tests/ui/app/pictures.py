"""Snapshots of the screen as text files. ``UPDATE_SNAPSHOTS=1 pytest tests/ui/app`` redraws them."""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from pathlib import Path

_FOLDER = Path(__file__).parent / "snapshots"
_CLOCK = re.compile(r" *[\d.]+ s(?: · \d+ tok/s)? · (?=\$)")
_COUNT = re.compile(r"\b\d+ of \d+\b")


def _masked(count: re.Match[str]) -> str:
    return re.sub(r"\d", "N", count.group())


def check_picture(name: str, screen: str) -> None:
    """Compare the screen with the picture of this name; what a clock or the catalogue decides is left out."""
    shown = _COUNT.sub(_masked, _CLOCK.sub("  N s · ", screen)).rstrip() + "\n"
    path = _FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    difference = unified_diff(kept.splitlines(), shown.splitlines(), "kept", "shown", lineterm="")
    assert kept == shown, "\n".join(difference)
