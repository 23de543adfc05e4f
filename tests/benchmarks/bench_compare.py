"""What a comparison costs, in a terminal, from socket to screen: eight lanes beside one of the same total rate.

``python -m tests.benchmarks.bench_compare [--seconds N]``. The server runs in this process, the app in
one of its own. A lane's lag is the time from a word leaving the server's socket to its bytes on the terminal.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.lanes_server import Lanes
from tests.pty_harness import Child

FIRST_LETTER = 0x4E00
_QUIET = 0.6


class Streaming(NamedTuple):
    """What was measured while answers streamed."""

    keys: list[float]
    """Milliseconds from each key to its letter."""
    lags: list[float]
    """Milliseconds from the socket to the terminal, of each mark."""
    share: float
    """CPU time over time."""

    def words(self) -> str:
        """Return all of it in a line."""
        keys, lags = self.keys, self.lags
        return (
            f"key median {statistics.median(keys):5.1f} p95 {percentile(keys, 0.95):5.1f} ms   "
            f"lag median {statistics.median(lags):5.1f} p95 {percentile(lags, 0.95):5.1f} max {max(lags):5.1f} ms "
            f"({len(lags)} words)   CPU {self.share:4.0%} of one core"
        )


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def app_on(lanes: Lanes, *words: str, columns: int, rows: int = 50) -> Iterator[Child]:
    """Start the app against the server."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"OPENROUTER_BASE_URL": lanes.base_url, "OPENROUTER_API_KEY": "sk-or-v1-" + "ab" * 32}
        argv = [sys.executable, "-m", "tui_router", "--config-dir", folder, *words]
        with Child(argv, columns=columns, rows=rows, environ=environ) as child:
            yield child


def begin(child: Child, ready: str) -> None:
    """Wait for the app, ask, and wait until words come."""
    child.wait_for(ready)
    time.sleep(1.5)  # the warm-up after the first frame is not what is measured
    child.send("go\r")
    child.wait_for("q1z")


def measure(lanes: Lanes, child: Child, seconds: float, into_prompt: str) -> Streaming:
    """Type for a while; returns key latency, lag and CPU."""
    child.send(into_prompt)
    time.sleep(1.0)
    started, cpu = time.perf_counter(), cpu_seconds(child.pid)
    keys = []
    letter = FIRST_LETTER
    while time.perf_counter() - started < seconds:
        time.sleep(0.15)
        start = child.position()
        sent = child.send(chr(letter))
        keys.append((child.wait_for(chr(letter), start) - sent) * 1000)
        letter += 1
    share = (cpu_seconds(child.pid) - cpu) / (time.perf_counter() - started)
    return Streaming(keys, seen_after(lanes, child, started), share)


def seen_after(lanes: Lanes, child: Child, started: float) -> list[float]:
    """Return milliseconds from socket to terminal of the marks sent since; those of lanes out of view never come."""
    time.sleep(0.5)
    now = time.perf_counter()
    found = []
    for mark, sent in list(lanes.marks.items()):
        if started <= sent < now - 0.5 and mark.encode() in child.output:
            found.append((child.wait_for(mark) - sent) * 1000)
    return found


def eight(columns: int, seconds: float) -> Streaming:
    """Measure eight lanes of 100 tokens a second."""
    with Lanes(rate=100) as lanes, app_on(lanes, "--compare", LINE_UP, columns=columns) as child:
        begin(child, "ask all")
        return measure(lanes, child, seconds, "i")


def stopping(columns: int) -> None:
    """Measure stopping one of eight lanes, then all."""
    with Lanes(rate=100) as lanes, app_on(lanes, "--compare", LINE_UP, columns=columns) as child:
        begin(child, "ask all")
        child.send("i\t")
        time.sleep(0.5)
        start = child.position()
        # x and Ctrl+C: a lone Escape is held back for a tenth of a second by Textual, in case more follows.
        one = child.send("x")
        stopped = child.wait_for("stopped", start)
        every = child.send("\x03")
        quiet = last_paint(child)
        print(f"  stopping   one lane {(stopped - one) * 1000:.0f} ms, all others {(quiet - every) * 1000:.0f} ms")


