"""Killed while the store refuses: the next start has the question, the answer so far, the draft and the queue."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from tests.paid_requests.charged_shell import ChargedShell, finish, kill
from tests.paid_requests.homes import ChargedHome
from tests.paid_requests.test_disk import locked
from tests.pty_harness import TIMEOUT, Child


@pytest.fixture(autouse=True)
def _own_temporary_files(shell: ChargedShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what goes to the folder for temporary files apart from the machine's."""
    folder = shell.folder / "temporary"
    folder.mkdir()
    shell.environ["TMPDIR"] = str(folder)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)


def app(shell: ChargedShell, *words: str) -> Child:
    child = Child([*shell.argv(), *words], environ=shell.environ, cwd=str(shell.folder))
    child.wait_until(lambda screen: "F1 keys" in screen)
    return child


def spare_files(shell: ChargedShell, what: str = "words") -> list[Path]:
    return sorted(shell.folder.rglob(f"tui-router-{what}-*.jsonl"))


def kept(shell: ChargedShell) -> str:
    return "".join(path.read_text() for path in spare_files(shell))


def kill_once_kept(shell: ChargedShell, child: Child, *words: str) -> None:
    """End the app by force as soon as these words are in its spare file."""
    child.wait_until(lambda _: all(word in kept(shell) for word in words))
    child.kill()
    child.wait_exit()


def test_everything_said_and_typed_behind_a_lock_outlives_a_kill(shell: ChargedShell) -> None:
    shell.ask("test/ok", "an earlier one")
    with locked(shell.config), app(shell, "-m", "test/gated") as child:
        child.send("the question\r")
        child.wait_until(lambda screen: "piece 4" in screen)
        child.send("second one\r")
        child.wait_until(lambda screen: "1 queued" in screen)
        child.send("half a thought")
        kill_once_kept(shell, child, "piece 4", '"text":"second one"', "half a thought")
        assert [path.stat().st_mode & 0o777 for path in spare_files(shell)] == [0o600]
    with app(shell, "-c") as child:
        child.wait_until(
            lambda screen: all(
                words in screen for words in ("the question", "piece 4", "Interrupted", "1 queued", "half a thought")
            )
        )
        child.send("\x03")
        child.wait_until(lambda screen: "half a thought" not in screen)
        child.send("/queue\r")
        child.wait_until(lambda screen: "1. second one" in screen)
    assert spare_files(shell) == []
    shown = shell.call("show", "last").out
    assert (shown.count("\n\nthe question\n"), shown.count("piece 4")) == (1, 1)


def test_draft_and_queue_of_a_comparison_outlive_a_kill_behind_a_lock(shell: ChargedShell) -> None:
    shell.ask("test/ok", "an earlier one")
    with locked(shell.config), app(shell, "-m", "test/gated") as child:
        child.send("/compare test/gated, test/gated\r")
        child.wait_until(lambda screen: "ask all" in screen)
        child.send("the question\r")
        child.wait_until(lambda screen: screen.count("piece 4") == 2)
        child.send("second one\r")
        child.wait_until(lambda screen: "1 question waits" in screen or "1 queued" in screen)
        child.send("half a thought")
        kill_once_kept(shell, child, "piece 4", '"text":"second one"', "half a thought")
    with app(shell, "-c") as child:
        child.wait_until(lambda screen: "1 queued" in screen and "half a thought" in screen)
    shown = shell.call("show", "last").out
    assert shown.count("\n\nthe question\n") == 1
    assert "piece 4" in shown


def test_a_draft_of_no_conversation_and_a_cleared_prompt_outlive_a_kill_behind_a_lock(shell: ChargedShell) -> None:
    shell.ask("test/ok", "an earlier one")
    with locked(shell.config), app(shell, "-m", "test/ok") as child:
        child.send("thrown away")
        child.wait_until(lambda screen: "thrown away" in screen)
        child.send("\x03")
        child.wait_until(lambda screen: "thrown away" not in screen)
        child.send("half a thought")
        kill_once_kept(shell, child, '"is":"history","text":"thrown away"', "half a thought")
    with app(shell) as child:
        child.wait_until(lambda screen: "half a thought" in screen)
        child.send("\x03")
        child.wait_until(lambda screen: "half a thought" not in screen)
        child.send("\x1b[A")
        child.wait_until(lambda screen: "half a thought" in screen)
        child.send("\x1b[A")
        child.wait_until(lambda screen: "thrown away" in screen)


