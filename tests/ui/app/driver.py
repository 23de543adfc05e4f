"""A person at the app: types, presses keys, reads the screen, and waits for what should come.

The services are the real ones, in a folder of their own, against a demo server in this process. Waiting is always
for something on the screen (or a condition); giving up is a failure, never a result.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from textual import events
from textual.app import App
from textual.pilot import Pilot

from tests.valve import Valve
from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.message import Message, Role
from tui_router.services.startup import Services, open_services
from tui_router.ui.app import TuiRouter
from tui_router.ui.app_host import ExitReason
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.launch_options import LaunchOptions
from tui_router.ui.transcript.entry_state import EntryKind
from tui_router.ui.transcript.transcript import Transcript

PATIENCE = 15.0
"""Seconds after which something counts as never happening."""
_LOOK_AGAIN = 0.004
_HOPS = 8
"""Queues that a key goes through: the widget in focus, those around it, the screen, the app, and back for the focus."""
_SETTINGS = '[chat]\nmodel = "{model}"\nhints = false\n[network]\ninitial_delay = 0.5\n'


def screen_text(app: App[Any]) -> str:
    """Return what the screen shows, as lines of text."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


class Watching:
    """What can be seen of one run of the app."""

    def __init__(self, app: TuiRouter, pilot: Pilot[ExitReason], services: Services) -> None:
        self.app = app
        self.pilot = pilot
        self.services = services

    # Seeing

    @property
    def screen(self) -> str:
        """What the screen shows."""
        return screen_text(self.app)

    @property
    def widths(self) -> list[int]:
        """How many cells each row of the screen fills."""
        return [strip.cell_length for strip in self.app.screen._compositor.render_strips()]

    @property
    def prompt(self) -> Prompt:
        """The prompt of the chat."""
        return self.app.get_default_screen().query_one(Prompt)

    @property
    def transcript(self) -> Transcript:
        """The conversation as it is shown."""
        return self.app.get_default_screen().query_one(Transcript)

    @property
    def said(self) -> str:
        """Everything in the transcript, on the screen and beyond its edges."""
        return "\n".join(entry.text for entry in self.transcript.entries)

    @property
    def toasts(self) -> str:
        """The notices that are shown now."""
        return "\n".join(f"{n.title} {n.message}" for n in self.app._notifications)

    @property
    def saved(self) -> tuple[Message, ...]:
        """The messages of the newest conversation on disk, oldest first, once what is being written is there."""
        writes = self.services.core.writes
        assert writes.problem is not None or writes.wait(PATIENCE)
        library = self.services.core.library
        newest = library.conversations.last()
        return tuple(library.messages.load_messages(newest)) if newest else ()

    @property
    def answers(self) -> list[str]:
        """The answers on the path in view that have ended."""
        ended = (e.message for e in self.transcript.entries if not e.is_live and e.message is not None)
        return [m.text for m in ended if m.role is Role.ASSISTANT]

    @property
    def last_id(self) -> str:
        """The last answer in view, live or ended; empty when there is none."""
        ids = [e.id for e in self.transcript.entries if e.kind is EntryKind.ASSISTANT]
        return ids[-1] if ids else ""

    @property
    def is_streaming(self) -> bool:
        """True while an answer in view grows."""
        return any(e.is_live for e in self.transcript.entries)


