"""An app of one prompt, and a way to wait for what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.widget import Prompt

M = TypeVar("M", bound=Message)


class PromptApp(App[None]):
    """A transcript's place, the prompt, a status line; keeps what the prompt said."""

    CSS = "#above { height: 1fr; } #status { height: 1; }"

    def __init__(self, *, vim: bool = False, fold: FoldRule | None = None) -> None:
        super().__init__()
        self.box = PromptBox(vim=vim, fold=fold)
        self.said: list[Message] = []

    @property
    def prompt(self) -> Prompt:
        return self.box.prompt

    def compose(self) -> ComposeResult:
        yield Static(id="above")
        yield self.box
        yield Static("status", id="status")

    def on_mount(self) -> None:
        self.prompt.focus()

    @on(Prompt.Submitted)
    @on(Prompt.SlashTyped)
    @on(Prompt.DraftChanged)
    @on(Prompt.QueueRecallRequested)
    @on(Prompt.ModeChanged)
    @on(Prompt.FilesRequested)
    @on(Prompt.AttachRequested)
    @on(Prompt.AttachmentsChanged)
    @on(Prompt.RewindRequested)
    @on(Prompt.HelpRequested)
    @on(Prompt.KeyRejected)
    def keep(self, event: Message) -> None:
        self.said.append(event)

    def heard(self, kind: type[M]) -> list[M]:
        """What was said of one kind, in order."""
        return [message for message in self.said if isinstance(message, kind)]

    def screen_text(self) -> str:
        """What is on the screen, as lines."""
        return "\n".join(strip.text.rstrip() for strip in self.screen._compositor.render_strips())


async def until(pilot: Pilot[None], condition: Callable[[], object], tries: int = 200) -> None:
    """Let the app run until a condition holds."""
    for _ in range(tries):
        if condition():
            return
        await pilot.pause()
    raise AssertionError("the condition was never met")
