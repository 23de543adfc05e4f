"""The flags of the answer cache, for the commands that ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.cli.parser import amount
from tui_router.domain.answer_cache import CacheRule, read_age
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.answer_cache import rule_of

if TYPE_CHECKING:
    import argparse

    from tui_router.domain.settings import Settings


def add_cache_flags(parser: argparse.ArgumentParser) -> None:
    """Declare ``--cache``, ``--no-cache`` and ``--max-age``."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--cache", action="store_true", default=None, help="answer the identical request from the store, at no cost"
    )
    which.add_argument("--no-cache", dest="cache", action="store_false", help="ask, whatever the settings say")
    age = amount(read_age, "an age, e.g. 7d, 12h or 30m")
    parser.add_argument("--max-age", type=age, metavar="AGE", help="ask again when the stored answer is older, e.g. 7d")


def cache_rule(args: argparse.Namespace, settings: Settings, *, keeps_nothing: bool = False) -> CacheRule:
    """Return whether this run uses the answer cache: as its flags say, else as the settings do."""
    told = rule_of(settings, is_shell=True)
    if keeps_nothing:
        if args.cache:
            problem = Problem(
                kind=ErrorKind.USAGE,
                title="--cache keeps answers and --no-save keeps nothing",
                hint="Leave one of them out",
            )
            raise AppError(problem)
        return CacheRule()
    return CacheRule(
        is_on=told.is_on if args.cache is None else args.cache,
        max_age=args.max_age or told.max_age,
        of_service=told.of_service and args.cache is not False,
    )
