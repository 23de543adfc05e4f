"""The link chooser: real targets, warnings and results."""

from __future__ import annotations

import pytest

from tests.ui.still_host import Holding, screen_text
from tui_router.ui.screens.links import LinkChoice, LinksScreen

URLS = (
    "https://example.org/a",
    "javascript:alert(1)",
    "https://user@evil.example/login",
    "https://аpple.com/",  # a Cyrillic first letter
    "https://long.example/" + "x" * 300 + "\u202e[bold]",
    *(f"https://n{i}.example/" for i in range(6, 13)),
)


def chooser(*urls: str) -> Holding:
    return Holding(lambda host: LinksScreen(urls or URLS))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_every_link_shows_where_it_really_leads(size: tuple[int, int]) -> None:
    app = chooser()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert " 1   https://example.org/a" in text
        assert "✗ javascript:alert(1)" in text
        assert "! https://evil.example/login" in text
        assert "xn--" in text
        assert "12   https://n12.example/" in text
        assert "\u202e" not in text
        await pilot.press("down", "down")
        await pilot.pause()
        assert "this leads to evil.example" in screen_text(app)
        await pilot.press("up")
        await pilot.pause()
        assert "It cannot be opened." in screen_text(app)


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        (("enter",), LinkChoice(URLS[0], True)),
        (("3", "o"), LinkChoice(URLS[2], True)),
        (("1", "2", "enter"), LinkChoice(URLS[11], True)),
        (("9", "2", "y"), LinkChoice(URLS[1], False)),
        (("0", "j", "c"), LinkChoice(URLS[1], False)),
        (("2", "enter", "o", "escape"), None),
    ],
)
async def test_a_link_is_opened_or_copied_by_its_number(keys: tuple[str, ...], result: LinkChoice | None) -> None:
    app = chooser()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.result == result


async def test_a_message_without_links_says_so() -> None:
    app = Holding(lambda host: LinksScreen(()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "y", "1")
        await pilot.pause()
        assert "has no links" in screen_text(app)
        assert app.result == "open"


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
async def test_the_chooser_survives_every_size(size: tuple[int, int]) -> None:
    app = chooser()
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "5", "G", "escape")
        await pilot.pause()
        assert app.result is None


async def test_the_number_is_in_sight_at_twenty_by_five() -> None:
    app = chooser()
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert lines[0].startswith(" 1   https://examp")
        assert lines[3].startswith("https://example.org")
