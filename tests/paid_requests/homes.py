"""The whole app in this process, against the server that charges."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from tests.charging_server import KEY, ChargingServer
from tests.ui.app.driver import Home
from tui_router.demo_server.server import DemoServer

_SETTINGS = """[network]
initial_delay = 0.5
tier = 'unlimited'
[chat]
hints = false
max_tokens = 200
model = '{model}'
"""


class ChargedHome(Home):
    """A home whose answers cost something."""

    def __init__(self, folder: Path, server: ChargingServer) -> None:
        super().__init__(folder, cast(DemoServer, server))
        self.charging = server
        self.environ["OPENROUTER_API_KEY"] = KEY

    def settings(self, text: str = "", model: str = "test/ok") -> None:
        """Write the settings file; ``text`` goes on with the group ``chat``."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "settings.toml").write_text(_SETTINGS.format(model=model) + text)

    def asked(self) -> list[Any]:
        """Return the bodies of the requests that the server got, oldest first."""
        return [v.body for v in self.charging.book.visits]
