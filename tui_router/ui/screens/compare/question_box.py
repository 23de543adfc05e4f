"""The prompt of a comparison: what is typed there goes to all lanes."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.timer import Timer

from tui_router.domain.problem import Trouble
from tui_router.ui.host import Host
from tui_router.ui.prompt import messages as said
from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.screens.compare.asking import Questions
from tui_router.ui.screens.drafts import DraftController

_COUNT_AFTER = 0.2
"""Seconds of typing after which the cost is counted: that asks the database."""


class QuestionBox(PromptBox):
    """Handles what its prompt says. It works from ``attach`` on: what it needs is made of its prompt."""

    def __init__(self, host: Host, *, fold: FoldRule | None = None, vim: bool = False, id: str | None = None) -> None:
        super().__init__(fold=fold, vim=vim, id=id)
        self._host = host
        self._counting: Timer | None = None

    def attach(
        self,
        questions: Questions,
        drafts: DraftController,
        *,
        typed: Callable[[], None],
        show_estimate: Callable[[str], None],
        escape: Callable[[], None],
    ) -> None:
        """Take who sends, who keeps the draft, and what the screen does about keys.

        Args:
            questions: Sends to all lanes.
            drafts: Keeps what is typed.
            typed: A key came: it is to be painted before what streams.
            show_estimate: Shows what the question being typed would cost.
            escape: A second Escape on an empty prompt.
        """
        self._questions = questions
        self._drafts = drafts
        self._typed = typed
        self._show_estimate = show_estimate
        self._escaped = escape

    def write(self, begin: str = "") -> None:
        """Go to the prompt; with the beginning of what is to be typed, where nothing stands there."""
        self.prompt.focus()
        if begin and not self.prompt.text:
            self.prompt.insert(begin)

    @on(said.Submitted)
    def _submit(self, event: said.Submitted) -> None:
        self._show_estimate("")
        try:
            self._questions.submit(self._drafts.take(event.draft))
        except Trouble as trouble:
            self._host.tell_problem(trouble.problem)

    @on(said.DraftChanged)
    def _follow_draft(self) -> None:
        self._typed()
        self._drafts.sync()
        if self._counting is None:
            self._counting = self.set_timer(_COUNT_AFTER, self._count)

    @on(said.HistoryWanted)
    def _take_back(self) -> None:
        self._drafts.take_back()

    @on(said.SlashTyped)
    def _run_slash(self, event: said.SlashTyped) -> None:
        self._host.run_slash(event.name, event.rest, event.text)

    @on(said.AttachWanted)
    def _attach_file(self, event: said.AttachWanted) -> None:
        self._drafts.attach(event.path)

    @on(said.FilesWanted)
    def _list_files(self) -> None:
        self._drafts.list_files()

    @on(said.RewindWanted)
    def _escape(self) -> None:
        """Earlier questions of lanes are not edited: here it is one more Escape."""
        self._escaped()

    @on(said.Cleared)
    def _leave_edit(self) -> None:
        self._drafts.leave_edit()

    @on(said.HelpWanted)
    def _help(self) -> None:
        self._host.open_help()

    @on(said.Refused)
    def _tell(self, event: said.Refused) -> None:
        self._host.tell(event.sentence)

    def _count(self) -> None:
        self._counting = None
        draft = self.prompt.draft
        self._show_estimate("" if draft.is_empty else self._questions.estimate(draft.pieces).label)
