"""From a key written to the terminal to its letter in the output, while nothing else happens.

``python -m tests.benchmarks.bench_typing [--keys N] [--app "COMMAND"]``; a bare ``TextArea`` app runs beside it.
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import sys
import time
from collections.abc import Iterator

from tests.benchmarks.figures import Figure, percentile
from tests.pty_harness import Child

BARE = [sys.executable, "-m", "tests.prompt_toy", "--plain"]
FIRST_LETTER = 0x4E00
"""Keys are Chinese characters in a row: each appears once, so its place in the output is certain."""


def latencies(app: list[str], keys: int, pause: float = 0.05) -> list[float]:
    """Type ``keys`` letters, one at a time; returns milliseconds to the screen, in order."""
    found = []
    with Child(app, columns=100, rows=30) as child:
        child.wait_for("\x1b[?1003h")
        child.send(chr(FIRST_LETTER - 1))
        child.wait_for(chr(FIRST_LETTER - 1), child.output.find(b"\x1b[?1003h"))
        time.sleep(1.5)  # what a program does after its first frame is not what is measured
        for i in range(keys):
            time.sleep(pause)
            start = child.position()
            letter = chr(FIRST_LETTER + i)
            sent = child.send(letter)
            found.append((child.wait_for(letter, start) - sent) * 1000)
    return found


def paste(app: list[str], size: int) -> float:
    """Paste ``size`` letters in lines of 100; returns milliseconds from the first byte to its chip."""
    with Child(app, columns=100, rows=30) as child:
        child.wait_for("\x1b[?1003h")
        # Without its first letter: the cursor stands on that one, in a style of its own.
        child.wait_for("sk anything", child.output.find(b"\x1b[?1003h"))
        start = child.position()
        sent = child.send("\x1b[200~" + ("x" * 99 + "\r") * (size // 100) + "\x1b[201~")
        return (child.wait_for("pasted", start) - sent) * 1000


def held(keys: int = 80) -> Iterator[Figure]:
    """Yield what typing is held to."""
    bare, ours = (latencies(app, keys) for app in (BARE, [sys.executable, "-m", "tui_router", "--demo"]))
    floor = f"bare TextArea app {percentile(bare, 0.95):.1f} ms"
    yield Figure("letter typed to letter shown, idle, p95", percentile(ours, 0.95), 15, "ms", floor)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=80)
    parser.add_argument("--app", default=f"{sys.executable} -m tui_router --demo")
    options = parser.parse_args()
    medians = []
    for name, app in (
        ("bare TextArea app", BARE),
        ("the app", shlex.split(options.app)),
    ):
        found = latencies(app, options.keys)
        medians.append(statistics.median(found))
        tail = percentile(found, 0.95)
        print(f"{name:<20} median {medians[-1]:6.1f} ms   p95 {tail:6.1f} ms   max {max(found):6.1f} ms")
    print(f"1 MB pasted          {paste(shlex.split(options.app), 1_000_000):6.1f} ms from the first byte to its chip")
    print(f"the app / bare       {medians[1] / medians[0]:6.2f}   (bound: p95 15 ms)")


if __name__ == "__main__":
    main()
