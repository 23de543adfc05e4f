"""Reads ``OPENROUTER_*`` and ``LOG_LEVEL`` from the environment and a ``.env`` file, and records the sources.

The ``.env`` file of the current folder may belong to an untrusted repository. So only ``OPENROUTER_*`` is read from
it, nothing is expanded, and its base URL is used only with its own key: your key is never sent to its address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.secret import Secret

KEY = "OPENROUTER_API_KEY"
BASE_URL = "OPENROUTER_BASE_URL"
_PREFIX = "OPENROUTER_"
_OTHERS = ("LOG_LEVEL",)
_LINE = r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$"
"""Compiled only when there is a file: it would cost 1.4 ms of every start."""
_MOST_BYTES = 64 * 1024


class Environment(NamedTuple):
    """Values by name. The key is separate so that it is never printed with the others."""

    values: Mapping[str, str] = MappingProxyType({})
    sources: Mapping[str, str] = MappingProxyType({})
    """The source of each value: ``environment (NAME)`` or ``.env (NAME)``."""
    key: Secret | None = None
    problems: tuple[Problem, ...] = ()

    def source(self, name: str) -> str:
        """Return the source of a value; empty if it is not set."""
        return self.sources.get(name, "")


def read_environment(environ: Mapping[str, str], cwd: Path | None) -> Environment:
    """Return the values that are set. The environment overrides ``.env``; without ``cwd`` no ``.env`` is read."""
    own = {n: v for n, v in environ.items() if (n.startswith(_PREFIX) or n in _OTHERS) and v.strip()}
    near = _read_dotenv(cwd / ".env") if cwd else {}
    problems: list[Problem] = []
    if BASE_URL in near and (KEY in own or KEY not in near or BASE_URL in own):
        del near[BASE_URL]
        if BASE_URL not in own:
            problems.append(
                Problem(
                    kind=ErrorKind.SETTINGS,
                    title=f"{BASE_URL} in .env is not used",
                    detail="An address found there is used only with a key found there",
                    hint=f"Set {BASE_URL} in the environment or network.base_url in the settings",
                )
            )
    values = near | own
    sources = {n: f".env ({n})" for n in near} | {n: f"environment ({n})" for n in own}
    key = values.pop(KEY, "")
    return Environment(values=values, sources=sources, key=Secret(key) if key else None, problems=tuple(problems))


def _read_dotenv(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = re.match(_LINE, line)
        if match and match[1].startswith(_PREFIX) and (value := _unquoted(match[2])):
            found[match[1]] = value
    return found


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value
    return value.partition(" #")[0].rstrip()
