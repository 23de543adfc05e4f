"""Draft and queue over screens, conversations and restarts: nothing is lost, nothing is sent unasked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.ui.app.driver import Home, Talking
from tests.valve import Valve
from tui_router.domain.draft import Unsent
from tui_router.ui.screens.compare.screen import CompareScreen
from tui_router.ui.screens.dialogs import ConfirmDialog

WIDE = (130, 36)
Act = Callable[[Talking], Awaitable[None]]


def lanes(chat: Talking) -> CompareScreen:
    screen = chat.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


def unsent(chat: Talking) -> Unsent:
    """What is on disk of the newest conversation."""
    library = chat.services.core.library
    return library.drafts.load(library.conversations.last())


async def hanging(chat: Talking, *waiting: str) -> CompareScreen:
    """Open two lanes that do not end, and let questions wait behind them."""
    await chat.send("/compare demo/error-hang, demo/error-hang")
    await chat.sees("Enter ask all")
    screen = lanes(chat)
    await chat.send("first question")
    await chat.until(lambda: len(screen.lanes.running) == 2, "two lanes")
    for question in waiting:
        await chat.send(question)
        await chat.until(lambda q=question: q in str(screen.sender.outbox.queue), question)  # type: ignore[misc]
    return screen


async def test_all_questions_that_wait_for_lanes_are_kept_in_their_order(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await hanging(chat, "second", "third")
        await chat.sees("2 questions wait")
        await chat.send("/queue")
        await chat.is_told("1. second 2. third")
        await chat.send("/queue drop 1")
        await chat.sees("1 question waits")
        await chat.press("up")
        assert lanes(chat).box.prompt.text == "third"


async def test_quitting_a_comparison_keeps_what_waits_and_the_draft(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await hanging(chat, "second", "third")
        await chat.type("half typed")
        await chat.press("ctrl+q")
    asked = len(home.asked())
    async with home.talking(size=WIDE, resume="last") as chat:
        await chat.sees_prompt("half typed")
        await chat.sees("2 queued")
        await chat.is_told("2 questions wait: /queue send")
        assert len(home.asked()) == asked


async def test_what_waits_for_lanes_waits_in_the_chat_when_they_are_closed(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await hanging(chat, "second")
        screen.controller.stop_all()
        await chat.until(lambda: not screen.lanes.running, "the end of the lanes")
        await chat.type("half typed")
        await chat.press("escape")
        screen.actions.back()
        await chat.sees_prompt("half typed")
        await chat.sees("1 queued")
        asked = len(home.asked())
        await chat.press("ctrl+c")
        await chat.uses("demo/echo")
        assert len(home.asked()) == asked
        await chat.send("/queue send")
        await chat.until(lambda: len(home.asked()) == asked + 1, "the question")
        assert home.asked()[-1]["messages"][-1]["content"] == "second"
        assert home.asked()[-1]["model"] == "demo/echo"


async def test_draft_and_queue_of_the_chat_come_along_into_the_lanes(home: Home) -> None:
    async with home.talking("demo/error-hang", size=WIDE) as chat:
        await chat.ask_behind("first", "second")
        await chat.until(home.asked, "the first question at the service")
        await chat.stop()
        await chat.is_told("1 question waits: /queue send")
        await chat.send("/compare demo/quick, demo/quick")
        await chat.type("half")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the lanes")
        await chat.sees("1 question waits", "half")
        assert len(home.asked()) == 1


async def test_after_lanes_that_were_stopped_the_person_decides(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await hanging(chat, "second")
        screen.controller.stop_all()
        await chat.until(lambda: not screen.lanes.running, "the end of the lanes")
        await chat.is_told("/queue send sends it")
        asked = len(home.asked())
        await chat.send("/queue send")
        await chat.until(lambda: len(home.asked()) == asked + 2, "both lanes to be asked")
        assert home.asked()[-1]["messages"][-1]["content"] == "second"


async def test_a_draft_is_on_disk_while_it_is_typed_in_chat_and_lanes(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.ask("hello")
        await chat.type("half a thought")
        await chat.until(lambda: unsent(chat).draft.text == "half a thought", "the draft on disk")
        await chat.press("ctrl+c")
        await chat.send("/compare demo/quick, demo/quick")
        await chat.sees("Enter ask all")
        await chat.type("half of another")
        await chat.until(lambda: unsent(chat).draft.text == "half of another", "the draft of the lanes on disk")


async def test_a_queued_question_is_on_disk_with_what_it_edits(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    async with home.talking("demo/echo") as chat:
        await chat.ask("the first")
        first = chat.saved[0].id
        valve.shut()
        await chat.send("the second")
        await chat.send("/edit 2")
        await chat.sees_prompt("the first")
        await chat.send(", in other words")
        await chat.until(lambda: [q.edits for q in unsent(chat).queue] == [first], "the question on disk")
        assert unsent(chat).queue[0].text == "the first, in other words"
    valve.open()
    async with home.talking("demo/echo", resume="last") as chat:
        await chat.send("/queue send")
        await chat.until(lambda: "the first, in other words" in chat.said, "the other version")
        await chat.until(lambda: not chat.is_streaming, "its answer")
        assert len(chat.services.core.library.messages.load_messages(chat.services.core.library.resolve("last"))) == 6
        assert home.asked()[-1]["messages"][-1]["content"] == "the first, in other words"
        assert len(home.asked()[-1]["messages"]) == 1


async def test_a_question_that_is_asked_about_is_not_lost_by_a_kill(home: Home) -> None:
    home.settings("[money]\nwarn_above = 0.000001\n")
    async with home.talking() as chat:
        await chat.send("a dear one")
        await chat.until(lambda: isinstance(chat.app.screen, ConfirmDialog), "the dialog")
        store = chat.services.core.library
        await chat.until(lambda: store.drafts.load(None).queue, "the question on disk")
        assert store.drafts.load(None).queue[0].text == "a dear one"
        await chat.press("n")
        await chat.sees_prompt("a dear one")
        await chat.until(lambda: not store.drafts.load(None).queue, "the queue without it")


async def test_a_queued_question_that_cannot_go_waits_and_leaves_the_draft_alone(home: Home) -> None:
    async with home.talking("demo/error-hang") as chat:
        await chat.ask_behind("first", "second")
        await chat.stop()
        await chat.sees_ending("Stopped")
        await chat.type("a draft")
        chat.services.preferences.change_typed("money.daily_budget", "0.00000001")
        chat.app.host.run_slash("queue", "send", "/queue send")
        await chat.is_told("1 question waits")
        await chat.sees_prompt("a draft")
        await chat.sees("1 queued")


async def test_two_windows_keep_a_draft_each(home: Home) -> None:
    async with home.talking() as one:
        await one.type("of one")
        store = one.services.core.library
        await one.until(lambda: store.drafts.load(None).draft.text == "of one", "the draft on disk")
        async with home.talking() as other:
            await other.sees_prompt("")
            await other.type("of the other")
        assert store.drafts.load(None).draft.text == "of one"
    async with home.talking() as third:
        await third.until(lambda: third.prompt.text, "a draft")


async def _control_c(chat: Talking) -> None:
    await chat.press("ctrl+c")


async def _escapes(chat: Talking) -> None:
    await chat.press("escape", "escape")


async def _edit(chat: Talking) -> None:
    chat.app.host.run_id("chat.edit", "1")
    await chat.sees_prompt("asked before")


async def _search(chat: Talking) -> None:
    await chat.press("ctrl+r")
    await chat.type("asked")
    await chat.press("enter")
    await chat.sees_prompt("asked before")


async def _walk_and_send(chat: Talking) -> None:
    await chat.press("up")
    await chat.sees_prompt("asked before")
    await chat.send()
    await chat.until(lambda: len(chat.answers) == 2, "the second answer")


async def _walk_and_clear(chat: Talking) -> None:
    await chat.press("up", "ctrl+c")


async def _prompt(chat: Talking) -> None:
    folder = Path(chat.services.paths.prompts)
    folder.mkdir(exist_ok=True)
    (folder / "greet.md").write_text("Say good morning")
    chat.app.host.run_id("prompts.use", "greet")
    await chat.until(lambda: "good morning" in chat.prompt.text, "the kept prompt")


@pytest.mark.parametrize("act", [_control_c, _escapes, _edit, _search, _walk_and_send, _walk_and_clear, _prompt])
async def test_whatever_empties_or_fills_the_prompt_keeps_what_stood_there(home: Home, act: Act) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("asked before")
        await chat.type("precious words")
        await act(chat)
        await chat.until(lambda: "precious words" in chat.prompt.browser.history.entries, "the words in the history")
        library = chat.services.core.library
        await chat.until(lambda: "precious words" in library.history.entries(), "the words on disk")


async def test_a_draft_that_is_cleared_in_the_lanes_is_in_the_history_too(home: Home) -> None:
    async with home.talking("demo/echo", size=WIDE) as chat:
        await chat.send("/compare demo/quick, demo/quick")
        await chat.sees("Enter ask all")
        await chat.type("precious words")
        await chat.press("ctrl+c")
        await chat.until(lambda: not lanes(chat).box.prompt.text, "an empty prompt")
        await chat.press("up")
        assert lanes(chat).box.prompt.text == "precious words"


async def test_a_walk_through_the_history_does_not_take_the_place_of_the_draft_on_disk(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("asked before")
        await chat.type("precious words")
        await chat.press("up")
        await chat.sees_prompt("asked before")
        chat.services.core.outboxes.flush()
        await chat.until(lambda: unsent(chat).draft.text == "precious words", "the draft on disk")


async def test_an_attachment_typed_for_in_the_lanes_goes_to_the_lanes(home: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("body")
    async with home.talking("demo/echo", size=WIDE) as chat:
        await chat.send("/compare demo/quick, demo/quick")
        await chat.sees("Enter ask all")
        await chat.send(f"/attach {tmp_path / 'notes.txt'}")
        await chat.sees("[notes.txt")
        assert lanes(chat).box.prompt.draft.attachments
        assert not chat.prompt.draft.attachments


async def test_a_refused_command_stays_in_the_prompt_of_the_lanes(home: Home) -> None:
    async with home.talking("demo/echo", size=WIDE) as chat:
        await chat.send("/compare demo/quick, demo/quick")
        await chat.sees("Enter ask all")
        for line in ("/modle x", "/new"):
            await chat.send(line)
            await chat.until(lambda line=line: lanes(chat).box.prompt.text == line, line)  # type: ignore[misc]
            assert chat.prompt.text == ""
            await chat.press("ctrl+c")


async def test_a_question_that_begins_with_a_slash_is_put_back_as_it_was_typed(home: Home) -> None:
    home.settings("[money]\nwarn_above = 0.000001\n")
    async with home.talking("demo/echo") as chat:
        await chat.send("//etc/passwd is a file")
        await chat.sees("Send this?")
        await chat.press("n")
        await chat.sees_prompt("//etc/passwd is a file")


async def test_a_star_in_the_picker_is_saved(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.press("ctrl+l")
        await chat.sees("* star")
        await chat.press("asterisk")
        await chat.until(lambda: chat.services.core.catalog.favourites == ("demo/echo",), "the star")
