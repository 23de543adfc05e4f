"""Shares the rate limit of one API key between processes: a file with what each has started, runs and waits for.

It is no part of the database, so that a locked or full one never holds a request back, and it is not flushed:
what it says matters for a minute. Each process writes its own share only, and keeps it in memory too: a file that
is damaged or lost is whole again as soon as everybody has written once.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tui_router.domain.problem import AppError
from tui_router.domain.rate_limit import MINUTE, CountingWindow, Share, Shares, Ticket, left_behind, tidied, together
from tui_router.storage.files import PRIVATE_FILE, make_private_folder
from tui_router.storage.instances import Instance

_log = logging.getLogger(__name__)

_GONE = ""
"""The name under which the shares of ended processes are merged."""
_PATIENCE = 0.5
"""Seconds to wait for the lock; it is held for less than a thousandth of that."""
_LONGEST_HOLD = 10.0
"""Seconds after which the holder of the lock is considered stuck (stopped, for example) and ignored."""
_AGAIN = 5.0
"""Seconds before an unusable file is tried again."""
_LARGEST = 4_000_000


class RateFile:
    """The file of one key. Not thread-safe; the lock is for other processes."""

    def __init__(self, folder: Path, name: str, span: CountingWindow = MINUTE) -> None:
        self._folder = folder
        self._span = span
        self._path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        self._instance = Instance(folder / "running")
        self._not_before = -math.inf
        self._busy_since: float | None = None
        self._others: dict[str, Share] = {}
        """Their last known shares, used while the file is unusable."""

    @property
    def token(self) -> str:
        """The token of this process."""
        return self._instance.token

    def exchange(self, now: float, decide: Callable[[Shares], Share]) -> bool:
        """Give ``decide`` the shares of the others, tidied; the share it returns is what they will see of this process.

        Nobody else decides meanwhile. ``False``: another process holds the file, nothing was decided, ask again.
        Where the file cannot be used at all, the others are as they were last seen. Never raises.
        """
        is_decided = False
        if time.monotonic() >= self._not_before:
            try:
                with self._locked():
                    found = self._read()
                    others = self._others = self._sorted(found, now)
                    mine, is_decided = decide(others), True
                    shares = {n: s for n, s in {**others, self.token: mine}.items() if not s.is_empty}
                    if shares != found:
                        self._write(shares)
                self._busy_since = None
                return True
            except BlockingIOError:
                if not self._is_stuck():
                    return False
                _log.warning("limiter: another process has held the file for %.0f s", _LONGEST_HOLD)
            except (AppError, OSError) as error:
                _log.warning("limiter: the file cannot be used: %s", error)
                if is_decided:
                    return True  # decided, only not shared with the others
            self._not_before = time.monotonic() + _AGAIN
        self._others = {name: tidied(share, now, self._span) for name, share in self._others.items()}
        decide(self._others)
        return True

    def _is_stuck(self) -> bool:
        since = self._busy_since = self._busy_since or time.monotonic()
        return time.monotonic() - since > _LONGEST_HOLD

    def close(self) -> None:
        """Release the instance; requests that this process has started still count for the others."""
        self._instance.release()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        make_private_folder(self._folder)
        self._instance.claim()
        handle = os.open(self._lock_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            deadline = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.002)
            yield
        finally:
            os.close(handle)

    def _read(self) -> dict[str, Share]:
        try:
            with self._path.open("rb") as file:
                return _parsed(file.read(_LARGEST))
        except FileNotFoundError:
            return {}

    def _sorted(self, found: Mapping[str, Share], now: float) -> dict[str, Share]:
        """Return the shares of the other processes, with those of ended processes merged."""
        others: dict[str, Share] = {}
        span, has_fallen = self._span, False
        gone = tidied(found.get(_GONE, Share()), now, span)
        for name, share in found.items():
            if name in (_GONE, self.token):
                continue
            if self._instance.is_running(name):
                others[name] = tidied(share, now, span)
            else:
                gone, has_fallen = tidied(together(gone, left_behind(share, now, span)), now, span), True
        if has_fallen:
            self._instance.remove_stale()
        if not gone.is_empty:
            others[_GONE] = gone
        return others

    def _write(self, shares: Shares) -> None:
        text = json.dumps({"shares": {n: _plain(s) for n, s in shares.items()}})
        temporary = self._path.with_name(f".{self._path.name}.tmp")  # one writer at a time: the lock is held
        handle = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        temporary.replace(self._path)


def _plain(share: Share) -> dict[str, object]:
    return {
        "starts": share.starts,
        "flying": share.flying,
        "held": share.held,
        "cooling": share.cooling,
        "waiting": share.waiting,
        "seen": share.seen,
        "paused": [share.paused, share.free_paused],
    }


def _parsed(data: bytes) -> dict[str, Share]:
    """Return the shares in a file; none if it is damaged."""
    try:
        return {str(name): _share(about) for name, about in json.loads(data)["shares"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return {}


def _share(about: Mapping[str, Any]) -> Share:
    paused, free_paused = about["paused"]
    return Share(
        starts=tuple(map(_number, about["starts"])),
        flying=_count(about["flying"]),
        held=_count(about["held"]),
        cooling=tuple(map(_number, about["cooling"])),
        waiting=tuple(Ticket(bool(f), _number(since), int(n), bool(free)) for f, since, n, free in about["waiting"]),
        seen=_number(about["seen"]),
        paused=_number(paused),
        free_paused=_number(free_paused),
    )


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a time")
    return number


def _count(value: Any) -> int:
    return max(0, min(int(value), 100_000))
