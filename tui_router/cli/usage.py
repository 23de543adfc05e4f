"""``tui-router usage``: what was spent and how fast the answers were, with bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import cells, fit, say, screen_width, table, write, write_json
from tui_router.cli.parser import amount
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.library import Spend
from tui_router.domain.query import parse_day
from tui_router.domain.usage import money
from tui_router.services.votes import Pace

if TYPE_CHECKING:
    import argparse

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"
_NO_PACE = Pace(first_token=None, speed=None, seconds=None)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``usage``."""
    since = amount(read_since, "a day such as 30d, 2w, today or 2026-11-22")
    add = parser.add_argument
    add("--by", choices=("day", "model", "conversation"), default="day", help="what a line stands for; a day")
    add("--since", type=since, metavar="WHEN", help="30d, 2w, today, 2026-11-22; everything by default")
    add("--json", action="store_true", help="one JSON object")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the sums."""
    with services_of(args) as services:
        say_problems(services)
        since = datetime(args.since.year, args.since.month, args.since.day).astimezone() if args.since else None
        rows = services.core.ledger.spend_by(args.by, since)
        paces = services.core.election.paces() if args.by == "model" else {}
        if args.json:
            total = float(sum((r.cost for r in rows), Decimal(0)))
            write_json({"by": args.by, "total": total, "rows": [_as_json(r, paces.get(r.label)) for r in rows]})
            return 0
        if not rows:
            say("Nothing was spent" + (f" since {args.since}" if args.since else " yet"))
            return 0
        write(chart(rows, screen_width(), paces))
        say(_total(rows))
    return 0


def read_since(text: str) -> date | None:
    """Return the day that a person means; ``None`` when it is none."""
    return parse_day(text, datetime.now().astimezone().date())


def bar(share: float, width: int) -> str:
    """Return a bar of ``share`` (0 to 1) of ``width`` columns; what is more than nothing shows."""
    eighths = min(width * 8, round(share * width * 8))
    if share > 0:
        eighths = max(1, eighths)
    return (_FULL * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def chart(rows: Sequence[Spend], width: int, paces: Mapping[str, Pace]) -> str:
    """Return the rows as a table with bars of their cost (of their requests, when nothing cost anything)."""
    most_cost = max(r.cost for r in rows)
    shares = [float(r.cost / most_cost) if most_cost > 0 else r.requests / max(x.requests for x in rows) for r in rows]
    head = ["", "cost", "requests", "tokens in", "out", *(["first", "tokens/s"] if paces else [])]
    lines = [head, *(_cells_of(r, paces, width) for r in rows)]
    plain = table(lines, right=range(1, len(head))).split("\n")
    room = width - max(map(cells, plain)) - 2
    if room < 5:
        return "\n".join(fit(line, width) for line in plain)
    wide = max(map(cells, plain))
    bars = ["", *(bar(share, room) for share in shares)]
    return "\n".join(f"{line}{' ' * (wide - cells(line))}  {b}".rstrip() for line, b in zip(plain, bars, strict=True))


def _cells_of(row: Spend, paces: Mapping[str, Pace], width: int) -> list[str]:
    label = fit(row.label or "(deleted)", max(12, width // 3))
    found = [label, money(row.cost), f"{row.requests:,}", f"{row.prompt_tokens:,}", f"{row.completion_tokens:,}"]
    if paces:
        pace = paces.get(row.label, _NO_PACE)
        found.append("" if pace.first_token is None else f"{pace.first_token:.1f} s")
        found.append("" if pace.speed is None else f"{pace.speed:.0f}")
    return found


def _total(rows: Sequence[Spend]) -> str:
    requests = sum(r.requests for r in rows)
    tokens = sum(r.prompt_tokens + r.completion_tokens for r in rows)
    noun = "request" if requests == 1 else "requests"
    return f"{money(sum((r.cost for r in rows), Decimal(0)))} in all, {requests:,} {noun}, {tokens:,} tokens"


def _as_json(row: Spend, pace: Pace | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "label": row.label,
        "cost": float(row.cost),
        "requests": row.requests,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
    }
    if pace is not None:
        value |= {"first_token": pace.first_token, "tokens_per_second": pace.speed}
    return value
