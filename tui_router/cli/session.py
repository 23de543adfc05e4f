"""Flags that every command shares, and the services behind them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tui_router.cli.output import say
from tui_router.services.wiring import Services, open_services

if TYPE_CHECKING:
    import argparse

    from tui_router.cli.output import say
from tui_router.services.wiring import Connection


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where things are and who answers."""
    group = parser.add_argument_group("common")
    group.add_argument("--config-dir", metavar="DIR", help="keep settings, keys and conversations here")
    group.add_argument("--demo", action="store_true", help="the offline stand-in: no key, nothing leaves this machine")
    group.add_argument("--debug", action="store_true", help="log everything (keys masked)")


@contextmanager
def services_of(args: argparse.Namespace) -> Iterator[Services]:
    """Open the services that the flags ask for; closes them (and the stand-in) on the way out."""
    with ExitStack() as stack:
        services = open_services(
            config_dir=args.config_dir,
            environ=os.environ,
            cwd=os.getcwd(),
            log_level="debug" if args.debug else "",
            stand_in=(lambda: start_standin(stack)) if args.demo else None,
        )
        stack.callback(services.close)
        yield services


def say_problems(services: Services) -> None:
    """Say what was wrong with settings, keys or database since the start; once."""
    problems = services.core.problems
    while problems:
        say(f"tui-router: {problems.pop(0).sentence()}")


def start_standin(stack: ExitStack) -> Connection:
    """Start the offline stand-in; it ends with the stack."""
    from tui_router.domain.secret import Secret
    from tui_router.cli.output import say
from tui_router.services.wiring import Connection
    from tui_router.standin.server import DEMO_KEY, Standin  # an http server that only the demo needs

    standin = stack.enter_context(Standin())
    return Connection(base_url=standin.base_url, key=Secret(DEMO_KEY), source="the offline demo")


def piped_text() -> str:
    """Return what is piped into standard input; empty at a terminal."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    data = sys.stdin.buffer.read()
    return data.decode("utf-8", "replace").lstrip("\ufeff")
