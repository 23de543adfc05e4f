"""Settings are checked, saved, and told to those who listen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.settings import Settings
from tui_router.services.preferences import Preferences
from tui_router.storage.environment import read_environment
from tui_router.storage.paths import AppPaths, find_paths


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    return find_paths(str(tmp_path / "config"), {})


def test_a_change_is_saved_and_told(paths: AppPaths) -> None:
    preferences = Preferences(paths)
    told: list[tuple[Settings, Settings]] = []
    preferences.listen(lambda before, after: told.append((before, after)))
    preferences.change("prompt.vim", True)
    assert preferences.current.prompt.vim
    assert [(b.prompt.vim, a.prompt.vim) for b, a in told] == [(False, True)]
    assert Preferences(paths).current.prompt.vim


def test_the_same_value_again_tells_nobody(paths: AppPaths) -> None:
    preferences = Preferences(paths)
    told: list[Settings] = []
    stop = preferences.listen(lambda before, after: told.append(after))
    preferences.change("prompt.vim", False)
    stop()
    stop()
    preferences.change("prompt.vim", True)
    assert told == []


def test_a_typed_value_is_read_as_its_kind(paths: AppPaths) -> None:
    preferences = Preferences(paths)
    preferences.change_typed("temperature", "0.3")
    assert preferences.current.options.temperature == 0.3
    preferences.change_typed("temperature", "default")
    assert preferences.current.options.temperature is None


def test_a_value_that_does_not_fit_changes_nothing(paths: AppPaths) -> None:
    preferences = Preferences(paths)
    with pytest.raises(AppError) as caught:
        preferences.change("options.temperature", 9)
    assert "from 0 to 2" in caught.value.problem.hint
    assert preferences.current.options.temperature is None


def test_the_environment_wins_and_says_so(paths: AppPaths) -> None:
    environment = read_environment({"OPENROUTER_DEFAULT_MODEL": "a/b"}, None)
    preferences = Preferences(paths, environment)
    assert preferences.current.chat.model == "a/b"
    assert preferences.locked_by("chat.model") == "environment (OPENROUTER_DEFAULT_MODEL)"
    assert preferences.locked_by("look.theme") == ""
    with pytest.raises(AppError) as caught:
        preferences.change("chat.model", "c/d")
    assert caught.value.problem.kind is ErrorKind.SETTINGS
    assert "Unset OPENROUTER_DEFAULT_MODEL" in caught.value.problem.hint
    preferences.change("look.density", "compact")
    assert preferences.current.chat.model == "a/b"
    assert preferences.stored.chat.model == ""


def test_a_flag_holds_for_this_run_until_the_setting_is_changed(paths: AppPaths) -> None:
    preferences = Preferences(paths, flags={"look.theme": "paper"})
    assert preferences.current.look.theme == "paper"
    preferences.change("look.density", "compact")
    assert preferences.current.look.theme == "paper"
    assert Preferences(paths).current.look.theme == Settings().look.theme
    preferences.change("look.theme", "midnight")
    assert preferences.current.look.theme == "midnight"


def test_an_override_is_not_saved(paths: AppPaths) -> None:
    preferences = Preferences(paths)
    preferences.override("look.motion", False)
    assert not preferences.current.look.motion
    assert Preferences(paths).current.look.motion


def test_what_another_window_changed_is_taken_along(paths: AppPaths) -> None:
    first, second = Preferences(paths), Preferences(paths)
    first.change("prompt.vim", True)
    second.change("look.density", "compact")
    assert second.current.prompt.vim


def test_a_broken_file_is_said_at_start_and_kept_on_save(paths: AppPaths) -> None:
    paths.config.mkdir(parents=True)
    paths.settings.write_text("not = = toml")
    preferences = Preferences(paths)
    assert preferences.problems
    assert preferences.current == Settings()
    notices = preferences.change("prompt.vim", True)
    assert "copy" in notices[0].title
    assert paths.settings.with_name("settings.toml.bad").read_text() == "not = = toml"


def test_a_command_gets_other_keys_and_its_own_back(paths: AppPaths) -> None:
    preferences = Preferences(paths)
    preferences.change_keys("chat.stop", "f5,f6")
    assert preferences.current.keys == {"chat.stop": "f5,f6"}
    preferences.change_keys("chat.stop", None)
    assert preferences.current.keys == {}


THEME = """
title = "Mine"
[colors]
primary = "#112233"
secondary = "#112233"
accent = "#112233"
foreground = "#eeeeee"
background = "#000000"
surface = "#111111"
panel = "#222222"
boost = "#333333"
warning = "#ffff00"
error = "#ff0000"
success = "#00ff00"
"""


def test_themes_shipped_and_own_are_listed(paths: AppPaths, tmp_path: Path) -> None:
    shipped = tmp_path / "themes"
    shipped.mkdir()
    (shipped / "midnight.toml").write_text(THEME.replace("Mine", "Midnight"))
    paths.themes.mkdir(parents=True)
    (paths.themes / "mine.toml").write_text(THEME)
    preferences = Preferences(paths, themes=shipped)
    palettes, problems = preferences.palettes()
    assert {p.title for p in palettes} == {"Midnight", "Mine"}
    assert problems == ()
    assert preferences.palette()[0].name == "midnight"
    preferences.change("look.theme", "mine")
    assert preferences.palette()[0].title == "Mine"
