"""The API key in use: its source, its permissions, and the remaining balance."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tui_router.domain.account import Credits, KeyInfo, Spendable, key_sentence, spendable
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.domain.settings import Settings
from tui_router.storage.keys import FoundKey, KeyRing, StoredKey, clean_key

NO_KEY = Problem(
    kind=ErrorKind.NO_KEY,
    title="There is no key yet",
    detail="Asking a model needs one; the catalogue and the demo do not",
    hint="Sign in with /login, set OPENROUTER_API_KEY, or try --demo",
)


class KeyClient(Protocol):
    """What the account needs of a client."""

    def key_info(self) -> KeyInfo:
        """Fetch what the key may do; raises ``AppError``."""
        ...

    def credits(self) -> Credits | None:
        """Fetch the balance; ``None`` if this key may not read it."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a key check."""

    info: KeyInfo
    credits: Credits | None
    at: datetime

    @property
    def sentence(self) -> str:
        """One line about what the key may do."""
        return key_sentence(self.info, self.credits)


class Account:
    """The user's keys and what is known about the active one. Thread-safe."""

    def __init__(
        self,
        *,
        ring: KeyRing,
        settings: Callable[[], Settings],
        stored: Callable[[], Settings],
        connect: Callable[[Secret, str], KeyClient],
        now: Callable[[], datetime],
        spent_since: Callable[[datetime], Decimal],
        learn: Callable[[Secret, KeyInfo], None] = lambda *_: None,
    ) -> None:
        """``learn`` is told what each check of a key found."""
        self._ring = ring
        self._settings = settings
        self._stored = stored
        self._connect = connect
        self._now = now
        self._spent_since = spent_since
        self._learn = learn
        self._spent: tuple[Checked | None, Decimal] = (None, Decimal(0))
        self._lock = threading.RLock()
        self._found: FoundKey | None = None
        self._found_for: tuple[str, str, str] | None = None
        self._checked: Checked | None = None
        self._listeners: list[Callable[[], None]] = []

    def find(self) -> FoundKey | None:
        """Return the key to use, or ``None``. Cached per address; raises ``AppError`` if the key command fails."""
        settings = self._settings()
        wanted = (settings.network.base_url, settings.account.key_command, settings.account.key_store)
        with self._lock:
            if self._found is None or self._found_for != wanted:
                base_url, command, store = wanted
                home = self._stored().network.base_url
                self._found = self._ring.find(base_url, command, store, home=home)
                self._found_for = wanted
                self._checked = None
            return self._found

    def need(self) -> FoundKey:
        """Return the key to use; raises ``AppError`` that says how to get one."""
        found = self.find()
        if found is None:
            raise AppError(self._ring.refusal(self._settings().network.base_url) or NO_KEY)
        return found

    def where(self) -> str:
        """Return one line about the active key, or about how to get one. Never raises."""
        try:
            found = self.need()
        except AppError as trouble:
            return trouble.problem.sentence()
        return f"Using the key {found.secret.masked} from {found.source}"

    def check(self) -> Checked:
        """Ask the service about the active key. Blocks; raises ``AppError``."""
        found = self.need()
        checked = self._ask(found.secret, found.base_url)
        with self._lock:
            if self._found == found:
                self._checked = checked
        return checked

    @property
    def checked(self) -> Checked | None:
        """The last check of the active key; ``None`` before the first."""
        return self._checked

    def info(self) -> KeyInfo | None:
        """What is known about the active key (for the rate limiter)."""
        return self._checked.info if self._checked else None

    def left(self) -> Spendable:
        """Return what can still be spent as of the last count. Does no I/O."""
        checked = self._checked
        if checked is None:
            return spendable(None, None)
        since, spent = self._spent
        return spendable(checked.info, checked.credits, spent if since is checked else Decimal(0))

    def recount(self) -> Spendable:
        """Subtract what was spent here since the last check. Reads the ledger: keep it off the UI thread."""
        checked = self._checked
        if checked is not None:
            with suppress(AppError):  # if the ledger cannot be read, keep the last known sum
                self._spent = (checked, self._spent_since(checked.at))
        return self.left()

    def stored_keys(self) -> tuple[StoredKey, ...]:
        """Return the stored keys without their secrets."""
        return self._ring.names()

    def add(self, text: str, name: str = "", *, check: bool = True) -> Checked | None:
        """Store a typed or pasted key and use it. The service checks it first; a refused key is not stored.

        Returns ``None`` if the service cannot be reached and the key is stored unchecked. Raises ``AppError``.
        """
        return self.keep(clean_key(text), name, check=check)

    def keep(self, secret: Secret, name: str = "", *, check: bool = True) -> Checked | None:
        """Store a key from a sign-in; see ``add``."""
        settings = self._settings()
        base_url = settings.network.base_url
        checked: Checked | None = None
        if check:
            try:
                checked = self._ask(secret, base_url)
            except AppError as trouble:
                if trouble.problem.kind not in {
                    ErrorKind.NETWORK,
                    ErrorKind.TIMEOUT,
                    ErrorKind.PROVIDER,
                    ErrorKind.RATE_LIMIT,
                }:
                    raise
        if checked is not None and checked.info.is_management:
            raise AppError(
                Problem(
                    kind=ErrorKind.BAD_KEY,
                    title="This key cannot chat",
                    detail="It administers the account",
                    hint="Make an ordinary key at openrouter.ai/keys",
                )
            )
        self._ring.add(name or self._free_name(), secret, base_url, settings.account.key_store)
        self._forget(checked)
        return checked

    def use(self, name: str) -> None:
        """Switch to another stored key; raises ``AppError``."""
        self._ring.use(name)
        self._forget()

    def remove(self, name: str) -> None:
        """Delete a stored key; raises ``AppError``."""
        self._ring.remove(name)
        self._forget()

    def log_out(self) -> str:
        """Delete the active stored key; returns one line about the result. Raises ``AppError``."""
        found = self.find()
        if found is None:
            return "There was no key to forget"
        if not found.name:
            return f"The key comes from {found.source}: nothing is stored here; unset it there"
        self._ring.remove(found.name)
        self._forget()
        after = self.find()
        gone = f"Forgot the key {found.name}. It still works elsewhere: revoke it at openrouter.ai/keys"
        return f"{gone}. Now using the key from {after.source}" if after else gone

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the active key changes."""
        self._listeners.append(listener)

    def _ask(self, secret: Secret, base_url: str) -> Checked:
        dependencies = self._connect(secret, base_url)
        try:
            info = dependencies.key_info()
            self._learn(secret, info)
            try:
                credits = dependencies.credits()
            except AppError:
                credits = None
            return Checked(info=info, credits=credits, at=self._now())
        finally:
            dependencies.close()

    def _free_name(self) -> str:
        taken = {k.name for k in self._ring.names()}
        number = 1
        while (name := "default" if number == 1 else f"key{number}") in taken:
            number += 1
        return name

    def _forget(self, checked: Checked | None = None) -> None:
        with self._lock:
            self._found = None
            self._found_for = None
            self._checked = None
            if checked is not None:
                self.find()
                self._checked = checked
        for listener in tuple(self._listeners):
            listener()


def well_formed(text: str) -> Problem | None:
    """Return what is wrong with a typed or pasted key, checked locally; ``None`` if nothing is."""
    try:
        clean_key(text)
    except AppError as trouble:
        return trouble.problem
    return None
