"""One SQLite file with one persistent connection for writing and a pool for reading. Thread-safe.

All writes of an instance share one connection and one lock, so they wait for each other without polling, and
``PRAGMA data_version`` of that connection changes exactly when *another* instance has written. A pooled read takes
0.02 ms instead of 0.2 ms with a new connection, and closing the last connection of a WAL database would checkpoint
it each time.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tui_router.domain.problem import AppError, ErrorKind, Problem, Rejected
from tui_router.storage.errors import BUSY, database_problem, is_final, sqlite_name
from tui_router.storage.instances import Instance

BUSY_TIMEOUT = 2.0
"""Seconds that a write waits for another instance; the writer retries it."""
_HURRY = 0.05
"""Seconds that a read waits on the UI thread (see ``Database.hurry``)."""
_LAST_PATIENCE = 0.5
"""Seconds that ``close`` waits for a running write."""
_IDLE_READERS = 4


def connect(path: Path | None, *, mode: str = "rw", timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """Open a connection with our pragmas. ``mode`` is ``rw``, ``ro``, or ``immutable`` for a read-only folder."""
    if path is None:
        target = ":memory:"
    else:
        target = f"file:{quote(str(path))}?" + ("mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}")
    connection = sqlite3.connect(
        target,
        uri=path is not None,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    # Rows may contain invalid UTF-8, which must not prevent a conversation from opening.
    connection.text_factory = _decode
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


class Database:
    """The database of one instance; without a path it is in memory, for temporary conversations."""

    def __init__(
        self,
        path: Path | None,
        *,
        instance: Instance | None = None,
        mode: str = "rw",
        notices: tuple[Problem, ...] = (),
        timeout: float = BUSY_TIMEOUT,
    ) -> None:
        self.path = path
        self.notices = notices
        """What happened while opening, to be shown once: recovered, read-only, no WAL."""
        self.instance = instance or Instance(None)
        self.is_read_only = mode != "rw"
        self._mode = mode
        self._timeout = timeout
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []
        self._hurried: threading.Thread | None = None
        self._seen_version = 0
        self._is_closed = False

    @property
    def is_temporary(self) -> bool:
        """True for a database in memory."""
        return self.path is None

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection with a consistent snapshot. Raises ``AppError``."""
        if self.path is None:
            with self._writing:
                yield self._open_writer()
            return
        with self._translated():
            mode, connection = self._mode, self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            except BaseException:
                connection.close()
                raise
            connection.execute("ROLLBACK")
            self._put_back(connection, mode)

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in a transaction that is committed at the end or rolled back. Raises ``AppError``."""
        with self._writing, self._translated():
            if self.is_read_only:
                self._make_writable()
            self.instance.claim()
            connection = self._open_writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # After some errors (full disk, I/O) SQLite has rolled back by itself.
                with contextlib.suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise

    def hurry(self, thread: threading.Thread) -> None:
        """Keep reads on this thread short: they raise ``AppError`` instead of waiting long for a lock."""
        self._hurried = thread

    def refusal(self) -> Problem | None:
        """Try a write and return why it fails; ``None`` if it works or another program has locked the file."""
        try:
            with self.write() as connection:
                # BEGIN IMMEDIATE alone may succeed on a read-only file.
                connection.execute("DELETE FROM state WHERE 0")
        except AppError as trouble:
            cause = trouble.__cause__
            return None if cause is not None and sqlite_name(cause) in BUSY else trouble.problem
        return None

    def data_version(self) -> int:
        """Return a number that changes when another instance writes. Never blocks: a write delays the change."""
        if not self._writing.acquire(blocking=False):
            return self._seen_version
        try:
            self._seen_version = int(self._open_writer().execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return self._seen_version
        finally:
            self._writing.release()
        return self._seen_version

    def close(self) -> None:
        """Optimize, close all connections and release the instance. May be called twice."""
        if not self._writing.acquire(timeout=_LAST_PATIENCE):
            self._is_closed = True  # a write is blocked: the end of the process releases the rest
            return
        try:
            if self._is_closed:
                return
            self._is_closed = True
            with contextlib.suppress(sqlite3.Error):
                if self._writer is not None and not self.is_read_only:
                    self._writer.execute("PRAGMA optimize")
            self._drop_readers()
            self._drop_writer()
            self.instance.release()
        finally:
            self._writing.release()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take_reader(self) -> sqlite3.Connection:
        timeout = _HURRY if self._hurried is threading.current_thread() else self._timeout
        try:
            connection = self._readers.pop()
        except IndexError:
            self._refuse_when_closed()
            return connect(self.path, mode=self._mode, timeout=timeout)
        connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")
        return connection

    def _put_back(self, connection: sqlite3.Connection, mode: str) -> None:
        if len(self._readers) < _IDLE_READERS and mode == self._mode:
            self._readers.append(connection)
        else:
            connection.close()
        if self._is_closed:
            self._drop_readers()

    def _drop_readers(self) -> None:
        while self._readers:
            with contextlib.suppress(sqlite3.Error, IndexError):  # two threads may end at once
                self._readers.pop().close()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(sqlite3.Error):
                self._writer.close()
        self._writer = None

    def _make_writable(self) -> None:
        """Open for writing what could only be read at the start, if that is possible by now. Raises ``AppError``."""
        try:
            connection = connect(self.path, timeout=self._timeout)
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise AppError(
                Problem(
                    kind=ErrorKind.STORAGE,
                    title="The conversations are open for reading only",
                    detail=str(self.path),
                    hint="Check who owns the file and the folder, and the space on the disk",
                )
            ) from error
        self._drop_writer()
        self._drop_readers()
        self._writer, self._mode, self.is_read_only = connection, "rw", False

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            self._refuse_when_closed()
            self._writer = connect(self.path, mode=self._mode, timeout=self._timeout)
        return self._writer

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise Rejected(
                Problem(kind=ErrorKind.STORAGE, title="The conversations are closed", hint="Start the program again")
            )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            problem = database_problem(error, self.path)
            raise (Rejected if is_final(error) else AppError)(problem) from error


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")
