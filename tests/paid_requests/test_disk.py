"""The disk refuses: another process holds the lock, it is full, it may only be read. What was paid for is not lost."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.paid_requests.charged_shell import ChargedShell, finish, kill
from tests.paid_requests.comparing import rows_of
from tests.paid_requests.homes import ChargedHome
from tests.pty_harness import Child

_NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the write lock of the database, as another process does that hangs."""
    with closing(sqlite3.connect(folder / "conversations.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_lock_taken_while_an_answer_comes(shell: ChargedShell, charged_home: ChargedHome) -> None:
    async with charged_home.talking("test/gated") as chat:
        await chat.send("hello")
        await chat.sees("piece 4")
        with locked(shell.config):
            shell.server.gate.set()
            await chat.sees("piece 5")
            await chat.type("still typing")
            await chat.sees_prompt("still typing")
        await chat.until(lambda: [r.state for r in shell.rows] == ["settled"], "the cost in the ledger")
        await chat.until(lambda: "piece 5" in chat.saved[-1].text, "the answer on disk")
        assert chat.saved[0].text == "hello"
    shell.assert_every_cent_is_booked()


async def test_a_lock_held_while_a_question_is_sent(shell: ChargedShell, charged_home: ChargedHome) -> None:
    async with charged_home.talking("test/ok") as chat:
        await chat.ask("first", "piece 5")
        with locked(shell.config):
            await chat.send("second")
            await chat.sees("second")
            await chat.type("still typing")
            await chat.sees_prompt("still typing")
        await chat.until(lambda: len(chat.answers) == 2 and not chat.is_streaming, "the second answer")
        await chat.until(lambda: [m.text for m in chat.saved][2:3] == ["second"], "the question on disk")
    shell.assert_every_cent_is_booked()


def test_a_command_waits_for_a_lock_with_an_answer_that_is_paid_for(shell: ChargedShell) -> None:
    process = shell.start("ask", "-m", "test/gated", "hello")
    shell.server.book.wait_for(lambda b: any(v.sent >= 5 for v in b.running), "an answer on its way")
    with locked(shell.config):
        shell.server.gate.set()
        shell.server.book.wait_until_idle()
    ((code, errors),) = finish(process)
    assert code == 0, errors
    shell.assert_every_cent_is_booked()
    shown = shell.call("show", "last")
    assert ("hello" in shown.out, "piece 5" in shown.out) == (True, True)


def test_a_charge_made_behind_a_lock_outlives_a_kill(shell: ChargedShell) -> None:
    shell.ask("test/ok", "first")
    with locked(shell.config):
        process = shell.start("ask", "-m", "test/gated", "behind a lock")
        shell.server.book.wait_for(lambda b: any(v.sent >= 5 for v in b.running), "an answer on its way")
        kill(process)
        shell.server.gate.set()
        shell.server.book.wait_until_idle()
    shell.start_again()
    assert len(shell.rows) == 2
    assert list(shell.config.glob("*.jsonl")) == []


def test_a_full_disk_loses_no_answer_and_no_cost(shell: ChargedShell) -> None:
    argv = [*shell.argv(), "-m", "test/gated"]
    with Child(argv, environ=shell.environ, cwd=str(shell.folder)) as child:
        child.wait_until(lambda screen: "F1 keys" in screen)
        child.send("hello\r")
        child.wait_until(lambda screen: "piece 4" in screen)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))
        shell.server.gate.set()
        child.wait_until(lambda screen: "piece 5" in screen and "not saved" in screen.lower())
        child.send("typing")
        child.wait_until(lambda screen: "typing" in screen)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, _NO_LIMIT)
        child.wait_until(lambda screen: [r.state for r in rows_of(shell.config)] == ["settled"])
        child.send("\x11")
        child.wait_exit()
        assert child.status == 0
    shell.assert_every_cent_is_booked()
    assert "piece 5" in shell.call("show", "last").out


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_only_be_read_ends_no_command_with_a_crash(shell: ChargedShell, what: str) -> None:
    shell.ask("test/ok", "first")
    everything = [shell.config, *shell.config.rglob("*")]
    for path in everything:
        if path.is_file() and path.name.startswith("conversations.db"):
            path.chmod(0o400)
        elif path.is_dir() and what == "folder":
            path.chmod(0o500)
    try:
        done = subprocess.run(
            [*_as_anybody(), *shell.argv("ask", "-m", "test/ok", "second")],
            capture_output=True,
            env=shell.environ,
            check=False,
            timeout=30,
        )
    finally:
        for path in everything:
            path.chmod(0o700 if path.is_dir() else 0o600)
    assert b"Traceback" not in done.stderr
    assert b"went wrong" not in done.stderr
    # Either nothing was asked, because nothing could be booked, or it is booked now.
    shell.assert_every_cent_is_booked()


def _as_anybody() -> list[str]:
    """Return what runs a command without the right of the superuser to write anywhere."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("the superuser may write anywhere")
    return [setpriv, "--inh-caps=-dac_override", "--bounding-set=-dac_override"]
