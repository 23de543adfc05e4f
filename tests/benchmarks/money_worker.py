"""What runs in the processes of ``bench_money``: the program's own front door, again and again, until it is killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tui_router.cli.entry import run as enter


def call(commands: Sequence[Sequence[str]], environ: Mapping[str, str], folder: Path) -> None:
    """Run commands one after the other in this process, with nothing on standard input."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    with (
        open(os.devnull, encoding="utf-8") as nothing,
        (folder / f"log-{os.getpid()}").open("w", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        sys.stdin = nothing
        for words in commands:
            enter(list(words))
