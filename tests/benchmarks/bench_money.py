"""Whether money is true: what the program booked beside what a server really charged.

    python -m tests.benchmarks.bench_money [--turns N] [--kills N]

Four processes ask one server through ``ask``, ``batch`` and the app's services: answers are cut, fail, lack their
usage and are sent again, and processes are killed. Then the program is started again. The full size is 10,000 turns
and 200 kills.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import money_worker
from tests.benchmarks.figures import Figure
from tests.charging_server import ChargingServer
from tests.paid_requests.charged_shell import FAST, SHORT, ChargedShell
from tests.paid_requests.comparing import Comparison, compare

PROCESSES = 4
LANES = 8
_CHUNK = 40
"""Turns that a process is given at a time."""
_STARTS = 5
"""Starts of the program after which what is not settled stays so."""
BUDGET = Decimal("0.5")
MOST = Decimal("0.0035")
"""What a question of the budget run may cost at most."""
_PRICED = ("ok", "no-usage", "cut", "error-in-stream", "error-with-usage", "thinking", "429-then-ok", "long")


class Outcome(NamedTuple):
    """One run."""

    compared: Comparison
    turns: int
    requests: int
    kills: int
    starts: int
    seconds: float

    @property
    def scale(self) -> str:
        """How much was done, in words."""
        return f"{self.turns:,} turns, {self.requests:,} requests, {self.kills} kills in {self.seconds:.0f} s"


class Load:
    """Keeps processes busy with questions until so many were asked, and kills some of them on the way."""

    def __init__(self, shell: ChargedShell, turns: int, kills: int, seed: int) -> None:
        self.shell = shell
        self.kills = 0
        self._turns = turns
        self._kills = kills
        self._draw = random.Random(seed)
        self._chunks = 0
        self._lock = threading.Lock()
        # A fork of a process that has loaded the program starts in hundredths of a second.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.benchmarks.money_worker"])

    @property
    def asked(self) -> int:
        """Turns so far, however often each was sent."""
        return len({v.question for v in list(self.shell.server.book.visits)})

    def run(self) -> None:
        """Work through it."""
        with ThreadPoolExecutor(PROCESSES) as pool:
            for done in [pool.submit(self._lane, n) for n in range(PROCESSES)]:
                done.result()

    def _lane(self, lane: int) -> None:
        while self.asked < self._turns or self.kills < self._kills:
            with self._lock:
                self._chunks += 1
                chunk = self._chunks
                after = self._draw.randint(1, _CHUNK)
                is_killed = self.kills < self._kills and self._draw.random() < 0.9
                self.kills += is_killed
            process = self._start(lane, chunk)
            if is_killed:
                self._kill(process, chunk, after)
            process.join()
            process.close()

    def _start(self, lane: int, chunk: int) -> BaseProcess:
        shell = self.shell
        questions = [f"c{chunk} question {n}" for n in range(_CHUNK)]
        environ = shell.environ
        if lane % 3 == 0:
            commands = [["ask", "-m", "test/mix", q] for q in questions]
            process = self._context.Process(target=money_worker.call, args=(commands, environ, shell.folder))
        elif lane % 3 == 1:
            name = shell.folder / f"in{chunk}.jsonl"
            name.write_text("".join(f"{json.dumps(q)}\n" for q in questions))
            target = str(shell.folder / f"out{chunk}.jsonl")
            words = ["batch", str(name), "-o", target, "-j", str(LANES), "-m", "test/mix"]
            process = self._context.Process(target=money_worker.call, args=([words], environ, shell.folder))
        else:
            arguments = (questions, "test/mix", environ, shell.folder)
            process = self._context.Process(target=money_worker.talk, args=arguments)
        process.start()
        return process

    def _kill(self, process: BaseProcess, chunk: int, after: int) -> None:
        book = self.shell.server.book
        while process.is_alive() and book.asked[f"c{chunk}"] < after:
            time.sleep(0.001)
        process.kill()


def mixed(turns: int, kills: int, seed: int = 1) -> Outcome:
    """Ask so much, kill so often, start again, and compare."""
    began = time.perf_counter()
    with ChargingServer(seed=seed) as server, tempfile.TemporaryDirectory() as folder:
        shell = ChargedShell(Path(folder), server)
        shell.call("models")  # the catalogue is there before the first kill
        load = Load(shell, turns, kills, seed)
        load.run()
        server.book.wait_until_idle()
        left, starts = -1, 0
        compared = compare(shell.rows, server.book)
        while left != compared.unknown and starts < _STARTS:
            left, starts = compared.unknown, starts + 1
            shell.start_again()
            compared = compare(shell.rows, server.book)
        took = time.perf_counter() - began
        return Outcome(compared, load.asked, len(server.book.visits), load.kills, starts, took)


def budget(questions: int = 150) -> tuple[Decimal, Decimal]:
    """Let 4 processes of 8 lanes ask more than a budget allows; returns what was spent over it, and what was left."""
    with ChargingServer() as server, tempfile.TemporaryDirectory() as folder:
        shell = ChargedShell(Path(folder), server)
        shell.settings(f"{FAST}{SHORT}[money]\ndaily_budget = {BUDGET}\n")
        shell.call("models")
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.benchmarks.money_worker"])
        processes = []
        for number in range(PROCESSES):
            name = shell.folder / f"in{number}.jsonl"
            rows = (
                {"prompt": f"p{number} {n}", "model": f"test/{_PRICED[n % len(_PRICED)]}"} for n in range(questions)
            )
            name.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
            words = ["batch", str(name), "-o", str(shell.folder / f"out{number}.jsonl"), "-j", str(LANES)]
            processes.append(context.Process(target=money_worker.call, args=([words], shell.environ, shell.folder)))
        for process in processes:
            process.start()
        for process in processes:
            process.join()
            process.close()
        server.book.wait_until_idle()
        spent = server.book.total
    return max(Decimal(0), spent - BUDGET), max(Decimal(0), BUDGET - spent)


def held(turns: int = 1_000, kills: int = 20) -> Iterator[Figure]:
    """Yield what money is held to."""
    done = mixed(turns, kills)
    compared = done.compared
    known = len(compared.wrong) + len(compared.invented) + len(compared.twice)
    lost = max(0, len(compared.missing) - compared.unnamed)
    difference = float(abs(compared.difference) * 10**9)
    yield Figure("ledger minus the server's charges, where it can tell", difference, 1, "n$", done.scale)
    yield Figure("rows with another cost than charged, or booked twice", known, 0, "rows")
    yield Figure("charges that no row stands for", lost, 0, "rows")
    starts = f"{compared.unnamed} of them killed before an id came; {done.starts} starts"
    yield Figure("rows open or estimated beyond those", compared.unknown - compared.unnamed, 0, "rows", starts)
    over, left = budget()
    lanes = f"{PROCESSES} processes, {LANES} lanes each, ${BUDGET}"
    yield Figure("spent over a hard budget", float(over * 1000), 0, "m$", lanes)
    yield Figure("left of it when the last one was refused", float(left * 1000), float(MOST * 1000), "m$")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    for figure in held(options.turns, options.kills):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
