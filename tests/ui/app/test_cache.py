"""The answer cache in the app: the second time nothing is sent, the turn says so, and asking again asks."""

from __future__ import annotations

from tests.ui.app.driver import Home

_ON = '[cache]\nanswers = "all"\n'


async def test_the_same_question_is_answered_from_the_cache_and_says_so(home: Home) -> None:
    home.settings(_ON)
    async with home.talking() as chat:
        await chat.ask("What is this?", "Quick · Demo")
        await chat.send("/new")
        await chat.ask("What is this?", "from the cache", "$0")
        assert len(home.asked()) == 1
        assert chat.saved[-1].cached_at is not None
        await chat.read()
        await chat.press("r")
        await chat.until(lambda: len(home.asked()) == 2, "the answer to be asked for again")
        await chat.until(lambda: not chat.is_streaming, "its end")
    async with home.talking(resume="last") as chat:
        assert [m.cached_at is None for m in chat.saved[1:]] == [False, True]


async def test_the_cache_is_told_of_and_emptied(home: Home) -> None:
    home.settings(_ON)
    async with home.talking() as chat:
        await chat.ask("What is this?", "Quick · Demo")
        await chat.send("/cache")
        await chat.is_told("The cache holds 1 answer. It is on")
        await chat.send("/cache clear")
        await chat.is_told("The answer cache is empty")
        await chat.send("/new")
        await chat.ask("What is this?", "Quick · Demo")
        assert len(home.asked()) == 2


async def test_it_is_off_unless_somebody_turns_it_on(home: Home) -> None:
    async with home.talking() as chat:
        for _ in range(2):
            await chat.ask("What is this?", "Quick · Demo")
            await chat.send("/new")
        assert len(home.asked()) == 2
