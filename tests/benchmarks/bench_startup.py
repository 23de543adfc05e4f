"""How soon a typed letter is seen, and how soon the prompt is live, beside the floors of the platform.

``python -m tests.benchmarks.bench_startup [--runs N] [--app "COMMAND"]``. All rows are taken in turn within one
run, each in a fresh process on a pseudo-terminal; medians and their ratios are printed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.figures import Figure
from tests.pty_harness import Child

LETTER = "ø"
"""A letter that is in no frame of any program here."""


def bare_python() -> float:
    """``python -c pass``, in seconds, on a terminal like the others."""
    with Child([sys.executable, "-c", "pass"]) as child:
        return child.wait_exit() - child.started


def skeleton(app: list[str]) -> float:
    """From exec to a typed letter on the screen, echoed into the skeleton."""
    with Child(app) as child:
        child.wait_for("Ask anything")
        child.send(LETTER)
        return child.wait_for(LETTER) - child.started


def live(app: list[str], painted: str) -> float:
    """From exec to the prompt of the app itself showing a letter that was typed at once."""
    with Child(app) as child:
        child.send(LETTER)
        # Mouse reporting is Textual's first word; the letter behind it is painted by the live prompt.
        child.wait_for(painted)
        return child.wait_for(LETTER, child.output.find(painted.encode())) - child.started


def modules(code: str) -> int:
    """How many modules are loaded after running a line of Python."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(len(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1])


def measured(app: list[str], runs: int) -> dict[str, list[float]]:
    """Return milliseconds of every run, all rows in turn after one warm-up of each."""
    bare = [sys.executable, "-m", "tests.prompt_toy", "--plain"]
    rows: dict[str, Callable[[], float]] = {
        "python -c pass": bare_python,
        "exec to a letter in the skeleton": lambda: skeleton(app),
        "exec to the bare TextArea app, live": lambda: live(bare, "\x1b[?1003h"),
        "exec to the app's prompt, live": lambda: live(app, "\x1b[?1003h"),
    }
    times: dict[str, list[float]] = {name: [] for name in rows}
    for measure in rows.values():
        measure()
    for _ in range(runs):
        for name, measure in rows.items():
            times[name].append(measure() * 1000)
    return times


def ratio(found: Sequence[float], floor: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: a burst of other work on the machine slows both sides of one round."""
    return statistics.median(a / b for a, b in zip(found, floor, strict=True))


def held(runs: int = 15) -> Iterator[Figure]:
    """Yield what the start is held to."""
    times = measured([sys.executable, "-m", "tui_router", "--demo"], runs)
    floor, letter, plain, ours = times.values()
    for what, found, base, bound, name in (
        ("exec to a letter in the skeleton", letter, floor, 3, "python -c pass"),
        ("exec to the live prompt", ours, plain, 1.2, "bare TextArea app"),
    ):
        beside = f"{statistics.median(found):.0f} ms; {name} {statistics.median(base):.0f} ms"
        yield Figure(what, ratio(found, base), bound, "x", beside)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--app", default=f"{sys.executable} -m tui_router --demo")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, and so is the floor
    times = measured(shlex.split(options.app), options.runs)
    for name, found in times.items():
        print(f"{name:<38} median {statistics.median(found):7.1f} ms   min {min(found):7.1f} ms")
    floor, letter, plain, ours = times.values()
    print(f"skeleton / python -c pass              {ratio(letter, floor):7.2f}   (bound 3)")
    print(f"live prompt / bare TextArea app        {ratio(ours, plain):7.2f}   (bound 1.2)")
    for code in (
        "pass",
        "import tui_router.cli.first_frame",
        "import textual.app, textual.widgets._text_area",
        "import tui_router.ui.prompt.box",
    ):
        print(f"modules after {code:<50} {modules(code):5}")


if __name__ == "__main__":
    main()
