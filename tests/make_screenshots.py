"""Makes ``screenshots/`` from the running program: ``python -m tests.make_screenshots``.

The app runs headless against the offline demo server, is driven by its keys as a person would, and exports what is on
its screen. Nothing in the pictures is drawn by hand.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.secret import Secret
from tui_router.services.startup import DemoConnection, open_services
from tui_router.ui.app import TuiRouter
from tui_router.ui.app_host import ExitReason

FOLDER = Path(__file__).parent.parent / "screenshots"
SIZE = (132, 36)
_MODEL = "anthropic/claude-haiku-5.5"
"""Who answers in the pictures."""
_SPEED = 2.0

Scene = Callable[["Stage"], Awaitable[None]]


class Stage:
    """The app on a stage: keys in, pictures out."""

    def __init__(self, app: TuiRouter, pilot: Pilot[ExitReason]) -> None:
        self._app = app
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self._pilot.press(*keys)
        await self._pilot.pause()

    async def say(self, text: str) -> None:
        """Type a text."""
        await self.press(*("space" if c == " " else c for c in text))

    async def until(self, words: str) -> None:
        """Wait until words are on the screen."""
        for _ in range(600):
            if words in self.text():
                return
            await self._pilot.pause(0.05)
        raise RuntimeError(f"{words!r} did not come; the screen shows:\n{self.text()}")

    def text(self) -> str:
        """Return what is on the screen."""
        strips = self._app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    def shoot(self, name: str) -> None:
        """Write a picture."""
        (FOLDER / f"{name}.svg").write_text(self._app.export_screenshot(title="tui-router"), encoding="utf-8")


async def chat(stage: Stage) -> None:
    """A conversation with code and figures."""
    await stage.say("Show me some code, please")
    await stage.press("enter")
    await stage.until("tok/s")
    await stage.until("F1 all keys")
    stage.shoot("chat")


async def models(stage: Stage) -> None:
    """The picker."""
    await stage.press("ctrl+l")
    await stage.until("Strongest")
    await stage.say("claude")
    await stage.until("Anthropic")
    stage.shoot("models")
    await stage.press("escape")


async def compare(stage: Stage) -> None:
    """Three lanes."""
    await stage.say("/compare demo/opinion-a, demo/opinion-b, demo/opinion-c")
    await stage.press("enter")
    await stage.until("Opinion C")
    await stage.say("Tabs or spaces?")
    await stage.press("enter")
    await stage.until("cheapest")
    stage.shoot("compare")


async def settings(stage: Stage) -> None:
    """The settings with a theme previewed."""
    await stage.press("f10")
    await stage.until("Settings")
    await stage.say("theme")
    await stage.press("enter")
    stage.shoot("settings")


async def _play(scene: Scene) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, DemoServer(speed=_SPEED) as demo_server:
        connection = DemoConnection(demo_server.base_url, Secret(DEMO_KEY), "the offline demo", _MODEL)
        services = open_services(config_dir=folder, environ={}, start_demo=lambda: connection)
        app = TuiRouter(services)
        async with app.run_test(size=SIZE) as pilot:
            stage = Stage(app, pilot)
            await stage.until("offline demo")
            await stage.until("Which model do you want to ask")
            await scene(stage)
            await pilot.press("ctrl+q")


def main() -> None:
    """Make all pictures."""
    for scene in (chat, models, compare, settings):
        asyncio.run(_play(scene))
        print(f"screenshots/{scene.__name__}.svg")


if __name__ == "__main__":
    main()
