"""The settings screen: search, explain, check, preview and reset every setting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.settings import GROUP_TITLES, Settings, all_settings, with_value
from tui_router.ui.screens.settings import SettingsScreen
from tui_router.ui.widgets.form_fields import FormFacts, KeyRow, Option, fault_in, fields_of, titles

THEMES = (Option("midnight", "Midnight"), Option("paper", "Paper"), Option("rose", "Rose [/x]"))


def check_key(command: str, keys: str) -> Problem | None:
    if "ctrl+i" in keys:
        return Problem(kind=ErrorKind.SETTINGS, title="Ctrl+I cannot be bound", hint="Choose another key")
    return None


FACTS = FormFacts(
    settings=with_value(Settings(), "network.max_retries", 3),
    sources={"log.level": "environment (LOG_LEVEL)"},
    options={"look.theme": THEMES},
    keys=(
        KeyRow(id="model.pick", text="Choose a model", keys="ctrl+l", default="ctrl+l", context="Chat"),
        KeyRow(id="chat.new", text="New conversation", keys="ctrl+n,f5", default="ctrl+n"),
    ),
    check_key=check_key,
)


class Form(App[None]):
    """Shows the settings screen and records its changes."""

    def __init__(self, facts: FormFacts = FACTS, **options: Any) -> None:
        super().__init__()
        self.form = SettingsScreen(facts, save=self.save, preview=self.preview, **options)
        self.said: list[tuple[str, Any]] = []
        self.closed = False

    def on_mount(self) -> None:
        self.push_screen(self.form, self.keep)

    def keep(self, _result: None) -> None:
        self.closed = True

    def save(self, path: str, value: Any) -> None:
        self.said.append((path, value))

    def preview(self, path: str, value: Any) -> None:
        self.said.append((f"look at {path}", value))


async def shown(app: App[Any], pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def test_every_setting_and_every_key_is_a_field() -> None:
    fields = list(fields_of(FACTS))
    assert [f.path for f in fields] == [*(s.path for s in all_settings()), "keys.model.pick", "keys.chat.new"]
    assert all(f.help and f.expects for f in fields)
    assert {f.group for f in fields} == set(titles(FACTS)) == {*GROUP_TITLES.values(), "Keys"}


def test_the_value_of_every_field_is_accepted_by_its_own_check() -> None:
    for declared in fields_of(FACTS):
        assert fault_in(declared, declared.text) is None, declared.path
        if declared.path != "keys.chat.new":
            assert declared.parse(declared.text) == declared.value, declared.path


def test_a_line_break_survives_a_field_of_one_line() -> None:
    facts = FormFacts(settings=with_value(Settings(), "chat.system", "Be kind.\nBe brief."))
    declared = next(f for f in fields_of(facts) if f.path == "chat.system")
    assert declared.text == "Be kind.⏎Be brief."
    assert declared.parse(declared.text) == "Be kind.\nBe brief."


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_settings_are_grouped_with_values_and_marks(width: int) -> None:
    app = Form(at="network.max_retries")
    async with app.run_test(size=(width, 40)) as pilot:
        text = await shown(app, pilot)
        assert "• max retries" in text
        assert "Expected: a whole number from 0 to 20" in text
        assert "From settings.toml; default 5" in text
        assert "https://openrouter.ai/api/v1" in text
        assert max(map(len, text.splitlines())) <= width
        text = await shown(app, pilot, "ctrl+home")
        assert "Conversations" in text


async def test_a_setting_is_found_by_words_of_its_help() -> None:
    app = Form()
    async with app.run_test(size=(100, 30)) as pilot:
        text = await shown(app, pilot, *"budget", "space", *"month")
        assert "monthly budget" in text
        assert "1 of " in text


async def test_a_value_is_checked_while_it_is_typed_and_refused_under_the_field() -> None:
    app = Form(at="network.max_retries")
    async with app.run_test(size=(120, 30)) as pilot:
        text = await shown(app, pilot, "enter", "9")
        assert "max_retries cannot be 39" in text
        assert "max_retries cannot be 39" in await shown(app, pilot, "enter")
        assert app.said == []
        assert "cannot be" not in await shown(app, pilot, "backspace", "backspace", "7")
        text = await shown(app, pilot, "enter")
        assert app.said == [("network.max_retries", 7)]
        assert "max retries              7" in text


async def test_escape_leaves_the_field_first_and_then_the_form() -> None:
    app = Form(at="network.max_retries")
    async with app.run_test(size=(120, 30)) as pilot:
        await shown(app, pilot, "enter", "9", "escape")
        assert not app.closed
        await shown(app, pilot, "escape")
        assert app.closed
        assert app.said == []


async def test_an_amount_keeps_its_type() -> None:
    app = Form(at="money.daily_budget")
    async with app.run_test(size=(120, 30)) as pilot:
        await shown(app, pilot, "enter", "backspace", *"2.50", "enter")
        assert app.said == [("money.daily_budget", Decimal("2.50"))]


async def test_a_switch_flips_immediately() -> None:
    app = Form(at="look.timestamps")
    async with app.run_test(size=(120, 30)) as pilot:
        await shown(app, pilot, "enter", "enter")
        assert app.said == [("look.timestamps", True), ("look.timestamps", False)]


async def test_an_optional_switch_can_be_unset() -> None:
    app = Form(at="options.web_search")
    async with app.run_test(size=(120, 40)) as pilot:
        assert "not set" in await shown(app, pilot)
        await shown(app, pilot, "enter", "down", "enter", "enter", "up", "enter")
        assert app.said == [("options.web_search", True), ("options.web_search", None)]


async def test_themes_are_shown_as_they_are_highlighted_and_taken_back_by_escape() -> None:
    app = Form(at="look.theme")
    async with app.run_test(size=(120, 40)) as pilot:
        text = await shown(app, pilot, "enter", "down", "down")
        assert "Rose [/x]" in text
        assert app.said == [("look at look.theme", "paper"), ("look at look.theme", "rose")]
        await shown(app, pilot, "escape")
        assert app.said[-1] == ("look at look.theme", "midnight")
        await shown(app, pilot, "enter", "down", "enter")
        assert app.said[-1] == ("look.theme", "paper")


async def test_a_click_on_another_setting_takes_a_preview_back() -> None:
    app = Form(at="look.theme")
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, "enter", "down")
        await pilot.click("#rows", offset=(5, 3))
        await shown(app, pilot)
        assert app.said[-1] == ("look at look.theme", "midnight")


async def test_a_setting_goes_back_to_its_default() -> None:
    app = Form(at="network.max_retries")
    async with app.run_test(size=(120, 30)) as pilot:
        assert "• max retries" in await shown(app, pilot)
        assert "• max retries" not in await shown(app, pilot, "ctrl+r")
        assert app.said == [("network.max_retries", 5)]


async def test_a_value_from_the_environment_says_so_and_cannot_be_changed_here() -> None:
    app = Form(at="log.level")
    async with app.run_test(size=(120, 30)) as pilot:
        assert "environment (LOG_LEVEL)" in await shown(app, pilot)
        text = await shown(app, pilot, "enter", "ctrl+r")
        assert "Set by the environment (LOG_LEVEL)." in text
        assert app.said == []


async def test_keys_go_back_to_their_default() -> None:
    app = Form(at="keys.chat.new")
    async with app.run_test(size=(120, 30)) as pilot:
        text = await shown(app, pilot, "ctrl+r")
        assert app.said == [("keys.chat.new", None)]
        assert "Ctrl+N, F5" not in text


async def test_keys_are_listed_changed_and_refused_with_a_reason() -> None:
    app = Form()
    async with app.run_test(size=(120, 30)) as pilot:
        text = await shown(app, pilot, *"new conversation".replace(" ", ""))
        assert "Ctrl+N, F5" in text
        assert "Ctrl+I cannot be bound" in await shown(app, pilot, "enter", *",ctrl", "plus", "i")
        await shown(app, pilot, "backspace", "k", "enter")
        assert app.said == [("keys.chat.new", "ctrl+n, f5, ctrl+k")]
        assert "Ctrl+N, F5, Ctrl+K" in await shown(app, pilot)


async def test_tab_walks_through_the_groups_and_a_group_can_be_clicked() -> None:
    app = Form()
    async with app.run_test(size=(120, 20)) as pilot:
        assert "Randomness" in await shown(app, pilot, "tab")
        assert "Longest answer, always sent" not in await shown(app, pilot)
        assert "Keys for “Choose a model”" in await shown(app, pilot, "shift+tab", "shift+tab")
        await pilot.click("#chips", offset=(3, 0))
        assert "Model of a new conversation" in await shown(app, pilot)


async def test_the_app_may_show_other_values_and_refuse_a_change() -> None:
    app = Form(at="network.max_retries")
    async with app.run_test(size=(120, 30)) as pilot:
        await shown(app, pilot)
        app.form.show(FormFacts(settings=with_value(Settings(), "network.max_retries", 9)))
        text = await shown(app, pilot)
        assert "max retries              9" in text
        assert "Keys" not in text
        app.form.show_problem(Problem(kind=ErrorKind.STORAGE, title="The disk is full"))
        assert "The disk is full." in await shown(app, pilot)


async def test_problems_of_the_file_are_shown() -> None:
    app = Form(problems=(Problem(kind=ErrorKind.SETTINGS, title="settings.toml: look.theme \x1b is wrong"),))
    async with app.run_test(size=(120, 30)) as pilot:
        assert "settings.toml: look.theme ␛ is wrong." in await shown(app, pilot)


@pytest.mark.parametrize("size", [(20, 5), (2, 2), (1, 1), (300, 80)])
async def test_every_size_of_terminal_is_survived(size: tuple[int, int]) -> None:
    app = Form(at="network.max_retries")
    async with app.run_test(size=size) as pilot:
        text = await shown(app, pilot)
        assert size != (20, 5) or "max retr" in text
        text = await shown(app, pilot, "enter", "backspace", "7")
        assert size != (20, 5) or "7" in text
        await shown(app, pilot, "enter", "tab", "down", "pagedown", "ctrl+end", "x", "escape")
        assert app.said == [("network.max_retries", 7)]
        assert app.closed
