"""Every number that the program is held to, in one run and one table: ``python -m tests.benchmarks [NAME …]``.

Takes about five minutes; leave the machine alone meanwhile. NAME is one of the modules here without ``bench_``.
Prints figures and their bounds and never fails for one: what a busy machine measures is no verdict. Each
module alone (``python -m tests.benchmarks.bench_startup``) prints more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib import import_module

from tests.benchmarks.figures import HEADER

MODULES = ("startup", "compare", "typing", "transcript", "app", "picker", "search", "ask", "estimate", "money", "disk")
"""Each has ``held()``: its figures, one after the other."""


def show(name: str) -> None:
    """Measure one module and print its rows."""
    for figure in import_module(f"tests.benchmarks.bench_{name}").held():
        print(figure.line(), flush=True)


def main() -> None:
    """Measure each in a process of its own, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MODULES], metavar="NAME")
    parser.add_argument("--here", action="store_true", help="measure in this process, without the header")
    options = parser.parse_args()
    if options.here:
        for name in options.names:
            show(name)
        return
    print(HEADER, flush=True)
    # An installed program is compiled, and so is its floor.
    environ = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    for name in options.names or MODULES:
        subprocess.run([sys.executable, "-m", "tests.benchmarks", "--here", name], env=environ, check=True)


if __name__ == "__main__":
    main()
