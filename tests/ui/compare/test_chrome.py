"""Lane headers and the rows around the lanes at every width: leaders, tabs, keys, votes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tui_router.domain.stream import Phase
from tui_router.ui.screens.compare import chrome
from tui_router.ui.screens.compare.lane_grid import LaneLayout
from tui_router.ui.screens.compare.lane_header import LaneHeader, header_rows
from tui_router.ui.screens.compare.metrics import LaneMetrics
from tui_router.ui.transcript.parts import Line, width_of

RUNNING = LaneMetrics(
    phase=Phase.ANSWERING,
    elapsed=3,
    first_token=0.4,
    speed=92,
    history=(10, 50, 100),
    tokens=512,
    reasoning_tokens=120,
    cost=Decimal("0.0021"),
)
DONE = LaneMetrics(
    phase=Phase.DONE, elapsed=12, first_token=0.4, speed=92, tokens=5, is_counted=True, cost=Decimal("0.1")
)
HEADER = LaneHeader(label="2", color=2, name="Claude Opus 4.5", metrics=RUNNING)
WIDTHS = (1, 2, 5, 10, 20, 38, 60, 200)


def fits(line: Line, width: int) -> bool:
    return width_of(line.parts) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        LaneHeader(label="M", color=8, name="名前の長いモデル " * 4, metrics=DONE, badges=("★ best", "judge's choice")),
        LaneHeader(
            label="1", color=1, name="A", metrics=LaneMetrics(phase=Phase.FAILED), is_blind=True, has_focus=True
        ),
        LaneHeader(label="1", color=1, name="A"),
    ],
)
def test_a_header_fits_its_column(header: LaneHeader, width: int) -> None:
    for low in (False, True):
        rows = header_rows(header, width, 0.0, low=low)
        assert len(rows) == (1 if low else 3)
        if width >= 10:
            assert all(fits(line, width) for line in rows[1:])
    if width >= 38:
        assert fits(header_rows(header, width, 0.0)[0], width)


def test_a_header_shows_name_state_and_metrics() -> None:
    name, numbers, rule = (line.plain for line in header_rows(HEADER, 80, 0.0))
    assert name.startswith("2 Claude Opus 4.5")
    assert name.endswith("answering")
    assert numbers == "0.4 s · 92 tok/s ▂▅█ · ~$0.0021 · ~512 tok · 120 thought"
    assert rule == "─" * 80


def test_the_rule_marks_the_focus() -> None:
    assert header_rows(LaneHeader(label="1", color=3, name="A", has_focus=True), 10, 0.0)[2].parts == (
        ("━" * 10, "lane3"),
    )


def test_a_blind_lane_shows_no_metrics() -> None:
    rows = [
        line.plain
        for line in header_rows(LaneHeader(label="1", color=1, name="Answer 1", metrics=DONE, is_blind=True), 60, 0)
    ]
    assert "tok" not in "".join(rows)
    assert "$" not in "".join(rows)
    assert "12 s" not in "".join(rows)


LANES = [("1 Quick", DONE), ("2 Opus", RUNNING), ("3 Slow", None)]


@pytest.mark.parametrize("width", WIDTHS)
def test_rows_around_the_lanes_fit_every_width(width: int) -> None:
    assert fits(chrome.top_row(LANES, width, cost="~$0.02", blind=True, names_hidden=False), width)
    assert fits(chrome.top_row(LANES, width, cost="~$0.02", blind=True, names_hidden=True), width)
    assert fits(chrome.top_row([("1 A", None)], width, cost="", blind=False, names_hidden=False), width)
    assert fits(chrome.key_row(3, width, writing=False), width)
    assert fits(chrome.vote_row(["1", "2"], ["code", "[b]"], max(width, 24)), max(width, 24))


def test_the_top_row_reveals_nothing_before_a_blind_vote() -> None:
    text = chrome.top_row(LANES, 200, cost="$0.02", blind=True, names_hidden=True).plain
    assert "Quick" not in text
    assert "$" not in text


def test_the_key_row_shows_the_estimate_and_the_queue() -> None:
    text = chrome.key_row(3, 200, writing=True, estimate="with 3 models ~$0.03", waiting=2).plain
    assert text.startswith("2 questions wait  with 3 models ~$0.03  Enter ask all")


@pytest.mark.parametrize("width", [20, 30, 60, 200])
def test_every_lane_has_a_clickable_tab(width: int) -> None:
    tabs = [(str(n + 1), "A model with a long name", " ✓") for n in range(8)]
    line = chrome.tab_row(tabs, LaneLayout((0, 1), tabs=True), 0, width)
    assert [key.partition("@")[2] for _, key in line.parts] == [f"lane:{n}" for n in range(8)]
    assert all(str(n + 1) in text for n, (text, _) in enumerate(line.parts))
    if width >= 60:
        assert fits(line, width)
