"""The estimate before sending counts what is sent: folded pastes, attachments and the thread."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ui.app.driver import Home, Talking
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message, Role, Text
from tui_router.domain.request import ChatRequest
from tui_router.domain.token_count import Count
from tui_router.services.estimates import Estimates

_LINE = "The quick brown fox jumps over the lazy dog and says hello again."
_PASTE = "\n".join([_LINE] * 1_270)
"""About 84 kB."""
_WORDS_IN_PASTE = 13 * 1_270


def next_cost(chat: Talking) -> Decimal:
    """Return the dollars that the status line names for the next turn."""
    found = re.search(r"next ~\$([\d.]+)", chat.screen)
    assert found, chat.screen
    return Decimal(found[1])


async def test_a_folded_paste_counts_in_the_estimate(home: Home) -> None:
    async with home.talking() as chat:
        await chat.type("what is this? ")
        await chat.sees("next ~$")
        before = next_cost(chat)
        await chat.paste(_PASTE)
        await chat.sees("[pasted 1,270 lines]", "19k of")
        assert next_cost(chat) > before * 5
        await chat.press("ctrl+c")
        await chat.sees_no_more("19k of")


async def test_an_attachment_counts_in_the_estimate(home: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(_PASTE)
    async with home.talking() as chat:
        await chat.send(f"/attach {tmp_path / 'notes.txt'}")
        await chat.sees("[notes.txt, 1,270 lines]", "19k of", "next ~$")


async def test_the_thread_stays_in_the_count_when_the_draft_is_gone(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste(_PASTE)
        await chat.sees("[pasted 1,270 lines]", "19k of")
        await chat.ask("")
        await chat.until(lambda: re.search(r"Echo  (2|3|4)\dk of", chat.screen), "question and echo in the count")
        assert "next" not in chat.screen


async def test_a_question_too_long_alone_is_reported_before_sending(home: Home) -> None:
    async with home.talking("demo/small-window") as chat:
        await chat.paste(_PASTE)
        await chat.sees("[pasted 1,270 lines]")
        await chat.send()
        await chat.sees("The conversation does not fit", "Pick another model")
        assert "Leave out what does not fit" not in chat.screen  # there is nothing else to leave out
        await chat.press("escape")
    assert home.asked() == []


async def test_context_is_a_table_of_what_fills_the_window(home: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(_PASTE)
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello there")
        await chat.send("/system Answer briefly and kindly.")
        await chat.send(f"/attach {tmp_path / 'notes.txt'}")
        await chat.sees("[notes.txt, 1,270 lines]")
        await chat.resize(80, 24)
        await chat.send("/context")
        await chat.sees("System prompt", "Earlier turns", "Room for the answer", "Free", "Sent in all")
        row = next(line for line in chat.screen.splitlines() if "notes.txt" in line and "█" in line)
        tokens = int(re.findall(r"([\d,]+) +\d+%", row)[0].replace(",", ""))
        assert abs(tokens - _WORDS_IN_PASTE) < _WORDS_IN_PASTE * 0.25
        assert max(chat.widths) <= 80
        await chat.press("escape")
        await chat.sees_no_more("Sent in all")


async def test_context_says_what_is_left_out(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste("word " * 1500)
        await chat.ask("")
        await chat.uses("demo/small-window")
        await chat.send("and now?")
        await chat.sees("Leave out what does not fit")
        await chat.press("enter")
        await chat.until(lambda: len(chat.answers) == 2, "an answer")
        await chat.send("/context")
        await chat.sees("1 turn is left out: about 3,0")


async def test_a_long_conversation_is_painted_before_it_is_counted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    counting: list[str] = []
    real = Estimates.count

    def note(self: Estimates, request: ChatRequest, thread: Iterable[Message] = ()) -> Count:
        if len(request.messages) > 100:
            counting.append(threading.current_thread().name)
        return real(self, request, thread)

    async with home.talking("demo/echo") as chat:
        now, messages = datetime.now(UTC), list[Message]()
        for place in range(200):
            parent = messages[-1].id if messages else None
            role = Role.ASSISTANT if place % 2 else Role.USER
            messages.append(
                Message(id=f"m{place}", parent_id=parent, role=role, parts=(Text(_LINE * 60),), created=now)
            )
        library = chat.services.core.library
        library.conversations.save(
            Conversation(id="long", title="Long", head=messages[-1].id, created=now, updated=now)
        )
        library.messages.add_messages("long", messages)
        monkeypatch.setattr(Estimates, "count", note)
        controller = chat.app._controller
        assert controller is not None
        controller.open("long")
        main = threading.main_thread().name
        assert main not in counting
        status = controller._screen.status
        await chat.until(lambda: counting, "the count on a worker")
        assert main not in counting[:1]
        wanted = chat.services.core.estimates.tokens(controller.status._counted_thread()[0])
        await chat.until(lambda: status.facts.context_tokens == wanted, "the true count")
