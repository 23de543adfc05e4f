"""Charges that the store does not take just now: lines of a file beside it, which the next start takes in.

A request must be written down before it leaves, and a locked or full store is no reason to forget what it
cost. Each process has a file of its own and holds a lock on it while it lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tui_router.domain.charge import Charge, ChargeState, Purpose, Settlement
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.files import PRIVATE_FILE

_log = logging.getLogger(__name__)

_LARGEST = 16_000_000
Take = Callable[[Charge, Settlement | None], None]


class SpareCharges:
    """The spare file of one process, and those that earlier ones left. Safe from any thread."""

    def __init__(self, config: Path, elsewhere: Sequence[Path] = ()) -> None:
        """Take the folder of the store, which is tried first, and others that may be on another disk."""
        owner = hashlib.sha256(str(config.absolute()).encode()).hexdigest()[:12]
        self._begin = f"tui-router-charges-{owner}-"
        self._folders = (config, *elsewhere)
        self._lock = threading.Lock()
        self._handle: int | None = None
        self._path: Path | None = None

    def keep(self, charge: Charge, settlement: Settlement | None = None) -> bool:
        """Write a charge, or what became of it, through to the disk; ``False`` when no folder takes it."""
        line = (json.dumps(_plain(charge, settlement)) + "\n").encode()
        with self._lock:
            if self._handle is not None and _appended(self._handle, line):
                return True
            for folder in self._folders:
                path = folder / f"{self._begin}{os.getpid()}-{os.urandom(6).hex()}.jsonl"
                with contextlib.suppress(OSError):
                    handle = os.open(
                        path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, PRIVATE_FILE
                    )
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if _appended(handle, line):
                        # An earlier file that takes no more keeps its lines: both are taken in.
                        self._handle, self._path = handle, path
                        return True
                    os.close(handle)
                    path.unlink()
        return False

    def drop(self) -> None:
        """Forget the file: the store has taken everything."""
        with self._lock:
            if self._handle is not None and self._path is not None:
                self._path.unlink(missing_ok=True)
                os.close(self._handle)
                self._handle = self._path = None

    def adopt(self, take: Take) -> int:
        """Give ``take`` every line that processes left that are gone; returns how many. Raises ``Trouble``.

        A file goes once all of it was taken, so ``take`` must bear to be given a charge twice.
        """
        count = 0
        for path in self._left():
            with contextlib.suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(file.fileno()).st_uid != os.getuid():
                    continue
                for line in file.read(_LARGEST).splitlines():
                    count += _taken(line, take)
                path.unlink(missing_ok=True)
        return count

    def _left(self) -> Iterator[Path]:
        for folder in self._folders:
            with contextlib.suppress(OSError):
                yield from sorted(p for p in folder.glob(f"{self._begin}*.jsonl") if p != self._path)


def _appended(handle: int, line: bytes) -> bool:
    try:
        written = os.write(handle, line)
        os.fsync(handle)
    except OSError:
        return False
    return written == len(line)


def _taken(line: bytes, take: Take) -> bool:
    try:
        charge, settlement = _parsed(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
        _log.warning("a spare line of the ledger cannot be read: %r", line[:200])
        return False
    take(charge, settlement)
    return True


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
