"""The app while the disk refuses: are keys answered, and is everything there when the cause is gone?

    python -m tests.benchmarks.bench_disk [--seconds N]

Another process holds the write lock, or no file may grow. The full time is 60 seconds.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.figures import Figure
from tests.charging_server import ChargingServer
from tests.paid_requests.charged_shell import ChargedShell
from tests.paid_requests.comparing import compare
from tests.pty_harness import Child

_FIRST_LETTER = 0x4E00
_EVERY = 0.15
_PATIENCE = 20.0
Cause = Callable[[ChargedShell, Child], AbstractContextManager[None]]


class Outcome(NamedTuple):
    """What came of it."""

    keys: list[float]
    """Milliseconds from each key to its letter, while the cause lasted."""
    lost: int
    """Of the question, its answer, its cost, and the same of a second one: what is not there afterwards."""


@contextmanager
def locked(shell: ChargedShell, child: Child) -> Iterator[None]:
    """Hold the write lock of the database."""
    with closing(sqlite3.connect(shell.config / "conversations.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def full(shell: ChargedShell, child: Child) -> Iterator[None]:
    """Let no file of the app grow."""
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))
    yield
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def under(cause: Cause, seconds: float) -> Outcome:
    """Ask, let the cause last so long while the answer ends and a second question is sent, and look for both."""
    with ChargingServer() as server, tempfile.TemporaryDirectory() as folder:
        shell = ChargedShell(Path(folder), server)
        argv = [*shell.argv(), "-m", "test/gated"]
        with Child(argv, environ=shell.environ, cwd=folder) as child:
            child.wait_until(lambda screen: "F1 keys" in screen)
            child.send("first\r")
            child.wait_until(lambda screen: "piece 4" in screen)
            with cause(shell, child):
                server.gate.set()
                child.wait_until(lambda screen: "piece 5" in screen)
                child.send("second\r")
                keys = _typed(child, seconds)
            child.send("\x03")
            deadline = time.perf_counter() + _PATIENCE
            while _lost(shell) and time.perf_counter() < deadline:
                time.sleep(_EVERY)
            child.send("\x11")
            with suppress(AssertionError):  # it crashed, or hangs: what is missing says so
                child.wait_exit()
        shell.start_again()
        return Outcome(keys, _lost(shell) + (compare(shell.rows, server.book).unknown > 0))


def _typed(child: Child, seconds: float) -> list[float]:
    keys, letter, end = [], _FIRST_LETTER, time.perf_counter() + seconds
    while time.perf_counter() < end:
        time.sleep(_EVERY)
        start = child.position()
        sent = child.send(chr(letter))
        keys.append((child.wait_for(chr(letter), start) - sent) * 1000)
        letter += 1
    # The terminal itself echoes what is typed once the app has fallen.
    has_ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return [math.inf] if has_ended else keys


def _lost(shell: ChargedShell) -> int:
    with closing(sqlite3.connect(f"file:{shell.config / 'conversations.db'}?mode=ro", uri=True)) as connection:
        texts = [str(row[0]) for row in connection.execute("SELECT text FROM messages")]
    there = sum(any(word in text for text in texts) for word in ("first", "second"))
    there += min(2, sum("piece 5" in text for text in texts))
    there += min(2, sum(row.state == "settled" for row in shell.rows))
    return 6 - there


def held(seconds: float = 8) -> Iterator[Figure]:
    """Yield what the app is held to while the disk refuses."""
    for name, cause in (("another process holds the lock", locked), ("the disk is full", full)):
        done = under(cause, seconds)
        median = f"median {statistics.median(done.keys):.0f} ms over {seconds:.0f} s"
        yield Figure(f"letter typed while {name}, slowest", max(done.keys), 100, "ms", median)
        yield Figure("  questions, answers and costs missing afterwards", done.lost, 0, "of 6")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    for figure in held(parser.parse_args().seconds):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
