"""The text area under the prompt: the private Textual handlers it overrides, and offsets."""

from __future__ import annotations

import inspect

import pytest
from textual import events
from textual.widgets import TextArea

from tests.ui.prompt.prompt_app import PromptApp, until
from tui_router.ui.prompt.area import PromptArea
from tui_router.ui.prompt.widget import Prompt


@pytest.mark.parametrize("name", ["_on_key", "_on_paste"])
def test_textual_still_has_the_private_handlers_we_override(name: str) -> None:
    theirs = vars(TextArea)[name]
    assert inspect.iscoroutinefunction(theirs)
    assert list(inspect.signature(theirs).parameters) == list(inspect.signature(vars(PromptArea)[name]).parameters)


async def test_a_paste_is_inserted_once_and_a_line_break_key_does_not_reach_textual() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("once"))
        await until(pilot, lambda: app.prompt.text)
        await pilot.press("ctrl+j")
        assert app.prompt.text == "once\n"


async def test_an_offset_and_its_location_agree() -> None:
    app = PromptApp()
    async with app.run_test():
        app.prompt.load("one\n\nthree")
        offsets = app.prompt.offsets
        assert [offsets.offset_of(offsets.location_of(n)) for n in range(11)] == [*range(11)]
        assert offsets.location_of(4) == (1, 0)
        assert offsets.location_of(99) == (2, 5)
        offsets.replace(0, 4, "")
        assert (app.prompt.text, offsets.cursor) == ("\nthree", 0)


async def test_a_key_that_is_not_consumed_is_handled_once() -> None:
    """Textual's own ``Widget.handle_key`` runs as well; a method of that name here would see every key twice."""
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert not app.heard(Prompt.RewindRequested)
