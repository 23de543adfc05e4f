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
from tui_router.domain.problem import Trouble
from tui_router.domain.query import parse_query
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database, connect
from tui_router.storage.messages import Messages
from tui_router.storage.migrations import STEPS, VERSION, back_up, migrate
from tui_router.storage.opening import choose_journal, open_database
from tui_router.storage.places import Places
from tui_router.storage.salvage import salvage, set_aside
from tui_router.storage.search import Search
from tui_router.storage.state import State

NEXT = (*STEPS, ("CREATE TABLE extra (x)", "INSERT INTO extra VALUES (1)"))
FAILING = (*STEPS, ("CREATE TABLE extra (x)", "nonsense"))


def fill(places: Places, count: int = 3) -> None:
    """Make a database with some conversations and close it."""
    with open_database(places) as database:
        for number in range(count):
            Conversations(database).save(a_conversation(f"c{number}", title=f"Talk {number}"))
            Messages(database).add_messages(
                f"c{number}", [a_message(f"m{number}", text=f"lantern {number} " + "x" * 3000)]
            )


def names(places: Places) -> list[str]:
    """The files beside the database."""
    return sorted(p.name for p in places.config.iterdir() if p.is_file())


def test_a_new_database_says_nothing_and_has_the_newest_version(places: Places) -> None:
    with open_database(places) as database:
        assert database.notices == ()
        with database.read() as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert names(places) == ["conversations.db"]


