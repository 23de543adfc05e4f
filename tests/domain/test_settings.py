"""Settings: every one has help, a place and a default that fits itself."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tui_router.domain.problem import AppError
from tui_router.domain.settings import (
    GROUP_TITLES,
    Setting,
    Settings,
    all_settings,
    find_setting,
    group_names,
    value_at,
    with_value,
)


@pytest.mark.parametrize("setting", [*all_settings()], ids=lambda s: s.path)
def test_every_setting_explains_itself_and_its_default_fits(setting: Setting) -> None:
    declared = setting.spec
    assert declared.help
    assert declared.help[0].isupper() or not declared.help[0].isalpha()
    assert not declared.help.endswith(".")
    assert declared.check(declared.default) == declared.default
    assert value_at(Settings(), setting.path) == declared.default
    assert find_setting(setting.path) == setting


def test_every_group_has_a_title_and_every_field_of_a_group_has_a_spec() -> None:
    assert [*GROUP_TITLES, "keys"] == list(group_names())
    described = {s.path for s in all_settings()}
    for group in GROUP_TITLES:
        for declared in fields(getattr(Settings(), group)):
            assert f"{group}.{declared.name}" in described


def test_a_value_is_changed_and_the_rest_stays() -> None:
    before = Settings()
    after = with_value(before, "look.theme", "paper")
    assert (before.look.theme, after.look.theme) == ("midnight", "paper")
    assert after.network == before.network


def test_a_unique_last_name_is_enough() -> None:
    assert find_setting("theme").path == "look.theme"


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("max_tokens", "max_tokens is not unique. Did you mean chat.max_tokens, options.max_tokens?"),
        ("look.them", "No setting is called look.them. Did you mean look.theme"),
        ("zzzzzzzz", "See /settings for all of them"),
    ],
)
def test_a_wrong_name_gets_suggestions(path: str, complaint: str) -> None:
    with pytest.raises(AppError) as caught:
        find_setting(path)
    assert complaint in caught.value.problem.sentence()


def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(AppError):
        with_value(Settings(), "network.read_timeout", 0)
