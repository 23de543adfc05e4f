"""The find bar: the count, the current match, and what closing restores."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tests.ui.still_host import screen_text
from tests.values import a_message
from tui_router.ui.screens.find_bar import FindBar
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.pane import TranscriptPane

TURNS = [f"Turn {i} holds a needle[/b] and hay.\n\n" + "More hay.\n\n" * 10 for i in range(17)]


class Finding(App[None]):
    """A transcript with a bar over it."""

    def __init__(self, delay: float = 0) -> None:
        super().__init__()
        self.pane = TranscriptPane()
        self.bar = FindBar(self.pane.transcript, delay=delay)

    def compose(self) -> ComposeResult:
        yield self.bar
        yield self.pane

    def on_mount(self) -> None:
        self.pane.transcript.show([Entry.of(a_message(f"m{i}", None, text)) for i, text in enumerate(TURNS)])


def counted(app: Finding) -> str:
    return screen_text(app).splitlines()[0].rpartition("  ")[2].strip()


async def test_typing_counts_the_hits_and_enter_and_arrows_go_round() -> None:
    app = Finding()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        app.pane.transcript.viewport.scroll_to_entry("m0")
        app.bar.open()
        await pilot.press(*"needle", "left_square_bracket")
        await pilot.pause()
        assert counted(app) == "1 of 17"
        await pilot.press("enter", "down")
        await pilot.pause()
        assert counted(app) == "3 of 17"
        assert "Turn 2 holds" in screen_text(app)
        await pilot.press("up", "up", "shift+enter")
        await pilot.pause()
        assert counted(app) == "17 of 17"
        await pilot.press("enter")
        await pilot.pause()
        assert counted(app) == "1 of 17"


async def test_a_missing_match_is_reported() -> None:
    app = Finding()
    async with app.run_test(size=(60, 20)) as pilot:
        app.bar.open("needles")
        await pilot.press("enter", "up")
        await pilot.pause()
        assert counted(app) == "not found"
        await pilot.press("backspace")
        await pilot.pause()
        assert counted(app).endswith("of 17")


async def test_escape_hides_the_bar_and_takes_the_marks_away_and_the_next_time_it_knows_the_words() -> None:
    app = Finding()
    async with app.run_test(size=(60, 20)) as pilot:
        app.pane.transcript.focus()
        await pilot.pause()
        app.bar.open("needle")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert app.focused is app.pane.transcript
        assert not app.bar.is_open
        assert app.pane.transcript.search.find_next() == 0
        app.bar.action_close()
        app.bar.open()
        await pilot.pause()
        assert counted(app).endswith("of 17")
        assert app.bar.is_open


async def test_a_turn_that_comes_meanwhile_is_found_too() -> None:
    app = Finding()
    async with app.run_test(size=(60, 20)) as pilot:
        app.bar.open("needle")
        await pilot.pause()
        app.pane.transcript.append(Entry.of(a_message("new", None, "A needle more")))
        await pilot.press("enter")
        await pilot.pause()
        assert counted(app).endswith("of 18")


async def test_a_fast_typist_searches_once_and_enter_does_not_wait() -> None:
    app = Finding(delay=99)
    async with app.run_test(size=(60, 20)) as pilot:
        app.bar.open()
        await pilot.press(*"needle")
        await pilot.pause()
        assert "of 17" not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert counted(app).endswith("of 17")


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1)])
async def test_the_bar_survives_every_size(size: tuple[int, int]) -> None:
    app = Finding()
    async with app.run_test(size=size) as pilot:
        app.bar.open("needle")
        await pilot.press("enter", "up", "x", "escape")
        await pilot.pause()
        assert not app.bar.is_open
