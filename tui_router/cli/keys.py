"""``tui-router keys``: keys by hand. A key is never echoed, and never taken from the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui_router.cli.output import say, table, write
from tui_router.cli.session import add_common, services_of
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.startup import Services

if TYPE_CHECKING:
    import argparse

_ACTIONS = ("list", "add", "use", "remove", "check")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``keys``."""
    parser.add_argument("action", nargs="?", choices=_ACTIONS, default="list", help="what to do; list by default")
    parser.add_argument("name", nargs="?", default="", help="name of the key (add, use, remove)")
    parser.add_argument("--no-check", action="store_true", help="keep a key without asking the service about it")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    with services_of(args) as services:
        match args.action:
            case "add":
                _add(services, args.name, check=not args.no_check)
            case "use":
                services.core.account.use(_named(args))
                say(services.core.account.where())
            case "remove":
                services.core.account.remove(_named(args))
                say(f"Forgotten. {services.core.account.where()}")
            case "check":
                say(services.core.account.where())
                write(services.core.account.check().sentence)
            case _:
                _list(services)
    return 0


def read_secretly(question: str) -> str:
    """Return a line of standard input: asked for without echo at a terminal; empty where there is none."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        from getpass import getpass

        try:
            return getpass(question)
        except EOFError:
            return ""
    return sys.stdin.readline()


def _add(services: Services, name: str, *, check: bool) -> None:
    if name.startswith("sk-"):
        hint = "It is in your shell's history now: make a new one. Run tui-router keys add, and paste it there"
        raise AppError(Problem(kind=ErrorKind.USAGE, title="A key does not belong on the command line", hint=hint))
    checked = services.core.account.add(read_secretly("Key (nothing is shown): "), name, check=check)
    say("Kept. " + (checked.sentence if checked else "It was not checked"))


def _list(services: Services) -> None:
    stored = services.core.account.stored_keys()
    rows = [("*" if k.is_active else "", k.name, k.masked, k.base_url, k.store, k.added) for k in stored]
    if rows:
        write(table([("", "name", "key", "for", "kept in", "added"), *rows]))
    say(services.core.account.where())


def _named(args: argparse.Namespace) -> str:
    if not args.name:
        raise AppError(Problem(kind=ErrorKind.USAGE, title="Which key?", hint="tui-router keys list shows their names"))
    return str(args.name)
