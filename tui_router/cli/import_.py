"""``tui-router import``: conversations from files of this program and of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_router.cli.output import report_trouble, say, write
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.problem import AppError
from tui_router.domain.safe import clean_line
from tui_router.formats.registry import IMPORTERS
from tui_router.services.transfer import import_file

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``import``."""
    known = "; ".join(f"{i.name}: {i.help}" for i in IMPORTERS)
    parser.add_argument("files", nargs="+", metavar="FILE", help=f"the format is found out by itself ({known})")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Read the files; one that cannot be read does not keep the others out."""
    code = 0
    with services_of(args) as services:
        say_problems(services)
        for name in args.files:
            try:
                arrived = import_file(services.core.library, Path(name).expanduser())
            except AppError as trouble:
                failed = report_trouble(trouble.problem, who=clean_line(name, 200))
                code = code or failed
                continue
            say(f"{name}: {arrived.sentence}")
            for note in arrived.notes:
                say(f"  {note}")
            for conversation_id in arrived.ids:
                write(conversation_id)
    return code
