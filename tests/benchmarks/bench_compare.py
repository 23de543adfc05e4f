"""What a comparison costs, in a terminal, from socket to screen: eight lanes beside one of the same total rate.

``python -m tests.benchmarks.bench_compare [--seconds N]``. The server runs in this process, the app in
one of its own. A lane's lag is the time from a word leaving the server's socket to its bytes on the terminal.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.benchmarks.lanes_server import Lanes
from tests.pty_harness import Child

FIRST_LETTER = 0x4E00
_QUIET = 0.6


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values do not pass."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * share))] if found else float("nan")


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


def measure(lanes: Lanes, child: Child, seconds: float, into_prompt: str) -> str:
    """Type for a while; returns key latency, lag and CPU in words."""
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
    lags = seen_after(lanes, child, started)
    return (
        f"key median {statistics.median(keys):5.1f} p95 {percentile(keys, 0.95):5.1f} ms   "
        f"lag median {statistics.median(lags):5.1f} p95 {percentile(lags, 0.95):5.1f} max {max(lags):5.1f} ms "
        f"({len(lags)} words)   CPU {share:4.0%} of one core"
    )


def seen_after(lanes: Lanes, child: Child, started: float) -> list[float]:
    """Return milliseconds from socket to terminal of the marks sent since; those of lanes out of view never come."""
    time.sleep(0.5)
    now = time.perf_counter()
    found = []
    for mark, sent in list(lanes.marks.items()):
        if started <= sent < now - 0.5 and mark.encode() in child.output:
            found.append((child.wait_for(mark) - sent) * 1000)
    return found


def eight(columns: int, seconds: float) -> None:
    """Measure eight lanes of 100 tokens a second, then stop them all."""
    with Lanes(rate=100) as lanes, app_on(lanes, "--compare", LINE_UP, columns=columns) as child:
        begin(child, "ask all")
        print(f"8 lanes x 100 tok/s at {columns}x50   {measure(lanes, child, seconds, 'i')}")
        child.send("\x7f" * 200 + "\t")
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


def leaving(columns: int) -> None:
    """Measure leaving with eight lanes running."""
    with Lanes(rate=100) as lanes, app_on(lanes, "--compare", LINE_UP, columns=columns) as child:
        begin(child, "ask all")
        time.sleep(1)
        sent = child.send("\x11")
        ended = child.wait_exit()
        print(f"leaving with 8 lanes running   {(ended - sent) * 1000:.0f} ms to the shell, exit code {child.status}")


def one(seconds: float) -> None:
    """Measure one answer of the same total rate."""
    with Lanes(rate=800) as lanes, app_on(lanes, "-m", "bench/1", columns=200) as child:
        begin(child, "sk anything")
        print(f"1 answer x 800 tok/s at 200x50  {measure(lanes, child, seconds, '')}")


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    one(options.seconds)
    for columns in (200, 330):
        eight(columns, options.seconds)
    for columns in (200, 330):
        flood(columns)
    leaving(200)


if __name__ == "__main__":
    main()
