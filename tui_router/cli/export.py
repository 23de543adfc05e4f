"""``tui-router export``: conversations into files, none of which is ever written over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_router.cli.output import say, write
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.formats.registry import EXPORTERS
from tui_router.services.transfer import export_file, export_text

if TYPE_CHECKING:
    import argparse

    from tui_router.services.library import Library

_STANDARD_OUTPUT = "-"
_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``export``."""
    names = [e.name for e in EXPORTERS]
    add = parser.add_argument
    add("ids", nargs="*", metavar="ID", help="which ones (or their beginnings, or last); all of them by default")
    add("--format", choices=names, default="md", help="; ".join(f"{e.name}: {e.help}" for e in EXPORTERS))
    add("-o", "--output", default=".", metavar="FOLDER", help="where to; this folder by default, - is standard output")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Write the files; standard output lists their names."""
    with services_of(args) as services:
        say_problems(services)
        library = services.core.library
        ids = list(dict.fromkeys(map(library.resolve, args.ids))) or _all(library)
        if not ids:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no conversation yet"))
        if args.output == _STANDARD_OUTPUT:
            for conversation_id in ids:
                write(export_text(library, conversation_id, args.format), end="")
            return 0
        folder = Path(args.output).expanduser()
        for conversation_id in ids:
            write(str(export_file(library, conversation_id, args.format, folder)))
        say(f"{len(ids)} {'conversation' if len(ids) == 1 else 'conversations'} exported")
    return 0


def _all(library: Library) -> list[str]:
    ids: list[str] = []
    while page := library.recent(archived=None, limit=_PAGE, offset=len(ids)):
        ids += [s.id for s in page]
    return ids
