"""``tui-router search``: full-text search over every word of every conversation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from tui_router.cli.list import as_json, short_ids
from tui_router.cli.output import say, write, write_json
from tui_router.cli.parser import at_least
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.library import PREFIXES, Hit
from tui_router.domain.safe import clean_line

if TYPE_CHECKING:
    import argparse

MARKS = ("«", "»")
"""What stands around a hit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``search``."""
    narrowing = " ".join(PREFIXES)
    parser.add_argument(
        "text", nargs="+", metavar="TEXT", help=f'words, "phrases", the beginning of a last word; {narrowing} narrow it'
    )
    parser.add_argument("-n", "--limit", type=at_least(1, "a number"), default=20, metavar="N", help="at most N; 20")
    parser.add_argument("--json", action="store_true", help="one JSON list, with the places of the hits")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the hits, best first."""
    with services_of(args) as services:
        say_problems(services)
        hits = services.core.library.search(" ".join(map(_quoted, args.text)), limit=args.limit)
        if args.json:
            write_json([_as_json(h) for h in hits])
        elif hits:
            write(_lines(hits))
        else:
            say("Nothing found")
    return 0


def marked(hit: Hit) -> str:
    """Return the snippet of a hit with what was found between marks."""
    pieces, at = [], 0
    for start, end in hit.marks:
        pieces += [hit.snippet[at:start], MARKS[0], hit.snippet[start:end], MARKS[1]]
        at = end
    return clean_line("".join([*pieces, hit.snippet[at:]]))


def _quoted(word: str) -> str:
    """Keep words together that the shell was given in quotes within a prefix or as a phrase: ``tag:"to do"``."""
    name, colon, value = word.partition(":")
    if colon and " " in value and f"{name.lower()}:" in PREFIXES:
        return f'{name}:"{value}"'
    return word


def _lines(hits: Sequence[Hit]) -> str:
    ids = short_ids([h.conversation.id for h in hits])
    lines = []
    for about, group in groupby(hits, key=lambda h: h.conversation):
        title = clean_line(about.title, 100) or "Untitled"
        lines.append(f"{ids[about.id]}  {about.updated.astimezone():%Y-%m-%d}  {title}")
        lines += [f"    {marked(hit)}" for hit in group if hit.snippet]
    return "\n".join(lines)


def _as_json(hit: Hit) -> dict[str, object]:
    return {
        "conversation": as_json(hit.conversation),
        "message": hit.message_id,
        "snippet": hit.snippet,
        "marks": [list(m) for m in hit.marks],
    }
