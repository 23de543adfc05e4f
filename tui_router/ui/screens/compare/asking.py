"""From Enter to running lanes: what is checked before a question leaves, what it costs, and one that waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_router.domain.draft import Attachment
from tui_router.domain.message import Part, Text
from tui_router.services.asking import with_draft
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

    def estimate(self, parts: Sequence[Part]) -> Estimate:
        """Guess what a question costs, each lane with the thread of its own."""
        comparison = self._rounds.comparison
        chat, lanes = comparison.chat, comparison.lanes
        return self._core.estimates.of([chat.request(with_draft(chat, parts, n.head), n.model) for n in lanes])

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
