"""From Enter to running lanes: what is checked before a question leaves, what it costs, and those that wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_router.domain.draft import Draft
from tui_router.domain.message import EndingKind, Part
from tui_router.domain.problem import Trouble, misuse
from tui_router.services.asking import with_draft
from tui_router.services.core import Core
from tui_router.services.estimates import Estimate
from tui_router.services.outbox import Outbox
from tui_router.services.submission import Refused
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.submitter import PlanSubmitter


class Questions:
    """Sends questions to all lanes. ``put_back`` returns one to the prompt when it must not leave."""

    def __init__(
        self,
        core: Core,
        host: Host,
        rounds: Rounds,
        submitter: PlanSubmitter,
        *,
        put_back: Callable[[Draft], None],
        sent: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._core = core
        self._host = host
        self._rounds = rounds
        self._submitter = submitter
        self._put_back = put_back
        self._sent = sent
        self._changed = changed
        self.outbox: Outbox = core.outboxes.of(rounds.comparison.chat)
        """What is not sent yet in the conversation."""
        self.blind = False
        """Whether names are hidden from the next question on."""

    @property
    def waiting(self) -> int:
        """How many questions wait for the lanes to end, or for the person."""
        return len(self.outbox.queue)

    def submit(self, question: Draft) -> None:
        """Send a question, or keep it until every lane has ended."""
        self.outbox.is_held = False
        if self._rounds.running or self.outbox.going is not None:
            self.outbox.add(question)
            self._host.tell("It goes out when all lanes are done; Up takes it back")
            self._changed()
        else:
            self.outbox.begin(question)
            self._send(question)

    def next(self) -> None:
        """A lane ended: send what waits when it was the last. After a stop of all the person is to decide."""
        if self._rounds.running or self.outbox.is_held or not self.outbox.queue:
            return
        endings = [t.message.ending for t in self._rounds.lanes if t.message is not None]
        if any(e is not None and e.kind in (EndingKind.COMPLETE, EndingKind.LENGTH) for e in endings):
            self._send_waiting()
        else:
            self.outbox.is_held = True
            self._host.tell("What waits is not sent after answers that failed or were stopped: /queue send sends it")

    def send_next(self) -> None:
        """The person wants what waits to go."""
        self.outbox.is_held = False
        if not self.outbox.queue:
            self._host.tell("Nothing is queued")
        elif self._rounds.running or self.outbox.going is not None:
            self._host.tell("It goes out when all lanes are done")
        elif not self._send_waiting():
            raise misuse("What waits is another version of an earlier question", "Esc closes the lanes: it goes there")

    def _send_waiting(self) -> bool:
        """Send the next question that is a new one; another version of an earlier one waits for the chat."""
        question = self.outbox.take_next(lambda q: not q.edits)
        if question is not None:
            self._send(question)
        return question is not None

    def estimate(self, parts: Sequence[Part]) -> Estimate:
        """Guess what a question costs, each lane with the thread of its own."""
        comparison = self._rounds.comparison
        chat, lanes = comparison.chat, comparison.lanes
        return self._core.estimates.of([chat.request(with_draft(chat, parts, n.head), n.model) for n in lanes])

    def _send(self, question: Draft) -> None:
        """Run the checks. Whatever stops it, the question is not lost."""
        try:
            self._check(question)
        except Trouble:
            if self.outbox.going is question:
                self._put_back(question)
            raise

    def _check(self, question: Draft) -> None:
        parts = question.parts
        begun = self._rounds.plan(parts, blind=self.blind)

        def put_back() -> None:
            self._put_back(question)

        def refused(found: Refused) -> None:
            put_back()
            self._host.tell_problem(found.problem)

        def started(turns: list[Turn]) -> None:
            problems = self._rounds.show(begun, parts)
            if turns:
                self.outbox.end()
            else:
                put_back()  # no lane took it, so that it is nowhere else
            if problems:
                lanes = len(self._rounds.comparison.lanes)
                self._host.tell(f"Not sent to {len(problems)} of {lanes}: the lane says why")
            self._sent()

        count = len(begun.plan.requests)
        self._submitter.submit(begun.plan, started, refused, put_back, title=f"Ask all {count}?", yes="Ask")
