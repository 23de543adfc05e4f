"""Opening: new, older, newer, damaged, unclean, read-only. What is there is never overwritten."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.values import a_conversation, a_message
from tui_router.domain.library import parse_query
from tui_router.domain.problem import AppError
from tui_router.storage.bootstrap import choose_journal, open_database, recover_rows, set_aside
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database, connect
from tui_router.storage.messages import Messages
from tui_router.storage.migrations import STEPS, VERSION, back_up, migrate
from tui_router.storage.paths import AppPaths
from tui_router.storage.search import ConversationSearch
from tui_router.storage.state import KeyValueStore

NEXT = (*STEPS, ("CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)"))
FAILING = (*STEPS, ("CREATE TABLE extra (x)", "nonsense"))


def fill(paths: AppPaths, count: int = 3) -> None:
    """Make a database with some conversations and close it."""
    with open_database(paths) as database:
        for number in range(count):
            Conversations(database).save(a_conversation(f"c{number}", title=f"Talk {number}"))
            Messages(database).add_messages(
                f"c{number}", [a_message(f"m{number}", text=f"lantern {number} " + "x" * 3000)]
            )


def names(paths: AppPaths) -> list[str]:
    """The files beside the database."""
    return sorted(p.name for p in paths.config.iterdir() if p.is_file())


def test_a_new_database_says_nothing_and_has_the_newest_version(paths: AppPaths) -> None:
    with open_database(paths) as database:
        assert database.notices == ()
        with database.read() as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert names(paths) == ["conversations.db"]


def test_a_newer_database_is_refused_and_not_one_byte_changes(paths: AppPaths) -> None:
    fill(paths)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
    before = paths.database.read_bytes()
    with pytest.raises(AppError) as caught:
        open_database(paths)
    assert "99" in caught.value.problem.detail
    assert str(VERSION) in caught.value.problem.detail
    assert "Update" in caught.value.problem.hint
    assert paths.database.read_bytes() == before


def test_an_older_database_is_copied_before_it_is_brought_up_to_date(paths: AppPaths) -> None:
    fill(paths)
    with open_database(paths, steps=NEXT) as database:
        assert f"kept as conversations.db.backup-v{VERSION}-" in database.notices[0].detail
        assert Conversations(database).count() == 3
        with database.read() as connection:
            assert connection.execute("SELECT x FROM extra").fetchone() == (1,)
    (copy,) = paths.config.glob("*.backup-*")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (3,)
    with open_database(paths, steps=NEXT) as database:
        assert database.notices == ()


def test_a_step_that_fails_changes_nothing(paths: AppPaths) -> None:
    fill(paths)
    with pytest.raises(AppError):
        open_database(paths, steps=FAILING)
    with open_database(paths) as database:
        assert Conversations(database).count() == 3


def test_only_the_newest_copies_are_kept(paths: AppPaths) -> None:
    fill(paths, 1)
    with closing(sqlite3.connect(paths.database)) as connection:
        copies = [back_up(connection, paths.database, 1) for _ in range(5)]
    assert [p.exists() for p in copies] == [False, False, True, True, True]


def test_a_fresh_database_is_not_copied() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        assert migrate(connection, Path("/nowhere/at/all")) is None
        assert migrate(connection, None, NEXT) is None


@pytest.mark.parametrize(
    "junk", [b"this is no database" * 100, b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_kept_and_a_new_one_begun(paths: AppPaths, junk: bytes) -> None:
    paths.config.mkdir()
    paths.database.write_bytes(junk)
    with open_database(paths) as database:
        assert "damaged" in database.notices[-1].title
        assert "corrupt-" in database.notices[-1].hint
        Conversations(database).save(a_conversation())
    (kept,) = paths.config.glob("conversations.db.corrupt-*")
    assert kept.read_bytes() == junk


def test_of_a_damaged_database_what_can_be_read_is_saved(paths: AppPaths) -> None:
    fill(paths, 40)
    data = bytearray(paths.database.read_bytes())
    # The schema stays readable; a stretch in the middle, where rows lie, does not.
    for at in range(len(data) * 2 // 3, len(data) * 2 // 3 + 20_000):
        data[at] = 0xEE
    paths.database.write_bytes(data)
    leave_uncleanly(paths)
    with open_database(paths) as database:
        assert "could be saved" in database.notices[-1].detail
        found = Conversations(database).list_summaries()
        assert len(found) >= 10
        some = next(s for s in found if s.message_count)
        loaded = Conversations(database).load(some.id)
        assert loaded is not None
        assert loaded[1][0].text.startswith("lantern")
        assert ConversationSearch(database).find(parse_query("lantern"))
        Messages(database).add_messages(some.id, [a_message("new")])
    (kept,) = paths.config.glob("conversations.db.corrupt-*[0-9]")
    assert kept.read_bytes() == bytes(data)


def test_a_second_damage_in_the_same_second_is_kept_too(paths: AppPaths) -> None:
    paths.config.mkdir()
    for _ in range(2):
        paths.database.write_bytes(b"junk" * 1000)
        open_database(paths).close()
    assert len(list(paths.config.glob("conversations.db.corrupt-*"))) == 2


def test_messages_whose_conversation_is_lost_get_one(paths: AppPaths) -> None:
    fill(paths, 2)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("DELETE FROM conversations WHERE id = 'c1'")
        connection.commit()
    kept = set_aside(paths.database)
    with open_database(paths), closing(connect(paths.database)) as fresh:
        assert recover_rows(kept, fresh) == (2, 2)
        assert fresh.execute("SELECT title FROM conversations WHERE id = 'c1'").fetchone() == ("Recovered",)


def test_nothing_is_salvaged_from_a_file_that_is_gone(paths: AppPaths) -> None:
    fill(paths, 1)
    with closing(connect(paths.database)) as fresh:
        assert recover_rows(paths.config / "gone", fresh) == (1, 1)


def leave_uncleanly(paths: AppPaths) -> None:
    """Leave the mark of an instance that was killed."""
    paths.instances.mkdir(mode=0o700, exist_ok=True)
    (paths.instances / "1-dead").write_text("")


def test_the_mark_of_a_crash_is_removed_after_the_check(paths: AppPaths) -> None:
    fill(paths)
    leave_uncleanly(paths)
    with open_database(paths) as database:
        assert database.notices == ()
        assert Conversations(database).count() == 3
    assert list(paths.instances.iterdir()) == []


def test_a_loose_database_is_made_private(paths: AppPaths) -> None:
    fill(paths)
    paths.database.chmod(0o644)
    with open_database(paths) as database:
        assert "could be read by others" in database.notices[0].title
    assert paths.database.stat().st_mode & 0o777 == 0o600


def test_a_file_in_place_of_the_folder_is_said(paths: AppPaths) -> None:
    paths.config.write_text("")
    with pytest.raises(AppError) as caught:
        open_database(paths)
    assert "--config-dir" in caught.value.problem.hint


def test_a_folder_in_place_of_the_database_is_said(paths: AppPaths) -> None:
    paths.database.mkdir(parents=True)
    with pytest.raises(AppError) as caught:
        open_database(paths)
    assert caught.value.problem.hint


@pytest.mark.parametrize("mode", ["ro", "immutable"])
def test_a_database_open_for_reading_only_takes_writes_as_soon_as_that_is_possible(paths: AppPaths, mode: str) -> None:
    fill(paths)
    with Database(paths.database, mode=mode, timeout=0.01) as database:
        assert Conversations(database).count() == 3
        assert Messages(database).recover_unfinished() == ()
        with closing(sqlite3.connect(paths.database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(AppError) as caught:
                Conversations(database).save(a_conversation("new"))
        assert "reading only" in caught.value.problem.title
        assert database.is_read_only
        with database.read():
            Conversations(database).save(a_conversation("new"))
        assert not database.is_read_only
        assert Conversations(database).count() == 4


def test_a_folder_nobody_may_write_is_opened_for_reading() -> None:
    # pytest's own folders are closed to everybody else.
    folder = Path(tempfile.mkdtemp())
    paths = AppPaths(config=folder, cache=folder, log=folder)
    fill(paths)
    paths.instances.rmdir()
    folder.chmod(0o555)
    paths.database.chmod(0o444)
    me = os.geteuid()
    try:
        if me == 0:  # nothing stops root
            os.chown(folder, 1, 1)
            os.seteuid(65534)
        with open_database(paths) as database:
            assert database.is_read_only
            assert database.notices[-1].title.startswith("Nothing can be saved")
            assert Conversations(database).count() == 3
            assert Messages(database).recover_unfinished() == ()
        with pytest.raises(AppError):
            open_database(paths, steps=NEXT)
    finally:
        os.seteuid(me)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_folder_in_which_nothing_can_be_begun_is_said() -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    me = os.geteuid()
    try:
        if me == 0:
            os.chown(folder, 1, 1)
            os.seteuid(65534)
        with pytest.raises(AppError) as caught:
            open_database(AppPaths(config=folder, cache=folder, log=folder))
        assert caught.value.problem.title == "No permission"
    finally:
        os.seteuid(me)
        shutil.rmtree(folder)


def test_a_database_that_stays_locked_while_it_must_be_migrated_is_said(paths: AppPaths) -> None:
    fill(paths)
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(AppError) as caught:
            open_database(paths, steps=NEXT, timeout=0.05)
    assert caught.value.problem.title == "Another program holds the conversations"


def test_a_disk_without_a_write_ahead_log_is_used_in_the_plain_way(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    # This way of locking has no shared memory, as on many network disks.
    with closing(sqlite3.connect(f"file:{path}?vfs=unix-dotfile", uri=True, isolation_level=None)) as connection:
        (notice,) = choose_journal(connection, path)
        assert "write-ahead log" in notice.title
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_state_of_the_program_is_salvaged_too(paths: AppPaths) -> None:
    fill(paths, 1)
    with open_database(paths) as database:
        KeyValueStore(database).put("favourites", ["a/b"])
    data = paths.database.read_bytes()
    paths.database.write_bytes(data[:-4096])
    leave_uncleanly(paths)
    with open_database(paths) as database:
        assert database.notices


@pytest.mark.parametrize(
    ("batch", "lane_model", "kept"), [("b", "a/lane", None), ("b", "a/old", "a/old"), (None, "a/lane", "a/old")]
)
def test_a_comparison_of_the_first_version_that_was_left_open_chose_nobody(
    batch: str | None, lane_model: str, kept: str | None
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, steps=STEPS[:1])
        connection.execute(
            "INSERT INTO conversations (id, head, model, connection, created, updated) "
            "VALUES ('c', 'm', 'a/old', 'openrouter', 1, 1)"
        )
        connection.execute(
            "INSERT INTO messages (id, conversation_id, role, model, batch, created) "
            "VALUES ('m', 'c', 'assistant', ?, ?, 1)",
            (lane_model, batch),
        )
        migrate(connection)
        assert connection.execute("SELECT model FROM conversations").fetchone() == (kept,)
