"""A key that cannot be printed by accident."""

from __future__ import annotations

import re
from typing import final

_KEY_SHAPE = re.compile(r"\b(sk-)(?:or-)?[A-Za-z0-9_-]{4,}([A-Za-z0-9_-]{4})")
_BEARER = re.compile(r"(?i)(bearer\s+)[^\s\"']+")


@final
class Secret:
    """Wraps a key; only ``reveal`` gives it away. ``str`` and ``repr`` show the last four characters."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself. Call this only where it is put into a request or a private file."""
        return self._value

    @property
    def masked(self) -> str:
        """The key as a person may see it, e.g. ``sk-or-…1a2b``."""
        tail = self._value[-4:] if len(self._value) >= 12 else ""
        return f"sk-or-…{tail}" if self._value.startswith("sk-or-") else f"…{tail}"

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"Secret({self.masked})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a key is not copied into files")


def redact(text: str) -> str:
    """Return ``text`` with everything that looks like a key masked."""
    return _BEARER.sub(r"\1…", _KEY_SHAPE.sub(r"\1…\2", text))


def fingerprint(secret: Secret) -> str:
    """Return a name for a key that tells nothing of it: it goes into the ledger beside each request."""
    import hashlib  # not before the first request

    return hashlib.sha256(b"tui-router key " + secret.reveal().encode()).hexdigest()[:12]
