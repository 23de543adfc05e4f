"""Dialogs: every way to answer, at every size."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Input

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog, MessageDialog, SecretDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow

CHOICES = (
    ActionRow(id="browser", text="Sign in with the browser", key="b", detail="opens a page"),
    ActionRow(id="code", text="Sign in elsewhere", key="c"),
    ActionRow(id="paste", text="Paste a key [/x]", key="p"),
)


class DialogApp(App[None]):
    """Holds one dialog and its answer."""

    def __init__(self, dialog: ModalScreen[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: Any = "open"

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.keep)

    def keep(self, answer: Any) -> None:
        self.answer = answer


def screen_text(app: App[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def answer(dialog: ModalScreen[Any], *keys: str) -> Any:
    app = DialogApp(dialog)
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return app.answer


@pytest.mark.parametrize(
    ("keys", "agreed"),
    [(("y",), True), (("n",), False), (("enter",), True), (("right", "enter"), False), (("escape",), False)],
)
async def test_a_question_is_answered_by_letter_button_or_escape(keys: tuple[str, ...], agreed: bool) -> None:
    assert await answer(ConfirmDialog("Send?"), *keys) is agreed


async def test_a_dangerous_question_starts_on_no() -> None:
    assert await answer(ConfirmDialog("Delete everything?", danger=True), "enter") is False


async def test_money_is_shown_before_a_yes() -> None:
    app = DialogApp(
        ConfirmDialog("Send to 3 models?", "Each answers [once].\x1b[31m", yes="Send", cost=Decimal("0.0312"))
    )
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for words in ("Send to 3 models?", "Each answers [once].␛[31m", "May cost ~$0.031", "Send", "No"):
            assert words in text


async def test_a_button_can_be_clicked() -> None:
    app = DialogApp(ConfirmDialog("Send?"))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.click("#no")
        await pilot.pause()
        assert app.answer is False


async def test_a_line_is_typed_over_its_first_value() -> None:
    assert await answer(TextDialog("Rename", value="ol"), "d", "enter") == "old"
    assert await answer(TextDialog("Rename", value="old"), "escape") is None


def not_too_short(text: str) -> Problem | None:
    return Problem(kind=ErrorKind.USAGE, title="Too short", hint="Write 3 letters") if len(text) < 3 else None


async def test_a_line_with_a_fault_says_so_and_is_not_accepted() -> None:
    app = DialogApp(TextDialog("Name", check=not_too_short))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert "Too short. Write 3 letters." in screen_text(app)
        await pilot.press("enter")
        assert app.answer == "open"
        await pilot.press("b", "c")
        await pilot.pause()
        assert "Too short" not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == "abc"


async def test_a_secret_is_checked_as_it_is_pasted_and_never_shown() -> None:
    seen: list[str] = []

    def check(text: str) -> Problem | None:
        seen.append(text)
        return None if text.strip().startswith("sk-or-") else Problem(kind=ErrorKind.BAD_KEY, title="Not a key")

    app = DialogApp(SecretDialog("Paste your key", check=check))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "Nothing was pasted yet" in screen_text(app)
        app.post_message(events.Paste("hello"))
        await pilot.pause()
        assert "Not a key" in screen_text(app)
        assert "hello" not in screen_text(app)
        app.dialog.query_one(Input).value = ""
        app.post_message(events.Paste("sk-or-v1-abcdefghijkl "))
        await pilot.pause()
        assert "Not a key" not in screen_text(app)
        assert "abcdef" not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == Secret("sk-or-v1-abcdefghijkl")
        assert "hello" in seen


@pytest.mark.parametrize(
    ("keys", "chosen"), [(("p",), "paste"), (("down", "enter"), "code"), (("enter",), "browser"), (("escape",), None)]
)
async def test_a_choice_is_taken_by_letter_or_arrow(keys: tuple[str, ...], chosen: str | None) -> None:
    assert await answer(ChoiceDialog("No key yet", CHOICES, "How do you want to begin?"), *keys) == chosen


async def test_the_present_choice_is_first_under_the_cursor() -> None:
    app = DialogApp(ChoiceDialog("Theme", CHOICES, at="code"))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        assert "Paste a key [/x]" in screen_text(app)
        assert "opens a page" in screen_text(app)
        await pilot.press("down", "up", "enter")
        await pilot.pause()
        assert app.answer == "code"


@pytest.mark.parametrize("key", ["enter", "escape", "q"])
async def test_a_message_is_closed_by_any_usual_key(key: str) -> None:
    assert await answer(MessageDialog("Note", "text\n" * 99), "down", "down", "up", key) is None


MAKERS: tuple[Callable[[], ModalScreen[Any]], ...] = (
    lambda: MessageDialog("Note", "long " * 300),
    lambda: ConfirmDialog("Send?", "long " * 300, cost=Decimal(1)),
    lambda: TextDialog("Name", "long " * 300),
    lambda: SecretDialog("Key"),
    lambda: ChoiceDialog("Pick", CHOICES, "long " * 300),
)


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
@pytest.mark.parametrize("make", MAKERS)
async def test_every_dialog_survives_every_size(make: Callable[[], ModalScreen[Any]], size: tuple[int, int]) -> None:
    app = DialogApp(make())
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "a", "escape")
        await pilot.pause()
        assert app.answer in (None, False)


async def test_the_answer_is_in_sight_at_twenty_by_five() -> None:
    app = DialogApp(ConfirmDialog("Send?", "long " * 300, cost=Decimal(1)))
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        assert "Yes" in screen_text(app)