class Talking(Watching):
    """One run of the app, and the hands on it."""

    # Doing

    async def type(self, text: str) -> None:
        """Write into whatever has the keyboard, as a person does: one key after the other."""
        for character in text:
            self._key("enter" if character == "\n" else _name_of(character), character)
        await self.pilot.pause(0)

    async def press(self, *keys: str) -> None:
        """Press keys by their Textual names, each when the one before has done its work."""
        for key in keys:
            self._key(key, key if len(key) == 1 else _CHARACTERS.get(key))
            for _ in range(_HOPS):
                await self.pilot.pause(0)

    async def paste(self, text: str) -> None:
        """Paste as a terminal does."""
        self.app.post_message(events.Paste(text))
        await self.pilot.pause(0)

    async def send(self, text: str = "") -> None:
        """Write a line, if there is one to write, and press Enter."""
        if text:
            await self.type(text)
        await self.press("enter")

    async def ask(self, text: str, *answer: str) -> None:
        """Send a question and wait until its answer has ended, with these words in it."""
        before = self.last_id
        await self.send(text)
        await self.until(lambda: self.last_id != before and not self.is_streaming, f"an answer to {text!r}")
        await self.sees(*answer)

    async def ask_behind(self, running: str, *queued: str) -> None:
        """Send a question that is not answered yet, and others behind it."""
        await self.send(running)
        await self.until(lambda: self.is_streaming, "an answer")
        for question in queued:
            await self.send(question)
        await self.sees(f"{len(queued)} queued")

    async def read(self) -> None:
        """Go from the empty prompt to the messages."""
        await self.press("tab")
        await self.sees("MESSAGES")

    async def stop(self) -> None:
        """Press Escape."""
        await self.press("escape")

    async def uses(self, model: str) -> None:
        """Switch to a model by its slash word."""
        await self.send(f"/model {model}")
        await self.is_told("answers from now on")

    async def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(columns, rows)
        await self.pilot.pause(0)

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the app run until a condition holds."""
        deadline = monotonic() + PATIENCE
        while not condition():
            if self.app._exception is not None:
                raise self.app._exception
            if monotonic() > deadline:
                raise AssertionError(f"never came: {what}; notices: {self.toasts}; the screen:\n{self.screen}")
            await self.pilot.pause(_LOOK_AGAIN)

    async def sees(self, *texts: str) -> None:
        """Wait until all of these are on the screen. A space stands for any white space, a line's end included."""
        for text in texts:
            await self.until(lambda text=text: _flat(text) in _flat(self.screen), repr(text))  # type: ignore[misc]

    async def sees_no_more(self, text: str) -> None:
        """Wait until this has gone from the screen."""
        await self.until(lambda: _flat(text) not in _flat(self.screen), f"the end of {text!r}")

    async def sees_ending(self, word: str) -> None:
        """Wait until nothing streams and the mark of an unusual ending is shown."""
        await self.until(lambda: not self.is_streaming and f"■ {word}" in self.screen, f"ending {word!r}")

    async def sees_prompt(self, text: str) -> None:
        """Wait until the prompt holds exactly this."""
        await self.until(lambda: self.prompt.text == text, f"{text!r} in the prompt, which holds {self.prompt.text!r}")

    async def is_told(self, text: str) -> None:
        """Wait for a notice."""
        await self.until(lambda: _flat(text) in _flat(self.toasts), f"notice {text!r}")

    def _key(self, key: str, character: str | None) -> None:
        event = events.Key(key, character)
        event.set_sender(self.app)
        self.app.post_message(event)


class Home:
    """A person's folder, environment and the service that answers. Talk in it as often as you like."""

    def __init__(self, folder: Path, demo_server: DemoServer) -> None:
        self.folder = folder
        self.demo_server = demo_server
        self.valve: Valve | None = None
        self.environ = {"OPENROUTER_BASE_URL": demo_server.base_url, "OPENROUTER_API_KEY": DEMO_KEY}

    def settings(self, text: str = "", model: str = "demo/quick") -> None:
        """Write the settings file."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "settings.toml").write_text(_SETTINGS.format(model=model) + text)

    @asynccontextmanager
    async def talking(
        self,
        model: str = "demo/quick",
        *,
        size: tuple[int, int] = (100, 30),
        text: str = "",
        resume: str = "",
        wanted: str = "",
        compare: tuple[str, ...] = (),
        is_online: bool = True,
    ) -> AsyncIterator[Talking]:
        """Open the app, and leave it as a person does. ``model`` answers unless settings were written before.

        What the app asks the service by itself at the start is over when this yields, unless nobody is there to ask.
        """
        if not (self.folder / "settings.toml").exists():
            self.settings(model=model)
        services = open_services(config_dir=str(self.folder), environ=self.environ)
        app = TuiRouter(services, LaunchOptions(text=text, resume=resume, model=wanted, compare=compare))
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                chat = Talking(app, pilot, services)
                await chat.until(lambda: services.is_ready, "the services")
                if is_online:
                    await chat.until(lambda: services.core.catalog.models, "the catalogue")
                if "OPENROUTER_API_KEY" in self.environ and is_online:
                    await chat.until(lambda: services.core.account.checked is not None, "the key to be checked")
                yield chat
                app.host.leave()
        finally:
            services.close()

    def asked(self) -> list[Any]:
        """Return the bodies of the chat requests that the service got, oldest first."""
        return [r.body for r in self.demo_server.requests if r.path.endswith("/chat/completions")]


def _flat(text: str) -> str:
    return re.sub(r"[\s▌│▐]+", " ", text)


def _name_of(character: str) -> str:
    return _NAMES.get(character, character)


_NAMES = {" ": "space", "/": "slash", "@": "at", "\t": "tab", ",": "comma", ".": "full_stop", "?": "question_mark"}
_CHARACTERS = {
    "space": " ", "slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]",
    "enter": "\r", "tab": "\t",
}  # fmt: skip
