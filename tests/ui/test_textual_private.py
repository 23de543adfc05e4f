"""Every private part of Textual that the app uses. A test here fails when an upgrade changes it."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.theme import Theme
from textual.widgets import Static

from tui_router.ui import textual_private


class _Plain(App[None]):
    """An app with one binding and one widget."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "bell", "Bell")]

    def compose(self) -> ComposeResult:
        yield Static("here")


async def test_bindings_are_replaced() -> None:
    app = _Plain()
    async with app.run_test():
        textual_private.set_bindings(app, [Binding("y", "quit", "Quit")])
        assert {key for key, _ in app._bindings} == {"y"}
        assert "x" not in app.screen.active_bindings
        assert "y" in app.screen.active_bindings


@pytest.mark.parametrize("is_early", [True, False])
async def test_a_theme_applies_before_and_while_the_app_runs(is_early: bool) -> None:
    app = _Plain()
    theme = Theme(name="ours", primary="#123456", background="#fefefe", dark=False)
    if is_early:
        textual_private.apply_theme(app, theme)
    async with app.run_test():
        if not is_early:
            textual_private.apply_theme(app, theme)
        assert app.current_theme.name == "ours"
        assert app.has_class("-light-mode")
        assert not app.has_class("-dark-mode")
        assert app.get_css_variables()["primary"] == "#123456"


async def test_a_sequence_is_written_by_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _Plain()
    textual_private.write(app, "nobody is there yet")
    assert textual_private.driver_of(app) is None
    async with app.run_test():
        driver = textual_private.driver_of(app)
        written: list[str] = []
        monkeypatch.setattr(driver, "write", written.append)
        textual_private.write(app, "\x1b]2;t\x07")
        assert written == ["\x1b]2;t\x07"]


async def test_mounting_is_waited_for() -> None:
    app = _Plain()
    async with app.run_test():
        late = Static("late")
        app.screen.mount(late)
        await textual_private.wait_until_mounted(late)
        assert late.is_attached
        assert late._mounted_event.is_set()


async def test_notifications_are_recognised_and_the_informational_ones_dismissed() -> None:
    app = _Plain()
    async with app.run_test() as pilot:
        app.notify("news", title="a")
        app.notify("trouble", title="b", severity="warning")
        await pilot.pause()
        assert textual_private.is_notified(app, "a", "news")
        textual_private.dismiss_information(app)
        assert not textual_private.is_notified(app, "a", "news")
        assert textual_private.is_notified(app, "b", "trouble")


async def test_an_exit_message_ends_the_app_and_replaces_the_traceback() -> None:
    app = _Plain()
    async with app.run_test():
        textual_private.exit_with_message(app, "[b]it failed[/b]")
        assert app._exit_renderables == ["[b]it failed[/b]"]
        app._exit_renderables.clear()


def test_the_hook_for_crashes_exists() -> None:
    assert callable(App._fatal_error), "TuiRouter overrides it to keep locals off the screen"
