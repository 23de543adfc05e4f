"""``tui-router open``: hand a conversation over to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.cli.session import add_common, services_of

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``open``."""
    parser.add_argument("id", nargs="?", default="last", metavar="ID", help="which one, or its beginning; the last one")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Open the app on the conversation; one that is not there is said before any screen is."""
    with services_of(args) as services:
        found = services.core.library.resolve(args.id)
    from tui_router.cli.entry import run as enter  # the front door of the app, as if it had been typed

    return enter(app_arguments(args, found))


def app_arguments(args: argparse.Namespace, conversation_id: str) -> list[str]:
    """Return what a person would have typed to open the app there."""
    words = ["--resume", conversation_id]
    if args.config_dir:
        words += ["--config-dir", args.config_dir]
    return words + [flag for flag, is_set in (("--demo", args.demo), ("--debug", args.debug)) if is_set]
