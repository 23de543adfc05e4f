"""The front door itself: what is meant, what is printed, what happens when the program fails."""

from __future__ import annotations

import argparse
import os
import sys
import types
from importlib import import_module
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.pty_harness import Child
from tui_router.cli import entry
from tui_router.cli.entry import SHELL, split
from tui_router.cli.output import cells, fit, pad, problem_fields, report_trouble, table, write_json
from tui_router.cli.parser import parser_of
from tui_router.cli.shell_hints import for_shell
from tui_router.domain.problem import ErrorKind, Problem


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ([], ([], "", [])),
        (["ask", "hi"], ([], "ask", ["hi"])),
        (["--demo", "ask", "hi"], (["--demo"], "ask", ["hi"])),
        (["--config-dir", "ask", "list"], (["--config-dir", "ask"], "list", [])),
        (["--config-dir=x", "--debug", "list", "-n", "3"], (["--config-dir=x", "--debug"], "list", ["-n", "3"])),
        (["hello", "list"], ([], "", ["hello", "list"])),
        (["-m", "list"], ([], "", ["-m", "list"])),
        (["--demo"], ([], "", ["--demo"])),
    ],
)
def test_a_command_is_found_behind_the_flags_that_all_share(
    typed: list[str], meant: tuple[list[str], str, list[str]]
) -> None:
    assert split(typed) == meant


@pytest.mark.parametrize("name", SHELL)
def test_help_of_every_command_fits_and_names_what_is_shared(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        entry.run([name, "--help"])
    told = capsys.readouterr()
    assert (left.value.code, told.err) == (0, "")
    assert told.out.startswith(f"usage: tui-router {name} ")
    assert name in ("completion", "demo-server") or "--config-dir" in told.out


def test_every_flag_says_what_it_is_for() -> None:
    silent = []
    for name, about in SHELL.items():
        parser = parser_of(name, import_module(about.module).add_arguments, about.help)
        silent += [f"{name} {a.dest}" for a in parser._actions if not a.help]
    assert silent == []


def test_the_help_of_the_app_lists_every_command(shell: Shell) -> None:
    done = shell.run("--help")
    assert (done.code, done.err) == (0, "")
    assert all(f"  {name} " in done.out for name in SHELL)


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_one_line(shell: Shell, flag: str) -> None:
    assert shell.run(flag).out.startswith("tui-router 1.")


def test_a_failure_of_the_program_shows_no_locals_and_no_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = types.ModuleType("broken")

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def run(args: argparse.Namespace) -> int:
        raise RuntimeError("with sk-or-v1-0123456789abcdef in it\x1b[31m")

    broken.add_arguments, broken.run = add_arguments, run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broken", broken)
    monkeypatch.setitem(SHELL, "broken", entry.Shell("broken", "breaks"))
    assert entry.run(["broken"]) == 1
    told = capsys.readouterr()
    assert "Unexpected failure" in told.err
    assert "0123456789" not in told.err
    assert "\x1b" not in told.err
    assert "Traceback" not in told.err
    assert entry.run(["broken", "--json"]) == 1
    assert '"kind": "bug"' in capsys.readouterr().out


def test_nothing_is_coloured_even_on_a_terminal(shell: Shell) -> None:
    shell.run("ask", "-m", "demo/echo", "a needle here")
    for words in (["list"], ["search", "needle"], ["usage"], ["models", "demo"], ["ask", "-m", "demo/echo", "x"]):
        with Child(shell.argv(*words), environ=shell.environ) as child:
            child.wait_exit()
            assert (child.status, b"\x1b" in child.output) == (0, False)


def test_an_answer_at_a_terminal_ends_with_its_figures(shell: Shell) -> None:
    with Child(shell.argv("ask", "-m", "demo/quick", "hi"), environ=shell.environ, cwd=str(shell.folder)) as child:
        os.write(child.fd, b"")
        child.wait_exit()
        assert "tokens · $" in child.screen()


def test_json_never_holds_what_could_drive_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"text": "\x9b31m \u202e \x7f é 日本 \x1b"})
    out = capsys.readouterr().out
    assert not set(out) & {"\x9b", "\u202e", "\x7f", "\x1b"}
    assert "\\u202e" in out


