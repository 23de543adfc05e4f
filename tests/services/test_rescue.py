"""Words that no disk took when the program ends: they are in a file, or it is said that they are not."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.storage.test_overflow import crash
from tests.values import a_conversation, a_message, an_answer
from tui_router.cli.session import close
from tui_router.domain.draft import Draft
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.startup import Services, open_services
from tui_router.services.transfer import import_file
from tui_router.storage.database import Database

FULL = Problem(kind=ErrorKind.STORAGE, title="The disk is full")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services on a disk that takes nothing after the start."""
    opened = open_services(config_dir=str(tmp_path / "config"), environ={})
    assert opened.core.writes.wait(10)

    @contextmanager
    def refuse(database: Database) -> Iterator[sqlite3.Connection]:
        raise AppError(FULL)
        yield

    monkeypatch.setattr(Database, "write", refuse)
    yield opened
    opened.close()


def spare_files(services: Services) -> list[Path]:
    return list(services.paths.config.glob("tui-router-words-*"))


def say(services: Services, *, is_temporary: bool = False) -> None:
    conversation = a_conversation("c1", title="Said", is_temporary=is_temporary)
    keep = services.core._conversation_journal(conversation)
    keep.save(conversation)
    keep.add("c1", [a_message("q1", text="a question"), an_answer("a1", "q1", "an answer")])


def test_leaving_says_where_the_words_are_and_an_import_brings_them_back(
    services: Services, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(services)
    chat = services.core.new_chat()
    services.core.outboxes.of(chat).write(Draft(text="half a draft"))
    close(services)
    (file,) = services.paths.config.glob("unsaved-*.json")
    said = capsys.readouterr().err
    assert "2 conversations are not saved" in said
    assert f"tui-router import {shlex.quote(str(file))}" in said
    assert file.stat().st_mode & 0o777 == 0o600
    close(services)
    assert capsys.readouterr().err == ""
    assert not spare_files(services)  # else the next start would bring the words back a second time
    monkeypatch.undo()
    again = open_services(config_dir=str(services.paths.config), environ={})
    arrived = import_file(again.core.library, file)
    texts = {m.text for i in arrived.ids for m in again.core.library.open(i)[1]}
    assert texts == {"a question", "an answer", "half a draft"}
    assert again.close() is None


def test_what_is_temporary_is_in_no_file(services: Services) -> None:
    with pytest.raises(AppError):  # the store in memory refuses at once here; nothing of it waits for a disk
        say(services, is_temporary=True)
    assert not services.core.rescue.is_needed
    assert services.close() is None
    assert not list(services.paths.config.glob("unsaved-*"))


def test_where_the_first_folder_cannot_be_written_the_next_one_has_the_file(services: Services, tmp_path: Path) -> None:
    blocked, refuge = tmp_path / "a file", tmp_path / "refuge"
    blocked.write_text("")
    services.core.rescue._folders = (blocked, refuge)
    say(services)
    problem = services.core.rescue.write()
    assert problem is not None
    (file,) = refuge.iterdir()
    assert str(file) in problem.detail
    services.core.rescue._folders = (blocked,)
    assert services.core.rescue.write() == problem  # nothing new: the file is there already


def test_more_words_go_into_a_new_file_and_the_old_one_goes(services: Services) -> None:
    say(services)
    assert services.core.rescue.write() is not None
    services.core._conversation_journal(a_conversation("c1")).add("c1", [a_message("q2", "a1", "one more")])
    assert services.core.rescue.write() is not None
    (file,) = services.paths.config.glob("unsaved-*.json")
    assert "one more" in file.read_text()


def test_words_that_nobody_took_are_said_to_be_lost(services: Services, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    services.core.rescue._folders = (blocked,)
    say(services)
    problem = services.core.rescue.write()
    assert problem is not None
    assert services.core.rescue.is_lost
    assert "No file could be written either" in problem.detail
    assert str(blocked) in problem.detail


def test_words_that_no_file_took_stay_where_they_were_kept_and_the_next_start_has_them(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    services.core.rescue._folders = (blocked,)
    say(services)
    assert services.close() is not None
    (file,) = spare_files(services)
    monkeypatch.undo()
    crash(services.core._overflow_files.words.file)  # the process ends
    again = open_services(config_dir=str(services.paths.config), environ={})
    assert [m.text for m in again.core.library.open("c1")[1]] == ["a question", "an answer"]
    assert again.close() is None
    assert not file.exists()


def test_words_that_are_given_up_are_written_nowhere(services: Services) -> None:
    say(services)
    services.core.rescue.give_up()
    assert services.close() is None
    assert not list(services.paths.config.glob("unsaved-*"))
    assert not spare_files(services)


def test_where_the_store_could_not_be_opened_everything_goes_into_the_file(tmp_path: Path) -> None:
    (tmp_path / "conversations.db").mkdir()
    services = open_services(config_dir=str(tmp_path), environ={})
    assert services.core.library.is_lost_at_end
    assert not services.core.rescue.is_needed
    say(services)
    problem = services.close()
    assert problem is not None
    (file,) = tmp_path.glob("unsaved-*.json")
    assert "an answer" in file.read_text()
