"""Bars of block characters, an eighth of a column fine."""

from __future__ import annotations

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"


def bar(share: float, width: int) -> str:
    """Return a bar of ``share`` (0 to 1) of ``width`` columns; what is more than nothing shows."""
    eighths = min(width * 8, round(share * width * 8))
    if share > 0:
        eighths = max(1, eighths)
    return (_FULL * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def gauge(share: float, width: int) -> str:
    """Return a bar in a track of exactly ``width`` columns; more than 1 fills it."""
    return f"{bar(min(1.0, max(0.0, share)), width):░<{width}}"
