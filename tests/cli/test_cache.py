"""``--cache`` in the shell: one request for the same question, and what makes it another one."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

import pytest

from tests.cli.shell import Shell
from tui_router.demo_server.server import DemoServer

HELLO = ("ask", "-m", "demo/echo", "hello")


def asked(demo_server: DemoServer) -> int:
    return sum(r.path.endswith("/chat/completions") for r in demo_server.requests)


def questions(shell: Shell, *lines: object) -> None:
    (shell.folder / "in.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def answers(shell: Shell) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shell.folder / "out.jsonl").read_text().splitlines()]


@pytest.fixture
def sent(shell: Shell, demo_server: DemoServer) -> Any:
    """Run a command and return how many requests it sent."""
    shell.call("models", "--refresh")

    def run(*words: str) -> int:
        before = asked(demo_server)
        done = shell.call(*words)
        assert done.code == 0, done.err
        return asked(demo_server) - before

    return run


def test_the_same_question_is_sent_once_and_the_answer_names_its_source(shell: Shell, demo_server: DemoServer) -> None:
    shell.call("models", "--refresh")
    first = shell.call("ask", "-m", "demo/opinion-a", "hello", "--cache", "--json").json
    before, total = asked(demo_server), shell.call("usage", "--json").json
    again = shell.call("ask", "-m", "demo/opinion-a", "hello", "--cache", "--json").json
    assert asked(demo_server) == before
    assert "cached" not in first
    assert 0 <= again["cached"]["age_seconds"] < 60
    assert (again["text"], again["served_model"]) == (first["text"], first["served_model"])
    assert (again["usage"]["cost"], first["usage"]["cost"] > 0) == (0, True)
    assert again["conversation"] != first["conversation"]
    assert shell.call("usage", "--json").json == total
    exported = shell.folder / shell.call("export", again["conversation"], "--format", "json").out.strip()
    elsewhere = ("--config-dir", "elsewhere")
    assert shell.call("import", str(exported), *elsewhere).code == 0
    assert "from the cache" in shell.call("show", "last", *elsewhere).out
    # A pipe hides the figures of a new answer, but never that an answer is an old one.
    assert "from the cache" in shell.call("ask", "-m", "demo/opinion-a", "hello", "--cache").err
    assert shell.call("ask", "-m", "demo/opinion-a", "hello").err == ""


def test_flags_win_over_the_setting(shell: Shell, sent: Any) -> None:
    assert [sent(*HELLO) for _ in range(2)] == [1, 1], "off is the default"
    assert [sent(*HELLO, "--cache") for _ in range(2)] == [1, 0]
    shell.settings('[cache]\nanswers = "shell"\n')
    assert sent(*HELLO) == 0
    assert sent(*HELLO, "--no-cache") == 1
    assert shell.call(*HELLO, "--cache", "--no-cache").code == 2


def test_another_question_is_another_request(shell: Shell, sent: Any) -> None:
    (shell.folder / "a.txt").write_text("one")
    variants: list[tuple[str, ...]] = [
        HELLO,
        (*HELLO, "-s", "Be brief"),
        (*HELLO, "--max-tokens", "40"),
        (*HELLO, "-f", "a.txt"),
        ("ask", "-m", "demo/quick", "hello"),
        ("ask", "-m", "demo/echo", "hello!"),
    ]
    assert [sent(*words, "--cache") for words in variants] == [1] * len(variants)
    assert [sent(*words, "--cache") for words in variants] == [0] * len(variants)
    (shell.folder / "a.txt").write_text("two")
    assert sent(*HELLO, "-f", "a.txt", "--cache") == 1
    shell.settings("[options]\ntemperature = 0.5\n")
    assert sent(*HELLO, "--cache") == 1
    shell.settings("[options]\nweb_search = true\n")
    assert [sent(*HELLO, "--cache") for _ in range(2)] == [1, 1]


def test_an_answer_that_is_too_old_is_asked_for_again(shell: Shell, sent: Any) -> None:
    sent(*HELLO, "--cache")
    with sqlite3.connect(shell.folder / "config" / "conversations.db") as connection:
        connection.execute("UPDATE answers SET created = created - 3 * 86400 * 1000000")
    assert sent(*HELLO, "--cache", "--max-age", "7d") == 0
    assert shell.call(*HELLO, "--cache", "--json").json["cached"]["age_seconds"] // 86400 == 3
    assert sent(*HELLO, "--cache", "--max-age", "2d") == 1
    assert sent(*HELLO, "--cache", "--max-age", "2d") == 0
    assert shell.call(*HELLO, "--max-age", "soon").code == 2


def test_nothing_is_kept_of_what_is_not_saved(shell: Shell, sent: Any) -> None:
    done = shell.call(*HELLO, "--cache", "--no-save")
    assert (done.code, "Leave one of them out" in done.err) == (2, True)
    shell.settings('[cache]\nanswers = "all"\n')
    assert [sent(*HELLO, "--no-save") for _ in range(2)] == [1, 1]
    assert sent(*HELLO) == 1


def test_a_used_up_budget_does_not_stop_what_is_free(shell: Shell) -> None:
    shell.call("models", "--refresh")
    words = ("ask", "-m", "demo/opinion-a", "hello")
    assert shell.call(*words, "--cache").code == 0
    shell.settings("[money]\ndaily_budget = 0.00000001\n")
    assert shell.call(*words).code == 4
    done = shell.call(*words, "--cache", "--max-cost", "0")
    assert done.code == 0, done.err


def test_equal_lines_of_a_batch_are_asked_once_even_at_the_same_time(shell: Shell, demo_server: DemoServer) -> None:
    questions(shell, *["same"] * 6, {"prompt": "same", "system": "Be brief"}, *["other"] * 2)
    before = asked(demo_server)
    words = ("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/opinion-a", "-j", "8")
    done = shell.call(*words, "--cache")
    assert done.code == 0, done.err
    assert asked(demo_server) - before == 3
    assert "9 answered · 6 from the cache" in done.err
    found = answers(shell)
    assert [sum(a["prompt"] == p for a in found) for p in ("same", "other")] == [7, 2]
    assert sum(a["usage"]["cost"] > 0 for a in found) == 3
    assert sum("cached" in a for a in found) == 6


def test_without_the_cache_each_line_of_a_batch_is_asked(shell: Shell, demo_server: DemoServer) -> None:
    questions(shell, *["same"] * 3)
    before = asked(demo_server)
    assert shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo").code == 0
    assert asked(demo_server) - before == 3


def test_equal_lines_whose_answer_is_cut_are_asked_again(shell: Shell, demo_server: DemoServer) -> None:
    questions(shell, *["same"] * 3)
    before = asked(demo_server)
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/error-length", "-j", "3", "--cache")
    assert done.code == 0, done.err
    assert asked(demo_server) - before == 3


def test_what_is_kept_is_told_and_forgotten(shell: Shell, sent: Any) -> None:
    assert shell.call("cache").out == "No answers are kept\n"
    assert shell.call("cache", "--json").json == {"answers": 0, "bytes": 0, "oldest": None, "newest": None}
    sent(*HELLO, "--cache")
    assert re.fullmatch(r"1 answer, \d+ B, \d+ s old\n", shell.call("cache", "show").out)
    sent("ask", "-m", "demo/echo", "something else", "--cache")
    with sqlite3.connect(shell.folder / "config" / "conversations.db") as connection:
        connection.execute("UPDATE answers SET created = created - 3 * 86400 * 1000000, size = 1500000 WHERE seq = 1")
    assert re.fullmatch(r"2 answers, 1.5 MB, the oldest 3 d old, the newest \d+ s\n", shell.call("cache").out)
    told = shell.call("cache", "--json").json
    assert (told["answers"], told["bytes"] > 1_500_000, told["oldest"] < told["newest"]) == (2, True, True)
    done = shell.call("cache", "clear")
    assert (done.code, done.out) == (0, "")
    assert "Forgotten: 2 answers, 1.5 MB" in done.err
    assert sent(*HELLO, "--cache") == 1
    assert shell.call("cache", "clear", "--json").json["forgotten"] == 1
    assert "nothing to forget" in shell.call("cache", "clear").err
    assert shell.call("cache", "burn").code == 2


def test_a_disk_that_refuses_to_forget_is_no_success(shell: Shell, sent: Any) -> None:
    sent(*HELLO, "--cache")
    with sqlite3.connect(shell.folder / "config" / "conversations.db") as connection:
        connection.execute("CREATE TRIGGER kept BEFORE DELETE ON answers BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    done = shell.call("cache", "clear")
    assert done.code == 1, done.err
    assert "Forgotten" not in done.err
