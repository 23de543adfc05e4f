"""Money, speed, votes and the catalogue in the shell."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest

from tests.cli.shell import Shell
from tests.values import NOON
from tui_router.cli.leaderboard import plot
from tui_router.cli.output import cells
from tui_router.cli.usage import chart, read_since
from tui_router.domain.bars import bar
from tui_router.domain.library import Spend
from tui_router.domain.rating import Outcome, Strength, Vote
from tui_router.services.leaderboard import Pace, Ranking
from tui_router.storage.bootstrap import open_database
from tui_router.storage.comparisons import Votes
from tui_router.storage.paths import find_paths


def spend(label: str, cost: str, requests: int = 1) -> Spend:
    return Spend(label=label, cost=Decimal(cost), requests=requests, prompt_tokens=10, completion_tokens=20)


def test_what_was_asked_is_in_the_book(shell: Shell) -> None:
    assert shell.call("usage").err == "Nothing was spent yet\n"
    shell.call("ask", "-m", "demo/opinion-a", "-m", "demo/opinion-b", "hi")
    told = shell.call("usage", "--by", "model", "--json").json
    assert {r["label"] for r in told["rows"]} == {"demo/opinion-a", "demo/opinion-b"}
    assert told["total"] > 0
    assert all(r["first_token"] >= 0 for r in told["rows"])
    day = shell.call("usage", "--since", "today")
    assert "█" in day.out
    assert "2 requests" in day.err
    assert "hi" in shell.call("usage", "--by", "conversation").out


@pytest.mark.parametrize("when", ["yesterweek", "2026-13-01", ""])
def test_a_time_that_is_none_is_refused(shell: Shell, when: str) -> None:
    assert shell.call("usage", "--since", when).code == 2


def test_times_are_read_as_people_write_them() -> None:
    assert read_since("2026-11-22") == date(2026, 11, 22)
    found = read_since("30d")
    assert found is not None
    assert found < date.today()


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_bars_fill_the_width_and_no_more(width: int) -> None:
    rows = [spend("2026-11-21", "1.5"), spend("2026-11-22", "0.000001"), spend("日本語のモデル", "0.75")]
    lines = chart(rows, width, {}).split("\n")
    assert max(map(cells, lines)) <= width
    if width >= 60:
        assert max(map(cells, lines)) >= width - 1
        assert "▏" in lines[2]


def test_rows_without_a_price_are_measured_by_requests() -> None:
    lines = chart([spend("a", "0", 10), spend("b", "0", 5)], 80, {}).split("\n")
    assert lines[1].count("█") in (2 * lines[2].count("█"), 2 * lines[2].count("█") + 1)


def test_paces_stand_beside_their_models() -> None:
    pace = Pace(first_token=0.25, speed=81.6, seconds=2)
    text = chart([spend("a", "1"), spend("b", "1")], 100, {"a": pace})
    assert "0.2 s" in text
    assert "82" in text


def test_a_bar_shows_what_is_more_than_nothing() -> None:
    assert [bar(s, 4) for s in (0, 0.0001, 0.5, 1)] == ["", "▏", "██", "████"]


def test_votes_become_a_ranking(shell: Shell) -> None:
    assert "No votes yet" in shell.call("leaderboard").err
    with closing(open_database(find_paths(str(shell.folder / "config"), {}))) as database:
        for number in range(6):
            Votes(database).add(
                Vote(
                    batch=f"b{number}",
                    outcome=Outcome.WIN,
                    models=("demo/a", "demo/b"),
                    winner=int(number == 5),
                    tags=("code",) if number < 3 else (),
                    created=NOON,
                )
            )
    told = shell.call("leaderboard", "--json").json
    assert [(r["model"], r["games"], r["wins"]) for r in told] == [("demo/a", 6, 5), ("demo/b", 6, 1)]
    assert told[0]["low"] < told[0]["strength"] < told[0]["high"]
    shown = shell.call("leaderboard", "--tag", "code").out
    assert "●" in shown
    assert shell.call("leaderboard", "--tag", "code", "--json").json[0]["games"] == 3
    assert "tags: code" in shell.call("leaderboard", "--tag", "prose").err
    assert shell.call("leaderboard", "--blind").out == ""


@pytest.mark.parametrize("width", [20, 80, 200])
def test_the_plot_stays_within_the_terminal(width: int) -> None:
    standings = [
        Ranking(model=name, strength=Strength(name=name, log=log, error=error), games=3, wins=1, ties=0)
        for name, log, error in (("demo/a-long-name-of-a-model", 1.2, 0.5), ("b", -1.2, 0.5), ("c", 0.0, 0.0))
    ]
    lines = plot(standings, width).split("\n")
    assert len(lines) == 4
    assert all(line.count("●") == 1 for line in lines[:3])
    assert max(map(cells, lines)) <= max(width, 24)


def test_the_catalogue_is_searched_sorted_and_told_as_json(shell: Shell) -> None:
    done = shell.call("models", "demo", "quick")
    assert (done.code, done.out.splitlines()[1].split()[0]) == (0, "demo/quick")
    assert "of 4" in done.err
    free = shell.call("models", "--free", "--json").json
    assert free
    assert all(m["is_free"] for m in free)
    by_context = [m["context"] for m in shell.call("models", "--sort", "context", "--json").json]
    assert by_context == sorted(by_context, reverse=True)
    names = [m["name"].lower() for m in shell.call("models", "--sort", "name", "--json").json]
    assert names == sorted(names)
    for order in ("price", "new"):
        assert shell.call("models", "--sort", order, "gemini").out
    assert shell.call("models", "no-such-thing").out == ""


def test_the_catalogue_needs_no_key_and_survives_a_lost_network(shell: Shell) -> None:
    assert shell.call("models", "--refresh", environ={"OPENROUTER_API_KEY": ""}).code == 0
    lost = {"OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}
    assert shell.call("models", "--refresh", environ=lost).code == 8
