"""The front door: which command was meant. Nothing is imported before that is known."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse


class Shell(NamedTuple):
    """A command of the shell: the module with its ``add_arguments`` and ``run``, and one line of help."""

    module: str
    help: str


SHELL = {
    "ask": Shell("tui_router.cli.ask", "one answer, or several side by side, on standard output"),
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
    "usage": Shell("tui_router.cli.usage", "what was spent, by day or by model"),
    "leaderboard": Shell("tui_router.cli.leaderboard", "your own ranking of models, from your votes"),
    "doctor": Shell("tui_router.cli.doctor", "health: key, network, disk, database, terminal"),
    "completion": Shell("tui_router.cli.completion", "completion script for bash, zsh or fish"),
    "demo-server": Shell("tui_router.cli.demo_server", "the offline stand-in for the service, alone"),
}
"""Every command besides the app itself. Help, completion and the README table read this."""

_INFORMATIVE = {"-h", "--help", "-V", "--version"}


def run(arguments: list[str]) -> int:
    """Run the command that ``arguments`` name and return its exit code."""
    name = arguments[0] if arguments else ""
    if name in SHELL:
        return _run_shell(name, arguments[1:])
    splash = None
    if not _INFORMATIVE & set(arguments):
        from tui_router.cli.splash import paint  # first paint comes before any other import

        splash = paint()
    try:
        app = import_module("tui_router.cli.app")
        parsed = _parser("tui-router", app, "The OpenRouter client for the terminal", commands=True).parse_args(arguments)
        return _guarded(lambda: app.run(parsed, splash), as_json=False)
    except BaseException:
        if splash is not None:
            splash.restore()
        raise


def _run_shell(name: str, arguments: list[str]) -> int:
    module = import_module(SHELL[name].module)
    parsed = _parser(f"tui-router {name}", module, SHELL[name].help).parse_args(arguments)
    return _guarded(lambda: module.run(parsed), as_json=bool(getattr(parsed, "json", False)))


def _parser(prog: str, module: object, about: str, *, commands: bool = False) -> argparse.ArgumentParser:
    import argparse  # 6 ms that --version and the first paint do not pay

    parser = argparse.ArgumentParser(
        prog=prog,
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="commands:\n" + "\n".join(f"  {n:<12} {s.help}" for n, s in SHELL.items()) if commands else None,
    )
    module.add_arguments(parser)  # type: ignore[attr-defined]
    return parser


def _guarded(action: object, *, as_json: bool) -> int:
    from tui_router.cli.output import report_bug, report_trouble
    from tui_router.domain.problem import Trouble

    try:
        return int(action())  # type: ignore[operator]
    except Trouble as trouble:
        return report_trouble(trouble.problem, as_json=as_json)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the front door: a crash prints no locals and no key
        return report_bug(error)
