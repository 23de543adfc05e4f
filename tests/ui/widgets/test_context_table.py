"""The table of what fills a window, at every width."""

from __future__ import annotations

import pytest

from tui_router.services.context_usage import Use, WindowRow, WindowUse
from tui_router.ui.widgets.context_table import table_lines

USE = WindowUse(
    model="Small",
    tokens=1_500,
    window=4_000,
    rows=(
        WindowRow(label="System prompt", tokens=4, share=0.001),
        WindowRow(label="File a-file-with-quite-a-long-name.txt", tokens=1_496, share=0.374),
        WindowRow(label="Room for the answer", tokens=2_000, share=0.5, use=Use.ANSWER),
        WindowRow(label="Free", tokens=500, share=0.125, use=Use.FREE),
    ),
)


def test_every_row_has_tokens_share_and_a_bar_of_its_length() -> None:
    lines = [line.plain for line in table_lines(USE, 70)]
    assert lines[0].split() == ["System", "prompt", "4", "<1%", "▏"]
    assert lines[2].split()[:6] == ["Room", "for", "the", "answer", "2,000", "50%"]
    assert lines[2].count("█") == lines[1].count("█") + 3
    assert lines[3].count("·") > 0
    assert lines[-1].split() == ["Sent", "in", "all", "1,500", "38%", "of", "4,000"]


@pytest.mark.parametrize("width", [200, 76, 70, 60, 48, 40, 32])
def test_the_table_keeps_within_its_width(width: int) -> None:
    assert max(line.cell_length for line in table_lines(USE, width)[:-1]) <= width


def test_without_a_window_there_are_no_shares() -> None:
    rows = (WindowRow(label="Question", tokens=10, share=None),)
    lines = [line.plain.rstrip() for line in table_lines(WindowUse(model="m", tokens=10, window=0, rows=rows), 60)]
    assert lines[0].split() == ["Question", "10"]
    assert lines[-1].split() == ["Sent", "in", "all", "10"]


def test_more_than_the_window_fills_the_bar_and_no_more() -> None:
    rows = (WindowRow(label="Question", tokens=9_000, share=2.25),)
    line = table_lines(WindowUse(model="m", tokens=9_000, window=4_000, rows=rows), 70)[0]
    assert "225%" in line.plain
    assert line.cell_length <= 70
