"""What the comparison screen hears from its prompt and its lanes and passes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from textual import events, on
from textual.screen import Screen
from textual.timer import Timer

from tui_router.domain.draft import Attachment
from tui_router.domain.message import File, Image
from tui_router.domain.problem import Trouble
from tui_router.services.attachments import read_attachments
from tui_router.services.files import list_files
from tui_router.ui.host import Host
from tui_router.ui.prompt import messages as said
from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.screens.compare.actions import Actions
from tui_router.ui.screens.compare.asking import Questions
from tui_router.ui.screens.compare.rows import Rows
from tui_router.ui.transcript.view import Transcript

_COUNT_AFTER = 0.2
"""Seconds of typing after which the cost is counted: that asks the database."""


class Ears(Screen[str | None], inherit_bindings=False):
    """Turns messages of prompt and transcripts into calls of the screen's parts."""

    is_comparison = True
    """Tells the app whose keys these are without an import."""

    def __init__(self, host: Host, box: PromptBox, questions: Questions, actions: Actions) -> None:
        super().__init__()
        self.host = host
        self.box = box
        self.questions = questions
        self.actions = actions
        self._counting: Timer | None = None

    @property
    def is_writing(self) -> bool:
        """True while the prompt has the focus."""
        return self.focused is self.box.prompt

    def show_estimate(self, words: str) -> None:
        """Show what the question being typed would cost."""

    def guard(self, act: Callable[[], object]) -> None:
        """Do something; trouble is told."""
        try:
            act()
        except Trouble as trouble:
            self.host.tell_problem(trouble.problem)

    def write(self, begin: str = "") -> None:
        """Go to the prompt; with the beginning of what is to be typed, where nothing stands there."""
        prompt = self.box.prompt
        prompt.focus()
        if begin and not prompt.text:
            prompt.insert(begin)

    def look_again(self) -> None:
        """Show everything around the answers anew."""

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        self.call_later(self.look_again)

    @on(Rows.Clicked, "#tabs")
    def _tab_clicked(self, event: Rows.Clicked) -> None:
        event.stop()
        kind, _, place = event.target.partition(":")
        if kind == "lane":
            self.guard(lambda: self.actions.digit(int(place)))

    @on(said.Submitted)
    def _submitted(self, event: said.Submitted) -> None:
        self.show_estimate("")
        self.guard(lambda: self.questions.submit(event.text, event.attachments))

    @on(said.DraftChanged)
    def _typed(self) -> None:
        self.key_pressed()
        if self._counting is None:
            self._counting = self.set_timer(_COUNT_AFTER, self._count)

    @on(said.HistoryWanted)
    def _waiting_wanted(self) -> None:
        self.questions.take_back()

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

    def key_pressed(self) -> None:
        """A key came: it is to be painted before what streams."""

    def _count(self) -> None:
        self._counting = None
        draft = self.box.prompt.draft
        self.show_estimate("" if draft.is_empty else self.questions.estimate(draft.parts).label)

    def _put_back(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Return a question that did not leave to the prompt."""
        if self.box.prompt.draft.is_empty:
            self.box.prompt.load(text, attachments=attachments)

    def _attached(self, parts: Iterable[tuple[str, Image | File]]) -> None:
        self.box.prompt.attach(parts)
