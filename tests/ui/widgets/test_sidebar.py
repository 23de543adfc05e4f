"""The sidebar: groups by day, the open one marked, what a click and Enter ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.app import App, ComposeResult

from tests.ui.still_host import screen_text
from tests.values import NOON
from tui_router.domain.library import Summary
from tui_router.ui.widgets.sidebar import Sidebar

NOW = NOON + timedelta(days=400)


def a_summary(name: str, days: int, title: str = "", **known: Any) -> Summary:
    at = NOW - timedelta(days=days)
    return Summary(id=name, title=title or name.title(), updated=at, created=at, **known)


ROWS = (
    a_summary("star", 300, is_pinned=True),
    a_summary("one", 0),
    a_summary("two", 1, has_draft=True),
    a_summary("three", 4, "\x1b[2J[bold]\nlines", is_unfinished=True),
    a_summary("four", 20),
    a_summary("five", 399, "a long title " * 9),
)


class Beside(App[None]):
    """A sidebar and what it said."""

    def __init__(self) -> None:
        super().__init__()
        self.sidebar = Sidebar()
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.sidebar

    def on_sidebar_opened(self, event: Sidebar.Opened) -> None:
        self.said.append(event.conversation_id)

    def on_sidebar_all_wanted(self) -> None:
        self.said.append("all")


async def test_conversations_stand_under_their_days_and_the_open_one_is_marked() -> None:
    app = Beside()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show(ROWS, current="two", now=NOW)
        await pilot.pause()
        text = screen_text(app)
        heads = ["Pinned", "Today", "Yesterday", "Last 7 days", "Last 30 days", "November 2026"]
        assert [text.index(h) for h in heads] == sorted(text.index(h) for h in heads)
        assert "▪✎Two" in text
        assert " !␛[2J[bold] lines" in text
        assert "…" in text
        assert "\x1b" not in text


async def test_enter_and_click_ask_for_a_conversation_and_the_last_row_for_all() -> None:
    app = Beside()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show(ROWS, current="two", now=NOW)
        app.sidebar.focus_list()
        await pilot.press("enter", "up", "enter", "end", "enter")
        await pilot.click(Sidebar, offset=(5, 1))
        await pilot.click(Sidebar, offset=(5, 1))
        await pilot.pause()
        assert app.said == ["two", "one", "all", "star"]


async def test_a_fresh_list_keeps_the_cursor_and_another_current_one_takes_it() -> None:
    app = Beside()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show(ROWS, current="two", now=NOW)
        app.sidebar.focus_list()
        await pilot.press("down")
        app.sidebar.show(ROWS[1:], current="two", now=NOW)
        await pilot.press("enter")
        app.sidebar.show(ROWS[1:], current="five", now=NOW)
        await pilot.press("enter")
        await pilot.pause()
        assert app.said == ["three", "five"]


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1)])
async def test_an_empty_sidebar_says_so_and_survives_every_size(size: tuple[int, int]) -> None:
    app = Beside()
    async with app.run_test(size=size) as pilot:
        app.sidebar.show((), now=NOW)
        app.sidebar.focus_list()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.said == ["all"]
        assert size[0] < 20 or "nothing here yet" in screen_text(app)
