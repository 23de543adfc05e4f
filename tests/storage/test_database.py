"""One SQLite file used by many threads: whole transactions, clear refusals."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.values import a_conversation, a_message
from tui_router.domain.problem import AppError
from tui_router.storage.bootstrap import open_database, open_in_memory
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import BUSY_TIMEOUT, Database
from tui_router.storage.messages import Messages
from tui_router.storage.paths import AppPaths


def test_the_promises_are_switched_on(database: Database) -> None:
    for opened in (database.read, database.write):
        with opened() as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
            assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
            assert connection.execute("PRAGMA busy_timeout").fetchone() == (BUSY_TIMEOUT * 1000,)


def test_all_files_are_private(database: Database, paths: AppPaths) -> None:
    Conversations(database).save(a_conversation())
    files = [p for p in paths.config.rglob("*") if p.is_file()]
    assert len(files) >= 3
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in files)


def break_off(database: Database) -> None:
    """Change something, then fail."""
    with database.write() as connection:
        connection.execute("UPDATE conversations SET title = 'half'")
        raise ZeroDivisionError


def write_nonsense(database: Database) -> None:
    """Change something, then say what SQLite does not understand."""
    with database.write() as connection:
        connection.execute("UPDATE conversations SET title = 'half'")
        connection.execute("nonsense")


def test_a_transaction_is_whole_or_not_there(database: Database) -> None:
    Conversations(database).save(a_conversation())
    with pytest.raises(ZeroDivisionError):
        break_off(database)
    with pytest.raises(AppError):
        write_nonsense(database)
    found = Conversations(database).find("c1")
    assert found is not None
    assert found.title == "Test"


def test_a_failed_read_leaves_a_usable_database(database: Database) -> None:
    with pytest.raises(AppError), database.read() as connection:
        connection.execute("SELECT * FROM nowhere")
    assert Conversations(database).count() == 0


def test_threads_read_and_write_at_once_and_nothing_is_lost(database: Database) -> None:
    Conversations(database).save(a_conversation())
    seen: list[int] = []

    def work(worker: int) -> None:
        messages = Messages(database)
        for number in range(20):
            messages.add_messages("c1", [a_message(f"m{worker}-{number}")])
            seen.append(len(messages.load_messages("c1")))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 120
    assert len(Messages(database).load_messages("c1")) == 120
    assert Conversations(database).list_summaries()[0].message_count == 120


def test_the_version_of_the_data_changes_when_another_window_writes(database: Database, paths: AppPaths) -> None:
    Conversations(database).save(a_conversation())
    before = database.data_version()
    Conversations(database).save(a_conversation(title="mine"))
    Conversations(database).list_summaries()
    assert database.data_version() == before
    with open_database(paths) as other:
        Conversations(other).save(a_conversation(title="theirs"))
    assert database.data_version() != before


def test_the_version_never_waits_for_a_write(database: Database) -> None:
    seen: list[int] = []
    with database.write():
        thread = threading.Thread(target=lambda: seen.append(database.data_version()))
        thread.start()
        thread.join(timeout=30)
    assert len(seen) == 1


def test_a_window_that_holds_the_lock_too_long_is_a_clear_refusal(paths: AppPaths) -> None:
    with open_database(paths) as first, open_database(paths, timeout=0.05) as second:
        with first.write() as connection:
            connection.execute("INSERT INTO state VALUES ('a', '1')")
            with pytest.raises(AppError) as caught:
                Conversations(second).save(a_conversation())
        assert caught.value.problem.title == "Another program holds the conversations"
        assert caught.value.problem.hint
        Conversations(second).save(a_conversation())
        assert Conversations(first).count() == 1


def test_a_full_disk_is_said_and_reading_goes_on(database: Database) -> None:
    Conversations(database).save(a_conversation())
    with database.write() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with database.write() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(AppError) as caught:
        Messages(database).add_messages("c1", [a_message("big", text="x" * 1_000_000)])
    assert caught.value.problem.title == "The disk is full"
    assert Messages(database).load_messages("c1") == ()
    assert Conversations(database).list_summaries()[0].message_count == 0
    with database.write() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    Messages(database).add_messages("c1", [a_message("big", text="x" * 1_000_000)])
    assert len(Messages(database).load_messages("c1")[0].text) == 1_000_000


def test_a_closed_database_says_so(paths: AppPaths) -> None:
    database = open_database(paths)
    database.close()
    database.close()
    with pytest.raises(AppError):
        Conversations(database).count()
    with pytest.raises(AppError):
        Conversations(database).save(a_conversation())


def test_many_readers_at_once_keep_a_few_connections(database: Database) -> None:
    def nest(depth: int) -> int:
        if not depth:
            return 0
        with database.read() as connection:
            connection.execute("SELECT 1")
            return 1 + nest(depth - 1)

    assert nest(8) == 8
    assert Conversations(database).count() == 0


def test_the_store_in_memory_writes_no_file(tmp_path: Path) -> None:
    with open_in_memory() as memory:
        Conversations(memory).save(a_conversation(is_temporary=True))
        Messages(memory).add_messages("c1", [a_message("m")])
        loaded = Conversations(memory).load("c1")
        assert memory.data_version() >= 0
    assert loaded is not None
    assert list(tmp_path.iterdir()) == []


def test_a_thread_in_a_hurry_is_not_kept_waiting_by_a_lock_and_others_are(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder, Database(path, timeout=30) as database:
        holder.execute("CREATE TABLE t (x)")
        with database.read() as connection:  # a kept connection, with the patience of everybody else
            connection.execute("SELECT * FROM t")
        database.hurry(threading.current_thread())
        holder.execute("BEGIN EXCLUSIVE")  # without a write-ahead log this keeps readers out
        with pytest.raises(AppError) as caught, database.read() as connection:
            connection.execute("SELECT * FROM t")
        assert caught.value.problem.title == "Another program holds the conversations"
        read: list[object] = []

        def patient() -> None:
            with database.read() as connection:
                read.append(connection.execute("SELECT count(*) FROM t").fetchone())

        reader = threading.Thread(target=patient)
        reader.start()
        holder.execute("ROLLBACK")
        reader.join(30)
        assert read == [(0,)]


def test_closing_does_not_wait_for_a_write_that_hangs_on_a_lock(database: Database) -> None:
    held, gate = threading.Event(), threading.Event()

    def hang() -> None:
        with database.write():
            held.set()
            gate.wait(30)

    writer = threading.Thread(target=hang)
    writer.start()
    assert held.wait(30)
    database.close()
    assert writer.is_alive()  # it did not wait for the end of that write
    gate.set()
    writer.join(30)
