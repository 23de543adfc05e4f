"""The app with a used-up budget: no key, word or command reaches the server, and a free model still answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.paid_requests.charged_shell import ChargedShell
from tests.paid_requests.homes import ChargedHome
from tests.ui.app.driver import Talking

_MONEY = "[money]\ndaily_budget = 0.0001\n"
_LONG = "word " * 120
"""Worth a summary."""
_TITLES = "titles = 'model'\ntitle_model = 'test/ok'\n"


async def _words(chat: Talking, words: str) -> None:
    await chat.send(words)


async def _key(chat: Talking, key: str) -> None:
    await chat.read()
    await chat.press(key)


_ACTS = {
    "/retry": _words,
    "/retry test/costly": _words,
    "/continue": _words,
    "/compact": _words,
    "/rename auto": _words,
    "another question": _words,
    "r": _key,
    "R": _key,
}


@pytest.mark.parametrize("act", _ACTS)
async def test_a_used_up_budget_stops_everything_that_costs(
    shell: ChargedShell, charged_home: ChargedHome, act: str
) -> None:
    charged_home.settings(_TITLES)
    for model, question in (("test/ok", "one"), ("test/ok", "two"), ("test/cut", "three")):
        shell.call("ask", "-m", model, *(["-c"] if question != "one" else []), f"{question} {_LONG}")
    charged_home.settings(_TITLES + _MONEY)
    asked = len(charged_home.asked())
    async with charged_home.talking("test/ok", resume="last") as chat:
        await chat.sees("The answer was cut off")
        await _ACTS[act](chat, act)
        if act == "R":
            await chat.until(lambda: "ModelsScreen" in type(chat.app.screen).__name__, "the picker")
            await chat.type("test/costly")
            await chat.press("enter")
        await chat.until(lambda: "budget" in (chat.toasts + chat.screen).lower(), "word of the budget")
        assert not chat.is_streaming
        assert len(charged_home.asked()) == asked
        # What is free passes: had anything been on its way before, the server would know by now.
        if not chat.prompt.has_focus:
            await chat.press("escape")
        if chat.prompt.text:
            await chat.press("ctrl+c")
        await chat.sees_prompt("")
        await chat.uses("test/free:free")
        await chat.ask("free question", "piece 5")
    assert [b["model"] for b in charged_home.asked()[asked:]] == ["test/free:free"]


async def test_what_the_app_asks_on_its_own_is_booked(shell: ChargedShell, charged_home: ChargedHome) -> None:
    charged_home.settings(_TITLES)
    async with charged_home.talking() as chat:
        for question in ("one ", "two ", "three "):
            await chat.type(question)
            await chat.paste(_LONG)
            await chat.ask("", "piece 5")
        await chat.send("/rename auto")
        await chat.until(lambda: len(charged_home.asked()) >= 4, "a request for a title")
        await chat.send("/compact")
        await chat.until(lambda: len(charged_home.asked()) >= 5, "a request for a summary")
        await chat.until(lambda: not shell.server.book.running, "the end of it")
    shell.assert_every_cent_is_booked()
    assert {r.purpose for r in shell.rows} >= {"answer", "title", "summary"}


async def test_lanes_keep_a_budget(shell: ChargedShell, charged_home: ChargedHome) -> None:
    charged_home.settings("[money]\ndaily_budget = 0.008\n")
    async with charged_home.talking() as chat:
        await chat.send("/compare test/ok, test/slow, test/thinking, test/gated, test/hang, test/long")
        await chat.sees("ask all")
        await chat.send("hello")
        await chat.until(lambda: "budget" in (chat.toasts + chat.screen).lower(), "word of the budget")
    assert shell.start_again() <= Decimal("0.008")
    assert shell.server.book.total <= Decimal("0.008")
    shell.assert_every_cent_is_booked()


async def test_the_app_books_every_kind_of_ending(shell: ChargedShell, charged_home: ChargedHome) -> None:
    models = ("ok", "cut", "no-usage", "error-in-stream", "error-with-usage", "nan-cost", "fallback", "thinking")
    charged_home.settings()
    async with charged_home.talking() as chat:
        for model in models:
            await chat.uses(f"test/{model}")
            await chat.send(f"question for {model}")
            await chat.until(lambda: len(charged_home.asked()) == models.index(model) + 1, model)  # noqa: B023
            await chat.until(lambda: not chat.is_streaming and not shell.server.book.running, "the end")
    shell.assert_every_cent_is_booked()
