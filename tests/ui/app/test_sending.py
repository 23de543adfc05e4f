"""Asking questions, and queueing those sent while an answer runs."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tests.valve import Valve
from tui_router.domain.message import EndingKind, Role


async def test_a_question_is_answered_and_both_are_on_disk(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("Say hello to the world", "hello to the world", "Echo")
        question, answer = chat.saved
        assert (question.role, question.text) == (Role.USER, "Say hello to the world")
        assert answer.ending is not None
        assert answer.ending.kind is EndingKind.COMPLETE
        assert "hello to the world" in answer.text


async def test_an_answer_is_headed_by_model_provider_and_cost(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("What is this program?", "Quick · Demo", "Quick · Demo", "$0.000")
        usage = chat.saved[-1].usage
        assert usage is not None
        assert usage.cost is not None
        assert usage.cost > 0


async def test_the_conversation_is_sent_whole_with_the_next_question(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first words", "first words")
        await chat.ask("second words", "second words")
    first, second = home.asked()
    assert [m["role"] for m in second["messages"]] == ["user", "assistant", "user"]
    assert second["messages"][:1] == first["messages"]
    assert second["messages"][2]["content"] == "second words"


async def test_words_appear_while_the_answer_is_still_coming(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut(after=6000)
    async with home.talking("demo/quick") as chat:
        await chat.send("Tell me about keys")
        await chat.sees("Keys worth")
        assert chat.is_streaming
        assert "no model is behind it" not in chat.said
        valve.open()
        await chat.sees("no model is behind it")
        await chat.until(lambda: not chat.is_streaming, "the end")


async def test_the_status_line_says_what_goes_on(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    valve.shut()
    async with home.talking("demo/quick") as chat:
        await chat.send("What is this?")
        await chat.sees("waiting")
        valve.open()
        await chat.until(lambda: not chat.is_streaming, "the end")
        await chat.sees_no_more("waiting")
        await chat.sees("left")


async def test_thinking_is_a_folded_block_with_its_seconds(home: Home) -> None:
    async with home.talking("demo/thinking") as chat:
        await chat.ask("Think about it", "▸ Th")
        assert chat.saved[-1].reasoning


async def test_new_lines_stay_in_one_question(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.type("one")
        await chat.press("ctrl+j")
        await chat.type("two")
        await chat.send()
        await chat.until(lambda: chat.answers, "an answer")
        assert chat.saved[0].text == "one\ntwo"


async def test_an_empty_prompt_sends_nothing(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send()
        await chat.type("   ")
        await chat.send()
        await chat.ask("something", "demo")
    assert len(home.asked()) == 1


async def test_a_big_paste_is_folded_in_the_prompt_and_sent_whole(home: Home) -> None:
    lines = "\n".join(f"line {n} of the paste" for n in range(214))
    async with home.talking("demo/echo") as chat:
        await chat.type("look: ")
        await chat.paste(lines)
        await chat.sees("[pasted 214 lines")
        await chat.send()
        await chat.until(lambda: chat.answers, "an answer")
        assert chat.saved[0].text.rstrip() == "look: " + lines


async def test_what_was_typed_before_the_services_were_there_is_asked(home: Home) -> None:
    async with home.talking("demo/echo", text="from the command line") as chat:
        await chat.sees_prompt("from the command line")
        await chat.ask("", "from the command line")


async def test_the_transcript_stays_where_the_reader_is(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    async with home.talking(size=(80, 16)) as chat:
        await chat.ask("Tell me about keys")
        valve.shut(after=4000)
        await chat.send("Tell me about costs")
        await chat.until(lambda: chat.is_streaming and chat.transcript.entries[-1].text, "words")
        await chat.press("pageup", "pageup")
        await chat.until(lambda: not chat.transcript.viewport.following, "the reader to be elsewhere")
        top = chat.screen.splitlines()[0]
        valve.open()
        await chat.until(lambda: not chat.is_streaming, "the end")
        await chat.sees("↓")
        assert chat.screen.splitlines()[0] == top
        await chat.press("end")
        await chat.until(lambda: chat.transcript.viewport.following, "the end in view")
        await chat.sees("no model is behind it")


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
