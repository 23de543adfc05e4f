"""Keys, signing in and out, and the doctor: nothing here ever shows a key."""

from __future__ import annotations

import stat
import subprocess
import urllib.request
from urllib.parse import urlsplit

import pytest

from tests.cli.shell import PATIENCE, Shell
from tests.pty_harness import Child
from tui_router.demo_server.server import DEMO_KEY, DemoServer

NO_KEY = {"OPENROUTER_API_KEY": ""}


def test_a_piped_key_is_checked_and_kept_privately(shell: Shell) -> None:
    done = shell.call("keys", "add", "work", stdin=f'  "{DEMO_KEY}"\r\n'.encode(), environ=NO_KEY)
    assert done.code == 0, done.err
    assert DEMO_KEY not in done.out + done.err
    path = shell.folder / "config" / "keys.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listed = shell.call("keys", environ=NO_KEY)
    assert "work" in listed.out
    assert DEMO_KEY not in listed.out + listed.err
    assert shell.call("ask", "-m", "demo/echo", "hi", environ=NO_KEY).out == "hi\n"


def test_a_bad_key_is_not_kept(shell: Shell) -> None:
    done = shell.call("keys", "add", stdin=b"sk-or-v1-bad-bad-bad-bad\n", environ=NO_KEY)
    assert done.code == 3
    assert "bad-bad" not in done.err
    assert shell.call("keys", "list", environ=NO_KEY).out == ""


@pytest.mark.parametrize("pasted", [b"", b"   \n", b"sk-or\x1b[31m\n", "schlüssel\n".encode()])
def test_what_is_no_key_is_refused(shell: Shell, pasted: bytes) -> None:
    assert shell.call("keys", "add", stdin=pasted, environ=NO_KEY).code in (2, 3)


def test_a_key_on_the_command_line_is_refused_and_not_repeated(shell: Shell) -> None:
    done = shell.call("keys", "add", DEMO_KEY, stdin=DEMO_KEY.encode(), environ=NO_KEY)
    assert (done.code, DEMO_KEY in done.err) == (2, False)
    assert shell.call("keys", environ=NO_KEY).out == ""


def test_an_empty_line_at_the_terminal_is_no_key(shell: Shell) -> None:
    with Child(shell.argv("keys", "add"), environ={**shell.environ, **NO_KEY}) as child:
        child.wait_for("nothing is shown")
        child.send("\x04")
        child.wait_exit()
        assert child.status in (2, 3)
        assert "Unexpected" not in child.screen()


def test_keys_are_used_and_removed_by_name(shell: Shell) -> None:
    for name in ("one", "two"):
        shell.call("keys", "add", name, "--no-check", stdin=f"{DEMO_KEY}\n".encode(), environ=NO_KEY)
    assert shell.call("keys", "use", "one", environ=NO_KEY).code == 0
    assert "one" in shell.call("keys", "check", environ=NO_KEY).err
    assert shell.call("keys", "remove", "one", environ=NO_KEY).code == 0
    assert shell.call("keys", "remove", "one", environ=NO_KEY).code == 2
    assert shell.call("keys", "use", environ=NO_KEY).code == 2
    assert "Forgot the key" in shell.call("logout", environ=NO_KEY).err
    assert shell.call("logout", environ=NO_KEY).err == "There was no key to forget\n"


def test_logging_out_of_a_key_from_the_environment_says_where_it_is(shell: Shell) -> None:
    assert "OPENROUTER_API_KEY" in shell.call("logout").err


def test_check_says_what_the_key_may_do(shell: Shell) -> None:
    done = shell.call("keys", "check")
    assert (done.code, "left" in done.out) == (0, True)
    assert shell.call("keys", "check", environ=NO_KEY).code == 3


def test_a_code_from_a_browser_elsewhere_becomes_a_key(shell: Shell) -> None:
    with subprocess.Popen(
        shell.argv("login"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**shell.environ, "OPENROUTER_API_KEY": "", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"},
        text=True,
    ) as process:
        assert process.stdout is not None
        with urllib.request.urlopen(process.stdout.readline().strip()) as page:
            code = page.read().decode().partition("<code>")[2].partition("</code>")[0]
        out, err = process.communicate(code + "\n", timeout=PATIENCE)
    assert process.returncode == 0, err
    assert code not in out + err
    assert shell.call("ask", "-m", "demo/echo", "hi", environ=NO_KEY).out == "hi\n"


def test_a_code_typed_at_a_terminal_is_not_echoed(shell: Shell) -> None:
    with Child(shell.argv("login", "--code"), environ={**shell.environ, **NO_KEY}) as child:
        child.wait_for("nothing is shown")
        child.send("not-the-code\r")
        child.wait_exit()
    assert child.status in (2, 3, 5)
    assert "not-the-code" not in child.output.decode()


def test_the_browser_of_this_machine_brings_the_key(shell: Shell) -> None:
    opener = shell.folder / "browser"
    opener.write_text('#!/bin/sh\ncurl -sL "$1" > /dev/null\n')
    opener.chmod(0o700)
    done = shell.call("login", environ={**NO_KEY, "BROWSER": f"{opener} %s", "DISPLAY": ":0"})
    assert done.code == 0, done.err
    assert "Using the key" in done.err
    assert shell.call("keys", environ=NO_KEY).out


def test_without_a_pasted_code_nobody_is_signed_in(shell: Shell) -> None:
    assert shell.call("login", "--code", environ=NO_KEY).code == 2
    wrong = shell.call("login", "--code", stdin=b"nonsense\n", environ=NO_KEY)
    assert wrong.code in (3, 5)


def test_the_doctor_finds_a_healthy_house(shell: Shell) -> None:
    done = shell.call("doctor")
    assert done.code == 0, done.out
    assert "Within 0 s of the service" in done.out or "Within 1 s of the service" in done.out
    assert DEMO_KEY not in done.out + done.err
    told = shell.call("doctor", "--json").json
    assert {c["name"] for c in told["checks"]} >= {"key", "network", "account", "disk", "conversations", "terminal"}
    assert all(c["state"] in ("ok", "warn") for c in told["checks"])


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        (NO_KEY, 3),
        ({"OPENROUTER_API_KEY": "sk-or-v1-bad-bad-bad-bad"}, 3),
        ({"OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}, 8),
        ({"OPENROUTER_BASE_URL": "http://example.com/"}, 8),
        ({"OPENROUTER_BASE_URL": "nonsense"}, 3),
    ],
)
def test_the_doctor_says_what_is_wrong(shell: Shell, environ: dict[str, str], code: int) -> None:
    done = shell.call("doctor", environ=environ)
    assert done.code == code, done.out
    assert "BAD" in done.out
    assert "→" in done.out


def test_the_doctor_knows_the_terminal(shell: Shell) -> None:
    with Child(shell.argv("doctor"), environ={**shell.environ, "COLORTERM": "truecolor"}, columns=90) as child:
        child.wait_exit()
        assert "90×30" in child.screen()
        assert "16,777,216 colours" in child.screen()


def test_the_demo_server_runs_until_terminated(shell: Shell) -> None:
    with shell.start("demo-server", "--speed", "0") as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().decode().strip()
        assert urlsplit(base_url).hostname == "127.0.0.1"
        with urllib.request.urlopen(f"{base_url}/models") as answer:
            assert answer.status == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_a_port_in_use_is_reported(shell: Shell, demo_server: DemoServer) -> None:
    for port in (str(demo_server.port), "70000"):
        done = shell.call("demo-server", "--port", port)
        assert (done.code, "cannot be used" in done.err) == (8, True)
