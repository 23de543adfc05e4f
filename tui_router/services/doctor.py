"""Health checks: what works, what does not, and how to fix it. Read-only."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from tui_router.domain.account import Health, key_sentence
from tui_router.domain.problem import AppError, Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import redact
from tui_router.domain.settings import Settings
from tui_router.storage.keys import FoundKey
from tui_router.storage.paths import AppPaths

_LITTLE_SPACE = 200 * 1024 * 1024
_SKEW_WARNING = 60.0
_SKEW_BAD = 600.0
_SLOW = 2.0
_PROXY_NAMES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


class CheckState(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the health report."""

    name: str
    state: CheckState
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalFacts:
    """Facts about the terminal; ``None`` is unknown."""

    is_terminal: bool
    term: str = ""
    program: str = ""
    """Name of the terminal, or of tmux or screen around it."""
    columns: int = 0
    rows: int = 0
    encoding: str = ""
    colors: int | None = None
    tells_shift_enter: bool | None = None
    """Whether it distinguishes Shift+Enter from Enter (kitty keyboard protocol or modifyOtherKeys)."""
    copies: bool | None = None
    """Whether OSC 52 is expected to reach a clipboard."""


class Doctor:
    """Runs all health checks."""

    def __init__(
        self,
        *,
        paths: AppPaths,
        settings: Settings,
        environ: Mapping[str, str],
        find_key: Callable[[], FoundKey | None],
        health: Callable[[], Health],
        database: Callable[[], Sequence[Problem]],
        now: Callable[[], datetime],
        server_time: Callable[[], datetime | None] = lambda: None,
        terminal: TerminalFacts | None = None,
        free_space: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._paths = paths
        self._settings = settings
        self._environ = environ
        self._find_key = find_key
        self._health = health
        self._database = database
        self._now = now
        self._server_time = server_time
        self._terminal = terminal
        self._free_space = free_space

    def run(self) -> Iterator[Check]:
        """Yield the checks as they finish; network checks take a moment. A failed check does not raise."""
        found = yield from self._key()
        health = self._health()
        yield self._network(health)
        if health.reachable:
            yield self._accepted(health, has_key=found)
        yield self._proxy()
        yield self._tls(health)
        yield self._clock()
        yield self._disk()
        yield from self._folder()
        yield self._conversations()
        yield self._log()
        if self._terminal is not None:
            yield from terminal_checks(self._terminal)

    def _key(self) -> Generator[Check, None, bool]:
        try:
            found = self._find_key()
        except AppError as trouble:
            yield _of_problem("key", trouble.problem)
            return False
        if found is None:
            hint = "tui-router login, or set OPENROUTER_API_KEY"
            yield Check(name="key", state=CheckState.BAD, detail="No key was found", hint=hint)
            return False
        yield Check(name="key", state=CheckState.OK, detail=f"{found.secret.masked} from {found.source}")
        return True

    def _network(self, health: Health) -> Check:
        address = self._settings.network.base_url
        if not health.reachable:
            hint = "Check the connection, the proxy and network.base_url"
            return Check(name="network", state=CheckState.BAD, detail=f"{address}: {health.detail}", hint=hint)
        took = health.latency or 0.0
        detail = f"{address} answered in {took * 1000:.0f} ms"
        if took > _SLOW:
            return Check(name="network", state=CheckState.WARN, detail=detail, hint="Slow: every answer waits as long")
        return Check(name="network", state=CheckState.OK, detail=detail)

    def _accepted(self, health: Health, *, has_key: bool) -> Check:
        if health.key is None:
            hint = "Make a new key at openrouter.ai/keys" if has_key else "Without a key only the catalogue works"
            state = CheckState.BAD if has_key else CheckState.WARN
            return Check(name="account", state=state, detail=health.detail or "The key was not accepted", hint=hint)
        state = CheckState.BAD if health.key.is_management else CheckState.OK
        left = health.key.limit_remaining
        hint = ""
        if left is not None and left <= 0:
            state, hint = CheckState.WARN, "This key's limit is reached: raise it, or use a free model"
        return Check(name="account", state=state, detail=key_sentence(health.key), hint=hint)

    def _proxy(self) -> Check:
        chosen = self._settings.network.proxy
        source = "network.proxy"
        if not chosen:
            source = next((n for n in _PROXY_NAMES if self._environ.get(n)), "")
            chosen = self._environ.get(source, "")
        if not chosen:
            return Check(name="proxy", state=CheckState.OK, detail="None")
        parts = urlsplit(chosen)
        if parts.scheme not in ("http", "https", "socks5", "socks5h") or not parts.hostname:
            hint = "Write it like http://proxy.example:3128"
            return Check(name="proxy", state=CheckState.BAD, detail=f"{source} is not a proxy address", hint=hint)
        port = f":{parts.port}" if parts.port else ""
        detail = f"{parts.scheme}://{parts.hostname}{port} from {source}"
        return Check(name="proxy", state=CheckState.OK, detail=detail)

    def _tls(self, health: Health) -> Check:
        bundle = self._settings.network.ca_bundle or self._environ.get("SSL_CERT_FILE", "")
        if self._settings.network.base_url.startswith("http://"):
            return Check(name="tls", state=CheckState.OK, detail="Not used: the service is on this machine")
        if bundle and not Path(bundle).expanduser().is_file():
            hint = "Correct network.ca_bundle or SSL_CERT_FILE"
            return Check(name="tls", state=CheckState.BAD, detail=f"{bundle} is not there", hint=hint)
        which = f"certificates of {bundle}" if bundle else "built-in certificates"
        if "certificate" in health.detail.lower() and not health.reachable:
            hint = "Set network.ca_bundle to the file of your company's certificates"
            return Check(name="tls", state=CheckState.BAD, detail=health.detail, hint=hint)
        return Check(name="tls", state=CheckState.OK, detail=f"On, with the {which}")

    def _clock(self) -> Check:
        theirs = self._server_time()
        if theirs is None:
            return Check(name="clock", state=CheckState.OK, detail="Not compared: the service told no time")
        skew = (self._now() - theirs).total_seconds()
        size = abs(skew)
        if size < _SKEW_WARNING:
            return Check(name="clock", state=CheckState.OK, detail=f"Within {size:.0f} s of the service")
        way = "fast" if skew > 0 else "slow"
        state = CheckState.BAD if size > _SKEW_BAD else CheckState.WARN
        hint = "Set the clock: certificates and waiting times depend on it"
        return Check(name="clock", state=state, detail=f"{size:,.0f} s {way}", hint=hint)

    def _disk(self) -> Check:
        folder = next((p for p in (self._paths.config, *self._paths.config.parents) if p.exists()), Path("/"))
        try:
            free = self._free_space(folder)
        except OSError as error:
            return Check(name="disk", state=CheckState.WARN, detail=clean_line(f"{folder}: {error.strerror or error}"))
        detail = f"{free / 1024**3:,.1f} GB free at {self._paths.config}"
        if not os.access(folder, os.W_OK):
            hint = "Nothing can be saved there; choose another folder with --config-dir"
            return Check(name="disk", state=CheckState.BAD, detail=f"{folder} cannot be written", hint=hint)
        if free < _LITTLE_SPACE:
            return Check(name="disk", state=CheckState.WARN, detail=detail, hint="Free some space")
        return Check(name="disk", state=CheckState.OK, detail=detail)

    def _folder(self) -> Iterator[Check]:
        for path, wanted in ((self._paths.config, 0o700), (self._paths.keys, 0o600)):
            if not path.exists():
                continue
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                detail = f"{path} can be read by others (mode {mode:04o})"
                yield Check(name="privacy", state=CheckState.WARN, detail=detail, hint=f"chmod {wanted:o} {path}")
                return
        yield Check(name="privacy", state=CheckState.OK, detail="Settings and keys are yours alone")

    def _log(self) -> Check:
        level = logging.getLogger("tui_router").getEffectiveLevel()
        return Check(
            name="log",
            state=CheckState.OK,
            detail=f"{self._paths.log_file}, level {logging.getLevelName(level).lower()}",
        )

    def _conversations(self) -> Check:
        try:
            problems = tuple(self._database())
        except AppError as trouble:
            return _of_problem("conversations", trouble.problem)
        if problems:
            first = problems[0]
            return Check(name="conversations", state=CheckState.WARN, detail=_words(first), hint=first.hint)
        return Check(name="conversations", state=CheckState.OK, detail=str(self._paths.database))


def terminal_checks(facts: TerminalFacts) -> Iterator[Check]:
    """Yield the checks of the terminal's abilities."""
    if not facts.is_terminal:
        yield Check(name="terminal", state=CheckState.WARN, detail="None: only the shell commands work here")
        return
    name = " in ".join(p for p in (facts.term, facts.program) if p) or "unknown"
    detail = f"{clean_line(name, 60)}, {facts.columns}×{facts.rows}"
    if facts.term in ("", "dumb"):
        yield Check(name="terminal", state=CheckState.BAD, detail=detail, hint="Set TERM, e.g. xterm-256color")
    else:
        small = facts.columns < 40 or facts.rows < 10
        hint = "Very small: make the window larger" if small else ""
        yield Check(name="terminal", state=CheckState.WARN if small else CheckState.OK, detail=detail, hint=hint)
    if facts.encoding:
        good = facts.encoding.lower().replace("-", "") == "utf8"
        hint = "" if good else "Set LANG to a UTF-8 locale, e.g. C.UTF-8"
        yield Check(name="encoding", state=CheckState.OK if good else CheckState.WARN, detail=facts.encoding, hint=hint)
    if facts.colors is not None:
        few = facts.colors < 256
        hint = "Choose the theme for terminal colours" if few else ""
        yield Check(
            name="colours",
            state=CheckState.WARN if few else CheckState.OK,
            detail=f"{facts.colors:,} colours",
            hint=hint,
        )
    if facts.tells_shift_enter is not None:
        yield Check(
            name="keys",
            state=CheckState.OK,
            detail="Shift+Enter works" if facts.tells_shift_enter else "Shift+Enter looks like Enter here",
            hint="" if facts.tells_shift_enter else "Ctrl+J makes a new line everywhere",
        )
    if facts.copies is not None:
        yield Check(
            name="clipboard",
            state=CheckState.OK if facts.copies else CheckState.WARN,
            detail="Copying over the terminal is expected to work" if facts.copies else "OSC 52 does not get through",
            hint="" if facts.copies else "In tmux: set -g set-clipboard on, and set -g allow-passthrough on",
        )


def worst(checks: Sequence[Check]) -> CheckState:
    """Return the worst state among the checks; ``ok`` if there are none."""
    states = {c.state for c in checks}
    return (
        CheckState.BAD if CheckState.BAD in states else CheckState.WARN if CheckState.WARN in states else CheckState.OK
    )


def _of_problem(name: str, problem: Problem) -> Check:
    return Check(name=name, state=CheckState.BAD, detail=_words(problem), hint=problem.hint)


def _words(problem: Problem) -> str:
    return redact(f"{problem.title}: {problem.detail}" if problem.detail else problem.title)
