"""Facts for the status line: model, context, cost, estimate and activity of the conversation in view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from time import sleep

from tui_router.domain.account import Spendable
from tui_router.domain.message import Message, Part, Role
from tui_router.domain.model import ModelRef
from tui_router.domain.request import ChatRequest
from tui_router.domain.routing import Routing
from tui_router.domain.spending import Spent
from tui_router.domain.stream import Phase
from tui_router.domain.token_count import Count
from tui_router.domain.usage import money
from tui_router.services.conversation import with_draft
from tui_router.services.core import Core
from tui_router.services.estimates import Estimate
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.widgets.status_line import StatusFacts

_AFTER_FIRST_FRAME = 0.3
"""Seconds before a worker counts a long conversation: both need the interpreter, and painting is first."""


class ChatStatus:
    """Gathers the facts. The token count of the thread is cached, since a draft changes with every key."""

    def __init__(
        self, core: Core, host: Host, presenter: ConversationPresenter, changed: Callable[[], None], *, is_demo: bool
    ) -> None:
        self._core = core
        self._host = host
        self._changed = changed
        self._presenter = presenter
        self._is_demo = is_demo
        self._known: tuple[object, ...] = ()
        self._thread: tuple[ChatRequest, Count] | None = None
        self._estimated: tuple[Sequence[Part], Estimate] | None = None
        self._booked: tuple[str, Spent] | None = None

    def recount(self, host: Host, changed: Callable[[], None]) -> None:
        """Read the cost of the conversation and the remaining credit on a worker thread; ``changed`` if they differ."""
        conversation, account, spending = self._presenter.chat.conversation, self._core.account, self._core.spending
        before = account.left()

        def counted(left: Spendable) -> None:
            if left != before:
                changed()

        def booked(found: Spent) -> None:
            if self._booked != (conversation.id, found):
                self._booked = (conversation.id, found)
                changed()

        host.work(account.recount, counted, lambda _: None)
        if not conversation.is_temporary:
            host.work(lambda: spending.of_conversation(conversation.id), booked, lambda _: None)

    def gather(self, draft: Sequence[Part], queued: int, mode: str) -> StatusFacts:
        """Return the facts; ``draft`` is the unsent prompt, with pastes and attachments."""
        presenter, core = self._presenter, self._core
        model = core.catalog.get(presenter.model_id)
        found = self._estimate(draft)
        return StatusFacts(
            model=presenter.name_of(presenter.model_id) or _missing_model(presenter),
            connection="demo ·" if self._is_demo else "",
            context_tokens=found.tokens,
            window=model.context if model else 0,
            cost=self._cost(),
            left=core.account.left().amount,
            estimate=found.label if draft and model is not None else "",
            activity=activity(presenter.streaming, queued),
            routing=Routing.of(presenter.chat.options_in_force()).words(core.catalog.serving.name_of),
            effort=presenter.chat.options_in_force().reasoning_effort or "",
            mode=mode,
        )

    def _cost(self) -> str:
        """The cost by the ledger, which never falls; without ledger rows, the sum over the answers."""
        chat = self._presenter.chat
        if self._booked is not None and self._booked[0] == chat.conversation.id and self._booked[1].requests:
            return self._booked[1].label
        cost = spent(tuple(chat.tree))
        return "" if cost is None else money(cost)

    def _estimate(self, draft: Sequence[Part]) -> Estimate:
        """Estimate the next request: the cached count of the thread plus the draft."""
        request, thread = self._counted_thread()
        if self._estimated is not None and self._estimated[0] == draft:
            return self._estimated[1]
        counted = thread
        if draft:
            question = with_draft(self._presenter.chat, draft)[-1]
            alone = ChatRequest(model=request.model, messages=(question,))
            counted = thread.with_more(self._core.estimates.count(alone))
        found = self._core.estimates.of([request], [counted])
        self._estimated = (draft, found)
        return found

    def _counted_thread(self) -> tuple[ChatRequest, Count]:
        presenter, chat = self._presenter, self._presenter.chat
        known = (
            id(chat), chat.conversation, len(chat.tree), len(presenter.streaming), presenter.model_id, chat.trimming,
            self._core.catalog.fetched_at,
        )  # fmt: skip
        if self._thread is None or self._known != known:
            request = chat.request(chat.thread, ModelRef(presenter.model_id))
            self._known, self._thread = known, (request, self._count(request))
            self._estimated = None
        return self._thread

    def _count(self, request: ChatRequest) -> Count:
        """Count a request; a long one is counted on a worker, or it would hold up the first frame."""
        estimates = self._core.estimates
        quick = estimates.quick_count(request)
        if quick is None:
            return estimates.count(request)

        def counted(found: Count) -> None:
            if self._thread is not None and self._thread[0] is request:
                self._thread, self._estimated = (request, found), None
                self._changed()

        def count() -> Count:
            sleep(_AFTER_FIRST_FRAME)
            return estimates.count(request)

        self._host.work(count, counted)
        return quick


def _missing_model(presenter: ConversationPresenter) -> str:
    """Return the label while no model is chosen: the typed name that did not resolve, if any."""
    wanted = presenter.answerer.wanted
    return f"{wanted}?" if wanted else "no model yet"


def spent(messages: tuple[Message, ...]) -> Decimal | None:
    """Return the known cost of the answers in dollars; ``None`` when there are answers and none has a cost."""
    costs = [m.cost for m in messages if m.cost is not None]
    answered = any(m.role is Role.ASSISTANT and m.ending is not None for m in messages)
    return sum(costs, Decimal(0)) if costs or not answered else None


def activity(turns: tuple[Turn, ...], queued: int) -> str:
    """Return what is running and queued, in a few words."""
    words = []
    phases = [t.state.phase for t in turns]
    if phases:
        first = phases[0]
        retry = turns[0].state.retrying
        if first is Phase.RETRYING and retry is not None:
            words.append(f"try {retry.attempt} of {retry.of}")
        elif (held := turns[0].state.queued) is not None:
            words.append(held.words)
        else:
            words.append({Phase.THINKING: "thinking", Phase.ANSWERING: "answering"}.get(first, "waiting"))
        if len(phases) > 1:
            words = _several(turns)
    if queued:
        words.append(f"{queued} queued")
    return " · ".join(words)


def _several(turns: tuple[Turn, ...]) -> list[str]:
    """Return how many turns stream, and how many the rate limiter holds back for how long."""
    held = [q for q in (t.state.queued for t in turns) if q is not None]
    words = [f"{len(turns) - len(held)} streaming"] if len(held) < len(turns) else []
    if held:
        longest = max(held, key=lambda q: q.wait or 0.0).expected
        words.append(" · ".join(filter(None, (f"{len(held)} in line", longest))))
    return words
