"""Slash commands: they run, are never sent, and an unknown one returns with a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.app.driver import Home
from tui_router.ui.commands import COMMANDS


async def test_an_unknown_word_is_never_sent(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/modle demo/quick")
        await chat.is_told("There is no command /modle")
        assert "/model" in chat.toasts
        await chat.sees_prompt("/modle demo/quick")
    assert home.asked() == []


async def test_a_beginning_that_is_clear_runs_and_one_that_is_not_runs_nothing(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/systE Be brief.")
        await chat.is_told("System prompt set")
        await chat.send("/ex md")
        await chat.is_told("/ex may be several commands")
        assert "/exit" in chat.toasts
        assert "/export" in chat.toasts
        await chat.sees_prompt("/ex md")
        assert chat.app.is_running


async def test_enter_in_the_menu_runs_what_is_marked_and_nothing_else(home: Home) -> None:
    """A fuzzy hit is no command: “/pn” stood at the top of the menu as Pin, and Enter pinned."""
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        await chat.type("/pn")
        await chat.sees("/pin")
        await chat.press("enter")
        await chat.is_told("There is no command /pn")
        await chat.sees_prompt("/pn")
        assert not any(s.is_pinned for s in chat.services.core.library.recent())
        await chat.press("ctrl+c")
        await chat.type("/pi")
        await chat.press("enter")
        await chat.is_told("Pinned")
        await chat.type("/unpin")
        await chat.press("down", "enter")
        await chat.is_told("No longer pinned")


async def test_a_command_that_is_refused_stays_in_the_prompt_with_its_attachments(home: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("body")
    async with home.talking("demo/echo") as chat:
        await chat.send(f"/attach {tmp_path / 'notes.txt'}")
        await chat.sees("[notes.txt")
        await chat.send("/set temperature=9")
        await chat.sees_prompt("/set temperature=9")
        await chat.sees("[notes.txt")


async def test_what_is_typed_behind_a_refused_command_is_not_overwritten(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.type("/modle x\nand on I type")
        await chat.is_told("There is no command /modle")
        await chat.sees_prompt("and on I type")
        await chat.press("ctrl+c", "up", "up")
        await chat.sees_prompt("/modle x")


async def test_two_slashes_send_one(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("//etc/passwd is a file", "/etc/passwd is a file")
    assert home.asked()[0]["messages"][0]["content"] == "/etc/passwd is a file"


async def test_a_pasted_slash_is_no_command(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste("/quit\n" + "\n".join(f"line {n}" for n in range(30)))
        await chat.send()
        await chat.until(lambda: chat.answers, "an answer")
    assert home.asked()[0]["messages"][0]["content"].startswith("/quit")


async def test_words_before_a_slash_make_it_a_question(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("what does /quit do", "what does /quit do")
    assert len(home.asked()) == 1


@pytest.mark.parametrize("words", [
    "/help|/settings|/cost|/context|/doctor|/keys|/theme|/login|/tree|/resume|/queue",
    "/system|/credits|/budget|/rename|/tag|/undo|/redo|/edit|/retry|/fork|/continue",
    "/copy|/find hello|/search hello|/export|/star|/web|/reasoning|/set|/vim|/vim|/mouse",
    "/provider|/fallback|/preset|/attach|/paste|/compact|/pin|/archive|/logout|/import",
])  # fmt: skip
async def test_every_word_does_something_sensible_without_words_after_it(
    home: Home, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an empty conversation: a screen, a notice or an entry, and never a request or a crash."""
    monkeypatch.chdir(home.folder.parent)
    async with home.talking("demo/echo") as chat:
        for word in words.split("|"):
            chat.app.clear_notifications()
            await chat.sees_prompt("")
            before = chat.screen
            await chat.send(word)
            await chat.until(lambda: chat.toasts.strip() or chat.screen != before, f"anything of {word}")  # noqa: B023
            while chat.app.focused is not chat.prompt:
                await chat.press("escape")
            chat.prompt.load("")
        assert chat.app.is_running
    assert home.asked() == []


async def test_aliases_mean_the_same(home: Home) -> None:
    names = [name for command in COMMANDS for name in command.slash]
    assert len(names) == len(set(names))
    async with home.talking("demo/echo") as chat:
        await chat.send("/m demo/quick")
        await chat.is_told("Quick answers from now on")


async def test_the_menu_completes_a_word(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.type("/syst")
        await chat.sees("Set the system prompt")
        await chat.press("tab")
        await chat.sees_prompt("/system ")


async def test_a_system_prompt_is_sent_first(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/system Be brief.")
        await chat.is_told("System prompt set")
        await chat.ask("hello")
        await chat.send("/system none")
        await chat.is_told("No system prompt")
        await chat.ask("hello again")
    first, second = home.asked()
    assert first["messages"][0] == {"role": "system", "content": "Be brief."}
    assert second["messages"][0]["role"] == "user"


async def test_an_option_is_sent_from_then_on(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/set temperature=0.3")
        await chat.is_told("temperature = 0.3")
        await chat.ask("hello")
        await chat.send("/set temperature=9")
        await chat.until(lambda: "2" in chat.toasts.rpartition("temperature")[2], "what is allowed")
    assert home.asked()[0]["temperature"] == 0.3


async def test_a_conversation_is_exported_to_a_file(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello there")
        await chat.send(f"/export md {folder}")
        await chat.is_told("Written to")
    (file,) = folder.iterdir()
    assert "hello there" in file.read_text()
    assert "de30de30" not in file.read_text()


async def test_ctrl_c_keeps_the_words_with_what_was_attached(home: Home, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("the notes")
    async with home.talking() as chat:
        await chat.send(f"/attach {tmp_path / 'notes.txt'}")
        await chat.until(lambda: chat.prompt.draft.attachments, "the attachment")
        attached = chat.prompt.draft.attachments
        await chat.type("what is in them?")
        await chat.press("ctrl+c")
        await chat.until(lambda: chat.prompt.draft.is_empty, "an empty prompt")
        await chat.press("up")
        await chat.sees_prompt("what is in them?")
        assert chat.prompt.draft.attachments == attached
        await chat.ask("")
        assert "the notes" in str(home.asked()[-1]["messages"])


async def test_a_title_model_that_is_gone_names_the_setting(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        chat.services.preferences.change("chat.title_model", "nobody/knows-it")
        await chat.ask("hello")
        asked = len(home.asked())
        await chat.send("/rename auto")
        await chat.is_told("/set chat.title_model NAME")
        assert len(home.asked()) == asked
