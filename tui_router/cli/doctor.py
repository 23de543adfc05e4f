"""``tui-router doctor``: health in lines. Nothing is changed by it, and no key is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_router.cli.output import pad, say, write, write_json
from tui_router.cli.session import add_common, services_of
from tui_router.domain.problem import ErrorKind, exit_code
from tui_router.services.doctor import Check, CheckState, TerminalFacts, worst

if TYPE_CHECKING:
    import argparse

_MARKS = {CheckState.OK: "ok  ", CheckState.WARN: "warn", CheckState.BAD: "BAD "}
_KINDS = {"key": ErrorKind.NO_KEY, "account": ErrorKind.BAD_KEY, "network": ErrorKind.NETWORK, "tls": ErrorKind.NETWORK}
_COLOURS = {"truecolor": 1 << 24, "24bit": 1 << 24}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``doctor``."""
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print every check as it ends; the exit code says what does not work."""
    with services_of(args) as services:
        doctor = services.core.doctor(os.environ, terminal_facts(os.environ))
        checks: list[Check] = []
        for check in doctor.run():
            checks.append(check)
            if not args.json:
                write(_line(check))
                if check.hint:
                    write(f"{' ' * 20}→ {check.hint}")
        paths = services.paths
        if args.json:
            write_json(
                {
                    "state": worst(checks).value,
                    "checks": [
                        {"name": c.name, "state": c.state.value, "detail": c.detail, "hint": c.hint} for c in checks
                    ],
                    "settings": str(paths.settings),
                    "log": str(paths.log_file),
                }
            )
        else:
            say(f"Settings: {paths.settings}\nLog: {paths.log_file}")
        return _exit_code(checks)


def terminal_facts(environ: Mapping[str, str]) -> TerminalFacts:
    """Return what the environment says of the terminal."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    try:
        # The app draws on standard error; standard output may well be piped.
        size = os.get_terminal_size(2) if is_terminal else os.terminal_size((0, 0))
    except OSError:
        size = os.terminal_size((0, 0))
    term = environ.get("TERM", "")
    program = "tmux" if environ.get("TMUX") else "screen" if environ.get("STY") else environ.get("TERM_PROGRAM", "")
    return TerminalFacts(
        is_terminal=is_terminal,
        term=term,
        program=program,
        columns=size.columns,
        rows=size.lines,
        encoding=(sys.stdout.encoding or "") if sys.stdout is not None else "",
        colors=_COLOURS.get(environ.get("COLORTERM", "").lower(), 256 if "256color" in term else 16),
        copies=None if not is_terminal else term not in ("", "dumb", "linux"),
    )


def _line(check: Check) -> str:
    return f"{_MARKS[check.state]}  {pad(check.name, 14)}{check.detail}"


def _exit_code(checks: Sequence[Check]) -> int:
    bad = [c.name for c in checks if c.state is CheckState.BAD]
    return exit_code(_KINDS.get(bad[0], ErrorKind.STORAGE)) if bad else 0
