"""What benchmarks share: a number held to its bound, and percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured number of the program beside its bound and, where there is one, the platform's floor."""

    what: str
    value: float
    bound: float
    unit: str
    """``ms``, ``s``, ``MB``, ``%``, ``x`` (times the floor), ``rows``, ``m$`` or ``n$`` (a dollar by 10³ or 10⁹)."""
    floor: str = ""
    """What the same run measured without the program, in words."""

    @property
    def is_kept(self) -> bool:
        """Whether the bound holds."""
        return self.value <= self.bound

    def line(self) -> str:
        """Return one row of the table."""
        digits = 2 if self.unit in ("x", "s") else 1
        measured, bound = (f"{n:.{digits}f} {self.unit}" for n in (self.value, self.bound))
        return f"{self.what:<58} {measured:>10} {bound:>10}  {'kept  ' if self.is_kept else 'BROKEN'}  {self.floor}"


HEADER = f"{'what':<58} {'measured':>10} {'bound':>10}          floor of the same run"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values do not pass."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * share))] if found else float("nan")
