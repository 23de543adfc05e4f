"""A machine of one's own: a home, a demo server, and terminals in which the real program runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.pty_harness import Child
from tests.source import ROOT
from tui_router.demo_server.server import DEMO_KEY
from tui_router.domain.message import Message
from tui_router.services.startup import open_services

APP = (sys.executable, "-m", "tui_router")
READY = "F1 keys"
"""Stands in the status line of the app, and not in the frame that is painted before it."""


class Machine:
    """Runs the program. Nothing of the real machine's configuration or environment reaches it."""

    def __init__(self, folder: Path, base_url: str, key: str = DEMO_KEY) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.key = key
        self.environ = {
            **{n: "" for n in os.environ if n.startswith("OPENROUTER_")},
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "TUI_ROUTER_CONFIG_DIR": str(self.config),
            "OPENROUTER_BASE_URL": base_url,
            "OPENROUTER_API_KEY": key,
            "PYTHONPATH": str(ROOT),
        }

    def settings(self, model: str, more: str = "") -> None:
        """Write the settings file."""
        self.config.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.config / "settings.toml").write_text(f'[chat]\nmodel = "{model}"\nhints = false\n{more}')

    def start(self, *words: str, model: str = "demo/echo", environ: Mapping[str, str] | None = None) -> Child:
        """Start the app in a terminal."""
        if not (self.config / "settings.toml").exists():
            self.settings(model)
        return self.run([*APP, *words], environ)

    def run(self, argv: list[str], environ: Mapping[str, str] | None = None) -> Child:
        """Start any program in a terminal."""
        return Child(argv, environ={**self.environ, **(environ or {})}, cwd=str(self.folder))

    def saved(self) -> tuple[Message, ...]:
        """Return the messages of the newest conversation on disk, without saying how any unfinished one ended."""
        services = open_services(config_dir=str(self.config), environ={})
        try:
            library = services.core.library
            newest = library.conversations.last()
            return library.messages.load_messages(newest) if newest else ()
        finally:
            services.close()

    def bytes_on_disk(self) -> bytes:
        """Return everything that lies in the home, one file after the other."""
        return b"\n".join(p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file())


def is_ready(screen: str) -> bool:
    """Say whether the app has painted."""
    return READY in screen
