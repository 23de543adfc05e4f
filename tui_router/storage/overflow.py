"""Overflow files: records that the database cannot take right now, one JSON line each. The next start replays them.

Each process appends to files of its own and locks them while it runs. The files sit in the folder of the database
or, when that fails, in the folder for temporary files. Other users may write there too, so only regular files of
this user are ever opened.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tui_router.domain.charge import Charge, ChargeState, Purpose, Settlement
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.files import PRIVATE_FILE

_log = logging.getLogger(__name__)

_LONGEST = 256_000_000
"""Bytes of one line that are read: more than any question with all its attachments."""
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_NOT_JSON = (ValueError, RecursionError)


class _Open(NamedTuple):
    handle: int
    path: Path


class OverflowFile:
    """The overflow files of this process for one kind of record, and those of processes that ended. Thread-safe."""

    def __init__(self, what: str, config: Path, elsewhere: Sequence[Path] = ()) -> None:
        """``what`` names the kind of record; ``config``, the folder of the database, is tried before ``elsewhere``."""
        owner = hashlib.sha256(str(config.absolute()).encode()).hexdigest()[:12]
        self._begin = f"tui-router-{what}-{owner}-"
        self._folders = (config, *elsewhere)
        self._lock = threading.Lock()
        self._open: list[_Open] = []
        self._is_broken = False

    @property
    def path(self) -> Path | None:
        """The file that is being appended to; ``None`` while there is none."""
        return self._open[-1].path if self._open else None

    def keep(self, data: bytes) -> bool:
        """Append whole lines and flush them to disk; ``False`` when no folder accepts them."""
        return self.append(data) or self.begin(data)

    def append(self, data: bytes) -> bool:
        """Append whole lines to the current file and flush it; ``False`` when there is none or the write fails."""
        with self._lock:
            if not self._open:
                return False
            handle = self._open[-1].handle
            # A partial line that could not be truncated is terminated here, so that it does not spoil the next one.
            is_kept = _appended(handle, b"\n" + data if self._is_broken else data)
            self._is_broken = not is_kept
            return is_kept

    def begin(self, data: bytes) -> bool:
        """Write whole lines to a new file and keep the current one; ``False`` when no folder accepts them."""
        with self._lock:
            # Try each folder twice: another process may delete the empty file before it is locked.
            for folder in (f for f in self._folders for _ in range(2)):
                path = folder / f"{self._begin}{time.time_ns():020}-{os.getpid()}-{os.urandom(6).hex()}.jsonl"
                with contextlib.suppress(OSError):
                    handle = os.open(path, _NEW, PRIVATE_FILE)
                    if _is_locked(handle) and _appended(handle, data) and os.fstat(handle).st_nlink:
                        self._open.append(_Open(handle, path))
                        self._is_broken = False
                        return True
                    os.close(handle)
                    path.unlink(missing_ok=True)
        return False

    def discard(self) -> None:
        """Delete the files of this process: the database has every record."""
        with self._lock:
            for file in self._open:
                with contextlib.suppress(OSError):
                    file.path.unlink(missing_ok=True)
                os.close(file.handle)
            self._open.clear()

    @property
    def has_leftovers(self) -> bool:
        """Whether there may be files of other processes."""
        return next(self._left(), None) is not None

    def replay(self, take: Callable[[Iterator[object]], None]) -> None:
        """Pass the lines of each file of a process that ended to ``take``, oldest file first.

        A line that is not JSON is passed as ``None``. The file is deleted after ``take`` returns, so ``take`` must be
        idempotent; if it raises, the file is kept.
        """
        for path in sorted(self._left(), key=lambda p: p.name):
            with contextlib.suppress(OSError), _opened(path) as file:
                # No links left: another process has replayed it meanwhile.
                if _is_locked(file.fileno()) and os.fstat(file.fileno()).st_nlink:
                    take(_lines(file))
                    path.unlink(missing_ok=True)

    def _left(self) -> Iterator[Path]:
        ours = {file.path for file in self._open}
        for folder in self._folders:
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    path = folder / entry.name
                    if entry.name.startswith(self._begin) and entry.name.endswith(".jsonl") and path not in ours:
                        yield path


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file of an earlier process: only a regular file of this user, never a link, a pipe or a foreign file."""
    with os.fdopen(os.open(path, _OLD), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o022:
            _log.warning("%s is not an overflow file of this user and is ignored", path)
            raise PermissionError(f"not a private file of this user: {path}")
        yield file


def _lines(file: BinaryIO) -> Iterator[object]:
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if line.isspace():
            continue
        try:
            yield json.loads(line) if line.endswith(b"\n") else None
        except _NOT_JSON:
            _log.warning("line %d of %s (%d bytes) cannot be read", number, file.name, len(line))
            yield None


def _is_locked(handle: int) -> bool:
    """Lock a file; ``False`` when another process holds the lock. True where the file system cannot lock."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _appended(handle: int, data: bytes) -> bool:
    before = os.fstat(handle).st_size
    try:
        written = 0
        while written < len(data):
            written += os.write(handle, data[written:] if written else data)
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, before)
        return False
    return True


_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError)
"""What parsing a damaged line may raise."""
Take = Callable[[Charge, Settlement | None], None]


class OverflowCharges:
    """Charges in overflow files. Thread-safe.

    A request must be recorded before it is sent, even while the database is locked or the disk is full.
    """

    def __init__(self, file: OverflowFile) -> None:
        self._file = file

    def keep(self, charge: Charge, settlement: Settlement | None = None) -> bool:
        """Append a charge, or its settlement, and flush it; ``False`` when no folder accepts it."""
        return self._file.keep((json.dumps(_plain(charge, settlement)) + "\n").encode())

    def discard(self) -> None:
        """Delete the files of this process: the database has every charge."""
        self._file.discard()

    def replay(self, take: Take) -> int:
        """Pass every charge of processes that ended to ``take``; return the number of unreadable lines.

        ``take`` must be idempotent. Raises ``AppError``.
        """
        damaged = 0

        def take_all(lines: Iterator[object]) -> None:
            nonlocal damaged
            for line in lines:
                try:
                    charge, settlement = _parsed(line)
                except _DAMAGED:
                    _log.warning("an overflow line of the ledger cannot be read: %.200r", line)
                    damaged += 1
                else:
                    take(charge, settlement)

        self._file.replay(take_all)
        return damaged


def _plain(charge: Charge, settlement: Settlement | None) -> dict[str, Any]:
    about: dict[str, Any] = {
        "id": charge.id,
        "at": charge.at.isoformat(),
        "model": [charge.model.id, charge.model.connection],
        "purpose": charge.purpose.value,
        "conversation": charge.conversation_id,
        "message": charge.message_id,
        "lane": charge.lane,
        "attempt": charge.attempt,
        "key": charge.key,
        "reserved": str(charge.reserved),
        "prompt_tokens": charge.prompt_tokens,
    }
    if settlement is not None:
        usage = settlement.usage or Usage()
        about["end"] = {
            "state": settlement.state.value,
            "cost": None if usage.cost is None else str(usage.cost),
            "tokens": [usage.prompt_tokens, usage.completion_tokens],
            "is_estimate": usage.is_estimate,
            "served": settlement.served_model,
            "provider": settlement.provider,
            "generation": settlement.generation_id,
            "ending": settlement.ending,
            "look_up_at": settlement.look_up_at.isoformat() if settlement.look_up_at else None,
            "is_counted": settlement.is_counted,
        }
    return about


def _parsed(about: Any) -> tuple[Charge, Settlement | None]:
    model, connection = about["model"]
    charge = Charge(
        id=str(about["id"]),
        at=datetime.fromisoformat(about["at"]),
        model=ModelRef(str(model), str(connection)),
        purpose=Purpose(about["purpose"]),
        conversation_id=about["conversation"],
        message_id=about["message"],
        lane=int(about["lane"]),
        attempt=int(about["attempt"]),
        key=str(about["key"]),
        reserved=Decimal(about["reserved"]),
        prompt_tokens=int(about["prompt_tokens"]),
    )
    end = about.get("end")
    if end is None:
        return charge, None
    prompt, completion = end["tokens"]
    cost = None if end["cost"] is None else Decimal(end["cost"])
    settlement = Settlement(
        state=ChargeState(end["state"]),
        usage=Usage(
            prompt_tokens=int(prompt),
            completion_tokens=int(completion),
            cost=cost,
            is_estimate=bool(end["is_estimate"]),
        ),
        served_model=str(end["served"]),
        provider=str(end["provider"]),
        generation_id=str(end["generation"]),
        ending=str(end["ending"]),
        look_up_at=datetime.fromisoformat(end["look_up_at"]) if end["look_up_at"] else None,
        is_counted=bool(end["is_counted"]),
    )
    return charge, settlement
