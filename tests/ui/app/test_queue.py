"""What is sent while an answer runs waits, can be seen and taken back, and leaves when the answer has ended."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tests.valve import Valve


async def test_a_queued_question_is_sent_when_the_answer_has_ended(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/echo") as chat:
        await chat.ask_behind("first", "second", "third")
        await chat.until(lambda: len(home.asked()) == 1, "the first request, and no other")
        valve.open()
        await chat.until(lambda: len(chat.answers) == 3, "three answers")
        await chat.sees_no_more("queued")
    assert [body["messages"][-1]["content"] for body in home.asked()] == ["first", "second", "third"]


async def test_up_takes_the_last_queued_question_back(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/echo") as chat:
        await chat.ask_behind("first", "second")
        await chat.press("up")
        await chat.sees_prompt("second")
        await chat.sees_no_more("queued")
        valve.open()
        await chat.until(lambda: chat.answers, "the first answer")
        await chat.sees_prompt("second")
    assert len(home.asked()) == 1


async def test_the_queue_is_listed_and_dropped_from(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/echo") as chat:
        await chat.ask_behind("first", "second")
        await chat.send("/queue")
        await chat.is_told("1. second")
        await chat.send("/queue drop")
        await chat.sees_no_more("1 queued")


async def test_after_a_stop_the_person_decides_about_the_queue(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/echo") as chat:
        await chat.ask_behind("first", "second")
        await chat.until(lambda: home.asked(), "the first question at the service")
        await chat.stop()
        await chat.sees_ending("Stopped")
        await chat.sees("1 queued")
        await chat.press("up")
        await chat.sees_prompt("second")
    assert len(home.asked()) == 1


async def test_a_queue_outlives_the_program(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/echo") as chat:
        await chat.ask_behind("first", "second")
    valve.open()
    async with home.talking() as chat:
        await chat.send("/resume first")
        await chat.sees("first")
