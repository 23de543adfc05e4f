"""Flags that every command shares, and the services that commands use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.startup import DemoConnection, Services, open_services

if TYPE_CHECKING:
    import argparse


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where things are and the source of answers."""
    group = parser.add_argument_group("common")
    group.add_argument("--config-dir", metavar="DIR", help="keep settings, keys and conversations here")
    group.add_argument("--demo", action="store_true", help="answer from an offline demo server: no key needed")
    group.add_argument("--debug", action="store_true", help="log everything (keys masked)")


@contextmanager
def services_of(args: argparse.Namespace) -> Iterator[Services]:
    """Open the services that the flags ask for; closes them (and the demo server) on the way out."""
    level = "debug" if args.debug else ""
    with ExitStack() as stack:
        services = open_services(
            config_dir=args.config_dir,
            environ=os.environ,
            cwd=_folder(),
            log_level=level,
            start_demo=(lambda: start_demo_server(stack)) if args.demo else None,
        )
        stack.callback(close, services)
        if "debug" in (level, services.preferences.current.log.level):
            _say_log(services)
        yield services


def _say_log(services: Services) -> None:
    """Say where everything is logged: whoever asked for that wants to read it."""
    from tui_router.cli.output import say  # only for somebody who debugs

    say(f"tui-router: the log is {services.paths.log_file}")


def close(services: Services) -> None:
    """Close the services, and say what the disk has refused to the end and where it is."""
    problem = services.close()
    if problem is not None:
        from tui_router.cli.output import say  # hardly ever needed

        say(f"tui-router: {problem.sentence()}")


def say_problems(services: Services) -> None:
    """Say what is wrong with settings, keys or database: what is known by now, and whatever comes while this runs."""
    from tui_router.cli.output import say  # the app has a screen for that
    from tui_router.cli.shell_hints import for_shell

    services.core.notices.subscribe(lambda problem: say(f"tui-router: {for_shell(problem).sentence()}"))


def start_demo_server(stack: ExitStack) -> DemoConnection:
    """Start the offline demo server; closed when ``stack`` unwinds."""
    from tui_router.demo_server.server import (  # needed by the demo only
        DEMO_KEY,
        DEMO_MODEL,
        DemoServer,
    )
    from tui_router.domain.secret import Secret

    demo_server = stack.enter_context(DemoServer())
    return DemoConnection(
        base_url=demo_server.base_url, key=Secret(DEMO_KEY), source="the offline demo", model=DEMO_MODEL
    )


def words_of(args: argparse.Namespace) -> str:
    """Return the words of the command line. ``-`` is none: other programs want it before they read a pipe."""
    return " ".join(word for word in args.text if word != "-")


def piped_text() -> str:
    """Return what is piped into standard input, cleaned; empty at a terminal. Raises ``AppError`` for binary data."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    from tui_router.services.attachments import decode_text  # only for somebody who pipes

    try:
        data = sys.stdin.buffer.read()
    except OSError as error:
        raise _unreadable(f"{error.strerror}") from error
    text = decode_text(data)
    if text is None:
        raise _unreadable("What is piped in is binary")
    return text


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _unreadable(detail: str) -> AppError:
    hint = "Text can be piped; attach pictures and PDF with -f"
    return AppError(Problem(kind=ErrorKind.FILE, title="Standard input cannot be read", detail=detail, hint=hint))
