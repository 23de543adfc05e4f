"""Keys that lie elsewhere: printed by a command, or kept in the desktop's vault."""

from __future__ import annotations

import os
from typing import Protocol

from tui_router.domain.problem import Kind, Problem, Trouble

SERVICE = "tui-router"
COMMAND_TIMEOUT = 30.0
"""Seconds: a password manager may ask a person first."""


class Vault(Protocol):
    """A place of the desktop for secrets."""

    def get(self, name: str) -> str | None:
        """Return a secret, or ``None``."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        ...

    def drop(self, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already."""
        ...


class DesktopVault:
    """The vault that the ``keyring`` package found."""

    def __init__(self, module: object) -> None:
        self._keyring = module

    def get(self, name: str) -> str | None:
        """Return a secret, or ``None``."""
        found = self._call("get_password", SERVICE, name)
        return found if isinstance(found, str) else None

    def put(self, name: str, secret: str) -> None:
        """Keep a secret; raises ``Trouble`` when the vault refuses."""
        self._call("set_password", SERVICE, name, secret)

    def drop(self, name: str) -> None:
        """Forget a secret."""
        if self.get(name) is not None:
            self._call("delete_password", SERVICE, name)

    def _call(self, method: str, *words: str) -> object:
        try:
            return getattr(self._keyring, method)(*words)
        except Exception as error:  # backends raise what they like, and must not take the program along
            raise Trouble(
                Problem(
                    kind=Kind.SETTINGS,
                    title="The keyring refused",
                    detail=type(error).__name__,
                    hint="Unlock it, or set account.key_store to file",
                )
            ) from None


def find_vault() -> Vault | None:
    """Return the desktop's vault; ``None`` when ``keyring`` is not installed or found nothing to use."""
    try:
        import keyring  # an extra, slow to import, needed only by those who chose it
        from keyring.backends.fail import Keyring as NoKeyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), NoKeyring) else DesktopVault(keyring)


def run_key_command(command: str, timeout: float = COMMAND_TIMEOUT) -> str:
    """Return the first line that a command prints. No shell is involved; raises ``Trouble`` naming the command only."""
    import shlex
    import subprocess  # only those with a key_command pay for it

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


def _failed(command: str, why: str) -> Trouble:
    return Trouble(
        Problem(
            kind=Kind.NO_KEY,
            title="The key command failed",
            detail=f"{command}: {why}",
            hint="Run it in a shell to see why, or change account.key_command",
        )
    )
