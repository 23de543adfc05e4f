"""Two windows on one folder, and a restart after a crash."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tests.valve import Valve
from tui_router.domain.draft import Draft


async def test_two_windows_keep_conversations_of_their_own(home: Home) -> None:
    async with home.talking("demo/echo") as one, home.talking() as two:
        await one.ask("in the first window", "in the first window")
        await two.ask("in the second window", "in the second window")
        await one.ask("first again", "first again")
        assert "second window" not in one.said
        assert one.services.core.library.conversations.count() == 2
        assert two.services.core.library.conversations.count() == 2


async def test_a_second_window_leaves_a_running_answer_alone(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    async with home.talking() as one:
        valve.shut(after=5000)
        await one.send("Tell me about keys")
        await one.until(lambda: one.is_streaming and one.transcript.entries[-1].text, "words")
        async with home.talking() as two:
            assert "Interrupted" not in two.screen
            valve.open()
            await one.until(lambda: not one.is_streaming, "the end")
            await one.sees("no model is behind it")
            assert "■" not in one.screen


async def test_one_window_sees_the_messages_of_the_other(home: Home) -> None:
    async with home.talking("demo/echo") as one, home.talking() as two:
        await one.ask("a word from the first window")
        await two.press("ctrl+s")
        await two.sees("a word from the first window")
        await two.press("enter")
        await two.sees("a word from the first window", "Echo")
        await two.ask("and from the second", "and from the second")


async def test_a_conversation_deleted_in_the_other_window_does_no_harm(home: Home) -> None:
    async with home.talking("demo/echo") as one, home.talking() as two:
        await one.ask("soon gone")
        await two.send("/resume soon")
        await two.sees("soon gone")
        await two.press("enter")
        await two.until(lambda: two.app.focused is two.prompt, "the conversation")
        await two.sees("soon gone", "Echo")
        await two.send("/delete")
        await two.until(lambda: two.app.screen is not two.app.get_default_screen() or "Deleted" in two.toasts, "a word")
        await two.press("y")
        await two.is_told("Deleted")
        await one.ask("still talking", "still talking")


async def test_the_last_conversation_is_opened_again_at_its_place(home: Home) -> None:
    async with home.talking(size=(80, 20)) as chat:
        for topic in ("keys", "costs", "files"):
            await chat.ask(f"Tell me about {topic}")
        await chat.press("ctrl+home")
        await chat.sees("Tell me about keys")
    async with home.talking(size=(80, 20), resume="last") as chat:
        await chat.sees("Tell me about keys")
        assert not chat.transcript.viewport.following


async def test_an_unknown_conversation_is_reported_and_the_app_goes_on(home: Home) -> None:
    async with home.talking("demo/echo", resume="no-such") as chat:
        await chat.is_told("No conversation is called no-such")
        await chat.ask("hello", "hello")


async def test_two_windows_on_one_conversation_keep_drafts_of_their_own_and_send_a_queue_once(
    slow_home: tuple[Home, Valve],
) -> None:
    home, valve = slow_home
    async with home.talking() as one:
        valve.shut(after=5000)
        await one.send("Tell me about keys")
        await one.until(lambda: one.is_streaming and one.transcript.entries[-1].text, "words")
        await one.send("waits in the first window")
        await one.type("words of one")
        one.services.core.outboxes.flush()
        assert one.services.core.writes.wait(30)
        asked = len(home.asked())
        async with home.talking(resume="last") as two:
            await two.sees("Tell me about keys")
            assert two.prompt.text == ""
            await two.send("/queue send")
            await two.is_told("Nothing is queued")
            assert len(home.asked()) == asked
            await two.type("words of two")
            two.services.core.outboxes.flush()
            assert two.services.core.writes.wait(30)
        valve.open()
        await one.until(lambda: not one.is_streaming and len(home.asked()) == asked + 1, "the queue to be sent once")
        await one.sees_prompt("words of one")
    async with home.talking(resume="last") as again:
        await again.until(lambda: again.prompt.text, "a draft")
        library = again.services.core.library
        kept = library.drafts.load(library.conversations.last())
        assert {kept.draft.text, *(q.text for q in kept.queue)} == {"words of one", "words of two"}


async def test_what_an_ended_window_left_is_taken_over_by_one_window_only(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        library = chat.services.core.library
        library.drafts.save(library.conversations.last(), Draft(text="half a"), [Draft(text="left in the queue")])
    async with home.talking(resume="last") as one:
        await one.sees_prompt("half a")
        assert one.services.core.writes.wait(30)
        asked = len(home.asked())
        async with home.talking(resume="last") as two:
            await two.sees("hello")
            assert two.prompt.text == ""
            await two.send("/queue send")
            await two.is_told("Nothing is queued")
            assert len(home.asked()) == asked
