"""Every terminal size while an answer streams: no crash, no overflow, the prompt in reach."""

from __future__ import annotations

import pytest

from tests.ui.app.driver import Home
from tests.valve import Valve

_SIZES = ((20, 5), (300, 80), (40, 10), (21, 60), (200, 6), (20, 5), (80, 24))


async def test_the_terminal_is_pulled_about_while_an_answer_streams(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut(after=3000)
    async with home.talking("demo/markdown", size=(80, 24)) as chat:
        await chat.send("Show everything")
        await chat.until(lambda: chat.is_streaming and chat.transcript.entries[-1].text, "words")
        for number, (columns, rows) in enumerate(_SIZES):
            await chat.resize(columns, rows)
            wanted = [columns] * rows
            await chat.until(lambda wanted=wanted: chat.widths == wanted, "the new size")  # type: ignore[misc]
            valve.shut(after=3000 + 1500 * (number + 1))
        valve.open()
        await chat.until(lambda: not chat.is_streaming, "the end")
        await chat.sees("F1 keys")
        assert "■" not in chat.screen


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 24), (300, 80)])
async def test_one_can_talk_at_every_size(home: Home, size: tuple[int, int]) -> None:
    async with home.talking("demo/echo", size=size) as chat:
        await chat.ask("hello")
        await chat.until(lambda: "hello" in chat.screen, "the answer")
        await chat.type("more words than fit into a narrow prompt, on and on")
        await chat.until(lambda: "on" in chat.screen, "what is typed")


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (300, 80)])
async def test_every_page_opens_and_closes_at_every_size(home: Home, size: tuple[int, int]) -> None:
    async with home.talking("demo/echo", size=size) as chat:
        await chat.ask("hello")
        front = chat.app.screen
        for key in ("f1", "ctrl+p", "ctrl+l", "f10", "ctrl+s", "f3"):
            await chat.press(key)
            await chat.until(lambda: chat.app.screen is not front, f"the page of {key}")
            await chat.until(lambda: chat.widths == [size[0]] * size[1], "rows that fill the screen")
            await chat.resize(80, 24)
            await chat.resize(*size)
            while chat.app.screen is not front:
                await chat.press("escape")
