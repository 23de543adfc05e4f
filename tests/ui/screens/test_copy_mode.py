"""Copy mode: plain text, the mouse released and taken again, keys to move and copy."""

from __future__ import annotations

import pytest

from tests.ui.still_host import Holding, screen_text
from tests.values import a_message, an_answer
from tui_router.domain.message import Citation, Ending, EndingKind, File, Text
from tui_router.domain.model import ModelRef
from tui_router.ui.screens.copy_mode import RELEASE_MOUSE, TAKE_MOUSE, CopyModeScreen, plain_turns

TURNS = [
    "You:\n\nWhat \x1b[31mis [bold]this?",
    "Answer:\n\n" + "\n".join(f"line {i}" for i in range(100)),
    "You:\n\nbye",
]


def copy_mode(copied: list[str], *, turns: list[str] = TURNS, at: int | None = None, has_mouse: bool = True) -> Holding:
    return Holding(lambda host: CopyModeScreen(turns, host, copy=copied.append, at=at, has_mouse=has_mouse))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_text_has_no_borders(size: tuple[int, int]) -> None:
    app = copy_mode([], at=0)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert lines[:5] == ["You:", "", "What ␛[31mis [bold]this?", "", "Answer:"]
        assert lines[6:8] == ["line 0", "line 1"]
        assert "Copy mode" in lines[-1]
        assert not set("│╭╮╰╯▐█") & set(screen_text(app))


async def test_the_mouse_is_released_while_it_lasts() -> None:
    app = copy_mode([])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.host.written == [RELEASE_MOUSE]
        await pilot.press("escape")
        await pilot.pause()
        assert app.host.written == [RELEASE_MOUSE, TAKE_MOUSE]
    assert RELEASE_MOUSE == "\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1000l"


async def test_a_mouse_that_was_never_taken_is_left_alone() -> None:
    app = copy_mode([], has_mouse=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert (app.result, app.host.written) == (None, [])


async def test_it_starts_at_the_end_moves_like_a_pager_and_copies_everything() -> None:
    copied: list[str] = []
    app = copy_mode(copied)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "bye" in screen_text(app)
        await pilot.press("g")
        await pilot.pause()
        assert "What" in screen_text(app)
        await pilot.press("space", "j")
        await pilot.pause()
        assert screen_text(app).startswith("line 17")
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert screen_text(app).startswith("Answer:")
        await pilot.press("y")
        await pilot.pause()
        assert copied == ["\n\n".join(TURNS)]


async def test_no_message_shows_an_empty_page() -> None:
    app = copy_mode([], turns=[])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "g", "right_square_bracket")
        await pilot.pause()
        assert "No message yet" in screen_text(app)


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
async def test_copy_mode_survives_every_size(size: tuple[int, int]) -> None:
    app = copy_mode([], turns=[*TURNS, "二重" * 50 + "\tx" * 30, "e\u0301" * 99])
    async with app.run_test(size=size) as pilot:
        await pilot.press("j", "G", "g", "right_square_bracket", "pagedown")
        await pilot.resize_terminal(40, 10)
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


def test_a_turn_says_who_what_came_with_it_and_how_it_ended() -> None:
    question = a_message("q", None, parts=(Text("Read this \x07"), File("a\nb.txt", text="x")))
    cut = an_answer(
        "a", "q", parts=(Text("Half"), Citation("https://e.org")), ending=Ending(EndingKind.LENGTH),
        model=ModelRef("demo/quick"),
    )  # fmt: skip
    assert plain_turns([question, cut], str.upper) == [
        "You:\n\nRead this ␇\n\n[file a b.txt]",
        "DEMO/QUICK:\n\nHalf\n\n[Cut at the length limit]\n\n[1] https://e.org",
    ]
