"""Which lanes are visible side by side at which width."""

from __future__ import annotations

import pytest

from tui_router.ui.screens.compare.lane_grid import MIN_LANE_WIDTH, LaneLayout, arrange, step


@pytest.mark.parametrize(
    ("width", "count", "expected"),
    [
        (120, 3, LaneLayout((0, 1, 2), tabs=False)),
        (119, 3, LaneLayout((0, 1), tabs=True)),
        (80, 2, LaneLayout((0, 1), tabs=False)),
        (79, 2, LaneLayout((0,), tabs=True)),
        (200, 5, LaneLayout((0, 1, 2, 3, 4), tabs=False)),
        (200, 8, LaneLayout((0, 1), tabs=True)),
        (320, 8, LaneLayout(tuple(range(8)), tabs=False)),
        (12, 8, LaneLayout((0,), tabs=True)),
        (0, 2, LaneLayout((0,), tabs=True)),
        (200, 1, LaneLayout((0,), tabs=False)),
        (200, 0, LaneLayout((), tabs=False)),
    ],
)
def test_all_columns_if_wide_enough_then_two_then_one(width: int, count: int, expected: LaneLayout) -> None:
    assert arrange(width, count, 0) == expected


def test_the_focused_lane_is_next_to_the_one_focused_before() -> None:
    assert arrange(100, 6, 4, beside=1).shown == (1, 4)
    assert arrange(100, 6, 1, beside=4).shown == (1, 4)


def test_without_a_previous_lane_the_neighbour_is_shown() -> None:
    assert arrange(100, 6, 2).shown == (2, 3)
    assert arrange(100, 6, 5).shown == (4, 5)
    assert arrange(100, 6, 3, beside=3).shown == (3, 4)
    assert arrange(100, 6, 3, beside=17).shown == (3, 4)


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("width", [1, 39, 40, 80, 119, 120, 200, 319, 320, 400])
def test_the_focused_lane_is_always_visible_and_no_column_is_too_narrow(width: int, count: int) -> None:
    for focus in range(count):
        layout = arrange(width, count, focus)
        assert focus in layout.shown
        assert len(layout.shown) == 1 or width // len(layout.shown) >= MIN_LANE_WIDTH
        assert layout.tabs == (len(layout.shown) < count)


def test_steps_wrap_around() -> None:
    assert [step(3, place, 1) for place in range(3)] == [1, 2, 0]
    assert step(3, 0, -1) == 2
    assert step(0, 0, 1) == 0
