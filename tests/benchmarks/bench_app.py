"""The whole app in a terminal: a 50,000-token answer at full speed, and a conversation of 2,000 turns (5 MB) opened.

``python -m tests.benchmarks.bench_app``. The server runs in this process, the app in one of its own.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.figures import Figure
from tests.pty_harness import Child
from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message, Role, Text
from tui_router.services.startup import open_services

_TURNS = 2_000
_WORDS = (
    "Some **bold** words, `code` and a [link](https://example.org) in a paragraph that is long enough to wrap. " * 24
)
_LAST = "q7z-the-last-turn-q7z"
_SETTINGS = "[options]\nmax_tokens = 60000\n\n[money]\nwarn_above = 0\n"


def resident(pid: int) -> float:
    """Return the memory of a process, in MB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096 / 1e6


def app(folder: str, base_url: str, *words: str) -> Child:
    """Start the app."""
    environ = {"OPENROUTER_BASE_URL": base_url, "OPENROUTER_API_KEY": DEMO_KEY}
    argv = [sys.executable, "-m", "tui_router", "--config-dir", folder, *words]
    return Child(argv, columns=120, rows=40, environ=environ)


def long_answer(base_url: str) -> None:
    """How long after the last byte the end of a 50,000-token answer is on the screen."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "settings.toml").write_text(_SETTINGS, encoding="utf-8")
        with app(folder, base_url, "-m", "demo/long") as child:
            child.wait_for("sk anything")
            time.sleep(2.0)
            started = child.send("go\r")
            done = child.wait_for("The end.", child.position(), timeout=60) - started
            shown = child.wait_for("Ctrl+L models", timeout=60) - started
            print(f"50,000 tokens: last word painted {done:.2f} s after Enter, ending shown after {shown:.2f} s")


class Opened(NamedTuple):
    """A conversation that was opened from the list."""

    milliseconds: float
    """From Enter to its last line on the screen."""
    megabytes: float
    """More memory than before, two seconds later."""


def opened(base_url: str, rounds: int = 5) -> list[Opened]:
    """Open a conversation of 2,000 turns from the list, each time in a program that was just started."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        _fill(folder)
        for _ in range(rounds):
            with app(folder, base_url, "-m", "demo/quick") as child:
                child.wait_for("F1 keys")
                time.sleep(2.0)
                child.send("\x13")
                child.wait_for("Big")
                time.sleep(1.0)
                before = resident(child.pid)  # the list is not what a conversation costs
                start = child.position()
                sent = child.send("\r")
                taken = child.wait_for(_LAST, start) - sent
                time.sleep(2.0)
                found.append(Opened(taken * 1000, resident(child.pid) - before))
    return found


def held() -> Iterator[Figure]:
    """Yield what a long conversation is held to."""
    with DemoServer(speed=0) as demo_server:
        times, memory = zip(*opened(demo_server.base_url), strict=True)
    yield Figure("2,000 turns, opened from the list and painted", statistics.median(times), 100, "ms")
    yield Figure("2,000 turns: memory over an empty one", statistics.median(memory), 15, "MB")


def _fill(folder: str) -> None:
    services = open_services(config_dir=folder, environ={})
    library = services.core.library
    now = datetime.now(UTC)
    messages: list[Message] = []
    for n in range(_TURNS):
        role = Role.USER if n % 2 == 0 else Role.ASSISTANT
        text = f"Turn {n}. {_WORDS}" + (f"\n\n{_LAST}" if n == _TURNS - 1 else "")
        parent = messages[-1].id if messages else None
        messages.append(Message(id=f"m{n:015}", parent_id=parent, role=role, parts=(Text(text),), created=now))
    made = Conversation(id="c" * 16, title="Big", head=messages[-1].id, created=now, updated=now)
    library.conversations.save(made)
    library.messages.add_messages(made.id, messages)
    services.close()


def main() -> None:
    """Print all of it."""
    with DemoServer(speed=0) as demo_server:
        long_answer(demo_server.base_url)
        for found in opened(demo_server.base_url):
            print(f"2,000 turns: on the screen {found.milliseconds:.0f} ms after Enter, {found.megabytes:+.1f} MB")


if __name__ == "__main__":
    main()
