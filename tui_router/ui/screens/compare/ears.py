"""What the comparison screen hears from its prompt and its lanes and passes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from textual import on
from textual.screen import Screen

from tui_router.domain.draft import Attachment
from tui_router.domain.message import File, Image
from tui_router.domain.problem import Trouble
from tui_router.services.attachments import read_attachments
from tui_router.services.files import list_files
from tui_router.ui.host import Host
from tui_router.ui.prompt import messages as said
from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.screens.compare.actions import Actions
from tui_router.ui.transcript.view import Transcript


class Ears(Screen[str | None], inherit_bindings=False):
    """Turns messages of prompt and transcripts into calls. ``box`` and ``actions`` are given by the screen."""

    is_comparison = True
    """Tells the app whose keys these are without an import."""
    box: PromptBox
    actions: Actions

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host

    def guard(self, act: Callable[[], object]) -> None:
        """Do something; trouble is told."""
        try:
            act()
        except Trouble as trouble:
            self.host.tell_problem(trouble.problem)

    @on(said.SlashTyped)
    def _slash(self, event: said.SlashTyped) -> None:
        self.host.run_slash(event.name, event.rest, event.text)

    @on(said.AttachWanted)
    def _attachment_wanted(self, event: said.AttachWanted) -> None:
        self.host.work(lambda: read_attachments(event.path), self._attached)

    @on(said.HelpWanted)
    def _help(self) -> None:
        self.host.open_help()

    @on(said.Refused)
    def _refused(self, event: said.Refused) -> None:
        self.host.tell(event.sentence)

    @on(said.FilesWanted)
    def _files(self) -> None:
        self.host.work(lambda: list_files(os.getcwd()), self.box.prompt.set_files)

    @on(Transcript.ActionClicked)
    def _action(self, event: Transcript.ActionClicked) -> None:
        acts: dict[str, Callable[[], object]] = {
            "retry": self.actions.again,
            "change_model": self.actions.again_with,
            "settings": lambda: self.host.open_settings("account"),
        }
        if event.action in acts:
            self.guard(acts[event.action])

    @on(Transcript.LinkClicked)
    def _link(self, event: Transcript.LinkClicked) -> None:
        self.host.tell(f"This link goes to {event.url}")

    def _put_back(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Return a question that did not leave to the prompt."""
        if self.box.prompt.draft.is_empty:
            self.box.prompt.load(text, attachments=attachments)

    def _attached(self, parts: Iterable[tuple[str, Image | File]]) -> None:
        self.box.prompt.attach(parts)
