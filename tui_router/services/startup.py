"""Builds everything, in two steps: what the first frame needs at once, the rest on first use.

Nothing here is global: whoever opens services hands them on, and tests open them in a folder of their own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui_router.domain.problem import Problem
from tui_router.domain.secret import Secret
from tui_router.services.preferences import Preferences
from tui_router.storage.environment import Environment, read_environment
from tui_router.storage.paths import AppPaths, find_paths

if TYPE_CHECKING:
    from tui_router.services.core import Core


class DemoConnection(NamedTuple):
    """A server to talk to, with its key."""

    base_url: str
    key: Secret
    source: str
    """Where this comes from, in words."""
    model: str = ""
    """Id of the model that answers where nobody was ever chosen."""


class Services:
    """What the first frame needs (settings, theme, paths) and, on first use, the ``core``."""

    def __init__(
        self,
        *,
        paths: AppPaths,
        environment: Environment,
        preferences: Preferences,
        start_demo: Callable[[], DemoConnection] | None = None,
        log_level: str = "",
    ) -> None:
        self.paths = paths
        self.preferences = preferences
        self._environment = environment
        self._start_demo = start_demo
        self._log_level = log_level
        self._lock = threading.RLock()
        self._core: Core | None = None
        self._is_closed = False

    @property
    def is_demo(self) -> bool:
        """True when the offline demo server provides the answers."""
        return self._start_demo is not None

    @property
    def core(self) -> Core:
        """Everything else. The first call builds it (tens of milliseconds): keep it off the UI thread."""
        with self._lock:
            if self._core is None:
                from tui_router.services.core_builder import build_core  # SQLite and the rest, after the first frame

                environment, usual = self._environment, ""
                if self._start_demo is not None:
                    connection = self._start_demo()
                    environment, usual = _demo_environment(connection), connection.model
                    self.preferences.override("network.base_url", environment.values["OPENROUTER_BASE_URL"])
                self._core = build_core(self.paths, environment, self.preferences, self._log_level, usual)
            return self._core

    @property
    def is_ready(self) -> bool:
        """True once the core is built."""
        return self._core is not None

    def open_log(self) -> None:
        """Open the log now, unless it is open: for a failure before the core is there."""
        if self._core is None:
            from tui_router.storage.log import open_log  # the first frame does without

            open_log(self.paths, self._log_level or self.preferences.current.log.level)

    def close(self) -> Problem | None:
        """Write what is unwritten, let go of files and connections; returns what the disk refused, and where it is.

        A second call does nothing.
        """
        with self._lock:
            if self._core is None or self._is_closed:
                return None
            self._is_closed = True
            return self._core.close()


def open_services(
    *,
    config_dir: str | None = None,
    environ: Mapping[str, str],
    cwd: str | None = None,
    flags: Mapping[str, object] | None = None,
    start_demo: Callable[[], DemoConnection] | None = None,
    log_level: str = "",
) -> Services:
    """Return services for a configuration folder. Cheap: reads the settings and nothing else.

    With ``start_demo`` the offline demo server answers. It is started on first use, and its files are kept in a
    separate folder below the configuration folder.
    """
    # Until the log is open nothing may be printed over the screen, as Python does where nobody handles a record.
    logging.getLogger("tui_router").addHandler(logging.NullHandler())
    paths = find_paths(config_dir, environ)
    if start_demo is not None:
        paths = paths.for_demo()
        environ = {n: v for n, v in environ.items() if not n.startswith("OPENROUTER_")}
        cwd = None
    environment = read_environment(environ, Path(cwd) if cwd else None)
    preferences = Preferences(paths, environment, flags=flags)
    return Services(
        paths=paths, environment=environment, preferences=preferences, start_demo=start_demo, log_level=log_level
    )


def _demo_environment(connection: DemoConnection) -> Environment:
    return Environment(
        values={"OPENROUTER_BASE_URL": connection.base_url},
        sources={"OPENROUTER_BASE_URL": connection.source, "OPENROUTER_API_KEY": connection.source},
        key=connection.key,
    )
