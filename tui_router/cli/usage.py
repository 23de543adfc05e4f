"""``tui-router usage``: what was spent and how fast the answers were, with bars; where money was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import say, screen_width, write, write_json
from tui_router.cli.parser import amount
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.cli.usage_tables import (
    reconcile_json,
    reconcile_text,
    waste_json,
    waste_text,
    what_if_json,
    what_if_text,
    with_bars,
)
from tui_router.domain.library import Spend, parse_day
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.spending import Spent, count_of, spent_of
from tui_router.services.leaderboard import Pace

if TYPE_CHECKING:
    import argparse

    from tui_router.services.spending import Spending

_NO_PACE = Pace(first_token=None, speed=None, seconds=None)
_NAMELESS = {"conversation": "(deleted)", "provider": "(not known)"}


_LAST_LOOK = 3.0
"""Seconds to wait for what earlier requests cost, where the service can still tell."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``usage``."""
    since = amount(read_since, "a day such as 30d, 2w, today or 2026-11-22")
    groups = ("day", "model", "conversation", "provider")
    add = parser.add_argument
    add("--by", choices=groups, help="what a line stands for; a day by default, and not for the reports below")
    add("--since", type=since, metavar="WHEN", help="30d, 2w, today, 2026-11-22; everything by default")
    add("--what-if", metavar="MODEL", help="what the same tokens would have cost with another model")
    add("--waste", action="store_true", help="money that bought nothing that was kept; what caches and fallbacks did")
    add("--reconcile", action="store_true", help="the service's own figures of this key beside those of this library")
    add("--json", action="store_true", help="one JSON object")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the sums, or the reports that were asked for."""
    _refuse_groups_of_reports(args)
    by = args.by or "day"
    with services_of(args) as services:
        say_problems(services)
        services.core.settle_earlier(_LAST_LOOK)
        since = datetime(args.since.year, args.since.month, args.since.day).astimezone() if args.since else None
        if args.what_if is not None or args.waste or args.reconcile:
            return _report(args, services.core.spending, since)
        rows = services.core.spending.by(by, since)
        paces = services.core.leaderboard.paces() if by == "model" else {}
        if args.json:
            write_json(_sums_json(by, rows, paces))
            return 0
        if not rows:
            say("Nothing was spent" + (f" since {args.since}" if args.since else " yet"))
            return 0
        write(chart(rows, screen_width(), paces, _NAMELESS.get(by, "")))
        say(_total(rows))
    return 0


def _refuse_groups_of_reports(args: argparse.Namespace) -> None:
    """Raise ``AppError`` where ``--by`` stands beside a report, which has lines of its own."""
    flags = {"--what-if": args.what_if is not None, "--waste": args.waste, "--reconcile": args.reconcile}
    report = next((flag for flag, is_wanted in flags.items() if is_wanted), "")
    if args.by is not None and report:
        title = f"--by {args.by} does not go with {report}"
        hint = f"Leave one out: --by groups the sums, and {report} has lines of its own"
        raise AppError(Problem(kind=ErrorKind.USAGE, title=title, hint=hint))


def read_since(text: str) -> date | None:
    """Return the day that a person means; ``None`` when it is none."""
    return parse_day(text, datetime.now().astimezone().date())


def chart(rows: Sequence[Spend], width: int, paces: Mapping[str, Pace], nameless: str = "(deleted)") -> str:
    """Return the rows as a table with bars of their cost (of their requests, when nothing cost anything)."""
    most_cost = max(r.cost for r in rows)
    shares = [float(r.cost / most_cost) if most_cost > 0 else r.requests / max(x.requests for x in rows) for r in rows]
    head = ["", "cost", "requests", "tokens in", "out", *(["first", "tokens/s"] if paces else [])]
    lines = [head, *(_cells_of(r, paces, nameless) for r in rows)]
    return with_bars(lines, shares, width)


def _report(args: argparse.Namespace, spending: Spending, since: datetime | None) -> int:
    model = spending.model(args.what_if) if args.what_if is not None else None
    compared = spending.what_if(model, since) if model is not None else None
    reviewed = spending.review(since) if args.waste else None
    reconciled = spending.reconcile() if args.reconcile else None
    if args.json:
        value: dict[str, Any] = {"since": args.since}
        value |= {"what_if": what_if_json(compared)} if compared is not None else {}
        value |= {"waste": waste_json(reviewed)} if reviewed is not None else {}
        value |= {"reconcile": reconcile_json(reconciled)} if reconciled is not None else {}
        write_json(value)
        return 0
    width = screen_width()
    texts = [
        what_if_text(compared, width) if compared is not None else None,
        waste_text(reviewed, width) if reviewed is not None else None,
        reconcile_text(reconciled) if reconciled is not None else None,
    ]
    for place, text in enumerate(t for t in texts if t is not None):
        if place:
            write("")
        if text.table:
            write(text.table)
        for remark in text.remarks:
            say(remark)
    return 0


def _cells_of(row: Spend, paces: Mapping[str, Pace], nameless: str) -> list[str]:
    found = [
        row.label or nameless,
        spent_of(row).label,
        f"{row.requests:,}",
        f"{row.prompt_tokens:,}",
        f"{row.completion_tokens:,}",
    ]
    if paces:
        pace = paces.get(row.label, _NO_PACE)
        found.append("" if pace.first_token is None else f"{pace.first_token:.1f} s")
        found.append("" if pace.speed is None else f"{pace.speed:.0f}")
    return found


def _total(rows: Sequence[Spend]) -> str:
    spent = sum(map(spent_of, rows), Spent())
    tokens = sum(r.prompt_tokens + r.completion_tokens for r in rows)
    return f"{spent.sentence} in all, {count_of(spent.requests)}, {tokens:,} tokens"


def _sums_json(by: str, rows: Sequence[Spend], paces: Mapping[str, Pace]) -> dict[str, Any]:
    spent = sum(map(spent_of, rows), Spent())
    return {
        "by": by,
        "total": float(spent.total),
        "estimated": float(spent.estimated),
        "unknown": spent.unknown,
        "rows": [_as_json(r, paces.get(r.label)) for r in rows],
    }


def _as_json(row: Spend, pace: Pace | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "label": row.label,
        "cost": float(row.cost),
        "estimated": float(row.estimated),
        "unknown": row.unknown,
        "requests": row.requests,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
    }
    if pace is not None:
        value |= {"first_token": pace.first_token, "tokens_per_second": pace.speed}
    return value
