"""Untrusted text reaches the screen only as harmless text."""

from __future__ import annotations

import unicodedata

from tests.ui.app.driver import Home, Talking
from tui_router.domain.message import Role

_BIDI = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}


def _harmful(text: str) -> list[str]:
    bad = (c for c in text if c != "\n")
    return sorted({f"U+{ord(c):04X}" for c in bad if unicodedata.category(c) in ("Cc", "Cs") or c in _BIDI or _tag(c)})


def _tag(character: str) -> bool:
    return 0xE0000 <= ord(character) <= 0xE007F


def _all_strips(chat: Talking) -> str:
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in chat.app.screen._compositor.render_strips()
    )


async def test_a_hostile_answer_shows_no_control_character(home: Home) -> None:
    async with home.talking("demo/hostile", size=(120, 60)) as chat:
        await chat.ask("hello")
        seen = _all_strips(chat)
        await chat.press("pageup")
        seen += _all_strips(chat)
        assert _harmful(seen) == []
        await chat.read()
        for key in ("i", "escape", "t", "escape"):
            await chat.press(key)
            assert _harmful(_all_strips(chat)) == []


async def test_what_is_saved_of_it_is_harmless_too(home: Home) -> None:
    async with home.talking("demo/hostile") as chat:
        await chat.ask("hello")
        answer = next(m for m in chat.saved if m.role is Role.ASSISTANT)
        assert _harmful(answer.text.replace("\t", "")) == []


async def test_a_hostile_paste_and_a_hostile_title_are_harmless(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.paste("\x1b]52;c;aGVsbG8=\x07\x1b[2J\u202eevil\u2066\x9b31m [bold red]x[/] \U000e0041")
        await chat.ask("")
        assert _harmful(_all_strips(chat)) == []
        await chat.sees("[bold red]x[/]")
        await chat.press("ctrl+s")
        await chat.sees("evil")
        assert _harmful(_all_strips(chat)) == []


async def test_markup_means_nothing_anywhere(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/rename [red]title[/red]")
        await chat.ask("[bold]hello[/bold] [@click=app.bell]x[/]", "[@click=app.bell]x[/]")
        await chat.send("/rename [red]title[/red]")
        await chat.is_told("[red]title[/red]")
        await chat.sees("[red]title[/red]")
