"""What a queued question remembers, and what is said of questions that wait elsewhere."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tests.valve import Valve


async def test_a_queued_question_is_sent_to_the_model_that_was_chosen_when_it_was_queued(
    slow_home: tuple[Home, Valve],
) -> None:
    home, valve = slow_home
    async with home.talking("demo/echo") as chat:
        valve.shut()
        await chat.ask_behind("first", "second")
        await chat.uses("demo/quick")
        await chat.send("third")
        await chat.sees("2 queued")
        await chat.send("/queue")
        echo, quick = (chat.services.core.catalog.name_of(i) for i in ("demo/echo", "demo/quick"))
        await chat.is_told(f"1. second · {echo} · ")
        await chat.is_told(f"2. third · {quick} · ")
        valve.open()
        await chat.until(lambda: len(chat.answers) == 3, "three answers")
        assert [body["model"] for body in home.asked()] == ["demo/echo", "demo/echo", "demo/quick"]
        await chat.is_told(f"Asked {echo}, which was chosen when this was queued")


async def test_the_model_of_a_queued_question_outlives_a_restart(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    async with home.talking("demo/echo") as chat:
        valve.shut()
        await chat.ask_behind("first", "second")
    valve.open()
    async with home.talking("demo/echo", resume="last") as chat:
        await chat.sees("1 queued")
        await chat.uses("demo/quick")
        await chat.send("/queue send")
        await chat.until(lambda: any("second" in str(body["messages"][-1]) for body in home.asked()), "the question")
        assert home.asked()[-1]["model"] == "demo/echo"


async def test_a_question_that_is_taken_back_goes_to_the_model_chosen_by_then(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    async with home.talking("demo/echo") as chat:
        valve.shut()
        await chat.ask_behind("first", "second")
        await chat.uses("demo/quick")
        await chat.press("up")
        await chat.sees_prompt("second")
        await chat.send()
        valve.open()
        await chat.until(lambda: len(chat.answers) == 2, "two answers")
        assert home.asked()[-1]["model"] == "demo/quick"


async def test_leaving_a_conversation_whose_queue_waits_says_so_once(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    async with home.talking("demo/echo") as chat:
        valve.shut()
        await chat.ask_behind("first", "second", "third")
        await chat.press("ctrl+n")
        await chat.is_told("2 questions wait in the conversation you left: open it again to go on")
        await chat.press("ctrl+n")
        assert chat.toasts.count("in the conversation you left") == 1
        valve.open()
