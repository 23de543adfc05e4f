"""Several processes that share one rate file, a server that notes what it sees, and a clock that all of them share.

Nothing runs at the same time: the crowd takes its steps one after the other, in an order that a seed decides.
"""

from __future__ import annotations

import heapq
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tui_router.domain.rate_limit import MINUTE, Limit
from tui_router.services.rate_limiter import Limiter, Slot, patience
from tui_router.storage.rate import RateFile


class Now:
    """The time of day, wherever anybody looks."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Seen:
    """What the server's own log says."""

    arrivals: list[float] = field(default_factory=list)
    changes: list[tuple[float, int]] = field(default_factory=list)

    def most_in_a_window(self, window: float = MINUTE.window) -> int:
        """Return the most arrivals in any window."""
        times, most, first = sorted(self.arrivals), 0, 0
        for last, time in enumerate(times):
            while times[first] <= time - window:
                first += 1
            most = max(most, last - first + 1)
        return most

    def most_at_once(self) -> int:
        """Return the most requests that ran at once."""
        running = most = 0
        for _, change in sorted(self.changes):
            running += change
            most = max(most, running)
        return most


@dataclass
class Process:
    """One process: its limiter, and the requests that it still has to send."""

    limiter: Limiter
    file: RateFile
    todo: int
    is_dead: bool = False
    running: int = 0
    """Requests that the server serves."""
    waited: list[float] = field(default_factory=list)

    def die(self) -> None:
        """Go as a killed process does: the kernel lets go of its lock, and nobody says goodbye."""
        self.is_dead = True
        handle, self.file._instance._handle = self.file._instance._handle, None
        if handle is not None:
            os.close(handle)


class Crowd:
    """Runs processes until all have sent what they have, or time is up."""

    def __init__(self, folder: Path, limit: Limit, todos: list[int], seed: int, *, shared: bool = True) -> None:
        self.clock, self.seen, self.rng = Now(), Seen(), random.Random(seed)
        self._steps: list[tuple[float, int, Iterator[float]]] = []
        self._order = count()
        self.processes = []
        for number, todo in enumerate(todos):
            file = RateFile(folder if shared else folder / str(number), "key")
            self.processes.append(Process(Limiter(lambda: limit, self.clock, file), file, todo))

    def run(self, seconds: float, *, lanes: int, kills: dict[int, float] | None = None) -> None:
        """Let each process send with some lanes until the time is up; ``kills`` says who dies when."""
        end = self.clock.now + seconds
        for process in self.processes:
            for _ in range(lanes):
                self._begin(self._lane(process), self.rng.uniform(0, 0.5))
        for number, after in (kills or {}).items():
            self._begin(self._killer(self.processes[number]), after)
        while self._steps and self._steps[0][0] <= end:
            at, _, step = heapq.heappop(self._steps)
            self.clock.now = max(self.clock.now, at)
            for wait in step:
                heapq.heappush(self._steps, (self.clock.now + wait, next(self._order), step))
                break
        for process in self.processes:
            process.file.close()

    def _begin(self, step: Iterator[float], after: float) -> None:
        heapq.heappush(self._steps, (self.clock.now + after, next(self._order), step))

    def _killer(self, process: Process) -> Iterator[float]:
        process.die()
        for _ in range(process.running):
            self._note_end()
        yield from ()

    def _note_end(self) -> None:
        """The server may note an end a little after the client."""
        self.seen.changes.append((self.clock.now + self.rng.uniform(0, 0.9), -1))

    def _lane(self, process: Process) -> Iterator[float]:
        """Send requests one after the other: to the server, its first byte, its end, some with a second attempt."""
        rng, clock, limiter = self.rng, self.clock, process.limiter
        while process.todo and not process.is_dead:
            process.todo -= 1
            asked = clock.now
            yield from self._turn(process, limiter._queue_up(is_fresh=True, is_free=False))
            if process.is_dead:
                return
            process.waited.append(clock.now - asked)
            slot = Slot(limiter)
            for attempt in range(rng.choice((1, 1, 1, 2))):
                if attempt:
                    yield rng.uniform(1, 4)
                    yield from self._turn(process, limiter._queue_up(is_fresh=False, is_free=False))
                    if process.is_dead:
                        return
                    slot._is_flying = True
                yield from self._request(process, slot)
                if process.is_dead:
                    return
            slot.release()

    def _turn(self, process: Process, ticket: object) -> Iterator[float]:
        while not process.is_dead:
            with process.limiter._lock:
                queued = process.limiter._try_start(ticket)  # type: ignore[arg-type]
            if queued is None:
                return
            yield patience(queued)

    def _request(self, process: Process, slot: Slot) -> Iterator[float]:
        """One request as the server sees it, with its own latency on the way there and back."""
        rng = self.rng
        yield rng.expovariate(2)
        if process.is_dead:
            return
        self.seen.arrivals.append(self.clock.now)
        self.seen.changes.append((self.clock.now, 1))
        process.running += 1
        yield rng.expovariate(1)
        if process.is_dead:
            return
        slot.arrived()
        yield rng.uniform(0.2, 15)
        if process.is_dead:
            return
        process.running -= 1
        self._note_end()
