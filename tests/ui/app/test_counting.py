"""The estimate before sending counts what is sent: folded pastes, attachments and the thread."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from tests.ui.app.driver import Home, Talking

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
