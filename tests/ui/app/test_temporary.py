"""Temporary conversations are never written to disk."""

from __future__ import annotations

from pathlib import Path

from tests.ui.app.driver import Home

_SECRET = "xylophone quagmire"


def _holds(folder: Path, words: str) -> list[str]:
    wanted = words.encode()
    return [str(p) for p in folder.rglob("*") if p.is_file() and wanted in p.read_bytes()]


async def test_a_temporary_conversation_writes_nothing_to_disk(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/temp")
        await chat.is_told("Temporary")
        await chat.ask(_SECRET, _SECRET)
        await chat.ask("/retry")
        await chat.type(f"draft of {_SECRET}")
    assert _holds(home.folder, "xylophone") == []
    async with home.talking() as chat:
        assert chat.services.core.library.conversations.count() == 0
        await chat.press("up")
        await chat.pilot.pause()
        assert "xylophone" not in chat.prompt.text


async def test_nothing_of_it_reaches_the_disk_by_the_history(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("an ordinary question")
        await chat.send("/temp")
        await chat.is_told("Temporary")
        await chat.type(_SECRET)
        await chat.press("ctrl+c")
        await chat.type(f"more of {_SECRET}")
        await chat.press("up", "up")
        await chat.type(" xylophone too")
        await chat.press("ctrl+n")
        await chat.ask("ordinary again")
    assert _holds(home.folder, "xylophone") == []


async def test_an_ordinary_one_is_on_disk(home: Home) -> None:
    """The measure of the test above."""
    async with home.talking("demo/echo") as chat:
        await chat.ask(_SECRET, _SECRET)
    assert _holds(home.folder, "xylophone")


async def test_what_it_cost_is_counted_without_its_words(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send("/temp")
        await chat.ask(_SECRET)
        assert chat.services.core.writes.wait(30)
        assert chat.services.core.ledger.spent_today() > 0
    assert _holds(home.folder, "xylophone") == []


async def test_the_next_conversation_is_saved_again(home: Home) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.send("/temp")
        await chat.ask(_SECRET)
        await chat.press("ctrl+n")
        await chat.ask("kept words")
        assert chat.saved[0].text == "kept words"
    assert _holds(home.folder, "xylophone") == []
