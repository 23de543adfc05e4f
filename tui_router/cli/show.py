"""``tui-router show``: one conversation, as Markdown or in another format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.cli.output import write
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.formats.registry import EXPORTERS
from tui_router.services.transfer import export_text

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``show``."""
    parser.add_argument("id", nargs="?", default="last", metavar="ID", help="which one, or its beginning; the last one")
    parser.add_argument("--format", choices=[e.name for e in EXPORTERS], default="md", help="md by default")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the conversation."""
    with services_of(args) as services:
        say_problems(services)
        write(export_text(services.core.library, args.id, args.format), end="")
    return 0
