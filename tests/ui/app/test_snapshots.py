"""Snapshots of the pages: the same text in every theme, in that theme's colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from textual.color import Color

from tests.ui.app.driver import Home, Talking
from tests.ui.app.pictures import check_picture

_SIZES = ((80, 24), (120, 36))
_THEMES = ("midnight", "paper")


async def _chat(chat: Talking) -> None:
    await chat.ask("Say **hello** to `the world`", "hello")
    await chat.ask("/retry")
    await chat.sees("‹2/2›")
    await chat.type("And now?")
    await chat.sees("And now?", "next free")


async def _picker(chat: Talking) -> None:
    await chat.press("ctrl+l")
    await chat.type("demo opinion")
    await chat.sees("Opinion A", "Opinion C", "4 of 4")
    if len(chat.widths) >= 36:
        await chat.sees("demo/opinion-a", "keep no prompts", "behind it.")


async def _settings(chat: Talking) -> None:
    await chat.press("f10")
    await chat.type("timestamps")
    await chat.sees("Show when each turn was made")


async def _help(chat: Talking) -> None:
    await chat.press("f1")
    await chat.type("sidebar")
    await chat.sees("F4")


async def _palette(chat: Talking) -> None:
    await chat.press("ctrl+p")
    await chat.type("temporary")
    await chat.sees("Temporary conversation")


async def _first_run(chat: Talking) -> None:
    await chat.sees("Welcome to tui-router", "Try the offline demo", "Echo 0 of 128k")


_PAGES: dict[str, Callable[[Talking], object]] = {
    "chat": _chat,
    "picker": _picker,
    "settings": _settings,
    "help": _help,
    "palette": _palette,
    "first-run": _first_run,
}


@pytest.mark.parametrize("size", _SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("page", _PAGES)
async def test_a_page_looks_as_it_did_in_every_theme(
    home: Home, page: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSH_CONNECTION", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if page == "first-run":
        del home.environ["OPENROUTER_API_KEY"]
    home.settings(model="demo/echo")
    async with home.talking(size=size) as chat:
        await _PAGES[page](chat)  # type: ignore[misc]
        for theme in _THEMES:
            chat.services.preferences.change("look.theme", theme)
            await chat.until(lambda: not chat.toasts and _is_still(chat), "the page to be still")
            background = Color.parse(_palette_of(chat)).hex6
            await chat.until(lambda wanted=background: _ground(chat) == wanted, theme)  # type: ignore[misc]
            check_picture(f"{page}-{size[0]}x{size[1]}", chat.screen)
            _wears(chat)


def _palette_of(chat: Talking) -> str:
    return chat.services.preferences.palette()[0].colors["background"]


def _ground(chat: Talking) -> str:
    """The colour under most of the screen."""
    cells: Counter[str] = Counter()
    for strip in chat.app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None and segment.style.bgcolor is not None:
                cells[Color.from_rich_color(segment.style.bgcolor).hex6] += segment.cell_length
    return cells.most_common(1)[0][0]


def _is_still(chat: Talking) -> bool:
    return not chat.is_streaming and not chat.app.animator._animations


def _wears(chat: Talking) -> None:
    """The theme's background under nearly everything, words in its foreground, and nothing black on black."""
    theme = chat.app.current_theme
    cells: Counter[str] = Counter()
    inks: set[str] = set()
    for strip in chat.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            assert style is not None
            assert style.bgcolor is not None
            ground = Color.from_rich_color(style.bgcolor).hex6
            cells[ground] += segment.cell_length
            if segment.text.strip() and style.color is not None:
                ink = Color.from_rich_color(style.color).hex6
                assert ink != ground, segment.text
                inks.add(ink)
    grounds = {Color.parse(c).hex6 for c in (theme.background, theme.surface, theme.panel) if c}
    assert sum(cells[g] for g in grounds) > cells.total() * 0.5
    assert Color.parse(theme.foreground or "").hex6 in inks
    assert len(inks) >= 3
