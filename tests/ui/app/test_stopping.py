"""Stopping an answer keeps its text."""

from __future__ import annotations

import pytest

from tests.ui.app.driver import Home, Talking
from tests.valve import Valve
from tui_router.domain.message import EndingKind
from tui_router.services.turn import Turn
from tui_router.services.welcome import HINTS, Hint
from tui_router.ui.app_host import ExitReason


async def test_escape_stops_at_once_and_keeps_the_words(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.said.count("\n") and chat.is_streaming, "words")
        await chat.until(lambda: chat.transcript.entries[-1].text, "words")
        await chat.stop()
        await chat.sees_ending("Stopped")
        await chat.sees("[u Continue]", "[r Retry]")
        answer = chat.saved[-1]
        assert answer.text
        assert answer.ending is not None
        assert answer.ending.kind is EndingKind.CANCELLED


async def test_escape_ends_a_wait_for_the_first_word(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees("waiting")
        await chat.stop()
        await chat.sees_ending("Stopped")


async def test_the_word_for_it_stops_too(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming, "an answer")
        await chat.send("/stop")
        await chat.sees_ending("Stopped")


async def test_control_c_stops_and_then_asks_before_it_quits(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming, "an answer")
        await chat.press("ctrl+c")
        assert chat.app.return_value is None
        await chat.sees_ending("Stopped")
        assert chat.app.return_value is None
        await chat.press("ctrl+c")
        await chat.until(lambda: "again to quit" in chat.toasts or not chat.app.is_running, "the question")


async def test_control_c_quits_at_the_second_press_and_not_at_the_first(home: Home) -> None:
    async with home.talking() as chat:
        await chat.press("ctrl+c")
        await chat.is_told("again to quit")
        assert chat.app.return_value is None
        await chat.press("ctrl+c")
        await chat.until(lambda: chat.app.return_value is ExitReason.QUIT, "the exit")


async def test_a_slow_second_control_c_asks_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("tui_router.ui.screens.chat.controller.monotonic", lambda: clock[0])
    async with home.talking() as chat:
        await chat.press("ctrl+c")
        await chat.is_told("again to quit")
        clock[0] += 5
        await chat.press("ctrl+c")
        assert chat.app.return_value is None
        clock[0] += 1
        await chat.press("ctrl+c")
        await chat.until(lambda: chat.app.return_value is ExitReason.QUIT, "the exit")


async def test_a_control_c_that_stops_or_clears_does_not_count_as_the_first_of_two(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming, "an answer")
        await chat.type("a draft")
        await chat.press("ctrl+c")  # clears
        await chat.press("ctrl+c")  # stops
        await chat.until(lambda: not chat.is_streaming, "the stop")
        await chat.press("ctrl+c")
        await chat.is_told("Press Ctrl+C again to quit")
        assert chat.app.is_running


async def test_an_earlier_version_is_not_continued_while_its_question_is_being_answered(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming and chat.transcript.entries[-1].text, "words")
        await chat.stop()
        await chat.until(lambda: not chat.is_streaming, "the stop")
        await chat.send("/retry")
        await chat.until(lambda: chat.is_streaming and len(home.asked()) == 2, "another answer")
        await chat.read()
        await chat.press("left_square_bracket", "u")
        await chat.is_told("still being answered")
        assert len(home.asked()) == 2


async def test_a_question_that_is_being_answered_is_not_asked_again(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming and chat.transcript.entries[-1].text, "words")
        asked = len(home.asked())
        for gesture in ("/retry", "/retry demo/quick"):
            await chat.send(gesture)
            await chat.is_told("still being answered")
        await chat.press("tab", "r")
        await chat.stop()
        await chat.until(lambda: not chat.is_streaming, "the stop")
        assert len(home.asked()) == asked


async def test_escape_never_quits(home: Home) -> None:
    async with home.talking() as chat:
        for _ in range(5):
            await chat.stop()
        await chat.press("escape", "escape", "escape")
        await chat.ask("still here?", "demo")


async def test_escape_twice_on_an_empty_prompt_offers_earlier_questions(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("the first question")
        await chat.ask("the second question")
        await chat.press("escape", "escape")
        await chat.sees("Edit which question?")
        await chat.press("down", "enter")
        await chat.sees_prompt("the first question")


async def test_escape_twice_clears_a_draft_into_the_history(home: Home) -> None:
    async with home.talking() as chat:
        await chat.type("never mind")
        await chat.press("escape", "escape")
        await chat.sees_prompt("")
        await chat.press("up")
        await chat.sees_prompt("never mind")


async def test_the_cost_of_a_stopped_answer_is_looked_up(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming and chat.transcript.entries[-1].text, "words")
        await chat.stop()
        await chat.sees_ending("Stopped")
        await chat.until(lambda: chat.saved[-1].usage is not None, "the cost")


async def test_a_stop_in_another_conversation_is_not_ours(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.send("hello")
        await chat.until(lambda: chat.is_streaming, "an answer")
        (ours,) = _running(chat)
        await chat.press("ctrl+n")
        await chat.until(lambda: not chat.is_streaming, "the new conversation")
        await chat.stop()
        assert chat.saved[-1].ending is None
        assert not ours._cancel.is_set
        await chat.send("hello here")
        await chat.until(lambda: chat.is_streaming, "an answer here")
        await chat.send("/stop")
        await chat.sees_ending("Stopped")
        assert _running(chat) == (ours,)
        assert not ours._cancel.is_set


async def test_what_a_stop_leaves_open_is_said_once_ever(home: Home) -> None:
    home.settings(model="demo/error-hang")
    settings = home.folder / "settings.toml"
    settings.write_text(settings.read_text().replace("hints = false", "hints = true"))

    def notes() -> list[str]:
        return [e.text for e in chat.transcript.entries if e.text == HINTS[Hint.STOPPED]]

    async with home.talking() as chat:
        for question, said in (("hello", 1), ("hello again", 0)):
            await chat.send(question)
            await chat.until(lambda: chat.is_streaming and chat.transcript.entries[-1].text, "words")
            await chat.send("/stop")
            await chat.until(lambda: not chat.is_streaming, "the end")
            await chat.sees_ending("Stopped")
            assert len(notes()) == said


def _running(chat: Talking) -> tuple[Turn, ...]:
    """Return the turns of all conversations that have not ended."""
    assert chat.app._controller is not None
    return chat.app._controller.presenter.relay.running
