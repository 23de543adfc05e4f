"""A disk that refuses writes: it is reported, the app goes on, and nothing is lost at the end."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.ui.app.driver import Home, Talking
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.startup import open_services
from tui_router.services.transfer import import_file

FULL = Problem(kind=ErrorKind.STORAGE, title="The disk is full", hint="Free some space")


class Disk:
    """Makes the disk of a run refuse, and takes that back."""

    def __init__(self, chat: Talking, monkeypatch: pytest.MonkeyPatch) -> None:
        database = chat.services.core.library.messages._database
        write = database.write

        @contextmanager
        def refuse() -> Iterator[sqlite3.Connection]:
            if self.is_full:
                raise AppError(FULL)
            with write() as connection:
                yield connection

        self.is_full = True
        monkeypatch.setattr(database, "write", refuse)


def unsaved_files(home: Home) -> list[Path]:
    return sorted(home.folder.glob("unsaved-*.json"))


def on_disk(home: Home) -> list[str]:
    """The words of all messages that are written."""
    with closing(sqlite3.connect(home.folder / "conversations.db")) as connection:
        return [str(row[0]) for row in connection.execute("SELECT text FROM messages ORDER BY seq")]


def words_in(file: Path) -> str:
    """The words of all messages in a file of conversations."""
    text, decoder, found = file.read_text(), json.JSONDecoder(), []
    while text:
        record, end = decoder.raw_decode(text)
        found += [part["text"] for message in record["messages"] for part in message["parts"] if "text" in part]
        text = text[end:].lstrip()
    return "\n".join(found)


async def test_a_refusing_disk_is_reported_and_everything_is_written_when_it_recovers(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with home.talking("demo/echo") as chat:
        await chat.ask("one")
        disk = Disk(chat, monkeypatch)
        await chat.ask("two")
        await chat.is_told("Not saved yet: the disk is full")
        await chat.ask("three", "three")
        assert len(on_disk(home)) == 2
        disk.is_full = False
        await chat.is_told("everything is saved")
        assert [m.text for m in chat.saved][::2] == ["one", "two", "three"]
        assert all(m.ending is not None for m in chat.saved)
    assert unsaved_files(home) == []


async def test_an_unsaved_conversation_can_be_left_and_opened_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with home.talking("demo/echo") as chat:
        Disk(chat, monkeypatch)
        await chat.ask("never on a disk")
        await chat.send("/new")
        await chat.sees_no_more("never on a disk")
        assert on_disk(home) == []
        await chat.press("f4")
        await chat.sees("never on a disk")  # in the list of conversations
        first = chat.services.core.library.recent()[0]
        chat.app._controller.open(first.id)  # type: ignore[union-attr]
        await chat.until(lambda: "never on a disk" in chat.said, "the question")
        await chat.ask("and on it goes")
        assert "never on a disk" in chat.said


async def quit_with_words(chat: Talking) -> None:
    await chat.ask("lost words")
    await chat.is_told("Not saved yet")
    await chat.type("half a draft")
    await chat.press("ctrl+q")
    await chat.sees("Not everything is saved")


async def test_leaving_with_unsaved_words_offers_a_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with home.talking("demo/echo") as chat:
        Disk(chat, monkeypatch)
        await quit_with_words(chat)
        await chat.sees("The disk is full")
        assert f"{home.folder}/unsaved-" in re.sub(r"[\s│]", "", chat.screen)
        await chat.press("escape")
        await chat.sees_no_more("Not everything is saved")
        await chat.press("ctrl+q")
        await chat.sees("Not everything is saved")
        await chat.press("f")
        await chat.until(lambda: not chat.app.is_running or chat.app._exit, "the end")
    (file,) = unsaved_files(home)
    assert file.stat().st_mode & 0o777 == 0o600
    words = words_in(file)
    assert "lost words" in words
    assert "half a draft" in words


async def test_retrying_quits_once_everything_is_saved(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with home.talking("demo/echo") as chat:
        disk = Disk(chat, monkeypatch)
        await quit_with_words(chat)
        disk.is_full = False
        await chat.press("t")
        await chat.until(lambda: chat.app._exit, "the end")
    assert unsaved_files(home) == []
    async with home.talking("demo/echo", resume="last") as chat:
        await chat.sees("lost words")


async def test_leaving_without_the_words_asks_nothing_more(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with home.talking("demo/echo") as chat:
        Disk(chat, monkeypatch)
        await quit_with_words(chat)
        await chat.press("l")
        await chat.until(lambda: chat.app._exit, "the end")
    assert unsaved_files(home) == []


async def test_a_signal_quits_without_a_question_and_saves_to_a_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with home.talking("demo/echo") as chat:
        Disk(chat, monkeypatch)
        await quit_with_words(chat)
        chat.app.host.leave(asks=False)
        await chat.until(lambda: chat.app._exit, "the end")
    (file,) = unsaved_files(home)
    assert "lost words" in words_in(file)
    services = open_services(config_dir=str(home.folder), environ=home.environ)
    arrived = import_file(services.core.library, file)
    opened = [services.core.library.open(i) for i in arrived.ids]
    services.close()
    assert {m.text for _, messages in opened for m in messages} >= {"lost words", "half a draft"}


async def crash(chat: Talking) -> None:
    chat.app.call_later(lambda: 1 / 0)
    await chat.until(lambda: not chat.app.is_running, "the end")


async def test_a_crash_says_where_the_words_are(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with home.talking("demo/echo") as chat:
            Disk(chat, monkeypatch)
            await chat.ask("lost words")
            await crash(chat)
    (file,) = unsaved_files(home)
    said = "".join(capsys.readouterr().err.split())
    assert f"{file}`bringsitback" in said
    assert "1conversationisnotsaved" in said
    assert "issaved." not in said
    assert "lost words" in words_in(file)


async def test_a_crash_with_everything_on_disk_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with home.talking("demo/echo") as chat:
            await chat.ask("kept words")
            await crash(chat)
    assert "What was said is saved" in capsys.readouterr().err
    assert unsaved_files(home) == []
    assert on_disk(home)[0] == "kept words"
