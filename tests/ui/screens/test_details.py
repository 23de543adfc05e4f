"""The details screen: everything is shown and can be copied."""

from __future__ import annotations

import pytest

from tests.ui.still_host import Holding, screen_text
from tui_router.services.details import Details, Fact
from tui_router.ui.screens.details import DetailsScreen

DETAILS = Details(
    title="Answer",
    facts=(
        Fact("provider", "Fire\x1b[31mworks [bold]"),
        Fact("ending", "Failed", True),
        Fact("", "The provider failed. " * 9, True),
    ),
    request='{\n  "model": "demo/quick",\n  "messages": [' + '"x", ' * 300 + "]\n}",
    note="POST …/chat/completions, as it would be sent",
)


def details(copied: list[tuple[str, str]], shown: Details = DETAILS) -> Holding:
    return Holding(lambda host: DetailsScreen(shown, copy=lambda text, what: copied.append((text, what))))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_facts_are_in_two_columns_above_the_request(size: tuple[int, int]) -> None:
    app = details([])
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for words in ("provider        Fire␛[31mworks [bold]", "ending          Failed", '"model": "demo/quick"'):
            assert words in text
        second = next(line for line in text.splitlines() if "provider failed" in line and "ending" not in line)
        assert second.index("The provider") == next(line for line in text.splitlines() if "Failed" in line).index(
            "Failed"
        )
        assert "r copies the request" in text


async def test_all_of_it_or_the_request_is_copied() -> None:
    copied: list[tuple[str, str]] = []
    app = details(copied)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("y", "r", "escape")
        await pilot.pause()
        assert [what for _, what in copied] == ["the details", "the request"]
        assert copied[1][0] == DETAILS.request
        assert "\x1b" not in copied[0][0]
        assert app.result is None


async def test_a_message_that_was_never_sent_has_no_request() -> None:
    copied: list[tuple[str, str]] = []
    app = details(copied, Details(title="System", facts=(), request="", note=""))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await pilot.pause()
        assert "copies the request" not in screen_text(app)
        assert copied == []


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
async def test_the_details_survive_every_size(size: tuple[int, int]) -> None:
    app = details([])
    async with app.run_test(size=size) as pilot:
        await pilot.press("j", "G", "space", "escape")
        await pilot.pause()
        assert app.result is None
