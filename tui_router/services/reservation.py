"""Reserves the cost of a request on disk before it is sent, and judges what a failed attempt may have cost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from tui_router.domain.charge import Cap, Charge, Shortfall
from tui_router.domain.problem import Kind, Problem
from tui_router.services.rate_limiter import Stoppable

_PATIENCE = 0.25
"""Seconds that a request without a cap waits for a disk that refuses; then its row follows when the disk lets it."""
_LOOK_AGAIN = 0.02
"""Seconds between two looks at a cancel while the row is being written."""
_LONGEST_PATIENCE = 30.0
"""Seconds that a request waits for a slow disk; under a cap it must not leave without its reservation."""


class Opens(Protocol):
    """The ledger on disk, as far as a reservation needs it."""

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        """Write a charge, or return the cap that it would break; raises ``Trouble`` when the disk refuses."""
        ...


class Reservation:
    """A charge on its way to the disk, which may be given up while it waits."""

    def __init__(self, store: Opens, charge: Charge, caps: Sequence[Cap]) -> None:
        self.shortfall: Shortfall | None = None
        self._store = store
        self._charge = charge
        self._caps = caps
        self._lock = threading.Lock()
        self._is_given_up = False
        self._written = threading.Event()

    @property
    def is_written(self) -> bool:
        """True once the row is on disk."""
        return self._written.is_set()

    def write(self) -> None:
        """Write it, unless it was given up. On the thread of the writer, again and again while the disk refuses."""
        with self._lock:
            if not self._is_given_up:
                self.shortfall = self._store.open(self._charge, self._caps)
        self._written.set()

    def wait(self, cancel: Stoppable, is_refused: Callable[[], bool]) -> bool:
        """Wait until it is written: not past a cancel, and only for a moment where the disk refuses."""
        began = time.monotonic()
        while not self._written.wait(_LOOK_AGAIN):
            waited = time.monotonic() - began
            if cancel.is_set or waited >= _LONGEST_PATIENCE or (waited >= _PATIENCE and is_refused()):
                return False
        return True

    def give_up(self) -> bool:
        """Never write it; ``True`` when it had been written after all."""
        with self._lock:
            self._is_given_up = True
            return self._written.is_set()


def unreserved() -> Problem:
    """Say that a request under a cap must not leave without its row."""
    return Problem(
        kind=Kind.STORAGE,
        title="Not sent: the budget could not be reserved",
        detail="The conversations file cannot be written just now, and a request that is not written down could "
        "break your budget",
        hint="Free the disk, or close the program that holds the file, then try again",
    )


def unwritable() -> Problem:
    """Say that a request must not leave whose cost cannot be written down."""
    return Problem(
        kind=Kind.STORAGE,
        title="Not sent: what it costs could not be written down",
        detail="Neither the conversations file nor a file beside it takes anything just now",
        hint="Free the disk, then try again; free models can be asked",
    )


def may_be_charged(problem: Problem) -> bool:
    """Say whether a request that failed before an answer began may have been charged: it failed on the far side."""
    return problem.was_sent or (problem.status is not None and problem.status >= 500)


def not_again(refusal: Problem, failure: Problem | None) -> Problem:
    """Return why a request must not leave; of a further attempt, with what the one before it failed of."""
    if failure is None:
        return refusal
    before = f"{failure.title} ({failure.detail})" if failure.detail else failure.title
    counts = ". It may have been charged all the same, so it counts" if may_be_charged(failure) else ""
    return replace(
        refusal,
        title=f"Not tried again: {refusal.title[:1].lower()}{refusal.title[1:]}",
        detail=f"The attempt before failed: {before}{counts}. {refusal.detail}",
        was_sent=True,
    )


def was_refused(problem: Problem) -> bool:
    """Say whether no answer can have begun: the server refused, or was never reached."""
    return problem.status is not None or problem.kind in (Kind.NETWORK, Kind.SETTINGS, Kind.NO_KEY, Kind.BUDGET)
