"""Nothing writes to disk on the UI thread, so keys respond however slow the disk is."""

from __future__ import annotations

import os
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from tests.ui.app.driver import Home, Talking
from tui_router.storage.database import Database
from tui_router.ui.screens.settings import SettingsScreen
from tui_router.ui.widgets.settings_form import SettingEditor

WIDE = (130, 36)


class Watch:
    """Writes down who wrote to the disk on this thread, the one of the screen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offences: list[str] = []
        self.writes = 0
        screen, write, flush = threading.current_thread(), Database.write, os.fsync

        def note(what: str) -> None:
            self.writes += 1
            if threading.current_thread() is screen:
                ours = [f for f in traceback.extract_stack() if "tui_router" in f.filename]
                self.offences.append(f"{what}: " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(ours[-8:])))

        @contextmanager
        def watched(database: Database) -> Iterator[sqlite3.Connection]:
            if not database.is_temporary:
                note("database")
            with write(database) as connection:
                yield connection

        def watched_flush(file: int) -> None:
            note("file")
            flush(file)

        monkeypatch.setattr(Database, "write", watched)
        monkeypatch.setattr(os, "fsync", watched_flush)

    def assert_none(self) -> None:
        assert self.writes, "nothing was written at all"
        assert not self.offences, "\n".join(dict.fromkeys(self.offences))


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


async def steps(chat: Talking, *lines: str) -> None:
    """Run commands by their slash words, and close what they open."""
    for line in lines:
        await chat.send(line)
        await chat.until(lambda: not chat.prompt.text, f"{line} to be taken")
        while len(chat.app.screen_stack) > 1:
            await chat.press("escape")


async def test_talking_writes_elsewhere(home: Home, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.folder.parent)  # where an export goes
    async with home.talking("demo/echo") as chat:
        await chat.ask("one thing")
        await chat.ask("another thing")
        await chat.send("/retry")
        await chat.sees("‹2/2›")
        await chat.until(lambda: not chat.is_streaming, "the end")
        await chat.read()
        await chat.press("k", "e")
        await chat.sees_prompt("another thing")
        await chat.ask(" in other words")
        await chat.read()
        await chat.press("left_square_bracket", "d")
        await chat.press("z")
        await chat.press("escape")
        await steps(
            chat,
            "/pin", "/rename Another name", "/tag red, blue", "/archive", "/star", "/system be kind",
            "/set temperature 0.3", "/reasoning low", "/web on", "/web off", "/fallback demo/quick", "/provider",
            "/undo", "/redo", "/undo", "/fork", "/resume", "/export md", "/cost", "/context", "/budget 5",
            "/save-prompt mine",
        )  # fmt: skip
        # It is written behind the screen, and /persona has nothing to offer before.
        await chat.until(lambda: any(home.folder.rglob("mine.md")), "the kept prompt")
        await steps(
            chat,
            "/persona", "/theme forest", "/mouse", "/vim", "/vim", "/settings",
            "/model demo/quick", "/new", "/refresh", "/search thing", "/leaderboard", "/tree",
        )  # fmt: skip
        await chat.ask("third thing")
        await chat.type("a draft")
        await chat.press("ctrl+n")
        await steps(chat, "/delete", "/restore", "/logout")
    watch.assert_none()


async def test_comparing_writes_elsewhere(home: Home, watch: Watch) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.send("/compare demo/quick, demo/echo")
        await chat.sees("Enter ask all")
        await chat.send("Hello?")
        screen = chat.app.screen
        await chat.until(lambda: not screen.lanes.running, "the answers")  # type: ignore[attr-defined]
        await chat.press("tab", "v", "1")
        await chat.until(lambda: chat.services.core.leaderboard.leaderboard(), "the vote")
        await chat.press("S")
        await chat.send("mine")
        await chat.until(lambda: chat.services.core.lineups.named(), "the line-up")
        await chat.press("2", "enter")
        await chat.is_told("Kept")
    watch.assert_none()


async def test_coming_back_to_drafts_and_fallen_answers_writes_elsewhere(home: Home, watch: Watch) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.type("half typed")
    async with home.talking("demo/echo") as chat:
        await chat.sees_prompt("half typed")
        await chat.send()
        await chat.until(lambda: chat.answers, "an answer")
    watch.assert_none()


async def test_settings_are_written_elsewhere_in_their_order(home: Home, watch: Watch) -> None:
    async with home.talking() as chat:
        await chat.press("f10")
        await chat.until(lambda: isinstance(chat.app.screen, SettingsScreen), "the settings")
        page = chat.app.screen
        for number in range(1, 30):
            page.post_message(SettingEditor.Accepted("money.daily_budget", Decimal(number)))
        path = home.folder / "settings.toml"
        await chat.until(lambda: "daily_budget = 29" in path.read_text(), "the last value")
        await chat.press("escape")
    assert "daily_budget = 29" in path.read_text()
    watch.assert_none()


async def test_an_answer_that_waits_for_the_disk_says_so(home: Home) -> None:
    home.settings("[money]\ndaily_budget = 5.0\n")
    disk = threading.Event()
    async with home.talking() as chat:
        try:
            chat.services.core.writes.put(disk.wait)
            await chat.send("hello")
            await chat.sees("waiting for the disk…")
            assert home.asked() == []
        finally:
            disk.set()
        await chat.until(lambda: chat.answers, "the answer")
