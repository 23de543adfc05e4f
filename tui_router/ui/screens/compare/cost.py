"""What a comparison costs: what the ledger says of its conversation, and on top of that what is not in it yet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tui_router.domain.message import Message, Role
from tui_router.domain.spending import Spent
from tui_router.domain.usage import money
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.figures import Figures, figures_of, total_cost

_PATIENCE = 5.0
"""Seconds that the ledger is waited for, behind the screen; what it does not have by then stays on top."""


class Cost:
    """Counts every answer once: as it runs, and from the ledger once it is there. What was paid never goes away."""

    def __init__(self, core: Core, host: Host, chat: Chat, changed: Callable[[], None]) -> None:
        self._core = core
        self._host = host
        self._chat = chat
        self._changed = changed
        self._on_top: dict[Turn, Callable[[float], Figures]] = {}
        """Answers that the ledger was not asked about since they ended."""
        self._before = tuple(chat.tree)
        """What was there already; it counts where the ledger knows of nothing."""
        self._booked: Spent | None = None
        self._asked = self._heard = 0
        """How often the ledger was asked, and which of these its newest answer is to: threads keep no order."""

    def began(self, turn: Turn, figures: Callable[[float], Figures]) -> None:
        """An answer runs; ``figures`` says what is known of it at a moment."""
        self._on_top[turn] = figures

    def ended(self, turn: Turn, message: Message) -> None:
        """An answer ended, in view or not."""
        if turn in self._on_top:
            final = Figures(cost=Decimal(0), is_estimate=False) if message.cached_at else figures_of(message)
            self._on_top[turn] = lambda now: final
        self.recount()

    def recount(self) -> None:
        """Ask the ledger behind the screen. A temporary conversation has no sum of its own there."""
        conversation, core, turns = self._chat.conversation, self._core, tuple(self._on_top)
        if conversation.is_temporary:
            return
        self._asked += 1
        number = self._asked

        def ask() -> tuple[Spent, list[Turn]]:
            while True:
                over = [t for t in turns if not t.is_running]
                is_written = core.writes.wait(_PATIENCE)
                found = core.spending.of_conversation(conversation.id)
                if over == [t for t in turns if not t.is_running]:
                    return found, over if is_written else []

        def booked(answer: tuple[Spent, list[Turn]]) -> None:
            if number < self._heard:
                return
            self._heard = number
            self._booked, over = answer
            for turn in over:
                self._on_top.pop(turn, None)
            self._changed()

        self._host.work(ask, booked, lambda _: None)

    def label(self, now: float) -> str:
        """Return the sum in a few characters; empty while there is nothing to tell."""
        booked = self._booked if self._booked is not None and self._booked.requests else None
        if booked is not None and not self._on_top:
            return booked.label
        if booked is not None:
            paid, is_vague = booked.total, booked.estimated > 0
        else:
            answers = (m for m in self._before if m.role is Role.ASSISTANT and m.ending is not None)
            before, is_vague = total_cost(map(figures_of, answers))
            paid = before or Decimal(0)
        live, is_guess = total_cost(figures(now) for figures in self._on_top.values())
        paid += live or 0
        return money(paid, approximate=is_vague or is_guess) if paid else ""
