"""Processes that end in the middle: by ``kill -9``, by Ctrl+C, by stopping and leaving at once."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.paid_requests.charged_shell import FAST, ChargedShell, finish, kill
from tests.paid_requests.comparing import compare
from tests.paid_requests.homes import ChargedHome
from tests.pty_harness import Child


def _started(shell: ChargedShell, model: str, count: int) -> list[subprocess.Popen[bytes]]:
    """Start ``ask`` so often, and wait until all of them have printed a piece."""
    processes = [shell.start("ask", "-m", model, f"question {n}") for n in range(count)]
    for process in processes:
        assert process.stdout is not None
        seen = b""
        while b"piece 1" not in seen:
            piece = os.read(process.stdout.fileno(), 4096)
            assert piece, process.stderr.read() if process.stderr else ""
            seen += piece
    return processes


def test_killed_in_the_middle_of_an_answer(shell: ChargedShell) -> None:
    kill(*_started(shell, "test/gated", 4))
    shell.server.book.wait_until_idle()
    assert len(shell.server.book.charges) == 4
    shell.assert_every_cent_is_booked()


def test_killed_before_the_first_token(shell: ChargedShell) -> None:
    processes = [shell.start("ask", "-m", "test/hang-before-token", f"question {n}") for n in range(3)]
    shell.server.book.wait_for(lambda b: len(b.running) == 3, "three requests")
    kill(*processes)
    shell.start_again()
    compared = compare(shell.rows, shell.server.book)
    assert compared.faults() == []
    assert len(shell.rows) == 3
    # Whoever was killed before the id was read has a row that says so.
    assert len(compared.missing) <= compared.unnamed


def test_interrupted_in_the_middle_of_an_answer(shell: ChargedShell) -> None:
    (process,) = _started(shell, "test/gated", 1)
    process.send_signal(signal.SIGINT)
    assert finish(process)[0][0] == 130
    shell.assert_every_cent_is_booked()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_batch_that_is_stopped_three_times(shell: ChargedShell, end: signal.Signals) -> None:
    book = shell.server.book
    models = ("test/gated", "test/ok", "test/no-usage")
    shell.questions(*({"prompt": f"question {n}", "model": models[n % 3]} for n in range(12)))
    words = ("batch", "in.jsonl", "-o", "out.jsonl", "-j", "3")
    for _ in range(3):
        process = shell.start(*words)
        book.wait_for(lambda b: sum(v.sent >= 5 for v in b.running) == 3, "three questions in the middle")
        process.send_signal(end)
        finish(process)
        book.wait_until_idle()
    shell.server.gate.set()
    done = shell.run(*words)
    assert done.code == 0, done.err
    assert len({a["key"] for a in shell.answers()}) == len(shell.answers()) == 12
    shell.start_again()
    compared = compare(shell.rows, book)
    assert compared.faults() == [], compared
    # An answer whose first bytes nobody had read when it was stopped has no id to ask with; all others are settled.
    assert compared.unknown == compared.unnamed, compared


def test_the_app_is_killed_in_the_middle_of_an_answer(shell: ChargedShell) -> None:
    argv = [*shell.argv(), "-m", "test/gated"]
    with Child(argv, environ=shell.environ, cwd=str(shell.folder)) as child:
        child.wait_until(lambda screen: "F1 keys" in screen)
        child.send("hello\r")
        child.wait_until(lambda screen: "piece 1" in screen)
        child.kill()
    shell.assert_every_cent_is_booked()


async def test_stopped_and_left_at_once(shell: ChargedShell, charged_home: ChargedHome) -> None:
    book = shell.server.book
    async with charged_home.talking("test/gated") as chat:
        await chat.send("hello")
        await chat.sees("piece 1")
        await chat.stop()
    book.wait_until_idle()
    assert len(book.charges) == 1
    shell.assert_every_cent_is_booked()


async def test_left_in_the_middle_of_lanes(shell: ChargedShell, charged_home: ChargedHome) -> None:
    async with charged_home.talking("test/ok") as chat:
        await chat.send("/compare test/gated, test/hang, test/ok")
        await chat.sees("ask all")
        await chat.send("hello")
        await chat.until(lambda: len(shell.server.book.visits) == 3, "three requests")
        await chat.until(lambda: all(v.sent >= 2 for v in shell.server.book.visits), "three answers")
    shell.assert_every_cent_is_booked()


def test_the_terminal_is_closed(shell: ChargedShell) -> None:
    shell.settings(FAST)
    argv = [*shell.argv(), "-m", "test/hang"]
    with Child(argv, environ=shell.environ, cwd=str(shell.folder)) as child:
        child.wait_until(lambda screen: "F1 keys" in screen)
        child.send("hello\r")
        child.wait_until(lambda screen: "piece 1" in screen)
        child.send("\x1b")
        child.send("\x11")
        child.wait_exit()
    shell.assert_every_cent_is_booked()
