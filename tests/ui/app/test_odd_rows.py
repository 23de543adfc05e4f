"""Rows damaged by a bug, a bad disk or another program: every screen shows what it can."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.ui.app.driver import Home

WIDE = (130, 36)
_SPARED = {
    "seq",
    "id",
    "conversation_id",
    "message_id",
    "parent_id",
    "batch",
    "head",
    "state",
    "deleted_at",
    "archived",
}
"""What says where a row belongs, and whether it is there at all."""
_TABLES = ("conversations", "tags", "messages", "drafts", "prompt_history", "votes", "lineups", "state", "charges")


def spoil(home: Home, odd: Any) -> None:
    with closing(sqlite3.connect(home.folder / "conversations.db", isolation_level=None)) as connection:
        for table in _TABLES:
            for column in [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]:
                if column not in _SPARED:
                    try:
                        connection.execute(f"UPDATE {table} SET {column} = ?", (odd,))
                    except sqlite3.Error:
                        continue  # the schema does not let it in


@pytest.mark.parametrize("odd", ["a\0b\x1b[2J\nc", b"\xff\xfe\0", 1.5, -1, "[1]", '{"x": [null]}', ""])
async def test_every_screen_opens_over_spoilt_rows(home: Home, odd: Any) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.ask("one thing")
        await chat.send("/compare demo/quick, demo/echo")
        await chat.sees("Enter ask all")
        await chat.send("Hello?")
        screen = chat.app.screen
        await chat.until(lambda: not screen.lanes.running and "Hello?" in chat.screen, "answers")  # type: ignore[attr-defined]
        await chat.press("tab", "v", "1", "2", "enter")
        await chat.is_told("Kept")
        await chat.send("/pin")
        await chat.type("a draft")
    spoil(home, odd)
    async with home.talking(size=WIDE) as chat:
        await chat.press("f4")
        await chat.send("/resume")
        await chat.press("down", "up", "enter")
        await chat.until(lambda: len(chat.app.screen_stack) == 1, "a conversation")
        await chat.until(lambda: chat.transcript.entries, "its messages")
        for command in ("/tree", "/cost", "/leaderboard", "/context", "/search thing", "/compare", "/lanes"):
            await chat.send(command)
            await chat.press("down", "escape", "escape")
            while len(chat.app.screen_stack) > 1:
                await chat.press("escape")
            if not chat.prompt.draft.is_empty:
                await chat.press("ctrl+c")
        await chat.send("/new")
        await chat.uses("demo/quick")
        await chat.ask("and on it goes")
