"""The search dialog, the palette and the help page: rows in, an id out."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tui_router.ui.screens.search_dialog import ActionRow, HelpScreen, PaletteScreen, SearchDialog

ROWS = (
    ActionRow(id="model.pick", text="Choose a model", key="Ctrl+L", context="Chat", detail="the whole catalogue"),
    ActionRow(id="chat.new", text="New conversation", key="Ctrl+N", context="Chat"),
    ActionRow(id="message.copy", text="Copy [this] turn", key="y", context="Message mode"),
    ActionRow(id="chat.stop", text="Stop the answer", key="Esc", context="Chat"),
    ActionRow(id="odd", text="Odd\x1b]0;title\x07 one", context="Message mode"),
)


class ConversationBase(App[None]):
    def __init__(self, dialog: SearchDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: Any = "open"

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.keep)

    def keep(self, answer: str | None) -> None:
        self.answer = answer


async def shown(app: App[Any], pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def test_every_action_is_listed_with_its_key_in_the_order_given() -> None:
    app = ConversationBase(PaletteScreen(ROWS))
    async with app.run_test(size=(80, 24)) as pilot:
        text = await shown(app, pilot)
        assert [text.index(r.text[:3]) for r in ROWS] == sorted(text.index(r.text[:3]) for r in ROWS)
        for words in ("Ctrl+L", "the whole catalogue", "Copy [this] turn", "Odd␛]0;title␇ one", "5 of 5"):
            assert words in text
        assert "\x1b" not in text


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (("n", "e", "w", "enter"), "chat.new"),
        (("s", "t", "p", "enter"), "chat.stop"),
        (("c", "t", "r", "l", "+", "l", "enter"), "model.pick"),
        (("down", "down", "up", "enter"), "chat.new"),
        (("z", "z", "z", "enter", "escape"), None),
        (("escape",), None),
    ],
)
async def test_an_action_is_found_by_words_name_or_key(keys: tuple[str, ...], chosen: str | None) -> None:
    app = ConversationBase(PaletteScreen(ROWS))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(app, pilot, *keys)
        assert app.answer == chosen


async def test_help_is_grouped_by_context_and_starts_where_asked() -> None:
    app = ConversationBase(HelpScreen(ROWS, at="message.copy"))
    async with app.run_test(size=(100, 24)) as pilot:
        text = await shown(app, pilot)
        lines = [line.strip("│ ").rstrip() for line in text.splitlines()]
        heads = [i for i, line in enumerate(lines) if line in ("Chat", "Message mode")]
        assert len(heads) == 2
        assert lines[heads[0] + 1].startswith("Ctrl+L")
        assert lines[heads[0] + 1].endswith("model.pick")
        assert lines[heads[0] + 3].startswith("Esc")
        assert lines[heads[1] + 1].startswith("y ")
        await shown(app, pilot, "enter")
        assert app.answer == "message.copy"


async def test_help_is_searched_by_key_and_by_words() -> None:
    app = ConversationBase(HelpScreen(ROWS))
    async with app.run_test(size=(100, 24)) as pilot:
        text = await shown(app, pilot, "c", "o", "p", "y")
        assert "1 of 5" in text
        assert "Message mode" not in text


@pytest.mark.parametrize("make", [PaletteScreen, HelpScreen])
@pytest.mark.parametrize("size", [(20, 5), (2, 2), (1, 1), (300, 80)])
async def test_every_size_of_terminal_is_survived(make: type[PaletteScreen], size: tuple[int, int]) -> None:
    app = ConversationBase(make(ROWS))
    async with app.run_test(size=size) as pilot:
        text = await shown(app, pilot, "down", "c", "backspace", "up", "pagedown")
        assert size != (20, 5) or "New" in text or "Ctrl" in text
        await shown(app, pilot, "escape")
        assert app.answer is None
