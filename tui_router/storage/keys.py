"""API keys: looked up, stored, and bound to the address they may be sent to.

Every key is bound to the base URL it was stored with and is used only for that origin (scheme, host, port). A key in
the environment is bound to the base URL in the environment, or to OpenRouter if there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.storage.environment import BASE_URL, KEY, Environment
from tui_router.storage.files import PRIVATE_FILE, keep_beside, locked, read_bytes, tighten, write_private
from tui_router.storage.key_sources import Vault, find_vault, run_key_command
from tui_router.storage.paths import AppPaths
from tui_router.storage.toml import dump_toml, parse_toml

HEADER = "# Written by tui-router. These are keys: keep this file to yourself."
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A key that may be sent to ``base_url``."""

    secret: Secret
    source: str
    """For display, such as ``environment (OPENROUTER_API_KEY)``."""
    base_url: str
    name: str = ""
    """Its name in the file or the keyring; empty for other sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """One row of ``keys list``, without the secret."""

    name: str
    base_url: str
    added: str
    """ISO date; empty if unknown."""
    store: str
    is_active: bool
    masked: str
    """The last characters of the key; empty if it is in the keyring."""


def clean_key(text: str) -> Secret:
    """Return a typed or pasted key without surrounding whitespace, quotes, BOM or ``Bearer``.

    Raises ``AppError`` if it is empty or has characters that an HTTP header cannot carry.
    """
    key = text
    while (stripped := key.strip().strip("\ufeff\u200b\"'`")) != key:
        key = stripped
    if key[:7].lower() == "bearer ":
        key = key[7:].strip()
    if not key:
        raise AppError(
            Problem(kind=ErrorKind.NO_KEY, title="No key was given", hint="Copy it again from openrouter.ai/keys")
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise AppError(
            Problem(
                kind=ErrorKind.BAD_KEY,
                title="This is not a key",
                detail="It has spaces or characters that a key cannot have",
                hint="Copy it again from openrouter.ai/keys: one line, letters, digits and dashes",
            )
        )
    return Secret(key)


def origin_of(url: str) -> str:
    """Return the origin of a URL, such as ``https://openrouter.ai:443``; empty if it is not a URL."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return f"{parts.scheme.lower()}://{host}:{port}" if host and port else ""


