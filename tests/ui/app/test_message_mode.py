"""Message mode: one-letter keys and their effects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.app.driver import Home, Talking


async def _two_turns(chat: Talking) -> None:
    await chat.ask("first thing")
    await chat.ask("second thing")
    await chat.read()


async def test_the_block_cursor_walks_and_stays_within(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await _two_turns(chat)
        ids = [e.id for e in chat.transcript.entries if e.message is not None]
        assert chat.transcript.entry_cursor.entry_id == ids[-1]
        await chat.press("j")
        assert chat.transcript.entry_cursor.entry_id == ids[-1]
        await chat.press("k", "up")
        assert chat.transcript.entry_cursor.entry_id == ids[-3]
        await chat.press("g")
        await chat.press("k", "k")
        assert chat.transcript.entry_cursor.entry_id == chat.transcript.entries[0].id
        await chat.press("G")
        assert chat.transcript.entry_cursor.entry_id == ids[-1]


async def test_escape_and_typing_lead_back_to_the_prompt(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await _two_turns(chat)
        await chat.press("escape")
        await chat.sees_no_more("MESSAGES")
        await chat.type("jkl")
        await chat.sees_prompt("jkl")


async def test_tab_in_an_empty_conversation_does_nothing(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.press("ctrl+n", "tab")
        await chat.type("hello")
        await chat.sees_prompt("hello")


@pytest.mark.parametrize("key", ["y", "c"])
async def test_copying_names_its_route(home: Home, key: str) -> None:
    async with home.talking("demo/code") as chat:
        await chat.ask("Show me code")
        await chat.read()
        await chat.press(key)
        await chat.until(lambda: "opied" in chat.toasts or "Sent" in chat.toasts, "a word on the copy")


async def test_details_show_model_tokens_and_cost_but_no_key(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("Tell me about keys")
        await chat.read()
        await chat.press("i")
        await chat.sees("demo/quick", "tokens")
        assert "de30de30" not in chat.screen
        await chat.press("escape")
        await chat.sees("MESSAGES")


async def test_the_tree_leads_to_another_branch(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.ask("/retry demo/opinion-a")
        await chat.sees("‹2/2›")
        await chat.read()
        await chat.press("t")
        await chat.until(lambda: chat.app.screen is not chat.app.get_default_screen(), "the tree")
        await chat.sees("Opinion A", "Echo")
        await chat.press("escape")
        await chat.sees("MESSAGES")


async def test_space_folds_a_message_and_opens_it_again(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("Tell me about keys", "no model is behind it")
        await chat.read()
        await chat.press("space")
        await chat.sees_no_more("no model is behind it")
        await chat.press("space")
        await chat.until(lambda: len(chat.screen) > 600, "the whole answer")


async def test_another_model_answers_the_same_question(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("one thing")
        await chat.read()
        await chat.press("R")
        await chat.until(lambda: chat.app.screen is not chat.app.get_default_screen(), "the picker")
        await chat.type("opinion-b")
        await chat.sees("Opinion B")
        await chat.press("enter")
        await chat.sees("‹2/2›", "Opinion B")


async def test_a_link_shows_its_target_before_it_opens(home: Home) -> None:
    async with home.talking("demo/citations") as chat:
        await chat.ask("Tell me about keys")
        await chat.read()
        await chat.press("o")
        await chat.sees("http")
        await chat.until(lambda: chat.app.screen is not chat.app.get_default_screen(), "a list or a question")
        await chat.press("escape")


async def test_the_keys_of_message_mode_are_letters_in_the_prompt(home: Home, tmp_path: Path) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        await chat.type("yceruRfdztig")
        await chat.sees_prompt("yceruRfdztig")
        assert len(chat.saved) == 2


async def test_after_the_last_message_goes_the_keys_are_the_prompts(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.read()
        await chat.press("g", "d")
        await chat.is_told("/undo brings")
        await chat.type("jkl")
        await chat.sees_prompt("jkl")
        assert "There is no message yet" not in chat.toasts


async def test_the_same_notice_is_shown_once(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("first thing")
        await chat.read()
        await chat.press("1", "1", "1")
        await chat.is_told("Nothing is offered by that key here")
        assert chat.toasts.count("Nothing is offered by that key here") == 1
