"""Chooses the rate limit of the active key. ``auto`` uses the tier that the service reports, now or last time.

If the tier is unknown, as in the shell, it is fetched once in the background. No request waits for that:
until it is known the smallest limit applies, which lets the first requests through.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from tui_router.domain.account import KeyInfo
from tui_router.domain.problem import AppError
from tui_router.domain.rate_limit import Limit, Share, Shares, limit_of
from tui_router.domain.secret import fingerprint
from tui_router.services.app_state import StateStore
from tui_router.storage.keys import FoundKey

_log = logging.getLogger(__name__)

_NOTE = "key_tiers"
_MOST_KEYS = 50
_LASTS = 86_400.0
"""Seconds after which the tier is fetched again: the user may have bought credit."""


class Known(NamedTuple):
    """The tier of a key, and when it was reported."""

    is_free: bool
    """True if the account never bought credit."""
    at: float


class TierSource(Protocol):
    """The part of the account that tiers need."""

    def find(self) -> FoundKey | None:
        """Return the key in use; raises ``AppError``."""
        ...

    def info(self) -> KeyInfo | None:
        """Return the key info if it was checked since the start."""
        ...

    def check(self) -> object:
        """Check the key with the service; then ``info`` returns it. Blocks; raises ``AppError``."""
        ...


def _on_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="tui-router-tier", daemon=True).start()


class Tier:
    """The current rate limit. Thread-safe; never waits for the network or the disk."""

    def __init__(
        self,
        *,
        setting: Callable[[], str],
        account: TierSource,
        app_state: StateStore,
        clock: Callable[[], float] = time.time,
        aside: Callable[[Callable[[], None]], None] = _on_thread,
    ) -> None:
        """``aside`` runs a slow function on another thread."""
        self._setting = setting
        self._account = account
        self._app_state = app_state
        self._clock = clock
        self._aside = aside
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}
        self._loaded: set[str] = set()
        self._asked: set[str] = set()
        self._asking: set[str] = set()
        self._is_closed = False

    def limit(self) -> Limit:
        """Return the rate limit; never waits for the network."""
        setting = self._setting()
        if setting != "auto":
            return limit_of(setting)
        try:
            found = self._account.find()
        except AppError:
            found = None
        if found is None:
            return limit_of("auto")
        return limit_of("free" if self._is_free(fingerprint(found.secret)) else "standard")

    def close(self) -> None:
        """Stop saving: the store is about to close, and a response may still arrive."""
        with self._lock:
            self._is_closed = True

    def _is_free(self, key: str) -> bool:
        info = self._account.info()
        with self._lock:
            if key not in self._loaded:
                self._loaded.add(key)
                self._load(key)
            known = self._known.get(key)
            if info is not None:
                self._learn(key, known, is_free=info.is_free_tier)
                return info.is_free_tier
            is_due = known is None or known.at < self._clock() - _LASTS
            if is_due and key not in self._asked:
                self._asked.add(key)
                self._asking.add(key)
                self._aside(lambda: self._ask(key))
            return known.is_free if known is not None else key in self._asking

    def _ask(self, key: str) -> None:
        try:
            with suppress(AppError):  # other servers lack this endpoint; then the standard limit applies
                self._account.check()
        finally:
            with self._lock:
                self._asking.discard(key)
        self.limit()

    def _load(self, key: str) -> None:
        with suppress(AppError):
            notes = self._app_state.get(_NOTE, {})
            match notes.get(key) if isinstance(notes, dict) else None:
                case [bool(is_free), int() | float() as at]:
                    self._known[key] = Known(is_free, min(at, self._clock()))

    def _learn(self, key: str, known: Known | None, *, is_free: bool) -> None:
        now = self._clock()
        if known is not None and known.is_free == is_free and known.at > now - _LASTS:
            return
        self._known[key] = Known(is_free, now)
        _log.debug("limiter: the account of this key %s", "never bought credit" if is_free else "has bought credit")

        if self._is_closed:
            return

        def add(notes: Any) -> dict[str, Any]:
            kept = dict(notes) if isinstance(notes, dict) else {}
            kept.pop(key, None)
            return dict([*kept.items(), (key, [is_free, now])][-_MOST_KEYS:])

        with suppress(AppError):
            self._app_state.change(_NOTE, add)


class Exchange(Protocol):
    """Shares started requests between processes."""

    @property
    def token(self) -> str:
        """The identity of this process."""
        ...

    def exchange(self, now: float, decide: Callable[[Shares], Share]) -> bool:
        """Pass the others' shares to ``decide`` and save the share that it returns, under an exclusive lock.

        Returns ``False`` without calling ``decide`` if another process holds the lock; try again.
        """
        ...

    def close(self) -> None:
        """Leave."""
        ...


class Alone:
    """An exchange for a process that shares its limits with no other."""

    token = "alone"

    def exchange(self, now: float, decide: Callable[[Shares], Share]) -> bool:
        """Call ``decide`` without other shares."""
        decide({})
        return True

    def close(self) -> None:
        """Do nothing."""
