"""Settings changed in the app take effect immediately and are saved."""

from __future__ import annotations

import tomllib

from tests.ui.app.driver import Home


async def test_a_theme_is_applied_immediately_and_saved(home: Home) -> None:
    async with home.talking() as chat:
        before = chat.app.theme
        background = chat.app.screen.styles.background
        await chat.send("/theme paper")
        await chat.until(lambda: chat.app.theme != before, "another theme")
        await chat.until(lambda: chat.app.screen.styles.background != background, "another background")
        worn = chat.app.theme
    assert tomllib.loads((home.folder / "settings.toml").read_text())["look"]["theme"] == "paper"
    async with home.talking() as chat:
        assert chat.app.theme == worn


async def test_a_theme_that_is_not_there_is_refused_with_names(home: Home) -> None:
    async with home.talking() as chat:
        before = chat.app.theme
        await chat.send("/theme no-such-theme")
        await chat.until(lambda: "no-such-theme" in chat.toasts, "a word about it")
        assert chat.app.theme == before


async def test_a_change_on_the_settings_screen_is_saved(home: Home) -> None:
    async with home.talking() as chat:
        await chat.press("f10")
        await chat.sees("Settings")
        await chat.type("timestamps")
        await chat.sees("Show when each turn was made")
        await chat.press("enter")
        await chat.until(lambda: chat.services.preferences.current.look.timestamps, "the change")
        await chat.press("escape")
        await chat.ask("hello")
    assert tomllib.loads((home.folder / "settings.toml").read_text())["look"]["timestamps"] is True
    async with home.talking() as chat:
        assert chat.services.preferences.current.look.timestamps


async def test_a_setting_changed_by_slash_command_is_saved(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send("/set look.density compact")
        await chat.is_told("look.density = compact")
        await chat.send("/set look.density loose")
        await chat.until(lambda: "comfortable" in chat.toasts, "what is allowed")
    assert tomllib.loads((home.folder / "settings.toml").read_text())["look"]["density"] == "compact"


async def test_vim_keys_come_and_go_while_one_writes(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send("/vim")
        await chat.is_told("Vim keys are on")
        await chat.type("hello")
        await chat.press("escape")
        await chat.type("0x")
        await chat.sees_prompt("ello")
        await chat.type("dd")
        await chat.sees_prompt("")


async def test_one_bad_line_does_not_stop_the_program(home: Home) -> None:
    home.settings('[look]\ntheme = 7\ndensity = "compact"\nnonsense = 1\n')
    async with home.talking() as chat:
        await chat.is_told("look.theme")
        assert chat.services.preferences.current.look.density == "compact"
        await chat.ask("hello", "demo")


async def test_a_broken_file_is_backed_up_and_reported(home: Home) -> None:
    home.folder.mkdir(mode=0o700)
    (home.folder / "settings.toml").write_text("[look\ntheme = ")
    async with home.talking() as chat:
        await chat.is_told("settings.toml")
        await chat.send("/set look.density compact")
        await chat.is_told("look.density = compact")
    kept = [p.name for p in home.folder.iterdir() if "bad" in p.name]
    assert kept
    assert tomllib.loads((home.folder / "settings.toml").read_text())["look"]["density"] == "compact"


async def test_a_setting_of_the_environment_is_not_changed_here(home: Home) -> None:
    home.environ["OPENROUTER_DEFAULT_MODEL"] = "demo/echo"
    async with home.talking() as chat:
        await chat.sees("Echo")
        await chat.send("/set chat.model demo/quick")
        await chat.is_told("OPENROUTER_DEFAULT_MODEL")
