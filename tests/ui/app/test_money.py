"""The money screen in the running app: opened by ``/cost``, filled by what was asked."""

from __future__ import annotations

from tests.ui.app.driver import Home


async def test_cost_opens_the_money_of_what_was_asked(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("Hello there")
        await chat.send("/budget 2/conversation")
        await chat.is_told("The budget for each conversation is $2.00")
        await chat.send("/cost")
        await chat.sees(
            "of $2.00", "Overview", "Today", "1 request", "This conversation", "Your key and this library agree"
        )
        await chat.press("m")
        await chat.type("demo slow")
        await chat.press("enter")
        await chat.sees("demo/slow: $2 in, $10 out", "Other models count tokens differently")
        await chat.press("escape")
        await chat.sees_no_more("Overview")
        for words, seen in (("today", "in all"), ("by-model", "everything"), ("waste", "Nothing was wasted")):
            await chat.send(f"/cost {words}")
            await chat.sees(seen)
            await chat.press("escape")
            await chat.sees_no_more("Overview")


async def test_a_temporary_conversation_has_no_sum_of_its_own(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.send("/temp")
        await chat.send("/cost")
        await chat.sees("Overview", "In all")
        assert "This conversation" not in chat.screen


async def test_the_sum_of_a_conversation_does_not_fall_with_its_answers(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("Hello there")
        spending, conversation = chat.services.core.spending, chat.services.core.library.conversations.last()
        assert conversation
        before = spending.of_conversation(conversation)
        assert before.total > 0
        await chat.read()
        await chat.press("d")
        await chat.until(lambda: len(chat.saved) < 2, "the answer to be deleted")
        assert spending.of_conversation(conversation) == before
        assert spending.review().waste == before
