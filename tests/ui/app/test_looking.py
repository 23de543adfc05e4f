"""Finding and reading: library, search, tree, find bar, copy mode, details, diff, sidebar."""

from __future__ import annotations

from tests.ui.app.driver import Home
from tui_router.ui.screens.search_dialog import HelpScreen


async def test_an_old_message_is_found_and_shown_in_place(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("Tell me about the quokka and its habitat")
        await chat.press("ctrl+n")
        await chat.ask("Something else entirely")
        await chat.press("ctrl+s")
        await chat.sees("2 conversations", "Something else")
        await chat.type("quokka")
        await chat.sees("Tell me about the quokka and its habitat", "place")
        await chat.press("down", "enter")
        await chat.until(lambda: "quokka" in chat.said, "the old conversation")
        assert "Something else" not in chat.said


async def test_what_is_renamed_and_deleted_in_the_list_is_so_in_the_chat(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("First question")
        await chat.press("ctrl+s", "ctrl+r")
        await chat.sees("An empty title is replaced by the first question")
        await chat.press("ctrl+u")
        await chat.send("Renamed")
        await chat.sees("Called “Renamed”")
        await chat.press("ctrl+d")
        await chat.sees("z brings it back", "No conversations yet")
        await chat.press("z")
        await chat.sees("“Renamed” is back")
        await chat.press("escape")
        await chat.sees_no_more("is back")
        assert chat.services.core.library.conversations.count() == 1


async def test_the_tree_goes_to_another_answer(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("One question")
        first = chat.answers[-1]
        await chat.send("/retry")
        await chat.until(lambda: len(chat.saved) == 3 and not chat.is_streaming, "the second answer")
        await chat.send("/tree")
        await chat.sees("3 messages, 2 paths")
        await chat.press("up", "enter")
        await chat.sees("‹1/2›")
        assert chat.answers[-1] == first


async def test_text_is_found_in_the_conversation_and_escape_returns_to_the_prompt(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("needle one")
        await chat.ask("needle two")
        await chat.press("ctrl+f")
        await chat.sees("Find")
        await chat.type("needle")
        await chat.until(lambda: " of " in chat.screen, "a count")
        await chat.press("enter", "escape")
        await chat.sees_no_more("Find")
        await chat.type("typed")
        await chat.sees_prompt("typed")


async def test_copy_mode_details_and_diff_open_and_close(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("What is this?")
        await chat.press("f9")
        await chat.sees("Copy mode", "You:", "What is this?")
        await chat.press("escape")
        await chat.sees_no_more("Copy mode")
        await chat.send("/retry demo/code")
        await chat.until(lambda: len(chat.saved) == 3 and not chat.is_streaming, "the second answer")
        await chat.press("tab", "i")
        await chat.sees("model asked", "demo/code", "generation id", '"messages"')
        await chat.press("escape")
        await chat.sees_no_more("model asked")
        await chat.press("D")
        await chat.sees("Words that differ", "in common")
        await chat.press("escape")
        await chat.sees_no_more("Words that differ")


async def test_the_sidebar_shows_the_conversations_and_opens_one(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("An older question")
        await chat.press("ctrl+n")
        await chat.ask("A newer question")
        await chat.press("f4")
        await chat.sees("Today", "▪ A newer question", "An older question", "all conversations…")
        await chat.press("f4")
        await chat.sees_no_more("all conversations…")


async def test_a_screen_that_opens_is_covered_by_problems_only(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send("/pin")
        await chat.send("/system be kind")
        await chat.is_told("System prompt set")
        await chat.send("/set temperature=9")
        await chat.until(lambda: "temperature" in chat.toasts, "the refusal")
        await chat.press("f1")
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen), "the help")
        assert "System prompt set" not in chat.toasts
        assert "temperature" in chat.toasts
