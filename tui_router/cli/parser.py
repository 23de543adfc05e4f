"""Arguments read like everything else here: what is wrong with them is a problem with a hint and an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import NoReturn, Protocol, TypeVar

from tui_router.domain.problem import AppError, ErrorKind, Problem

Value = TypeVar("Value")


class Subcommand(Protocol):
    """What a module of a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it; returns the exit code."""
        ...


class Parser(argparse.ArgumentParser):
    """Raises ``AppError`` instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        usage = " ".join(self.format_usage().split())
        raise AppError(
            Problem(
                kind=ErrorKind.USAGE, title="Wrong usage", detail=message, hint=f"{usage}\n  More: {self.prog} --help"
            )
        )


def parser_of(
    prog: str, declare: Callable[[argparse.ArgumentParser], None], about: str, epilog: str = ""
) -> argparse.ArgumentParser:
    """Return the parser of one command."""
    parser = Parser(
        prog=prog,
        description=f"{about[:1].upper()}{about[1:]}.",
        epilog=epilog or None,
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, max_help_position=28),
        allow_abbrev=False,
    )
    declare(parser)
    return parser


def amount(read: Callable[[str], Value | None], expected: str) -> Callable[[str], Value]:
    """Return a type for ``add_argument``: what ``read`` makes of a word, or a refusal that says what is expected."""

    def convert(text: str) -> Value:
        value = read(text)
        if value is None:
            raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
        return value

    return convert


def at_least(smallest: int, noun: str) -> Callable[[str], int]:
    """Return a type for ``add_argument``: a whole number from ``smallest`` on."""

    def read(text: str) -> int | None:
        return int(text) if text.isdecimal() and int(text) >= smallest else None

    return amount(read, f"{noun} of at least {smallest}")
