"""How commands end: exit codes, interruptions, readers that leave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.shell import PATIENCE, Shell
from tui_router.demo_server.server import DemoServer
from tui_router.domain.problem import EXITS

FAST = "[network]\nmax_retries = 0\nread_timeout = 0.5\n"
FAILURES = {
    "demo/error-401-user": 3,
    "demo/error-402": 4,
    "demo/error-402-key-limit": 4,
    "demo/error-403-moderation": 5,
    "demo/error-filter": 5,
    "demo/error-404": 6,
    "demo/error-400-model": 6,
    "demo/error-400-context": 6,
    "demo/error-429": 7,
    "demo/error-429-free-daily": 7,
    "demo/error-502-html": 8,
    "demo/error-connection": 8,
    "demo/error-silent": 8,
    "demo/error-cut": 8,
    "demo/error-200-not-json": 8,
}


@pytest.fixture(scope="module")
def patient() -> Iterator[DemoServer]:
    """A demo server that takes its time, for answers that are to be interrupted."""
    with DemoServer(speed=1) as running:
        yield running


@pytest.fixture
def slow_shell(shell: Shell, patient: DemoServer) -> Shell:
    return Shell(shell.folder, patient.base_url)


@pytest.mark.parametrize(("model", "code"), FAILURES.items())
def test_every_failure_has_its_exit_code(shell: Shell, model: str, code: int) -> None:
    shell.settings(FAST)
    done = shell.call("ask", "-m", model, "hi", "--json", "--no-save")
    assert done.code == code, done.out
    assert done.err == ""
    if model != "demo/error-filter":
        error = done.json["error"]
        assert error["exit_code"] == code
        assert error["title"]


def test_a_failure_is_said_on_standard_error_with_what_to_do(shell: Shell) -> None:
    done = shell.call("ask", "-m", "demo/error-402", "hi")
    assert (done.code, done.out) == (4, "")
    assert "Out of credit" in done.err
    assert len(done.err.splitlines()) >= 2


def test_what_came_before_a_cut_is_printed_and_kept(shell: Shell) -> None:
    shell.settings(FAST)
    done = shell.call("ask", "-m", "demo/error-cut", "hi")
    assert done.code == 8
    assert done.out.strip()
    assert done.out.split()[0] in shell.call("show").out


def test_no_key_gives_the_one_command_to_run(shell: Shell) -> None:
    done = shell.call("ask", "-m", "demo/echo", "hi", environ={"OPENROUTER_API_KEY": ""})
    assert (done.code, done.out) == (3, "")
    assert "Run: tui-router login" in done.err
    assert "--code" not in done.err
    far = shell.call(
        "ask", "hi", "--json", environ={"OPENROUTER_API_KEY": "", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
    )
    assert (far.code, far.json["error"]["hint"]) == (3, "Run: tui-router login --code")
    assert shell.call("list", "--json").json == []


def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(shell: Shell) -> None:
    done = shell.call("ask", "-m", "demo/echo", "hi", environ={"OPENROUTER_API_KEY": "sk-or-v1-secret\u00e9"})
    assert done.code == 3
    assert "secret" not in done.out + done.err


def test_a_remote_address_without_tls_is_refused(shell: Shell) -> None:
    done = shell.call("ask", "-m", "demo/echo", "hi", environ={"OPENROUTER_BASE_URL": "http://example.com/api/v1"})
    assert done.code == 2
    assert "https" in done.err


def test_wrong_usage_is_code_2_with_and_without_json(shell: Shell) -> None:
    done = shell.call("models", "--sort", "colour")
    assert (done.code, done.out) == (2, "")
    assert "--help" in done.err
    told = shell.call("models", "--sort", "colour", "--json")
    assert (told.code, told.json["error"]["kind"]) == (2, "usage")


def test_what_cannot_be_written_is_code_1(shell: Shell) -> None:
    shell.call("ask", "-m", "demo/echo", "hi")
    (shell.folder / "file").write_text("")
    done = shell.call("export", "-o", "file/below")
    assert (done.code, done.out) == (1, "")


def test_ctrl_c_stops_at_once_and_keeps_what_came(slow_shell: Shell) -> None:
    code, out, err = _interrupted(slow_shell, signal.SIGINT, "ask", "-m", "demo/trickle", "tell me a lot")
    assert code == 130
    assert "Stopped" in err
    assert "Traceback" not in err
    shown = slow_shell.run("show").out
    assert out.split()[0] in shown
    assert "Stopped" in shown


def test_ctrl_c_with_json_still_gives_one_object(shell: Shell) -> None:
    with shell.start("ask", "-m", "demo/error-503", "hi", "--json") as process:
        assert process.stderr is not None
        assert b"again in" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert json.loads(out)["ending"] == "cancelled"


def test_sigterm_saves_what_came(slow_shell: Shell) -> None:
    code, out, _ = _interrupted(slow_shell, signal.SIGTERM, "ask", "-m", "demo/trickle", "tell me a lot")
    assert code == 130
    assert out.split()[0] in slow_shell.run("show").out


def test_a_reader_that_leaves_is_no_error(slow_shell: Shell) -> None:
    with slow_shell.start("ask", "-m", "demo/trickle", "tell me a lot") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = os.read(process.stdout.fileno(), 1)
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""
    shown = slow_shell.run("show").out
    assert first.decode() in shown
    assert "Stopped" in shown


def test_a_reader_of_a_list_may_leave_too(shell: Shell) -> None:
    with subprocess.Popen(
        ["bash", "-c", 'set -o pipefail; "$@" | head -n 1', "-", *shell.argv("models")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=shell.environ,
        cwd=shell.folder,
    ) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert out.startswith(b"model")
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


def test_closed_standard_streams_are_survived(shell: Shell) -> None:
    words = " ".join(f"'{w}'" for w in shell.argv("ask", "-m", "demo/echo", "hi"))
    for closing in ("2>&-", ">&-", "<&-", "<&- 2>&-"):
        done = subprocess.run(
            ["bash", "-c", f"{words} {closing}"], capture_output=True, env=shell.environ, cwd=shell.folder, check=False
        )
        assert done.returncode == 0, (closing, done.stderr)
        assert done.stdout == (b"" if closing == ">&-" else b"hi\n")


def test_an_old_terminal_gets_question_marks_not_an_error(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/echo", "naïve – 日本", environ={"PYTHONIOENCODING": "ascii"})
    assert (done.code, done.out) == (0, "na?ve ? ??\n")


def test_every_exit_code_is_reached_here() -> None:
    reached = {0, 1, 2, 130, *FAILURES.values()}
    assert {e.code for e in EXITS} == reached


def _interrupted(shell: Shell, number: signal.Signals, *words: str) -> tuple[int, str, str]:
    """Send a signal as soon as the first word came; returns code, output and standard error."""
    with shell.start(*words) as process:
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 100)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, (first + out).decode(), err.decode()