def test_a_question_of_the_shell_and_its_answer_so_far_outlive_a_kill_behind_a_lock(shell: ChargedShell) -> None:
    shell.ask("test/ok", "an earlier one")
    with locked(shell.config):
        process = shell.start("ask", "-m", "test/gated", "behind a lock")
        deadline = time.monotonic() + TIMEOUT
        while "piece 4" not in kept(shell):
            assert time.monotonic() < deadline, "the answer is never kept"
            time.sleep(0.02)
        kill(process)
        shell.server.gate.set()
        shell.server.book.wait_until_idle()
    shown = shell.call("show", "last").out
    assert (shown.count("\n\nbehind a lock\n"), shown.count("piece 4")) == (1, 1)
    assert "Interrupted" in shown
    assert "an earlier one" not in shown
    assert spare_files(shell) == []
    assert "an earlier one" in shell.call("search", "earlier").out


def test_a_batch_behind_a_lock_leaves_its_charges_and_no_words(shell: ChargedShell) -> None:
    shell.ask("test/ok", "an earlier one")
    shell.questions({"prompt": "behind a lock", "model": "test/gated"})
    with locked(shell.config):
        process = shell.start("batch", "in.jsonl", "-o", "out.jsonl")
        shell.server.book.wait_for(lambda b: any(v.sent >= 5 for v in b.running), "an answer on its way")
        kill(process)
        shell.server.gate.set()
        shell.server.book.wait_until_idle()
        assert len(spare_files(shell, "charges")) == 1
    shell.start_again()
    assert len(shell.rows) == 2
    assert spare_files(shell) == spare_files(shell, "charges") == []
    assert "behind a lock" not in shell.call("list").out


def test_a_disk_that_takes_nothing_anywhere_is_said_and_nothing_ends(shell: ChargedShell) -> None:
    limit = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with app(shell, "-m", "test/gated") as child:
        child.send("hello\r")
        child.wait_until(lambda screen: "piece 4" in screen)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        child.send("half a thought")
        child.wait_until(lambda screen: "on no disk" in screen)
        assert spare_files(shell) == []
        child.send(" goes on")
        child.wait_until(lambda screen: "half a thought goes on" in screen)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, limit)
        shell.server.gate.set()
        child.wait_until(lambda screen: "piece 5" in screen)
        child.send("\x11")
        child.wait_exit()
        assert child.status == 0
    assert spare_files(shell) == []
    assert "piece 5" in shell.call("show", "last").out


def test_a_command_that_no_disk_takes_says_so(shell: ChargedShell) -> None:
    shell.ask("test/ok", "an earlier one")
    with locked(shell.config):
        process = shell.start("ask", "-m", "test/gated", "hello")
        shell.server.book.wait_for(lambda b: any(v.sent >= 5 for v in b.running), "an answer on its way")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        shell.server.gate.set()
        ((code, errors),) = finish(process)
    assert "Traceback" not in errors
    assert "on no disk" in errors or "not saved" in errors
    assert code == 0, errors


async def test_the_spare_file_goes_once_the_store_has_everything(
    shell: ChargedShell, charged_home: ChargedHome
) -> None:
    async with charged_home.talking("test/ok") as chat:
        await chat.ask("first", "piece 5")
        with locked(shell.config):
            await chat.send("second")
            await chat.type("still typing")
            await chat.until(lambda: "second" in kept(shell) and "still typing" in kept(shell), "a spare file")
        await chat.until(lambda: spare_files(shell) == [], "no spare file")
        await chat.until(lambda: len(chat.answers) == 2 and not chat.is_streaming, "the second answer")
        assert [m.text for m in chat.saved][2:3] == ["second"]
