"""What the status line says about a conversation."""

from __future__ import annotations

from decimal import Decimal

from tui_router.domain.message import Message, Role
from tui_router.domain.routing import Routing
from tui_router.domain.stream import Phase
from tui_router.domain.window import thread_tokens
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.screens.chat.talk import Talk
from tui_router.ui.widgets.status_line import StatusFacts


class Facts:
    """Gathers the facts; counts a thread once, not at every key."""

    def __init__(self, core: Core, talk: Talk, *, is_demo: bool) -> None:
        self._core = core
        self._talk = talk
        self._is_demo = is_demo
        self._counted: tuple[str | None, int] = ("", 0)

    def gather(self, draft_tokens: int, queued: int, mode: str) -> StatusFacts:
        """Return what is known now; ``draft_tokens`` is the size of what is being typed."""
        talk, core = self._talk, self._core
        model = core.catalog.get(talk.model_id)
        tokens = self._thread_tokens()
        estimate = ""
        if draft_tokens and model is not None:
            options = talk.chat.options_in_force()
            estimate = core.estimates.estimate([model], (), draft_tokens=draft_tokens + tokens, options=options).label
        left = core.account.left().amount
        return StatusFacts(
            model=talk.name_of(talk.model_id) or _nobody(talk),
            connection="demo ·" if self._is_demo else "",
            context_tokens=tokens + draft_tokens,
            window=model.context if model else 0,
            cost=spent(tuple(talk.chat.tree)),
            left=left,
            estimate=estimate,
            activity=activity(talk.streaming, queued),
            routing=Routing.of(talk.chat.options_in_force()).words(core.catalog.serving.name_of),
            effort=talk.chat.options_in_force().reasoning_effort or "",
            mode=mode,
        )

    def _thread_tokens(self) -> int:
        chat = self._talk.chat
        head = f"{chat.conversation.head}:{len(chat.tree)}:{len(self._talk.streaming)}"
        if self._counted[0] != head:
            self._counted = (head, thread_tokens(chat.thread, chat.conversation.system))
        return self._counted[1]


def _nobody(talk: Talk) -> str:
    """Return what stands in the place of a model: the name that was typed, while it stands for no one."""
    wanted = talk.answerer.wanted
    return f"{wanted}?" if wanted else "no model yet"


def spent(messages: tuple[Message, ...]) -> Decimal | None:
    """Return what the answers cost, as far as it is known; ``None`` when there are answers and no cost of any is."""
    costs = [m.usage.cost for m in messages if m.usage is not None and m.usage.cost is not None]
    answered = any(m.role is Role.ASSISTANT and m.ending is not None for m in messages)
    return sum(costs, Decimal(0)) if costs or not answered else None


def activity(turns: tuple[Turn, ...], queued: int) -> str:
    """Return what goes on, in a few words."""
    words = []
    phases = [t.state.phase for t in turns]
    if phases:
        first = phases[0]
        retry = turns[0].state.retrying
        if first is Phase.RETRYING and retry is not None:
            words.append(f"try {retry.attempt} of {retry.of}")
        elif first is Phase.QUEUED:
            words.append("queued")
        else:
            words.append({Phase.THINKING: "thinking", Phase.ANSWERING: "answering"}.get(first, "waiting"))
        if len(phases) > 1:
            words[-1] = f"{len(phases)} streaming"
    if queued:
        words.append(f"{queued} queued")
    return " · ".join(words)
