"""Reserves the cost of a request on disk before it is sent, and judges what a failed attempt may have cost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from tui_router.domain.charge import Cap, Charge, Shortfall
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.services.rate_limiter import Stoppable

_PATIENCE = 0.25
"""Seconds that a request without a cap waits for a failing disk; its row is written later."""
_LOOK_AGAIN = 0.02
"""Seconds between two checks for cancellation while the row is being written."""
_LONGEST_PATIENCE = 30.0
"""Seconds that a request waits for a slow disk; under a cap it must not be sent without its reservation."""


class Opens(Protocol):
    """The part of the ledger on disk that a reservation needs."""

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        """Write a charge, or return the cap that it would exceed; raises ``AppError`` on a write failure."""
        ...


class Reservation:
    """A queued charge that can be abandoned until it is written."""

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
        """Write the charge unless abandoned. Called on the writer thread, repeatedly while the disk fails."""
        with self._lock:
            if not self._is_given_up:
                self.shortfall = self._store.open(self._charge, self._caps)
        self._written.set()

    def wait(self, cancel: Stoppable, is_refused: Callable[[], bool]) -> bool:
        """Wait until it is written, cancelled, or (briefly) while the disk fails; returns whether it was written."""
        began = time.monotonic()
        while not self._written.wait(_LOOK_AGAIN):
            waited = time.monotonic() - began
            if cancel.is_set or waited >= _LONGEST_PATIENCE or (waited >= _PATIENCE and is_refused()):
                return False
        return True

    def give_up(self) -> bool:
        """Abandon the charge; ``True`` if it had already been written."""
        with self._lock:
            self._is_given_up = True
            return self._written.is_set()


def unreserved() -> Problem:
    """Return the problem of a request under a cap whose charge could not be reserved."""
    return Problem(
        kind=ErrorKind.STORAGE,
        title="Not sent: the budget could not be reserved",
        detail="The conversations file cannot be written just now, and a request that is not written down could "
        "break your budget",
        hint="Free the disk, or close the program that holds the file, then try again",
    )


def unwritable() -> Problem:
    """Return the problem of a request whose cost cannot be recorded."""
    return Problem(
        kind=ErrorKind.STORAGE,
        title="Not sent: what it costs could not be written down",
        detail="Neither the conversations file nor a file beside it takes anything just now",
        hint="Free the disk, then try again; free models can be asked",
    )


def may_be_charged(problem: Problem) -> bool:
    """Return whether a request that failed before its answer may have been charged: it reached the server."""
    return problem.was_sent or (problem.status is not None and problem.status >= 500)


def not_again(refusal: Problem, failure: Problem | None) -> Problem:
    """Return why a request must not be sent; for a retry, including why the previous attempt failed."""
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
    """Return whether no answer can have started: the server refused or was not reached."""
    return problem.status is not None or problem.kind in (
        ErrorKind.NETWORK,
        ErrorKind.SETTINGS,
        ErrorKind.NO_KEY,
        ErrorKind.BUDGET,
    )
