"""What ``--debug`` writes about requests: everything but the key and the words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.openrouter.scripted_server import ScriptedServer, head
from tui_router.demo_server.server import DEMO_KEY, DemoServer

_SECRETS = ("Zanzibar", "Quagmire", "Wolpertinger", DEMO_KEY)


def _log(shell: Shell) -> str:
    return (shell.folder / "config" / "log" / "tui-router.log").read_text()


def _ask(shell: Shell, model: str, *words: str) -> str:
    """Ask with words in the question, the system prompt and the name of a file; return the log."""
    (shell.folder / "Quagmire.txt").write_text("milk")
    shell.settings('[chat]\nsystem = "You are a Wolpertinger"\n' + "".join(words))
    shell.call("ask", "-m", model, "-f", "Quagmire.txt", "Where is Zanzibar?", "--debug")
    return _log(shell)


def _fields(log: str, *patterns: str) -> None:
    for pattern in patterns:
        assert re.search(pattern, log), pattern


def test_an_answer_leaves_its_figures_and_none_of_its_words(shell: Shell, demo_server: DemoServer) -> None:
    log = _ask(shell, "demo/echo")
    host = demo_server.base_url.removeprefix("http://")
    _fields(
        log,
        rf"request \w+: POST {host}/chat/completions, \d+ bytes out, model demo/echo, attempt 1",
        r"request \w+: status 200 after \d\.\d+ s, connected after \d\.\d+ s, id gen-",
        r"request \w+: finished \(complete\), total \d+\.\d+ s, first byte \d+\.\d+ s, first token \d+\.\d+ s,"
        r" [1-9]\d+ bytes in, status 200, id gen-",
        r"limiter: started, 1 running, 1 starts in the window",
    )
    assert [word for word in _SECRETS if word in log] == []


def test_a_refusal_a_wait_and_a_second_attempt_are_told(shell: Shell) -> None:
    log = _ask(shell, "demo/error-flaky-429")
    _fields(
        log,
        r"attempt 1\b",
        r"request \w+: failed: rate_limit \(Rate limited, status 429, asked to wait 1\.0 s\), total",
        r"retry 1 of 5 in \d\.\d s: rate_limit",
        r"limiter: paused for 1\.0 s",
        r"attempt 2\b",
        r"finished \(complete\)",
    )
    assert [word for word in _SECRETS if word in log] == []


def test_a_cut_stream_says_how_far_it_came(shell: Shell) -> None:
    log = _ask(shell, "demo/error-cut")
    _fields(log, r"failed: interrupted \(The answer was cut off\), total .* first token \d+\.\d+ s, [1-9]\d+ bytes in")
    assert [word for word in _SECRETS if word in log] == []


def test_a_line_that_cannot_be_read_does_not_bring_its_words_into_the_log(shell: Shell) -> None:
    body = b'data: {"choices": [{"delta": {"content": "Zanzibar\n\n'
    with ScriptedServer(*[[head() + body]] * 8) as server:
        shell.environ["OPENROUTER_BASE_URL"] = server.url
        shell.call("ask", "-m", "demo/echo", "Where?", "--debug")
    assert "could not be read" in _log(shell)
    assert "Zanzibar" not in _log(shell)


def test_the_words_are_there_when_that_was_asked_for_and_keys_are_not(shell: Shell) -> None:
    (shell.folder / "Quagmire.txt").write_text("milk")
    shell.settings('[log]\ncontent = true\n[chat]\nsystem = "You are a Wolpertinger"\n')
    shell.call("ask", "-m", "demo/echo", f"Where is Zanzibar? {DEMO_KEY}", "--debug")
    log = _log(shell)
    _fields(log, r"request \w+ body: .*Wolpertinger.*Zanzibar", r"request \w+ answer: .*Zanzibar")
    assert DEMO_KEY not in log


@pytest.mark.parametrize("words", ["", "[log]\ncontent = true\n"])
def test_nothing_is_written_without_debug(shell: Shell, words: str) -> None:
    shell.settings(words)
    shell.call("ask", "-m", "demo/echo", "Where is Zanzibar?")
    path: Path = shell.folder / "config" / "log" / "tui-router.log"
    assert "Zanzibar" not in path.read_text()
    assert "request" not in path.read_text()


@pytest.mark.parametrize("words", [("--debug",), ()])
def test_debugging_says_once_where_the_log_is(shell: Shell, words: tuple[str, ...]) -> None:
    place = f"the log is {shell.folder / 'config' / 'log' / 'tui-router.log'}"
    done = shell.call("ask", "-m", "demo/echo", "hello", *words, environ={} if words else {"LOG_LEVEL": "debug"})
    assert (done.err.count(place), place in done.out) == (1, False)
    assert "the log is" not in shell.call("ask", "-m", "demo/echo", "hello").err
