"""Summaries in the conversation: shown in place, sent instead of the turns they replace, undone by one key."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.ui.app.driver import Home, Talking
from tui_router.domain.message import Role


async def compacted(chat: Talking) -> None:
    for words in ("one", "two", "three"):
        await chat.ask(words)
    await chat.send("/compact")
    await chat.is_told("sent as a summary")


def summaries(chat: Talking) -> int:
    return sum(e.name.startswith("Summary of 4 messages, sent in their place") for e in chat.transcript.entries)


def sent(home: Home) -> int:
    body: Any = home.asked()[-1]
    return sum(len(str(m["content"])) for m in body["messages"])


async def test_the_next_request_is_smaller_and_the_summary_is_booked(home: Home) -> None:
    async with home.talking() as chat:
        for words in ("one", "two", "three"):
            await chat.ask(words)
        whole = sum(len(m.text) for m in chat.saved)
        spent = chat.services.core.ledger.spent_today()
        await chat.send("/compact")
        await chat.is_told("sent as a summary")
        assert chat.services.core.ledger.spent_today() > spent
        await chat.ask("four")
        assert sent(home) < whole


async def test_the_summary_is_seen_and_one_key_takes_it_back(home: Home) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        await chat.sees("Send the turns again")
        assert summaries(chat) == 1
        await chat.read()
        await chat.press("z")
        await chat.sees_no_more("Send the turns again")
        await chat.press("escape")
        await chat.ask("four")
        whole = sum(len(m.text) for m in chat.saved[:-1])
        assert sent(home) >= whole


async def test_a_summary_outlives_the_program_and_can_be_undone_then(home: Home) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        await chat.ask("four")
    async with home.talking(resume="last") as chat:
        assert summaries(chat) == 1
        await chat.send("/undo")
        await chat.is_told("It is back")
        await chat.until(lambda: not summaries(chat), "the end of the summary")
        assert len([m for m in chat.saved if m.role is Role.USER]) == 4


async def test_a_summary_can_neither_be_edited_nor_continued(home: Home) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        await chat.read()
        await chat.press("e")
        await chat.is_told("A summary cannot be edited")
        await chat.press("u")
        await chat.is_told("Nothing to continue")


async def test_deleting_a_summary_loses_no_turn_below_it(home: Home) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        await chat.ask("four")
        await chat.read()
        await chat.press("k", "k", "d")
        await chat.until(lambda: not summaries(chat), "the end of the summary")
        assert "four" in chat.said


async def test_a_fork_keeps_the_summary_in_force(home: Home) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        await chat.send("/fork")
        await chat.is_told("Forked")
        await chat.ask("four")
        thread = sum(len(e.text) for e in chat.transcript.entries)
        assert sent(home) < thread


async def test_the_cost_in_the_status_line_never_falls(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("one")
        await chat.ask("two")
        cost = chat.services.core.spending.of_conversation(chat.services.core.library.conversations.last() or "").label
        await chat.sees(cost)
        await chat.read()
        await chat.press("d")
        await chat.until(lambda: "two" not in chat.said or len(chat.answers) < 2, "the delete")
        await chat.sees(cost)


async def test_typing_reads_no_ledger(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with home.talking() as chat:
        await chat.ask("one")
        account = chat.services.core.account
        read: list[datetime] = []

        def spent_since(at: datetime) -> Decimal:
            read.append(at)
            return Decimal(0)

        monkeypatch.setattr(account, "_spent_since", spent_since)
        account.check()
        await chat.press("a", "b", "c")
        assert read == []
        account.recount()
        assert len(read) == 1


async def test_compact_undo_takes_it_back_and_other_words_are_refused_unpaid(home: Home) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        await chat.ask("four")
        paid = len(home.asked())
        await chat.send("/compact banana")
        await chat.is_told("/compact does not know banana")
        await chat.press("ctrl+c")
        await chat.send("/compact undo")
        await chat.until(lambda: not summaries(chat), "the end of the summary")
        assert len(home.asked()) == paid


@pytest.mark.parametrize("question", ["", "four"])
async def test_undo_takes_a_summary_back(home: Home, question: str) -> None:
    async with home.talking() as chat:
        await compacted(chat)
        if question:
            await chat.ask(question)
        await chat.send("/undo")
        await chat.until(lambda: not summaries(chat), "the end of the summary")
