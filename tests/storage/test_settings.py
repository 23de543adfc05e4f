"""``settings.toml``."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.settings import ChatSettings, LookSettings, MoneySettings, Settings
from tui_router.storage.environment import Environment
from tui_router.storage.paths import AppPaths
from tui_router.storage.settings import HEADER, change_key, change_setting, load_settings, save_settings


def put(paths: AppPaths, text: str | bytes) -> Path:
    """Write the settings file as a person would."""
    paths.config.mkdir(exist_ok=True)
    paths.settings.write_bytes(text if isinstance(text, bytes) else text.encode())
    return paths.settings


def test_no_file_is_all_defaults_and_nothing_to_say(paths: AppPaths) -> None:
    loaded = load_settings(paths)
    assert loaded.settings == Settings()
    assert loaded.problems == ()


def test_values_of_every_type_are_read(paths: AppPaths) -> None:
    put(
        paths,
        '[chat]\nmax_tokens = 100\nsystem = "Be brief"\n[options]\ntemperature = 1\nstop = ["a", "b"]\n'
        "web_search = true\n"
        '[money]\nwarn_above = 0.1\ndaily_budget = "2.50"\n[look]\nmouse = false\n[keys]\n'
        '"chat.stop" = "ctrl+x"\n"chat.new" = ["f5", "f6"]\n',
    )
    loaded = load_settings(paths)
    assert loaded.problems == ()
    assert loaded.settings.chat == ChatSettings(max_tokens=100, system="Be brief")
    assert loaded.settings.options == ChatOptions(temperature=1.0, stop=("a", "b"), web_search=True)
    assert loaded.settings.money == MoneySettings(warn_above=Decimal("0.1"), daily_budget=Decimal("2.50"))
    assert not loaded.settings.look.mouse
    assert loaded.settings.keys == {"chat.stop": "ctrl+x", "chat.new": "f5,f6"}


def test_one_bad_value_keeps_its_default_and_names_file_key_and_what_was_expected(paths: AppPaths) -> None:
    put(
        paths,
        '[chat]\nmax_tokens = "many"\nsystem = "kept"\n[network]\nread_timeout = inf\n[money]\nwarn_above = nan\n',
    )
    loaded = load_settings(paths)
    assert loaded.settings.chat == ChatSettings(system="kept")
    assert loaded.settings.network == Settings().network
    first = loaded.problems[0]
    assert first.kind is ErrorKind.SETTINGS
    assert "settings.toml" in first.title
    assert "chat.max_tokens" in first.title
    assert "a whole number from 1" in first.hint
    assert len(loaded.problems) == 3


def test_groups_and_keys_of_the_wrong_shape_are_said(paths: AppPaths) -> None:
    put(paths, 'look = 3\nkeys = "ctrl+x"\nchat = []\n')
    loaded = load_settings(paths)
    assert loaded.settings == Settings()
    assert len(loaded.problems) == 3
    put(paths, "[keys]\nstop = 3\n")
    assert "keys.stop" in load_settings(paths).problems[0].title


def test_unknown_settings_give_a_notice_and_survive_a_save(paths: AppPaths) -> None:
    put(paths, '[future]\nmode = "x"\nratio = 0.25\n[look]\nsparkle = 3\n')
    titles = [p.title for p in load_settings(paths).problems]
    assert titles == ["settings.toml: look.sparkle is not known", "settings.toml: future is not known"]
    change_setting(paths, "look.theme", "paper")
    text = paths.settings.read_text()
    assert 'mode = "x"' in text
    assert "ratio = 0.25" in text
    assert "sparkle = 3" in text
    assert load_settings(paths).settings.look.theme == "paper"


def test_broken_toml_is_the_defaults_with_the_line_and_is_kept_on_a_save(paths: AppPaths) -> None:
    path = put(paths, '[chat]\nsystem = "unfinished\n')
    loaded = load_settings(paths)
    assert loaded.settings == Settings()
    assert "line 2" in loaded.problems[0].detail
    assert path.read_text() == '[chat]\nsystem = "unfinished\n'
    saved = change_setting(paths, "theme", "paper")
    assert "settings.toml.bad" in saved.notices[0].title
    assert (paths.config / "settings.toml.bad").read_text() == '[chat]\nsystem = "unfinished\n'
    assert load_settings(paths).settings.look.theme == "paper"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a = \xe9\n", b"\x00", b"a = [" + b"[" * 50_000])
def test_bytes_that_are_no_toml_never_stop_the_program(paths: AppPaths, data: bytes) -> None:
    put(paths, data)
    loaded = load_settings(paths)
    assert loaded.settings == Settings()
    assert loaded.problems[0].hint


def test_a_byte_order_mark_and_crlf_are_no_fault(paths: AppPaths) -> None:
    put(paths, b'\xef\xbb\xbf[look]\r\ntheme = "paper"\r\n')
    assert load_settings(paths).settings.look.theme == "paper"


def test_a_folder_in_place_of_the_file_is_a_problem_not_a_crash(paths: AppPaths) -> None:
    paths.settings.mkdir(parents=True)
    assert load_settings(paths).problems[0].title == "A folder is where a file should be"


def test_the_file_is_sparse_and_says_who_writes_it(paths: AppPaths) -> None:
    change_setting(paths, "look.width", 80)
    change_setting(paths, "options.temperature", 0.3)
    change_setting(paths, "money.daily_budget", "1.50")
    assert paths.settings.read_text().splitlines()[0] == HEADER
    assert paths.settings.stat().st_mode & 0o777 == 0o600
    saved = change_setting(paths, "look.width", 100)
    text = paths.settings.read_text()
    assert "width" not in text
    assert "[look]" not in text
    assert saved.stored.money.daily_budget == Decimal("1.50")
    change_setting(paths, "options.temperature", None)
    assert "temperature" not in paths.settings.read_text()


def test_a_value_that_does_not_fit_is_refused_and_nothing_is_written(paths: AppPaths) -> None:
    with pytest.raises(AppError) as caught:
        change_setting(paths, "look.width", -1)
    assert "Expected" in caught.value.problem.hint
    with pytest.raises(AppError):
        change_setting(paths, "look.nothing", 1)
    assert not paths.settings.exists()


def test_comments_survive_a_change(paths: AppPaths) -> None:
    put(paths, '# my notes\n[look]\ntheme = "paper" # bright\n')
    assert change_setting(paths, "look.width", 80).notices == ()
    assert paths.settings.read_text() == '# my notes\n[look]\ntheme = "paper" # bright\nwidth = 80\n'
    assert change_setting(paths, "look.width", 90).notices == ()
    assert "# my notes" in paths.settings.read_text()
    assert list(paths.config.iterdir()) == [paths.settings]


def test_the_header_of_a_version_that_dropped_comments_is_replaced(paths: AppPaths) -> None:
    old = "# Written by tui-router: only what differs from the defaults. Comments are not kept when it saves."
    put(paths, f'{old}\n\n[look]\ntheme = "paper"\n')
    change_setting(paths, "look.width", 80)
    assert paths.settings.read_text() == f'{HEADER}\n\n[look]\ntheme = "paper"\nwidth = 80\n'


def test_a_file_whose_layout_cannot_be_kept_is_copied_first(paths: AppPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '# my notes\n[look]\ntheme = "paper" # bright\n'
    put(paths, text)
    monkeypatch.setattr("tui_router.storage.settings.edit_toml", lambda data, edits: None)
    saved = change_setting(paths, "look.width", 80)
    assert "settings.toml.orig" in saved.notices[0].title
    assert (paths.config / "settings.toml.orig").read_text() == text
    assert saved.stored.look == LookSettings(width=80, theme="paper")
    assert load_settings(paths).stored == saved.stored


def test_a_broken_file_is_copied_byte_for_byte(paths: AppPaths) -> None:
    text = b'# notes \xc3\xa9\n[look] # here\ntheme = "paper"  # mine\n\n\nwidth = = 3\n'
    path = put(paths, text)
    load_settings(paths)
    assert path.read_bytes() == text
    change_setting(paths, "look.width", 80)
    assert (paths.config / "settings.toml.bad").read_bytes() == text


def test_two_windows_do_not_undo_each_other(paths: AppPaths) -> None:
    changes = [("look.width", 10 + i) for i in range(1)] + [
        ("look.theme", "paper"),
        ("chat.system", "x"),
        ("prompt.vim", True),
        ("network.max_retries", 2),
        ("options.top_k", 4),
    ]
    threads = [threading.Thread(target=change_setting, args=(paths, p, v)) for p, v in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settings = load_settings(paths).settings
    assert settings.look == LookSettings(width=10, theme="paper")
    assert settings.chat.system == "x"
    assert settings.prompt.vim
    assert settings.network.max_retries == 2
    assert settings.options.top_k == 4


def test_the_environment_lies_over_the_file_and_is_not_written_back(paths: AppPaths) -> None:
    put(paths, '[chat]\nmodel = "file/model"\n')
    environment = Environment(
        values={"OPENROUTER_DEFAULT_MODEL": "env/model", "LOG_LEVEL": "DEBUG"},
        sources={"OPENROUTER_DEFAULT_MODEL": "environment (OPENROUTER_DEFAULT_MODEL)"},
    )
    loaded = load_settings(paths, environment)
    assert loaded.settings.chat.model == "env/model"
    assert loaded.settings.log.level == "debug"
    assert loaded.stored.chat.model == "file/model"
    assert loaded.from_env == {"chat.model", "log.level"}
    change_setting(paths, "look.theme", "paper")
    assert load_settings(paths).settings.chat.model == "file/model"


def test_a_log_level_of_another_program_is_passed_over(paths: AppPaths) -> None:
    loaded = load_settings(paths, Environment(values={"LOG_LEVEL": "trace"}))
    assert loaded.settings.log.level == "warning"
    assert loaded.problems == ()


def test_all_settings_can_be_saved_and_read_back(paths: AppPaths) -> None:
    put(paths, "[future]\nx = 1\n")
    wanted = replace(
        Settings(),
        chat=ChatSettings(model="a/b", max_tokens=5),
        options=ChatOptions(temperature=0.5, provider_order=("x", "y"), max_prompt_price=Decimal("0.10")),
        keys={"chat.stop": "ctrl+x"},
    )
    assert save_settings(paths, wanted).stored == wanted
    assert load_settings(paths).settings == wanted
    assert "[future]" in paths.settings.read_text()
    save_settings(paths, Settings())
    assert load_settings(paths).settings == Settings()


def test_keys_of_a_command_are_changed_one_by_one(paths: AppPaths) -> None:
    assert change_key(paths, "chat.stop", "ctrl+x").stored.keys == {"chat.stop": "ctrl+x"}
    assert change_key(paths, "chat.new", "f5").stored.keys == {"chat.stop": "ctrl+x", "chat.new": "f5"}
    assert change_key(paths, "chat.stop", None).stored.keys == {"chat.new": "f5"}


def test_a_group_of_the_wrong_shape_is_replaced_by_a_save(paths: AppPaths) -> None:
    put(paths, "look = 3\n")
    assert change_setting(paths, "look.theme", "paper").stored.look.theme == "paper"
