"""Drafts are saved per conversation and over a restart."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tests.valve import Valve


async def test_each_conversation_has_a_draft_of_its_own(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("the first conversation")
        await chat.type("draft one")
        await chat.press("ctrl+n")
        await chat.sees_prompt("")
        await chat.ask("the second conversation")
        await chat.type("draft two")
        await chat.press("ctrl+s")
        await chat.sees("the first conversation")
        await chat.type("first conversation")
        await chat.sees_no_more("the second conversation")
        await chat.press("enter")
        await chat.sees_prompt("draft one")


async def test_a_draft_outlives_the_program(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        await chat.type("half a thou")
    async with home.talking(resume="last") as chat:
        await chat.sees_prompt("half a thou")
        await chat.type("ght")
        await chat.sees_prompt("half a thought")


async def test_a_draft_of_no_conversation_is_there_at_the_next_start(home: Home) -> None:
    async with home.talking() as chat:
        await chat.type("not sent yet")
    async with home.talking() as chat:
        await chat.sees_prompt("not sent yet")


async def test_what_is_typed_at_the_start_wins_over_an_old_draft(home: Home) -> None:
    async with home.talking() as chat:
        await chat.type("old words")
    async with home.talking(text="new words") as chat:
        await chat.sees_prompt("new words")


async def test_a_sent_question_is_no_draft_any_more(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
    async with home.talking() as chat:
        await chat.press("ctrl+n")
        await chat.sees_prompt("")


async def test_a_folded_paste_is_still_whole_after_a_restart(home: Home) -> None:
    lines = "\n".join(f"line {n}" for n in range(40))
    async with home.talking("demo/echo") as chat:
        await chat.paste(lines)
        await chat.sees("[pasted 40 lines")
    async with home.talking() as chat:
        await chat.sees("[pasted 40 lines")
        await chat.ask("")
        assert chat.saved[0].text.rstrip() == lines


async def test_history_is_there_after_a_restart(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("asked yesterday")
    async with home.talking() as chat:
        await chat.press("up")
        await chat.sees_prompt("asked yesterday")


async def test_a_queue_is_restored_with_its_conversation(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/echo") as chat:
        await chat.ask_behind("first", "second")
    valve.open()
    async with home.talking(resume="last") as chat:
        await chat.sees("1 queued")
        await chat.press("up")
        await chat.sees_prompt("second")
