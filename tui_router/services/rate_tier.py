"""Which limit holds for the key in use. ``auto`` is what the service says of the key, now or the last time.

Where nobody asked yet, as in the shell, the service is asked once in the background. No request waits for that:
until the answer is there the smallest limit holds, which lets the first ones through.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from tui_router.domain.account import KeyInfo
from tui_router.domain.problem import Trouble
from tui_router.domain.rate import Limit, Share, Shares, limit_of
from tui_router.domain.secret import fingerprint
from tui_router.services.app_state import StateStore
from tui_router.storage.keys import FoundKey

_log = logging.getLogger(__name__)

_NOTE = "key_tiers"
_MOST_KEYS = 50
_LASTS = 86_400.0
"""Seconds after which what is remembered is asked again: somebody may have bought credit."""


class Known(NamedTuple):
    """What the service said of a key, and when."""

    is_free: bool
    """True when its account never bought credit."""
    at: float


class TierSource(Protocol):
    """What is needed of the account."""

    def find(self) -> FoundKey | None:
        """Return the key in use; raises ``Trouble``."""
        ...

    def info(self) -> KeyInfo | None:
        """Return what the service said of it since the start."""
        ...

    def check(self) -> object:
        """Ask the service, blocking; raises ``Trouble``. ``info`` knows the answer then."""
        ...


def _on_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="tui-router-tier", daemon=True).start()


class Tier:
    """The limit in force. Safe from any thread; nothing in here waits for a network or for a writer of the store."""

    def __init__(
        self,
        *,
        setting: Callable[[], str],
        account: TierSource,
        app_state: StateStore,
        clock: Callable[[], float] = time.time,
        aside: Callable[[Callable[[], None]], None] = _on_thread,
    ) -> None:
        """``aside`` runs something that takes time where it holds nobody up."""
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
        """Return the limit of the setting; never waits for the network."""
        setting = self._setting()
        if setting != "auto":
            return limit_of(setting)
        try:
            found = self._account.find()
        except Trouble:
            found = None
        if found is None:
            return limit_of("auto")
        return limit_of("free" if self._is_free(fingerprint(found.secret)) else "standard")

    def close(self) -> None:
        """Remember nothing more: the store closes, and an answer may still be on its way."""
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
            with suppress(Trouble):  # other servers have no such address; the ordinary limit counts then
                self._account.check()
        finally:
            with self._lock:
                self._asking.discard(key)
        self.limit()

    def _load(self, key: str) -> None:
        with suppress(Trouble):
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

        with suppress(Trouble):
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