class KeyRing:
    """The API keys of the user. Files are read on every call, so instances see each other's changes."""

    def __init__(
        self, paths: AppPaths, environment: Environment, *, vault: Callable[[], Vault | None] = find_vault
    ) -> None:
        self._paths = paths
        self._environment = environment
        self._vault = vault

    def find(
        self, base_url: str, key_command: str = "", store: str = "file", *, home: str = DEFAULT_BASE_URL
    ) -> FoundKey | None:
        """Return the key for an address from the first source that has one: command, environment, ``.env``, stored.

        ``home`` is the base URL in the settings file, to which the key of ``key_command`` is bound. ``store`` is the
        preferred store, ``file`` or ``keyring``. Raises ``AppError`` if the command fails.
        """
        origin = origin_of(base_url)
        if not origin:
            return None
        if key_command and origin == origin_of(home):
            return FoundKey(secret=clean_key(run_key_command(key_command)), source="key_command", base_url=base_url)
        if self._environment.key and origin == origin_of(self._environment_url()):
            return FoundKey(
                secret=clean_key(self._environment.key.reveal()),
                source=self._environment.source(KEY),
                base_url=base_url,
            )
        return self._find_stored(origin, store)

    def refusal(self, base_url: str) -> Problem | None:
        """Explain why the existing keys are not used for an address; ``None`` if there are none."""
        others = sorted({k.base_url for k in self.names()})
        if self._environment.key:
            others.insert(0, self._environment_url())
        others = [o for o in dict.fromkeys(others) if origin_of(o) != origin_of(base_url)]
        if not others:
            return None
        return Problem(
            kind=ErrorKind.NO_KEY,
            title=f"No key for {base_url}",
            detail=f"There is a key for {', '.join(others)}; a key is never sent to another address",
            hint=f"Add one with `tui-router keys add`, or set {BASE_URL} beside {KEY}",
        )

    def names(self) -> tuple[StoredKey, ...]:
        """Return the stored keys, oldest first, without their secrets."""
        document, _ = self._read()
        active = document.get("active")
        return tuple(
            StoredKey(
                name=name,
                base_url=_text(entry, "base_url") or DEFAULT_BASE_URL,
                added=_text(entry, "added"),
                store=_text(entry, "store") or "file",
                is_active=name == active,
                masked=Secret(_text(entry, "key")).masked if _text(entry, "key") else "",
            )
            for name, entry in _entries(document).items()
        )

    def add(self, name: str, secret: Secret, base_url: str = DEFAULT_BASE_URL, store: str = "file") -> None:
        """Store a key, replacing one of the same name, and make it active. Raises ``AppError``."""
        entry = {"base_url": base_url, "added": datetime.now(UTC).date().isoformat(), "store": store}
        if store == "keyring":
            self._open_vault().put(name, secret.reveal())
        else:
            entry["key"] = secret.reveal()

        def change(document: dict[str, Any]) -> None:
            document["keys"] = _entries(document) | {name: entry}
            document["active"] = name

        self._edit(change)

    def use(self, name: str) -> None:
        """Make a stored key active. Raises ``AppError`` if there is none of that name."""

        def change(document: dict[str, Any]) -> None:
            self._known(document, name)
            document["active"] = name

        self._edit(change)

    def remove(self, name: str) -> None:
        """Delete a key from the file and the keyring. Raises ``AppError``."""

        def change(document: dict[str, Any]) -> None:
            entry = self._known(document, name)
            if _text(entry, "store") == "keyring":
                self._open_vault().drop(name)
            document["keys"] = {n: e for n, e in _entries(document).items() if n != name}
            if document.get("active") == name:
                document["active"] = next(iter(document["keys"]), "")

        self._edit(change)

    def repair(self) -> tuple[Problem, ...]:
        """Make the file private if it is not; return notices about its mode and about a file that cannot be read."""
        loose = tighten(self._paths.keys)
        _, broken = self._read()
        return tuple(p for p in (loose, broken) if p)

    def _find_stored(self, origin: str, store: str) -> FoundKey | None:
        document, _ = self._read()
        entries = _entries(document)
        active = document.get("active")
        fitting = [n for n, e in entries.items() if origin_of(_text(e, "base_url") or DEFAULT_BASE_URL) == origin]
        # The active key first, then keys of the preferred store, then the newest.
        fitting.sort(key=lambda n: (n == active, (_text(entries[n], "store") or "file") == store), reverse=True)
        for name in fitting:
            entry = entries[name]
            where, key = f"keys file ({name})", _text(entry, "key")
            if _text(entry, "store") == "keyring":
                vault = self._vault()
                where, key = f"keyring ({name})", (vault.get(name) if vault else None) or ""
            if key:
                url = _text(entry, "base_url") or DEFAULT_BASE_URL
                return FoundKey(secret=clean_key(key), source=where, base_url=url, name=name)
        return None

    def _environment_url(self) -> str:
        # ``read_environment`` has already dropped a base URL that does not belong to the key.
        return self._environment.values.get(BASE_URL) or DEFAULT_BASE_URL

    def _read(self) -> tuple[dict[str, Any], Problem | None]:
        return parse_toml(read_bytes(self._paths.keys) or b"", self._paths.keys.name)

    def _edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        with locked(self._paths.config):
            document, broken = self._read()
            if broken:
                keep_beside(self._paths.keys, ".bad")
            change(document)
            write_private(self._paths.keys, dump_toml(document, HEADER), mode=PRIVATE_FILE)

    def _known(self, document: dict[str, Any], name: str) -> dict[str, Any]:
        entries = _entries(document)
        if name not in entries:
            have = ", ".join(entries) or "none is stored"
            raise AppError(Problem(kind=ErrorKind.USAGE, title=f"No key is called {name}", hint=f"There is: {have}"))
        return entries[name]

    def _open_vault(self) -> Vault:
        vault = self._vault()
        if vault is None:
            raise AppError(
                Problem(
                    kind=ErrorKind.SETTINGS,
                    title="There is no keyring here",
                    detail="The keyring package is not installed, or it found no vault",
                    hint="Install tui-router[keyring], or set account.key_store to file",
                )
            )
        return vault


def _entries(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    table = document.get("keys")
    return {n: e for n, e in table.items() if isinstance(e, dict)} if isinstance(table, dict) else {}


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name, "")
    return value if isinstance(value, str) else str(value)
