"""``tui-router list``: the conversations, pinned first, then the newest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import fit, say, screen_width, table, write, write_json
from tui_router.cli.parser import at_least
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.library import Summary
from tui_router.domain.usage import money

if TYPE_CHECKING:
    import argparse

_SHORTEST = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``list``."""
    parser.add_argument("-n", "--limit", type=at_least(1, "a number"), default=50, metavar="N", help="at most N; 50")
    parser.add_argument("--archived", action="store_true", help="those that were put away")
    parser.add_argument("--tag", metavar="TAG", help="only those with this tag")
    parser.add_argument("--json", action="store_true", help="one JSON list")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the conversations."""
    with services_of(args) as services:
        say_problems(services)
        most = 1_000_000 if args.tag else args.limit
        found = services.core.library.recent(archived=args.archived, limit=most)
        if args.tag:
            found = tuple(s for s in found if args.tag in s.tags)[: args.limit]
        if args.json:
            write_json([as_json(s) for s in found])
        elif found:
            write(_table(found))
        else:
            say("No conversations yet" if not args.tag else f"No conversation is tagged {args.tag}")
    return 0


def as_json(summary: Summary) -> dict[str, Any]:
    """Return a conversation's row as JSON takes it."""
    return {
        "id": summary.id,
        "title": summary.title,
        "model": summary.model,
        "messages": summary.message_count,
        "cost": float(summary.cost),
        "tags": list(summary.tags),
        "is_pinned": summary.is_pinned,
        "is_archived": summary.is_archived,
        "is_unfinished": summary.is_unfinished,
        "created": summary.created.isoformat(),
        "updated": summary.updated.isoformat(),
    }


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Return the beginning of each id that no other of them has, of eight characters at least."""
    length = _SHORTEST
    while len({i[:length] for i in ids}) < len(set(ids)):
        length += 1
    return {i: i[:length] for i in ids}


def _table(found: Sequence[Summary]) -> str:
    ids = short_ids([s.id for s in found])
    rows = [
        (
            ids[s.id],
            f"{s.updated.astimezone():%Y-%m-%d %H:%M}",
            str(s.message_count),
            money(s.cost),
            fit(s.model, 32),
            _title(s),
        )
        for s in found
    ]
    whole = table([("id", "changed", "turns", "cost", "model", "title"), *rows], right=(2, 3))
    width = max(80, screen_width())
    return "\n".join(fit(line, width) for line in whole.split("\n"))


def _title(summary: Summary) -> str:
    marks = [("pinned", summary.is_pinned), ("unfinished", summary.is_unfinished), ("draft", summary.has_draft)]
    said = [word for word, holds in marks if holds] + [f"#{t}" for t in summary.tags]
    title = summary.title or "Untitled"
    return f"{title} ({', '.join(said)})" if said else title