def test_tables_line_up_whatever_is_in_them() -> None:
    text = table([("a", "b"), ("日本", "1"), ("x\ny", "22")], right=(1,))
    assert text == "a      b\n日本   1\nx y   22"
    assert table([]) == ""


def test_texts_are_cut_by_cells() -> None:
    assert fit("日本語", 5) == "日本…"
    assert fit("abc", 3) == "abc"
    assert pad("日", 4) == "日  "
    assert cells("e\u0301") == 1


def test_hints_speak_of_the_shell() -> None:
    no_key = Problem(
        kind=ErrorKind.NO_KEY, title="x", hint="Sign in with /login, set OPENROUTER_API_KEY, or try --demo"
    )
    assert for_shell(no_key).hint.startswith("Run: tui-router login")
    other = Problem(kind=ErrorKind.NO_KEY, title="x", hint="Add one with `tui-router keys add`")
    assert for_shell(other) is other
    budget = Problem(kind=ErrorKind.BUDGET, title="x", hint="Raise it with /set daily_budget, or pick a free model")
    assert for_shell(budget).hint == "Raise money.daily_budget in settings.toml, or name a free model with -m"


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("Lower max_tokens to 1234, add credit, or pick a cheaper or free model", "Resend with --max-tokens 1234, add"),
        ("Pick a model from the list", "Name one with -m: tui-router models"),
        ("Did you mean a/b, c/d?", "Try -m a/b"),
        (
            "Raise it with /budget AMOUNT/day, lower max_tokens with /set options.max_tokens N, or pick a free model",
            "Raise money.daily_budget in settings.toml, lower --max-tokens, or name a free model with -m",
        ),
        ("Leave out older turns or files, or pick a model with a larger window", "Attach less with -f"),
        ("Check the key, or sign in again", "run: tui-router login"),
        ("Try again, or pick another model", "name another model with -m"),
        ("Continue the answer, or try again", "Try again"),
    ],
)
def test_hints_name_the_command(hint: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert words in for_shell(Problem(kind=ErrorKind.PROVIDER, title="x", hint=hint)).hint


def test_suggestions_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(
        kind=ErrorKind.UNKNOWN_MODEL, title="No such model", suggestions=("a/b",), hint="Did you mean a/b?"
    )
    assert report_trouble(problem) == 6
    assert capsys.readouterr().err.count("a/b") == 1
    report_trouble(Problem(kind=ErrorKind.TOO_LONG, title="Too long", suggestions=("a/b",)))
    assert "perhaps: a/b" in capsys.readouterr().err
    assert problem_fields(problem)["exit_code"] == 6


@pytest.mark.parametrize(
    ("kind", "hint", "said"),
    [
        (ErrorKind.UNKNOWN_MODEL, "Did you mean a/b, c/d?", "Nearest: a/b, c/d – name one with -m"),
        (ErrorKind.NO_ENDPOINT, "", "Nearest: a/b, c/d – name one with -m"),
        (ErrorKind.NO_ENDPOINT, "Loosen the provider options, or pick another model",
         "Loosen the provider options, or name another model with -m. Nearest: a/b, c/d"),
    ],
)  # fmt: skip
def test_the_nearest_models_are_said_with_how_to_ask_one(kind: ErrorKind, hint: str, said: str) -> None:
    problem = Problem(kind=kind, title="x", suggestions=("a/b", "c/d"), hint=hint)
    assert for_shell(problem).hint == said


def test_a_folder_that_was_removed_is_survived(shell: Shell, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    words = " ".join(f"'{w}'" for w in shell.argv("list"))
    command = f"cd '{gone}' && rmdir '{gone}' && {words}"
    with Child(["bash", "-c", command], environ=shell.environ) as child:
        child.wait_exit()
        assert (child.status, "No conversations yet" in child.screen()) == (0, True)
