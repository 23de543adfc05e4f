"""Files of questions: answered once each, whatever stops the work between."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import PATIENCE, Shell
from tests.pty_harness import Child
from tui_router.cli import batch as batch_command
from tui_router.demo_server.server import DemoServer
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.answer_file import AnswerFile
from tui_router.services.batch import Batch, Item
from tui_router.services.cost_lookups import CostLookups
from tui_router.services.turn import Turn

FAST = "[network]\nmax_retries = 0\n"


def questions(shell: Shell, *lines: object) -> None:
    (shell.folder / "in.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def answers(shell: Shell) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shell.folder / "out.jsonl").read_text().splitlines()]


def batch(shell: Shell, *words: str) -> tuple[int, str]:
    done = shell.run("batch", "in.jsonl", "-o", "out.jsonl", *words)
    assert done.out == ""
    return done.code, done.err


def asked(demo_server: DemoServer) -> int:
    return sum(r.path.endswith("/chat/completions") for r in demo_server.requests)


def test_every_question_gets_one_answer(shell: Shell) -> None:
    questions(shell, "one", {"prompt": "two", "id": "b"}, {"question": "three", "model": "demo/echo"}, "one")
    code, err = batch(shell, "-m", "demo/echo", "-m", "demo/opinion-a")
    assert code == 0, err
    assert "7 answered" in err
    found = answers(shell)
    assert sorted((a["line"], a["model"]) for a in found if a["model"] == "demo/echo") == [
        (n, "demo/echo") for n in (1, 2, 3, 4)
    ]
    (second,) = (a for a in found if a.get("id") == "b" and a["model"] == "demo/echo")
    assert (second["prompt"], second["text"]) == ("two", "two")
    assert shell.run("list", "--json").json == []


def test_a_longest_answer_holds_for_all_questions(shell: Shell, demo_server: DemoServer) -> None:
    questions(shell, "one", "two")
    assert batch(shell, "-m", "demo/echo", "--max-tokens", "44")[0] == 0
    sent = [r.body for r in demo_server.requests if r.path.endswith("/chat/completions")][-2:]
    assert [isinstance(body, dict) and body["max_tokens"] for body in sent] == [44, 44]


def test_what_is_answered_is_not_asked_again_and_what_failed_is(shell: Shell, demo_server: DemoServer) -> None:
    shell.settings(FAST)
    questions(shell, "a", {"prompt": "b", "model": "demo/error-502"}, "c")
    code, err = batch(shell, "-m", "demo/echo")
    assert (code, "line 2, demo/error-502" in err, "1 missing" in err) == (8, True, True)
    before = asked(demo_server)
    code, err = batch(shell, "-m", "demo/echo")
    assert (code, "2 were there already" in err) == (8, True)
    assert asked(demo_server) == before + 1
    assert sorted(a["text"] for a in answers(shell)) == ["a", "c"]


def test_a_torn_last_line_is_asked_again(shell: Shell) -> None:
    questions(shell, "a", "b")
    batch(shell, "-m", "demo/echo", "-j", "1")
    path = shell.folder / "out.jsonl"
    path.write_text(path.read_text()[:-20])
    assert batch(shell, "-m", "demo/echo")[0] == 0
    assert sorted(a["text"] for a in answers(shell)) == ["a", "b"]


def test_ctrl_c_leaves_whole_answers_and_the_rest_for_later(shell: Shell) -> None:
    questions(shell, "a", {"prompt": "b", "model": "demo/error-503"}, "c")
    with shell.start("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo") as process:
        path = shell.folder / "out.jsonl"
        while not (path.exists() and path.read_text().count("\n") == 2):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert b"Stopped" in err
    assert sorted(a["text"] for a in answers(shell)) == ["a", "c"]


def test_a_limit_on_cost_holds_for_all_of_it(shell: Shell) -> None:
    questions(shell, *(f"question {n}" for n in range(30)))
    code, err = batch(shell, "-m", "demo/opinion-b", "--max-cost", "0.05", "-j", "1")
    assert code == 4
    assert "Raise --max-cost" in err
    assert 0 < len(answers(shell)) < 30


def test_a_bad_key_ends_it_at_once(shell: Shell) -> None:
    questions(shell, *(f"question {n}" for n in range(40)))
    done = shell.run(
        "batch",
        "in.jsonl",
        "-o",
        "out.jsonl",
        "-m",
        "demo/echo",
        environ={"OPENROUTER_API_KEY": "sk-or-v1-bad-bad-bad"},
    )
    assert done.code == 3
    assert done.err.count("line ") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "3\n",
        "[]\n",
        '{"prompt": 3}\n',
        '{"id": [1], "prompt": "x"}\n',
        '{"prompt": "x", "model": 4}\n',
        '""\n',
    ],
)
def test_a_bad_line_is_named_before_anything_is_asked(shell: Shell, text: str) -> None:
    (shell.folder / "in.jsonl").write_text('"good"\n' * bool(text) + text)
    code, err = batch(shell, "-m", "demo/echo")
    assert code == 2
    assert ("line 2" in err) == bool(text)
    assert not (shell.folder / "out.jsonl").exists()


def test_files_that_cannot_be_used_are_refused(shell: Shell) -> None:
    assert batch(shell, "-m", "demo/echo")[0] == 2
    questions(shell, "a")
    assert batch(shell)[0] == 2
    assert shell.run("batch", "in.jsonl", "-o", "./in.jsonl", "-m", "demo/echo").code == 2
    Path(shell.folder, "out.jsonl").write_text('{"something": "else"}\n')
    assert batch(shell, "-m", "demo/echo")[0] == 2
    assert Path(shell.folder, "out.jsonl").read_text() == '{"something": "else"}\n'
    assert shell.run("batch", "in.jsonl", "-o", "gone/out.jsonl", "-m", "demo/echo").code == 1


def test_at_a_terminal_a_bar_shows_how_far_it_is(shell: Shell) -> None:
    questions(shell, "a", "b")
    words = ("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo")
    with Child(shell.argv(*words), environ=shell.environ, cwd=str(shell.folder)) as child:
        child.wait_exit()
        assert child.status == 0
        assert "] 2/2 · " in child.output.decode()
        assert child.screen().strip().startswith("2 answered")


def test_a_file_of_someone_else_stays_and_the_hint_is_about_the_output(shell: Shell, demo_server: DemoServer) -> None:
    questions(shell, "a")
    path = shell.folder / "out.jsonl"
    path.write_text("my only notes")
    before = asked(demo_server)
    code, err = batch(shell, "-m", "demo/echo")
    assert (code, path.read_text(), asked(demo_server)) == (2, "my only notes", before)
    assert "-o" in err
    assert '"prompt"' not in err


@pytest.mark.parametrize("name", ["-", "/dev/full", "/dev/null", "pipe", "gone/out.jsonl"])
def test_an_output_that_cannot_hold_answers_is_refused_before_anything_is_sent(
    shell: Shell, demo_server: DemoServer, name: str
) -> None:
    os.mkfifo(shell.folder / "pipe")
    questions(shell, "a")
    before = asked(demo_server)
    done = shell.run("batch", "in.jsonl", "-o", name, "-m", "demo/echo")
    assert done.code == (1 if name.startswith("gone") else 2)
    assert "-o" in done.err
    assert asked(demo_server) == before


def test_two_batches_do_not_write_to_one_file(shell: Shell, demo_server: DemoServer) -> None:
    questions(shell, "a")
    before = asked(demo_server)
    with (shell.folder / "out.jsonl").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, err = batch(shell, "-m", "demo/echo")
    assert (code, asked(demo_server)) == (2, before)
    assert "Another batch writes to out.jsonl" in err


def test_questions_come_from_standard_input(shell: Shell) -> None:
    done = shell.run("batch", "-", "-o", "out.jsonl", "-m", "demo/echo", stdin=b'"a"\n"b"\n')
    assert done.code == 0, done.err
    assert sorted(a["text"] for a in answers(shell)) == ["a", "b"]


def test_answers_that_the_disk_refuses_are_printed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: AnswerFile, record: dict[str, Any]) -> None:
        raise AppError(Problem(kind=ErrorKind.STORAGE, title="The answers cannot be written"))

    monkeypatch.setattr(AnswerFile, "add", full)
    questions(shell, *(f"question {n}" for n in range(20)))
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo", "-j", "1")
    assert done.code == 1
    printed = [json.loads(line) for line in done.out.splitlines()]
    assert printed[0]["text"] == "question 0"
    assert len(printed) < 20
    assert done.err.count("cannot be written") == 1
    assert f"0 answered · {len(printed)} on standard output" in done.err


def test_an_estimated_sum_is_marked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(shell, "a")
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/opinion-b")
    assert " · $" in done.err
    ended = batch_command._Clerk._ended

    def guessed(clerk: batch_command._Clerk, item: Item, turn: Turn) -> None:
        clerk._run_budget.settle("an attempt", Decimal("0.01"), is_guess=True)
        ended(clerk, item, turn)

    monkeypatch.setattr(batch_command._Clerk, "_ended", guessed)
    questions(shell, "b")
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/opinion-b")
    assert " · ~$" in done.err


def interrupt(*args: object, **more: object) -> None:
    raise KeyboardInterrupt


def test_a_second_ctrl_c_does_not_take_the_summary_away(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(shell, "a", "b")
    monkeypatch.setattr(Batch, "run", interrupt)
    monkeypatch.setattr(Batch, "finish", interrupt)
    monkeypatch.setattr(CostLookups, "wait", interrupt)
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo")
    assert (done.code, done.err) == (130, "Stopped. 0 answered · 2 missing: run it again to ask those · $0\n")


def test_ctrl_c_while_costs_are_asked_for_keeps_the_summary(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(shell, "a")
    monkeypatch.setattr(CostLookups, "wait", interrupt)
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo")
    assert done.code == 130
    assert "Stopped. 1 answered" in done.err


def test_ctrl_c_before_anything_was_asked_says_so(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(shell, "a")
    monkeypatch.setattr(batch_command, "know_list", interrupt)
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "demo/echo")
    assert (done.code, done.err) == (
        130,
        "Stopped before anything was asked. 0 answered · $0 · run it again to ask them\n",
    )
