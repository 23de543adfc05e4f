"""Opens the services in two steps: what the first frame needs immediately, the rest on first use.

There is no global state: the caller passes the services on, and each test opens its own in a temporary folder.
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
    """Address and key of a server."""

    base_url: str
    key: Secret
    source: str
    """Description of the source."""
    model: str = ""
    """Id of the default model if none was ever chosen."""


class Services:
    """Services for the first frame (settings, theme, paths) and, on first use, the ``core``."""

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
        """True if the offline demo server answers."""
        return self._start_demo is not None

    @property
    def core(self) -> Core:
        """All other services. The first access builds them (tens of milliseconds): keep it off the UI thread."""
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
        """True if the core is built."""
        return self._core is not None

    def open_log(self) -> None:
        """Open the log now unless it is open, for failures before the core is built."""
        if self._core is None:
            from tui_router.storage.log import open_log  # the first frame does without

            open_log(self.paths, self._log_level or self.preferences.current.log.level)

    def close(self) -> Problem | None:
        """Write pending changes and close files and connections; returns what could not be saved, and where it is.

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
    """Return the services of a configuration folder. Cheap: only reads the settings.

    With ``start_demo`` the offline demo server answers. It is started on first use, and its files are in a
    separate folder below the configuration folder.
    """
    # Without a handler Python prints records to stderr, over the screen. This holds until the log is open.
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
