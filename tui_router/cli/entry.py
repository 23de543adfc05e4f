"""The front door: which command was meant. Nothing is imported before that is known."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui_router.cli.first_frame import Splash
    from tui_router.cli.parser import Subcommand


class Shell(NamedTuple):
    """A command of the shell: the module with its ``add_arguments`` and ``run``, and one line of help."""

    module: str
    help: str


SHELL = {
    "ask": Shell("tui_router.cli.ask", "one answer, or several side by side, on standard output"),
    "batch": Shell("tui_router.cli.batch", "many questions from a file, through the limiter; resumes where it stopped"),
    "models": Shell("tui_router.cli.models", "the catalogue: prices, context, abilities"),
    "login": Shell("tui_router.cli.login", "sign in with the browser, or with a pasted code"),
    "logout": Shell("tui_router.cli.logout", "forget the key in use"),
    "keys": Shell("tui_router.cli.keys", "list, add, use, remove or check keys"),
    "list": Shell("tui_router.cli.list", "your conversations"),
    "show": Shell("tui_router.cli.show", "one conversation as Markdown"),
    "search": Shell("tui_router.cli.search", "full-text search over every conversation"),
    "export": Shell("tui_router.cli.export", "conversations as Markdown, JSON or HTML"),
    "import": Shell("tui_router.cli.import_", "conversations from files of this and other programs"),
    "open": Shell("tui_router.cli.open_", "hand a conversation over to the app: open last, open ID"),
    "usage": Shell(
        "tui_router.cli.usage", "what was spent, where it was wasted, and what it would have cost elsewhere"
    ),
    "leaderboard": Shell("tui_router.cli.leaderboard", "your own ranking of models, from your votes"),
    "cache": Shell("tui_router.cli.cache", "what the answer cache holds; cache clear forgets it"),
    "doctor": Shell("tui_router.cli.doctor", "health: key, network, disk, database, terminal"),
    "completion": Shell("tui_router.cli.completion", "completion script for bash, zsh or fish"),
    "demo-server": Shell("tui_router.cli.demo_server", "the offline demo server, for scripts and other clients"),
}
"""Every command besides the app itself. Help, completion and the README table read this."""

_INFORMATIVE = {"-h", "--help", "-V", "--version"}
_FLAGS_BEFORE = {"--demo": 1, "--debug": 1, "--config-dir": 2}
"""Flags that may stand before a command, with how many words each takes."""


def run(arguments: list[str]) -> int:
    """Run the command that ``arguments`` name and return its exit code."""
    before, name, rest = split(arguments)
    if name:
        return _guarded(lambda: _run_shell(name, rest + before), as_json="--json" in rest)
    splash = None
    if not _INFORMATIVE & set(arguments):
        from tui_router.cli.first_frame import paint  # first paint comes before any other import

        splash = paint()
        gc.disable()  # nothing that is imported becomes garbage; the app turns it on after its first frame
    return _guarded(lambda: _run_app(arguments, splash), as_json=False)


def split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    """Return the flags before the command, the command (empty for the app), and what comes after it."""
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word in SHELL:
            return arguments[:at], word, arguments[at + 1 :]
        at += _FLAGS_BEFORE.get(word, 1 if word.startswith("--config-dir=") else len(arguments))
    return [], "", arguments


def _run_shell(name: str, arguments: list[str]) -> int:
    from tui_router.cli.parser import parser_of  # argparse costs what --version and the first paint do not pay

    module: Subcommand = import_module(SHELL[name].module)
    parsed = parser_of(f"tui-router {name}", module.add_arguments, SHELL[name].help).parse_args(arguments)
    return module.run(parsed)


def _run_app(arguments: list[str], splash: Splash | None) -> int:
    from tui_router.cli.parser import parser_of

    try:
        app = import_module("tui_router.cli.app")
        commands = "commands:\n" + "\n".join(f"  {n:<12} {s.help}" for n, s in SHELL.items())
        about = "The OpenRouter client for the terminal"
        parsed = parser_of("tui-router", app.add_arguments, about, commands).parse_args(arguments)
        return int(app.run(parsed, splash))
    finally:
        if splash is not None:
            splash.restore()


def _guarded(action: Callable[[], int], *, as_json: bool) -> int:
    try:
        return _reported(action, as_json=as_json)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0  # the reader has what it wanted
    finally:
        from tui_router.cli.output import silence  # how things are said is read when there is something to say

        silence()


def _reported(action: Callable[[], int], *, as_json: bool) -> int:
    from tui_router.domain.problem import AppError

    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that is not UTF-8 must not end the program
    try:
        return action()
    except AppError as trouble:
        from tui_router.cli.output import report_trouble

        return report_trouble(trouble.problem, as_json=as_json)
    except BrokenPipeError:
        raise
    except Exception as error:  # the front door: a crash prints no locals and no key
        from tui_router.cli.output import report_bug

        return report_bug(error, as_json=as_json)
