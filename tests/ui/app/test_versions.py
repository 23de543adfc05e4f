"""Nothing is overwritten: retrying, editing, continuing, deleting and forking add versions."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tui_router.domain.message import Role


async def test_asking_again_keeps_both_answers(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("one thing")
        await chat.send("/retry")
        await chat.sees("‹2/2›")
        await chat.until(lambda: not chat.is_streaming, "the end")
        await chat.send("/retry")
        await chat.sees("‹3/3›")
        await chat.until(lambda: len(chat.saved) == 4 and not chat.is_streaming, "one question, three answers")
        assert len({m.parent_id for m in chat.saved if m.role is Role.ASSISTANT}) == 1


async def test_brackets_walk_the_versions(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("one thing")
        await chat.ask("/retry demo/opinion-a")
        await chat.sees("‹2/2›", "Opinion A")
        await chat.read()
        await chat.press("left_square_bracket")
        await chat.sees("‹1/2›", "Echo")
        await chat.press("left_square_bracket")
        await chat.sees("‹1/2›")
        await chat.press("right_square_bracket")
        await chat.sees("‹2/2›", "Opinion A")


async def test_the_version_in_view_is_the_one_that_is_sent(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("one thing")
        await chat.ask("/retry demo/opinion-a")
        await chat.read()
        await chat.press("left_square_bracket", "escape")
        await chat.sees("‹1/2›")
        await chat.uses("demo/echo")
        await chat.ask("another thing")
    sent = home.asked()[-1]["messages"]
    assert "one thing" in str(sent[1]["content"])
    assert sent[-1]["content"] == "another thing"


async def test_an_edited_question_is_a_version_with_an_answer_of_its_own(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("colour of the sky")
        await chat.read()
        await chat.press("k", "e")
        await chat.sees_prompt("colour of the sky")
        await chat.ask(" at night")
        await chat.sees("‹2/2›")
        assert [m.text for m in chat.saved if m.role is Role.USER] == [
            "colour of the sky",
            "colour of the sky at night",
        ]
    assert home.asked()[-1]["messages"][0]["content"] == "colour of the sky at night"
    assert len(home.asked()[-1]["messages"]) == 1


async def test_an_edited_answer_is_a_version_that_nobody_is_asked_for(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        before = len(home.asked())
        await chat.read()
        await chat.press("e")
        await chat.until(lambda: chat.prompt.text, "the answer in the prompt")
        await chat.type(" and so on")
        await chat.send()
        await chat.sees("and so on", "‹2/2›")
        assert len(home.asked()) == before


async def test_leaving_an_edit_makes_no_version(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        await chat.send("/edit")
        await chat.sees_prompt("hello")
        await chat.press("escape", "escape")
        await chat.sees_prompt("")
        await chat.ask("something else")
        assert len([m for m in chat.saved if m.parent_id is None]) == 1


async def test_a_cut_answer_goes_on_where_it_stopped(home: Home) -> None:
    async with home.talking("demo/error-cut") as chat:
        await chat.send("hello")
        await chat.sees_ending("Interrupted")
        cut = chat.saved[-1].text
        assert cut
        await chat.send("/continue")
        await chat.sees("‹2/2›")
        await chat.until(lambda: not chat.is_streaming, "the end")
        assert chat.saved[-1].text.startswith(cut)
    assert home.asked()[-1]["messages"][-1] == {"role": "assistant", "content": cut}


async def test_deleting_can_be_undone_and_done_again(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.ask("second thing")
        await chat.read()
        await chat.press("k", "d")
        await chat.is_told("Deleted 2 messages")
        await chat.sees_no_more("second thing")
        assert len(chat.saved) == 2
        await chat.press("z")
        await chat.sees("second thing")
        await chat.until(lambda: len(chat.saved) == 4, "four messages on disk")
        await chat.press("escape")
        await chat.send("/redo")
        await chat.sees_no_more("second thing")
        await chat.send("/undo")
        await chat.sees("second thing")


async def test_a_deleted_answer_is_not_sent(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.ask("second thing")
        await chat.read()
        await chat.press("k", "d", "escape")
        await chat.sees_no_more("second thing")
        await chat.ask("third thing")
    assert "second thing" not in str(home.asked()[-1]["messages"])


async def test_a_fork_is_a_conversation_of_its_own(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.ask("second thing")
        await chat.read()
        await chat.press("k", "k", "f")
        await chat.is_told("Forked")
        await chat.sees("first thing")
        await chat.sees_no_more("second thing")
        await chat.ask("third thing")
        assert [m.text for m in chat.saved if m.role is Role.USER] == ["first thing", "third thing"]
        assert chat.services.core.library.conversations.count() == 2


async def test_a_fork_at_a_question_leaves_it_in_the_prompt(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.ask("second thing")
        await chat.read()
        await chat.press("k", "f")
        await chat.sees_prompt("second thing")
        assert len(chat.saved) == 2


async def test_versions_are_there_after_a_restart(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("one thing")
        await chat.ask("/retry")
        await chat.sees("‹2/2›")
    async with home.talking(resume="last") as chat:
        await chat.sees("‹2/2›", "one thing")
