"""Which lanes stand side by side. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_WIDTH = 40
"""Cells below which a column is hard to read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """AppPaths of the lanes that are in view, left to right, and whether the rest hides behind tabs."""

    shown: tuple[int, ...]
    tabs: bool


def arrange(width: int, count: int, focus: int, beside: int | None = None) -> Layout:
    """Return the layout of ``count`` lanes on ``width`` cells.

    All as columns while each has 40 cells; else two columns and tabs: the lane in focus and the one
    ``beside`` it (the one in focus before), so that any two can be read together; else one and tabs.
    """
    if count <= 0:
        return Layout((), tabs=False)
    focus = max(0, min(count - 1, focus))
    fitting = width // LEAST_WIDTH
    if fitting >= count or count == 1:
        return Layout(tuple(range(count)), tabs=False)
    if fitting < 2:
        return Layout((focus,), tabs=True)
    other = beside if beside is not None and 0 <= beside < count and beside != focus else None
    if other is None:
        other = focus + 1 if focus + 1 < count else focus - 1
    return Layout(tuple(sorted((focus, other))), tabs=True)


def step(count: int, focus: int, by: int) -> int:
    """Return the place ``by`` lanes further, going round."""
    return (focus + by) % count if count else 0
