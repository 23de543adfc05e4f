"""From Enter to running lanes: what is checked before a question leaves, what it costs, and those that wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from tui_router.domain.draft import Draft
from tui_router.domain.message import EndingKind
from tui_router.domain.problem import Trouble, misuse
from tui_router.domain.window import thread_tokens
from tui_router.services.core import Core
from tui_router.services.estimates import Estimate
from tui_router.services.outbox import Outbox
from tui_router.services.submission import Refused
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.submitting import Submitting


class Questions:
    """Sends questions to all lanes. ``put_back`` returns one to the prompt when it must not leave."""

    def __init__(
        self,
        core: Core,
        host: Host,
        rounds: Rounds,
        submitting: Submitting,
        *,
        put_back: Callable[[Draft], None],
        sent: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._core = core
        self._host = host
        self._rounds = rounds
        self._submitting = submitting
        self._put_back = put_back
        self._sent = sent
        self._changed = changed
        self.outbox: Outbox = core.outboxes.of(rounds.comparison.chat)
        """What is not sent yet in the conversation."""
        self._counted: tuple[object, list[int]] = (None, [])
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

    def estimate(self, draft_tokens: int) -> Estimate:
        """Guess what a question of so many tokens costs, all lanes together."""
        comparison = self._rounds.comparison
        heads = tuple((lane.head, lane.model.id) for lane in comparison.lanes)
        if self._counted[0] != heads:
            system = comparison.chat.conversation.system
            counts = [thread_tokens(comparison.chat.tree.thread(lane.head), system) for lane in comparison.lanes]
            self._counted = (heads, counts)
        options = comparison.chat.options_in_force()
        found = []
        for lane, tokens in zip(comparison.lanes, self._counted[1], strict=True):
            about = self._core.catalog.get(lane.model.id)
            rows = [about] if about is not None else []
            one = self._core.estimates.estimate(rows, (), draft_tokens=tokens + draft_tokens, options=options)
            found.append(replace(one, models=1, unpriced=one.unpriced or int(about is None)))
        return joint(found)

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
        self._submitting.submit(begun.plan, started, refused, put_back, title=f"Ask all {count}?", yes="Ask")


def joint(estimates: Sequence[Estimate]) -> Estimate:
    """Return several estimates as one."""

    def total(name: str) -> Decimal | None:
        known = [v for e in estimates if (v := getattr(e, name)) is not None]
        return sum(known, Decimal(0)) if known else None

    shares = [e.share for e in estimates if e.share is not None]
    return Estimate(
        tokens=max((e.tokens for e in estimates), default=0),
        share=max(shares, default=None),
        low=total("low"),
        typical=total("typical"),
        most=total("most"),
        models=len(estimates),
        unpriced=sum(e.unpriced for e in estimates),
    )
