"""From Enter to running lanes: what is checked before a question leaves, what it costs, and one that waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from tui_router.domain.draft import Attachment
from tui_router.domain.message import Part, Text
from tui_router.domain.window import thread_tokens
from tui_router.services.core import Core
from tui_router.services.estimates import Estimate
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
        put_back: Callable[[str, tuple[Attachment, ...]], None],
        sent: Callable[[], None],
    ) -> None:
        self._core = core
        self._host = host
        self._rounds = rounds
        self._submitting = submitting
        self._put_back = put_back
        self._sent = sent
        self._waiting: tuple[str, tuple[Attachment, ...]] | None = None
        self._counted: tuple[object, list[int]] = (None, [])
        self.blind = False
        """Whether names are hidden from the next question on."""

    @property
    def waits(self) -> bool:
        """True while a question waits for the lanes to end."""
        return self._waiting is not None

    def submit(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Send a question, or keep it until every lane has ended."""
        if self._rounds.running:
            self._waiting = (text, attachments)
            self._host.tell("It goes out when all lanes are done; Esc Esc stops them")
        else:
            self._check(text, attachments)

    def take_back(self) -> None:
        """Return the question that waits to the prompt."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._put_back(*waiting)

    def next(self) -> None:
        """A lane ended: send what waits when it was the last."""
        if self._waiting is not None and not self._rounds.running:
            waiting, self._waiting = self._waiting, None
            self._check(*waiting)

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

    def _check(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        parts: list[Part] = [Text(text)] if text.strip() else []
        parts += [a.part for a in attachments]
        begun = self._rounds.plan(parts, blind=self.blind)

        def put_back() -> None:
            self._put_back(text, attachments)

        def refused(found: Refused) -> None:
            put_back()
            self._host.tell_problem(found.problem)

        def started(_: list[Turn]) -> None:
            problems = self._rounds.show(begun, parts)
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
