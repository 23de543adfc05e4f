"""What runs in the processes of ``bench_money``: the program's own front door, again and again, until it is killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from tui_router.cli.entry import run as enter
from tui_router.domain.events import Event, TextDelta
from tui_router.domain.message import Text
from tui_router.domain.model import ModelRef
from tui_router.services.startup import open_services
from tui_router.services.submission import Refused
from tui_router.services.turn import Turn


def call(commands: Sequence[Sequence[str]], environ: Mapping[str, str], folder: Path) -> None:
    """Run commands one after the other in this process, with nothing on standard input."""
    with _quiet(environ, folder):
        for words in commands:
            enter(list(words))


def talk(questions: Sequence[str], model: str, environ: Mapping[str, str], folder: Path) -> None:
    """Ask in one conversation through the app's services, two lanes a question; every seventh is stopped at once."""
    with _quiet(environ, folder):
        services = open_services(environ=environ)
        chat = services.core.new_chat(model=model)
        for number, question in enumerate(questions):
            plan = chat.ask([Text(question)], [ModelRef(model)] * 2)
            if isinstance(services.core.submission.prepare(plan), Refused):
                continue
            turns = plan.begin()
            with ThreadPoolExecutor(len(turns)) as pool:
                for done in [pool.submit(_run, turn, is_stopped=number % 7 == 0) for turn in turns]:
                    done.result()
            for turn in turns:
                chat.settle(turn)
        services.close()


def _run(turn: Turn, *, is_stopped: bool) -> None:
    def put(event: Event) -> None:
        if is_stopped and isinstance(event, TextDelta):
            turn.cancel()

    turn.run(put)


@contextmanager
def _quiet(environ: Mapping[str, str], folder: Path) -> Iterator[None]:
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
        yield
