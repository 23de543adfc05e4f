"""Questions to all lanes: the prompt they are typed in, the checks, the estimate, and the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.timer import Timer

from tui_router.domain.draft import Draft
from tui_router.domain.message import EndingKind, Part
from tui_router.domain.problem import AppError, misuse
from tui_router.services.conversation import with_draft
from tui_router.services.estimates import Estimate
from tui_router.services.outbox import Outbox
from tui_router.services.submission import Refused
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.prompt import messages
from tui_router.ui.prompt.box import PromptBox
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.screens.compare.controller import CompareDependencies, ComparisonController
from tui_router.ui.screens.drafts import DraftController

_ESTIMATE_DELAY = 0.2
"""Seconds of typing before the cost is estimated: the estimate reads the database."""


class QuestionSender:
    """Sends questions to all lanes and queues those that are typed while lanes are running.

    ``put_back`` returns a question to the prompt if it cannot be sent; ``sent`` is called after each one that was.
    """

    def __init__(
        self,
        dependencies: CompareDependencies,
        controller: ComparisonController,
        *,
        put_back: Callable[[Draft], None],
        sent: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._core = dependencies.core
        self._host = dependencies.host
        self._controller = controller
        self._put_back = put_back
        self._sent = sent
        self._changed = changed
        self.outbox: Outbox = controller.outbox

    @property
    def waiting(self) -> int:
        """The number of queued questions."""
        return len(self.outbox.queue)

    def submit(self, question: Draft) -> None:
        """Send a question, or queue it until every lane has ended."""
        self.outbox.is_held = False
        if self._controller.lanes.running or self.outbox.going is not None:
            self.outbox.add(question)
            self._host.tell("Queued until all lanes are done; Up takes it back")
            self._changed()
        else:
            self.outbox.begin(question)
            self._send(question)

    def continue_queue(self) -> None:
        """Send the next queued question once the last lane has ended.

        If any lane failed or was stopped, the queue is held until the person sends it or takes it back: the next
        question costs money in every lane, and whoever stops one wants to look first.
        """
        if self._controller.lanes.running or self.outbox.is_held or not self.outbox.queue:
            return
        endings = [lane.message.ending for lane in self._controller.lanes if lane.message is not None]
        if all(e is not None and e.kind in (EndingKind.COMPLETE, EndingKind.LENGTH) for e in endings):
            self._send_next_new()
        else:
            self.outbox.is_held = True
            self._host.tell("The queue is held because an answer failed or was stopped: /queue send sends it")

    def send_next(self) -> None:
        """Send the next queued question even if the queue is held. Raises ``AppError`` if only edits are queued."""
        self.outbox.is_held = False
        if not self.outbox.queue:
            self._host.tell("Nothing is queued")
        elif self._controller.lanes.running or self.outbox.going is not None:
            self._host.tell("Queued until all lanes are done")
        elif not self._send_next_new():
            raise misuse(
                "The queued question edits an earlier one", "Esc closes the lanes: edits are sent from the chat"
            )

    def estimate(self, parts: Sequence[Part]) -> Estimate:
        """Estimate the cost of a question, each lane with its own thread."""
        comparison = self._controller.comparison
        chat, lanes = comparison.chat, comparison.lanes
        return self._core.estimates.of([chat.request(with_draft(chat, parts, n.head), n.model) for n in lanes])

    def _send_next_new(self) -> bool:
        """Send the next queued question that edits no earlier one: lanes cannot edit, so edits wait for the chat."""
        question = self.outbox.take_next(lambda q: not q.edits)
        if question is not None:
            self._send(question)
        return question is not None

    def _send(self, question: Draft) -> None:
        """Send a question; on failure it goes back to the prompt, so that it is never lost."""
        try:
            self._check_and_begin(question)
        except AppError:
            if self.outbox.going is question:
                self._put_back(question)
            raise

    def _check_and_begin(self, question: Draft) -> None:
        parts = question.parts
        planned = self._controller.plan(parts)

        def put_back() -> None:
            self._put_back(question)

        def refused(found: Refused) -> None:
            put_back()
            self._host.tell_problem(found.problem)

        def started(turns: list[Turn]) -> None:
            problems = self._controller.show(planned, parts)
            if turns:
                self.outbox.end()
            else:
                put_back()  # no lane took the question: the prompt is the only place left for it
            if problems:
                lanes = len(self._controller.comparison.lanes)
                self._host.tell(f"Not sent to {len(problems)} of {lanes}: the lane shows why")
            self._sent()

        count = len(planned.plan.requests)
        self._controller.submitter.submit(
            planned.plan, started, refused, put_back, title=f"Ask all {count}?", yes="Ask"
        )


class ComparePromptBox(PromptBox):
    """The prompt of the comparison. Call ``attach`` before it is mounted: what it needs depends on its prompt."""

    def __init__(self, host: Host, *, fold: FoldRule | None = None, vim: bool = False, id: str | None = None) -> None:
        super().__init__(fold=fold, vim=vim, id=id)
        self._host = host
        self._estimating: Timer | None = None

    def attach(
        self,
        sender: QuestionSender,
        drafts: DraftController,
        *,
        typed: Callable[[], None],
        show_estimate: Callable[[str], None],
        escape: Callable[[], None],
    ) -> None:
        """Connect the prompt to the screen.

        Args:
            sender: Sends questions to all lanes.
            drafts: Stores the draft.
            typed: Called for each edit, to paint it before streaming answers.
            show_estimate: Shows the estimated cost of the draft.
            escape: Called for a second Escape on an empty prompt.
        """
        self._sender = sender
        self._drafts = drafts
        self._typed = typed
        self._show_estimate = show_estimate
        self._escaped = escape

    def write(self, begin: str = "") -> None:
        """Focus the prompt, and insert ``begin`` if it is empty."""
        self.prompt.focus()
        if begin and not self.prompt.text:
            self.prompt.insert(begin)

    @on(messages.Submitted)
    def _submit(self, event: messages.Submitted) -> None:
        self._show_estimate("")
        try:
            self._sender.submit(self._drafts.take(event.draft))
        except AppError as trouble:
            self._host.tell_problem(trouble.problem)

    @on(messages.DraftChanged)
    def _draft_changed(self) -> None:
        self._typed()
        self._drafts.sync()
        if self._estimating is None:
            self._estimating = self.set_timer(_ESTIMATE_DELAY, self._estimate)

    @on(messages.QueueRecallRequested)
    def _take_back(self) -> None:
        self._drafts.take_back()

    @on(messages.SlashTyped)
    def _run_slash(self, event: messages.SlashTyped) -> None:
        self._host.run_slash(event.name, event.rest, event.text)

    @on(messages.AttachRequested)
    def _attach_file(self, event: messages.AttachRequested) -> None:
        self._drafts.attach(event.path)

    @on(messages.FilesRequested)
    def _list_files(self) -> None:
        self._drafts.list_files()

    @on(messages.RewindRequested)
    def _escape(self) -> None:
        """Treat a request to edit an earlier question as one more Escape: lanes cannot edit questions."""
        self._escaped()

    @on(messages.Cleared)
    def _cleared(self) -> None:
        self._drafts.leave_edit()

    @on(messages.HelpRequested)
    def _help(self) -> None:
        self._host.open_help()

    @on(messages.KeyRejected)
    def _report_rejected_key(self, event: messages.KeyRejected) -> None:
        self._host.tell(event.sentence)

    def _estimate(self) -> None:
        self._estimating = None
        draft = self.prompt.draft
        self._show_estimate("" if draft.is_empty else self._sender.estimate(draft.pieces).label)
