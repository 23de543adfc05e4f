"""The user's own keys work; impossible ones are reported with a reason."""

from __future__ import annotations

from tests.ui.app.driver import Home


async def test_an_own_key_does_it_and_the_default_no_longer(home: Home) -> None:
    home.settings('[keys]\n"app.palette" = "f7"\n')
    async with home.talking() as chat:
        await chat.press("f7")
        await chat.sees("New conversation")
        await chat.press("escape")
        await chat.press("ctrl+p")
        await chat.type("typed")
        await chat.sees_prompt("typed")


async def test_help_shows_the_key_in_force(home: Home) -> None:
    home.settings('[keys]\n"model.pick" = "f8"\n')
    async with home.talking() as chat:
        await chat.press("f1")
        await chat.type("choose a model")
        await chat.sees("F8")
        assert "Ctrl+L" not in chat.screen


async def test_a_clash_an_impossible_key_and_an_unknown_name_are_reported(home: Home) -> None:
    home.settings('[keys]\n"chat.new" = "ctrl+l"\n"view.copy" = "ctrl+i"\n"no.such" = "f7"\n"library.find" = "alt+1"\n')
    async with home.talking() as chat:
        await chat.is_told("Ctrl+L already does “Choose a model”")
        await chat.is_told("same byte for Ctrl+I and Tab")
        await chat.is_told("no command has this name")
        await chat.is_told("Alt with digits")
        await chat.press("ctrl+l")
        await chat.until(lambda: "ModelsScreen" in type(chat.app.screen).__name__, "the picker")


async def test_everything_on_enter_leaves_a_program_that_works(home: Home) -> None:
    ids = ("chat.new", "app.quit", "model.pick", "app.palette", "library.open", "app.help", "chat.back")
    home.settings("[keys]\n" + "".join(f'"{i}" = "enter"\n' for i in ids))
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello", "hello")
        await chat.press("ctrl+p")
        await chat.sees("New conversation")


async def test_a_key_changed_in_the_app_works_immediately(home: Home) -> None:
    async with home.talking() as chat:
        chat.services.preferences.change_keys("app.palette", "f7")
        await chat.pilot.pause()
        await chat.press("f7")
        await chat.sees("New conversation")


async def test_the_palette_does_what_is_chosen(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        await chat.press("ctrl+p")
        await chat.sees("New conversation")
        await chat.type("new conv")
        await chat.press("enter")
        await chat.sees_no_more("hello")


async def test_f2_walks_the_recent_models(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
        await chat.uses("demo/opinion-a")
        await chat.press("f2")
        await chat.sees("Echo 1")
        await chat.press("shift+f2")
        await chat.sees("Opinion A 1")


async def test_a_question_mark_on_an_empty_prompt_shows_the_keys(home: Home) -> None:
    async with home.talking() as chat:
        await chat.type("?")
        await chat.until(lambda: "HelpScreen" in type(chat.app.screen).__name__, "the help")
        await chat.press("escape")
        await chat.type("what?")
        await chat.sees_prompt("what?")
