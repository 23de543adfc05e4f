"""``tui-router leaderboard``: your own ranking of models, counted from your votes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import cells, fit, pad, say, screen_width, table, write, write_json
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.usage import money
from tui_router.services.leaderboard import Ranking

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``leaderboard``."""
    parser.add_argument("--tag", default="", metavar="TAG", help="only votes with this tag")
    parser.add_argument("--blind", action="store_true", help="only votes on hidden names")
    parser.add_argument("--json", action="store_true", help="one JSON list")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the ranking."""
    with services_of(args) as services:
        say_problems(services)
        leaderboard = services.core.leaderboard
        found = leaderboard.leaderboard(args.tag, blind_only=args.blind)
        if args.json:
            write_json([_as_json(place, s) for place, s in enumerate(found, start=1)])
            return 0
        if not found:
            tags = leaderboard.tags()
            say("No votes yet: compare in the app (F3) and press v" if not args.tag else f"No votes tagged {args.tag}")
            if args.tag and tags:
                say(f"  tags: {', '.join(tags)}")
            return 0
        write(_table(found))
        write("")
        write(plot(found, screen_width()))
        say("Strength is Bradley–Terry on the Elo scale, 1000 is average; the range holds it with 95 % certainty")
    return 0


def plot(standings: Sequence[Ranking], width: int) -> str:
    """Return the strengths on one scale, with their intervals: ``├──●──┤``, in ``width`` columns."""
    names = [fit(s.model, max(10, width // 3)) for s in standings]
    margin = max(map(cells, names)) + 2
    room = max(10, width - margin - 1)
    low = min(s.strength.low for s in standings)
    span = max(1, max(s.strength.high for s in standings) - low)

    def place(points: int) -> int:
        return round((points - low) / span * (room - 1))

    lines = []
    for name, standing in zip(names, standings, strict=True):
        strength = standing.strength
        line = [" "] * room
        start, end = place(strength.low), place(strength.high)
        line[start : end + 1] = ["─"] * (end - start + 1)
        line[start], line[end] = "├", "┤"
        line[place(strength.points)] = "●"
        lines.append(pad(name, margin) + "".join(line).rstrip())
    scale = pad(f"{low}", room - len(str(low + span))) + f"{low + span}"
    return "\n".join([*lines, " " * margin + scale])


def _table(found: Sequence[Ranking]) -> str:
    head = ("", "model", "strength", "range", "games", "wins", "first", "tokens/s", "cost", "wins/$")
    rows = [
        (
            str(place),
            fit(s.model, 40),
            str(s.strength.points),
            f"{s.strength.low}–{s.strength.high}",
            str(s.games),
            str(s.wins),
            "" if s.first_token is None else f"{s.first_token:.1f} s",
            "" if s.speed is None else f"{s.speed:.0f}",
            "" if s.cost is None else money(s.cost),
            "" if s.wins_per_dollar is None else f"{s.wins_per_dollar:,.0f}",
        )
        for place, s in enumerate(found, start=1)
    ]
    return table([head, *rows], right=(0, 2, 3, 4, 5, 6, 7, 8, 9))


def _as_json(place: int, standing: Ranking) -> dict[str, Any]:
    strength = standing.strength
    return {
        "place": place,
        "model": standing.model,
        "strength": strength.points,
        "low": strength.low,
        "high": strength.high,
        "games": standing.games,
        "wins": standing.wins,
        "ties": standing.ties,
        "first_token": standing.first_token,
        "tokens_per_second": standing.speed,
        "cost": None if standing.cost is None else float(standing.cost),
        "wins_per_dollar": standing.wins_per_dollar,
        "wins_per_second": standing.wins_per_second,
    }
