"""The list that draws only what is in sight."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.widget import Widget

from tui_router.ui.widgets.line_list import LineList, Part, fit, split_parts


def text_of(widget: Widget) -> list[str]:
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


class Sample(App[None]):
    def __init__(self, count: int, fixed: Iterable[int] = ()) -> None:
        super().__init__()
        self.count, self.fixed = count, tuple(fixed)
        self.drawn: set[int] = set()
        self.seen: list[object] = []

    def compose(self) -> ComposeResult:
        yield LineList(self.draw)

    def on_mount(self) -> None:
        self.query_one(LineList).show(self.count, self.fixed)

    def draw(self, index: int, width: int) -> list[Part]:
        self.drawn.add(index)
        return [Part(f"row {index}", "head" if index in self.fixed else ""), Part(" " + "x" * 90, "muted")]

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        self.seen.append(event.index)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        self.seen.append(f"chosen {event.index}")


async def test_only_rows_in_sight_are_drawn() -> None:
    app = Sample(5_000)
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.press("end")
        assert len(app.drawn) <= 16
        assert text_of(app.query_one(LineList))[-1].startswith("row 4999 xxx")


async def test_the_cursor_steps_over_headings_and_stays_at_the_ends() -> None:
    app = Sample(6, fixed=(0, 3))
    async with app.run_test(size=(30, 4)) as pilot:
        await pilot.press("up", "down", "down", "enter", "end", "down", "home", "pagedown", "pageup")
        assert app.seen == [1, 2, 4, "chosen 4", 5, 1, 4, 1]
        assert text_of(app.query_one(LineList))[0].startswith("row 0")


async def test_a_row_is_highlighted_by_a_click_and_chosen_by_the_next() -> None:
    app = Sample(9, fixed=(0,))
    async with app.run_test(size=(30, 6)) as pilot:
        for at in (3, 3, 0):
            await pilot.click(LineList, offset=(2, at))
        assert app.seen == [1, 3, "chosen 3"]


async def test_the_wheel_scrolls_and_the_cursor_stays() -> None:
    app = Sample(50)
    async with app.run_test(size=(30, 6)) as pilot:
        lines = app.query_one(LineList)
        lines.post_message(MouseScrollDown(lines, 1, 1, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert text_of(lines)[0].startswith("row 3")
        assert lines.highlighted == 0


@pytest.mark.parametrize("count", [0, 1])
async def test_an_empty_list_and_a_list_of_headings_have_no_cursor(count: int) -> None:
    app = Sample(count, fixed=range(count))
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("down", "up", "end", "home", "pagedown", "enter")
        assert app.query_one(LineList).highlighted is None
        assert app.seen == [None]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 1), (20, 5)])
async def test_tiny_sizes_are_drawn_exactly(size: tuple[int, int]) -> None:
    app = Sample(10, fixed=(0,))
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "end")
        lines = app.query_one(LineList)
        assert {lines.render_line(y).cell_length for y in range(size[1])} == {size[0]}


def test_text_is_fitted_by_cells_and_not_by_characters() -> None:
    assert fit("日本語", 5) == "日本…"
    assert fit("日本語", 4) == "日 …"
    assert fit("ab", 4, right=True) == "  ab"
    assert fit("ab", 0) == ""


def test_hits_past_the_end_or_over_each_other_are_cut() -> None:
    parts = split_parts("claude", [(0, 2), (1, 3), (5, 99), (200, 300)])
    assert parts == [Part("cl", "hit"), Part("a", "hit"), Part("ud"), Part("e", "hit")]
    assert split_parts("", [(0, 3)]) == []
