"""Every letter goes into the prompt after each ordinary gesture: only a key enters a mode in which letters act."""

from __future__ import annotations

import string

import pytest

from tests.ui.app.driver import Home, Talking
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.compare.screen import CompareScreen

_LETTERS = "x" + string.ascii_letters + string.digits + "?[]+-=/ ."
"""Begins with a letter, since ``?`` and ``/`` mean something in an empty prompt."""


async def _click(chat: Talking, column: int, row: int, times: int = 1) -> None:
    await chat.pilot.click(offset=(column, row), times=times)


async def _drag(chat: Talking, start: tuple[int, int], end: tuple[int, int]) -> None:
    await chat.pilot.mouse_down(offset=start)
    await chat.pilot.hover(offset=end)
    await chat.pilot.mouse_up(offset=end)


async def _types_everything(chat: Talking, home: Home, prompt: Prompt) -> None:
    said, asked = chat.said, len(home.asked())
    await chat.type(_LETTERS)
    await chat.until(lambda: prompt.text == _LETTERS, f"every letter in the prompt, which holds {prompt.text!r}")
    assert (chat.said, len(home.asked())) == (said, asked)
    prompt.load("")


async def test_letters_are_written_after_clicks_and_drags_in_the_chat(home: Home) -> None:
    async with home.talking("demo/echo", size=(100, 30)) as chat:
        await chat.ask("one two three\nfour five six", "four five six")
        rows = [y for y, line in enumerate(chat.screen.splitlines()) if "two" in line or "Echo" in line]
        assert rows
        for row in (*rows, 15, 28):
            for times in (1, 2, 3):
                await _click(chat, 12, row, times)
                await _types_everything(chat, home, chat.prompt)
        await _drag(chat, (4, rows[0]), (20, rows[0] + 2))
        await _types_everything(chat, home, chat.prompt)
        await _click(chat, 99, 5)  # the scroll bar
        await _types_everything(chat, home, chat.prompt)


async def test_letters_are_written_after_a_click_into_the_sidebar(home: Home) -> None:
    async with home.talking("demo/echo", size=(120, 30)) as chat:
        await chat.ask("hello")
        await chat.press("f4")
        await chat.sees("all conversations")
        chat.prompt.focus()
        for row in range(1, 8):
            assert "all conversations" in chat.screen
            await _click(chat, 3, row)
            if chat.app.screen is chat.app.get_default_screen():
                await _types_everything(chat, home, chat.prompt)
            else:
                await chat.press("escape")


@pytest.mark.parametrize(
    "key",
    ["f1", "f10", "ctrl+p", "ctrl+l", "ctrl+s", "f3", "ctrl+f", "/tree", "/cost", "/context", "/keys", "/leaderboard"],
)
async def test_letters_are_written_after_a_dialog_was_closed(home: Home, key: str) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        here = chat.app.screen
        for _ in range(2):
            await (chat.send(key) if key.startswith("/") else chat.press(key))
            await chat.until(lambda: chat.app.screen is not here or chat.app.focused is not chat.prompt, "the dialog")
            await chat.press("escape")
            await chat.until(lambda: chat.app.screen is here and chat.app.focused is chat.prompt, "the chat")
            await _types_everything(chat, home, chat.prompt)


async def test_letters_are_written_after_clicks_and_drags_in_a_comparison(home: Home) -> None:
    async with home.talking(size=(120, 36)) as chat:
        await chat.send("/compare demo/echo, demo/quick")
        await chat.sees("Enter ask all")
        screen = chat.app.screen
        assert isinstance(screen, CompareScreen)
        await chat.send("one two three")
        await chat.until(lambda: all(lane.answer for lane in screen.lanes) and not screen.lanes.running, "answers")
        prompt = screen.box.prompt
        for column in (10, 80):
            for row in (2, 5, 8, 20):
                await _click(chat, column, row)
                await _types_everything(chat, home, prompt)
        await _click(chat, 80, 8)
        assert screen.grid.current is not None
        assert screen.grid.current.number == screen.lanes[1].number  # the click chose the lane all the same
        await _drag(chat, (4, 5), (30, 9))
        await _types_everything(chat, home, prompt)
