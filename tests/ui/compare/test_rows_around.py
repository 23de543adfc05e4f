"""The rows around the lanes, at every width: heads, ranking, tabs, keys, votes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tui_router.domain.stream import Phase
from tui_router.ui.screens.compare import foot
from tui_router.ui.screens.compare.face import Face, face_rows
from tui_router.ui.screens.compare.figures import Figures
from tui_router.ui.screens.compare.lanes import Layout
from tui_router.ui.transcript.parts import Line, width_of

RUNNING = Figures(
    phase=Phase.ANSWERING, waited=3, first_token=0.4, speed=92, history=(10, 50, 100), tokens=512, reasoning_tokens=120,
    cost=Decimal("0.0021"),
)  # fmt: skip
DONE = Figures(phase=Phase.DONE, waited=12, first_token=0.4, speed=92, tokens=5, is_counted=True, cost=Decimal("0.1"))
FACE = Face(label="2", color=2, name="Claude Opus 4.5", figures=RUNNING)
WIDTHS = (1, 2, 5, 10, 20, 38, 60, 200)


def fits(line: Line, width: int) -> bool:
    return width_of(line.parts) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "face",
    [
        FACE,
        Face(label="M", color=8, name="名前の長いモデル " * 4, figures=DONE, marks=("★ best", "judge's choice")),
        Face(label="1", color=1, name="A", figures=Figures(phase=Phase.FAILED), is_blind=True, has_focus=True),
        Face(label="1", color=1, name="A"),
    ],
)
def test_a_head_never_leaves_its_column(face: Face, width: int) -> None:
    for low in (False, True):
        rows = face_rows(face, width, 0.0, low=low)
        assert len(rows) == (1 if low else 3)
        if width >= 10:
            assert all(fits(line, width) for line in rows[1:])
    if width >= 38:
        assert fits(face_rows(face, width, 0.0)[0], width)


def test_a_head_says_who_how_it_goes_and_in_numbers() -> None:
    name, numbers, rule = (line.plain for line in face_rows(FACE, 80, 0.0))
    assert name.startswith("2 Claude Opus 4.5")
    assert name.endswith("answering")
    assert numbers == "0.4 s · 92 tok/s ▂▅█ · ~$0.0021 · ~512 tok · 120 thought"
    assert rule == "─" * 80


def test_the_focus_shows_in_the_rule() -> None:
    assert face_rows(Face(label="1", color=3, name="A", has_focus=True), 10, 0.0)[2].parts == (("━" * 10, "lane3"),)


def test_a_blind_lane_shows_no_figures() -> None:
    rows = [
        line.plain for line in face_rows(Face(label="1", color=1, name="Answer 1", figures=DONE, is_blind=True), 60, 0)
    ]
    assert "tok" not in "".join(rows)
    assert "$" not in "".join(rows)
    assert "12 s" not in "".join(rows)


LANES = [("1 Quick", DONE), ("2 Opus", RUNNING), ("3 Slow", None)]


@pytest.mark.parametrize("width", WIDTHS)
def test_rows_around_the_lanes_fit_every_width(width: int) -> None:
    assert fits(foot.top_row(LANES, width, cost="~$0.02", blind=True, veiled=False), width)
    assert fits(foot.top_row(LANES, width, cost="~$0.02", blind=True, veiled=True), width)
    assert fits(foot.top_row([("1 A", None)], width, cost="", blind=False, veiled=False), width)
    assert fits(foot.foot_row(3, width, writing=False), width)
    assert fits(foot.vote_row(["1", "2"], ["code", "[b]"], max(width, 24)), max(width, 24))


def test_before_a_blind_vote_the_top_tells_nothing() -> None:
    text = foot.top_row(LANES, 200, cost="$0.02", blind=True, veiled=True).plain
    assert "Quick" not in text
    assert "$" not in text


def test_the_foot_says_what_a_question_costs_and_that_one_waits() -> None:
    text = foot.foot_row(3, 200, writing=True, estimate="with 3 models ~$0.03", waiting=2).plain
    assert text.startswith("2 questions wait  with 3 models ~$0.03  Enter ask all")


@pytest.mark.parametrize("width", [20, 30, 60, 200])
def test_tabs_name_every_lane_and_lead_to_it(width: int) -> None:
    tabs = [(str(n + 1), "A model with a long name", " ✓") for n in range(8)]
    line = foot.tab_row(tabs, Layout((0, 1), tabs=True), 0, width)
    assert [key.partition("@")[2] for _, key in line.parts] == [f"lane:{n}" for n in range(8)]
    assert all(str(n + 1) in text for n, (text, _) in enumerate(line.parts))
    if width >= 60:
        assert fits(line, width)