def last_paint(child: Child) -> float:
    """Return when the terminal was written to last, once it is quiet."""
    while True:
        count = child.position()
        time.sleep(_QUIET)
        if child.position() == count:
            return child.written_at()


def leaving(columns: int, *, falls_silent: float = math.inf) -> float:
    """Return the seconds from Ctrl+Q to the shell with eight lanes running, or hanging."""
    with (
        Lanes(rate=100, falls_silent=falls_silent) as lanes,
        app_on(lanes, "--compare", LINE_UP, columns=columns) as child,
    ):
        begin(child, "ask all")
        time.sleep(1)
        sent = child.send("\x11")
        ended = child.wait_exit()
        if child.status:
            raise SystemExit(f"left with exit code {child.status}")
        return ended - sent


def one(seconds: float) -> Streaming:
    """Measure one answer of the same total rate."""
    with Lanes(rate=800) as lanes, app_on(lanes, "-m", "bench/1", columns=200) as child:
        begin(child, "sk anything")
        return measure(lanes, child, seconds, "")


def long_answer() -> float:
    """Return the seconds from the last byte of a 50,000-token answer at full speed to its last word on the screen."""
    with Lanes(rate=0, tokens=50_000) as lanes, app_on(lanes, "-m", "bench/1", columns=120) as child:
        child.wait_for("sk anything")
        time.sleep(1.5)
        child.send("go\r")
        return child.wait_for("end1end", timeout=60) - lanes.ended[1]


def flood(columns: int) -> None:
    """Measure eight lanes of 5,000 tokens as fast as they come."""
    with Lanes(rate=0, tokens=5_000) as lanes, app_on(lanes, "--compare", LINE_UP, columns=columns) as child:
        child.wait_for("ask all")
        time.sleep(1.5)
        sent = child.send("go\r")
        while len(lanes.ended) < 8:
            time.sleep(0.05)
        last = max(lanes.ended.values())
        painted = last_paint(child)
        screen = child.screen()
        shown = sum(f"end{n}end" in screen for n in range(1, 9))
        print(
            f"8 lanes x 5,000 tokens at once at {columns}x50   last byte {last - sent:.2f} s after Enter, "
            f"all painted {painted - last:.2f} s after the last byte ({shown} lanes in view)"
        )


LINE_UP = ",".join(f"bench/{n}" for n in range(1, 9))


def held(seconds: float = 10) -> Iterator[Figure]:
    """Yield what streaming is held to."""
    alone, lanes = one(seconds), eight(200, seconds)
    yield Figure("token at the socket to token on screen, p95", percentile(alone.lags, 0.95), 50, "ms")
    yield Figure("the same in 8 lanes, slowest", max(lanes.lags), 100, "ms")
    yield Figure("letter typed while 8 lanes stream, p95", percentile(lanes.keys, 0.95), 60, "ms")
    yield Figure("CPU meanwhile, of one core", lanes.share * 100, 35, "%")
    yield Figure("last word of 50,000 tokens after the last byte", long_answer(), 1, "s")
    yield Figure("quitting with 8 hung streams", leaving(200, falls_silent=1), 1, "s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print(f"1 answer x 800 tok/s at 200x50   {one(options.seconds).words()}")
    for columns in (200, 330):
        print(f"8 lanes x 100 tok/s at {columns}x50   {eight(columns, options.seconds).words()}")
    stopping(200)
    print(f"1 answer x 50,000 tokens at once at 120x50   painted {long_answer():.2f} s after the last byte")
    for columns in (200, 330):
        flood(columns)
    print(f"leaving with 8 lanes running   {leaving(200) * 1000:.0f} ms to the shell")


if __name__ == "__main__":
    main()
