"""Checks before sending: too expensive, or too long for the model, and the choices offered."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tui_router.domain.message import Role

_LONG = "word " * 1500


async def test_a_dear_question_is_asked_about(home: Home) -> None:
    home.settings("[money]\nwarn_above = 0.000001\n")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees("Send this?", "May cost ~$")
        await chat.press("enter")
        await chat.sees_prompt("hello")
        assert home.asked() == []
        await chat.send()
        await chat.sees("Send this?")
        await chat.press("y")
        await chat.until(lambda: chat.answers, "an answer")


async def test_a_used_up_budget_stops_the_question(home: Home) -> None:
    home.settings("[money]\ndaily_budget = 0.00000001\n")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.is_told("budget")
        await chat.sees_prompt("hello")
    assert home.asked() == []


async def test_a_budget_is_set_by_a_word(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send("/budget 5/day")
        await chat.is_told("The daily budget is $5")
        await chat.send("/budget nonsense")
        await chat.is_told("nonsense is no budget")
    assert "daily_budget" in (home.folder / "settings.toml").read_text()


async def test_the_estimate_is_in_the_status_line_while_typing(home: Home) -> None:
    async with home.talking() as chat:
        await chat.type("hello")
        await chat.sees("next ~$0.0")
        await chat.press("ctrl+c")
        await chat.sees_no_more("next ~$")


async def test_a_conversation_that_does_not_fit_is_reported_before_sending(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste(_LONG)
        await chat.ask("")
        await chat.uses("demo/small-window")
        await chat.send("and now?")
        await chat.sees("Leave out what does not fit", "Summarise the oldest", "Pick another model")
        await chat.press("escape")
        await chat.sees_prompt("and now?")
        assert len(home.asked()) == 1


async def test_the_oldest_turns_may_be_left_out(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste(_LONG)
        await chat.ask("")
        await chat.uses("demo/small-window")
        await chat.send("and now?")
        await chat.sees("Leave out what does not fit")
        await chat.press("enter")
        await chat.until(lambda: len(chat.answers) == 2, "an answer")
        assert len([m for m in chat.saved if m.role is Role.USER]) == 2
    assert "word word" not in str(home.asked()[-1]["messages"])


async def test_the_oldest_turns_may_be_summarised(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("short thing")
        await chat.paste(_LONG)
        await chat.ask("")
        await chat.uses("demo/small-window")
        await chat.send("and now?")
        await chat.sees("Summarise the oldest")
        await chat.press("down", "enter")
        await chat.until(lambda: len(home.asked()) >= 3, "the summary to be asked for")


async def test_another_model_may_be_picked(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste(_LONG)
        await chat.ask("")
        await chat.uses("demo/small-window")
        await chat.send("and now?")
        await chat.sees("Pick another model")
        await chat.press("end", "enter")
        await chat.until(lambda: "ModelsScreen" in type(chat.app.screen).__name__, "the picker")
        await chat.type("demo/echo")
        await chat.sees("Echo")
        await chat.press("enter")
        await chat.sees("Echo 3.8k of 128k")
        await chat.sees_prompt("and now?")
