"""API keys from outside: printed by a command, or stored in the keyring of the desktop."""

from __future__ import annotations

import os
from typing import Protocol

from tui_router.domain.problem import AppError, ErrorKind, Problem

SERVICE = "tui-router"
COMMAND_TIMEOUT = 30.0
"""Seconds; a password manager may prompt the user first."""


class Vault(Protocol):
    """Stores secrets by name."""

    def get(self, name: str) -> str | None:
        """Return a secret, or ``None``."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Store a secret."""
        ...

    def drop(self, name: str) -> None:
        """Delete a secret; do nothing if there is none."""
        ...


class DesktopVault:
    """The keyring of the desktop, through the ``keyring`` package."""

    def __init__(self, module: object) -> None:
        self._keyring = module

    def get(self, name: str) -> str | None:
        """Return a secret, or ``None``."""
        found = self._call("get_password", SERVICE, name)
        return found if isinstance(found, str) else None

    def put(self, name: str, secret: str) -> None:
        """Store a secret. Raises ``AppError`` if the keyring refuses."""
        self._call("set_password", SERVICE, name, secret)

    def drop(self, name: str) -> None:
        """Delete a secret."""
        if self.get(name) is not None:
            self._call("delete_password", SERVICE, name)

    def _call(self, method: str, *words: str) -> object:
        try:
            return getattr(self._keyring, method)(*words)
        except Exception as error:  # backends raise arbitrary errors, which must not end the program
            raise AppError(
                Problem(
                    kind=ErrorKind.SETTINGS,
                    title="The keyring refused",
                    detail=type(error).__name__,
                    hint="Unlock it, or set account.key_store to file",
                )
            ) from None


def find_vault() -> Vault | None:
    """Return the keyring of the desktop; ``None`` if ``keyring`` is not installed or has no backend."""
    try:
        import keyring  # an optional, slow import
        from keyring.backends.fail import Keyring as NoKeyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), NoKeyring) else DesktopVault(keyring)


def run_key_command(command: str, timeout: float = COMMAND_TIMEOUT) -> str:
    """Run a command without a shell and return the first line it prints.

    Raises ``AppError``, which names the command but never its output.
    """
    import shlex
    import subprocess  # only needed with a key_command

    try:
        words = [os.path.expanduser(w) for w in shlex.split(command)]
        done = subprocess.run(words, capture_output=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL)
    except (ValueError, IndexError) as error:
        raise _failed(command, f"the line cannot be read: {error}") from None
    except subprocess.TimeoutExpired:
        raise _failed(command, f"no answer for {timeout:g} s") from None
    except OSError as error:
        raise _failed(command, error.strerror or "it cannot be run") from None
    if done.returncode:
        raise _failed(command, f"it ended with status {done.returncode}")
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        raise _failed(command, "it printed nothing")
    return lines[0]


def _failed(command: str, why: str) -> AppError:
    return AppError(
        Problem(
            kind=ErrorKind.NO_KEY,
            title="The key command failed",
            detail=f"{command}: {why}",
            hint="Run it in a shell to see why, or change account.key_command",
        )
    )
