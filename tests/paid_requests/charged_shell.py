"""A person's folder and the command line, against a server that knows what it charged."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.charging_server import KEY, ChargingServer
from tests.cli.shell import Done, Shell
from tests.paid_requests.comparing import EXACT, Row, compare, rows_of

FAST = "[network]\ninitial_delay = 0.5\ntier = 'unlimited'\n[chat]\nhints = false\n"
"""Settings of every test: the program waits as little as it can. A group of settings may be added."""
SHORT = "max_tokens = 200\n"
"""Follows ``FAST``: an answer costs at most $0.003 and a little, and usually $0.0009."""


class ChargedShell(Shell):
    """Runs commands, and says whether the money is right."""

    def __init__(self, folder: Path, server: ChargingServer) -> None:
        super().__init__(folder, server.base_url)
        self.environ["OPENROUTER_API_KEY"] = KEY
        self.server = server
        self.settings(FAST)

    @property
    def config(self) -> Path:
        """Where the program keeps its things."""
        return self.folder / "config"

    @property
    def rows(self) -> list[Row]:
        """The program's ledger."""
        return rows_of(self.config)

    def ask(self, model: str, *words: str) -> Done:
        """Ask in this process."""
        return self.call("ask", "-m", model, *(words or ("hello",)))

    def questions(self, *lines: object) -> None:
        """Write the questions of a batch."""
        self.folder.joinpath("in.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    def answers(self, name: str = "out.jsonl") -> list[dict[str, Any]]:
        """Return the answers of a batch."""
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def start_again(self) -> Decimal:
        """Run ``usage`` as the next start of the program; returns the sum that it prints."""
        self.server.book.wait_until_idle()
        done = self.call("usage", "--json")
        assert done.code == 0, done.err
        return Decimal(str(done.json["total"]))

    def assert_every_cent_is_booked(self) -> None:
        """After the next start the two ledgers are the same, and nothing is open or guessed."""
        told = self.start_again()
        compared = compare(self.rows, self.server.book)
        assert compared.faults() == [], compared
        assert (compared.missing, compared.unknown) == ((), 0), compared
        assert abs(compared.booked - compared.charged) <= EXACT, compared
        assert abs(told - compared.charged) <= EXACT, (told, compared)


def finish(*processes: subprocess.Popen[bytes]) -> list[tuple[int, str]]:
    """Wait for processes; returns the code and standard error of each."""
    found = []
    for process in processes:
        _, errors = process.communicate(timeout=30)
        found.append((process.returncode, errors.decode()))
    return found


def kill(*processes: subprocess.Popen[bytes]) -> None:
    """End processes as ``kill -9`` does."""
    for process in processes:
        process.kill()
    for process in processes:
        process.communicate(timeout=30)
