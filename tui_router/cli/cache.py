"""``tui-router cache``: what the answer cache holds, and how it is emptied."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import say, write, write_json
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.answer_cache import Held, age_words, size_words
from tui_router.domain.problem import AppError, ErrorKind, Problem

if TYPE_CHECKING:
    import argparse

_PATIENCE = 10.0
"""Seconds that the disk may take to forget."""

_UNCLEARED = Problem(
    kind=ErrorKind.STORAGE, title="The answers are still there", hint="Try again; tui-router doctor looks"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cache``."""
    parser.add_argument(
        "action", nargs="?", choices=("show", "clear"), default="show", help="what to do; show by default"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Say what is kept, or forget it."""
    with services_of(args) as services:
        say_problems(services)
        answers, writes = services.core.answers, services.core.writes
        held = answers.held()
        if args.action == "clear":
            answers.clear()
            if not writes.wait(_PATIENCE) or answers.held().count:
                raise AppError(writes.problem or _UNCLEARED)
            if args.json:
                write_json({"forgotten": held.count, "bytes": held.size})
            else:
                say(f"Forgotten: {_words(held)}" if held.count else "There was nothing to forget")
        elif args.json:
            write_json(as_json(held))
        else:
            write(_sentence(held, datetime.now(UTC)))
    return 0


def as_json(held: Held) -> dict[str, Any]:
    """Return what is kept as JSON takes it."""
    oldest, newest = (at.isoformat() if at is not None else None for at in (held.oldest, held.newest))
    return {"answers": held.count, "bytes": held.size, "oldest": oldest, "newest": newest}


def _sentence(held: Held, now: datetime) -> str:
    if held.oldest is None or held.newest is None:
        return "No answers are kept"
    oldest, newest = age_words(now - held.oldest), age_words(now - held.newest)
    ages = f"the oldest {oldest} old, the newest {newest}" if held.count > 1 else f"{oldest} old"
    return f"{_words(held)}, {ages}"


def _words(held: Held) -> str:
    return f"{held.count:,} {'answer' if held.count == 1 else 'answers'}, {size_words(held.size)}"