def test_a_newer_database_is_refused_and_not_one_byte_changes(places: Places) -> None:
    fill(places)
    with closing(sqlite3.connect(places.database)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
    before = places.database.read_bytes()
    with pytest.raises(Trouble) as caught:
        open_database(places)
    assert "99" in caught.value.problem.detail
    assert str(VERSION) in caught.value.problem.detail
    assert "Update" in caught.value.problem.hint
    assert places.database.read_bytes() == before


def test_an_older_database_is_copied_before_it_is_brought_up_to_date(places: Places) -> None:
    fill(places)
    with open_database(places, steps=NEXT) as database:
        assert f"kept as conversations.db.backup-v{VERSION}-" in database.notices[0].detail
        assert Conversations(database).count() == 3
        with database.read() as connection:
            assert connection.execute("SELECT x FROM extra").fetchone() == (1,)
    (copy,) = places.config.glob("*.backup-*")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (3,)
    with open_database(places, steps=NEXT) as database:
        assert database.notices == ()


def test_a_step_that_fails_changes_nothing(places: Places) -> None:
    fill(places)
    with pytest.raises(Trouble):
        open_database(places, steps=FAILING)
    with open_database(places) as database:
        assert Conversations(database).count() == 3


def test_only_the_newest_copies_are_kept(places: Places) -> None:
    fill(places, 1)
    with closing(sqlite3.connect(places.database)) as connection:
        copies = [back_up(connection, places.database, 1) for _ in range(5)]
    assert [p.exists() for p in copies] == [False, False, True, True, True]


def test_a_fresh_database_is_not_copied() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        assert migrate(connection, Path("/nowhere/at/all")) is None
        assert migrate(connection, None, NEXT) is None


@pytest.mark.parametrize(
    "junk", [b"this is no database" * 100, b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_kept_and_a_new_one_begun(places: Places, junk: bytes) -> None:
    places.config.mkdir()
    places.database.write_bytes(junk)
    with open_database(places) as database:
        assert "damaged" in database.notices[-1].title
        assert "corrupt-" in database.notices[-1].hint
        Conversations(database).save(a_conversation())
    (kept,) = places.config.glob("conversations.db.corrupt-*")
    assert kept.read_bytes() == junk


def test_of_a_damaged_database_what_can_be_read_is_saved(places: Places) -> None:
    fill(places, 40)
    data = bytearray(places.database.read_bytes())
    # The schema stays readable; a stretch in the middle, where rows lie, does not.
    for at in range(len(data) * 2 // 3, len(data) * 2 // 3 + 20_000):
        data[at] = 0xEE
    places.database.write_bytes(data)
    leave_uncleanly(places)
    with open_database(places) as database:
        assert "could be saved" in database.notices[-1].detail
        found = Conversations(database).list_summaries()
        assert len(found) >= 10
        some = next(s for s in found if s.message_count)
        loaded = Conversations(database).load(some.id)
        assert loaded is not None
        assert loaded[1][0].text.startswith("lantern")
        assert Search(database).find(parse_query("lantern"))
        Messages(database).add_messages(some.id, [a_message("new")])
    (kept,) = places.config.glob("conversations.db.corrupt-*[0-9]")
    assert kept.read_bytes() == bytes(data)


def test_a_second_damage_in_the_same_second_is_kept_too(places: Places) -> None:
    places.config.mkdir()
    for _ in range(2):
        places.database.write_bytes(b"junk" * 1000)
        open_database(places).close()
    assert len(list(places.config.glob("conversations.db.corrupt-*"))) == 2


def test_messages_whose_conversation_is_lost_get_one(places: Places) -> None:
    fill(places, 2)
    with closing(sqlite3.connect(places.database)) as connection:
        connection.execute("DELETE FROM conversations WHERE id = 'c1'")
        connection.commit()
    kept = set_aside(places.database)
    with open_database(places), closing(connect(places.database)) as fresh:
        assert salvage(kept, fresh) == (2, 2)
        assert fresh.execute("SELECT title FROM conversations WHERE id = 'c1'").fetchone() == ("Recovered",)


def test_nothing_is_salvaged_from_a_file_that_is_gone(places: Places) -> None:
    fill(places, 1)
    with closing(connect(places.database)) as fresh:
        assert salvage(places.config / "gone", fresh) == (1, 1)


def leave_uncleanly(places: Places) -> None:
    """Leave the mark of a window that was killed."""
    places.windows.mkdir(mode=0o700, exist_ok=True)
    (places.windows / "1-dead").write_text("")


def test_the_mark_of_a_crash_is_removed_after_the_check(places: Places) -> None:
    fill(places)
    leave_uncleanly(places)
    with open_database(places) as database:
        assert database.notices == ()
        assert Conversations(database).count() == 3
    assert list(places.windows.iterdir()) == []


def test_a_loose_database_is_made_private(places: Places) -> None:
    fill(places)
    places.database.chmod(0o644)
    with open_database(places) as database:
        assert "could be read by others" in database.notices[0].title
    assert places.database.stat().st_mode & 0o777 == 0o600


def test_a_file_in_place_of_the_folder_is_said(places: Places) -> None:
    places.config.write_text("")
    with pytest.raises(Trouble) as caught:
        open_database(places)
    assert "--config-dir" in caught.value.problem.hint


def test_a_folder_in_place_of_the_database_is_said(places: Places) -> None:
    places.database.mkdir(parents=True)
    with pytest.raises(Trouble) as caught:
        open_database(places)
    assert caught.value.problem.hint


@pytest.mark.parametrize("mode", ["ro", "immutable"])
def test_a_database_open_for_reading_only_takes_writes_as_soon_as_that_is_possible(places: Places, mode: str) -> None:
    fill(places)
    with Database(places.database, mode=mode, timeout=0.01) as database:
        assert Conversations(database).count() == 3
        assert Messages(database).recover_unfinished() == ()
        with closing(sqlite3.connect(places.database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(Trouble) as caught:
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
    places = Places(config=folder, cache=folder, log=folder)
    fill(places)
    places.windows.rmdir()
    folder.chmod(0o555)
    places.database.chmod(0o444)
    me = os.geteuid()
    try:
        if me == 0:  # nothing stops root
            os.chown(folder, 1, 1)
            os.seteuid(65534)
        with open_database(places) as database:
            assert database.is_read_only
            assert database.notices[-1].title.startswith("Nothing can be saved")
            assert Conversations(database).count() == 3
            assert Messages(database).recover_unfinished() == ()
        with pytest.raises(Trouble):
            open_database(places, steps=NEXT)
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
        with pytest.raises(Trouble) as caught:
            open_database(Places(config=folder, cache=folder, log=folder))
        assert caught.value.problem.title == "No permission"
    finally:
        os.seteuid(me)
        shutil.rmtree(folder)


def test_a_database_that_stays_locked_while_it_must_be_migrated_is_said(places: Places) -> None:
    fill(places)
    with closing(sqlite3.connect(places.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Trouble) as caught:
            open_database(places, steps=NEXT, timeout=0.05)
    assert caught.value.problem.title == "Another program holds the conversations"


def test_a_disk_without_a_write_ahead_log_is_used_in_the_plain_way(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    # This way of locking has no shared memory, as on many network disks.
    with closing(sqlite3.connect(f"file:{path}?vfs=unix-dotfile", uri=True, isolation_level=None)) as connection:
        (notice,) = choose_journal(connection, path)
        assert "write-ahead log" in notice.title
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_state_of_the_program_is_salvaged_too(places: Places) -> None:
    fill(places, 1)
    with open_database(places) as database:
        State(database).put("favourites", ["a/b"])
    data = places.database.read_bytes()
    places.database.write_bytes(data[:-4096])
    leave_uncleanly(places)
    with open_database(places) as database:
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
