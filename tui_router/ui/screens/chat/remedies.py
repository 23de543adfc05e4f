"""What is done about an answer that failed, by the id of what was chosen under it: see ``transcript.offers``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tui_router.domain.options import ChatOptions
from tui_router.services.chat import Trimming
from tui_router.ui.screens.chat.models import Models
from tui_router.ui.screens.chat.sending import Sending
from tui_router.ui.screens.chat.talk import Talk


class Remedies:
    """Asks the question of a failed answer again, differently. Every one of them passes all checks again."""

    def __init__(self, talk: Talk, sending: Sending, models: Models) -> None:
        self._talk = talk
        self._sending = sending
        self._models = models

    def use(self, entry_id: str, model_id: str) -> None:
        """Ask another model, which answers the next turns too."""
        self._models.use(model_id)
        self._talk.retry(entry_id, model_id)

    def resend(self, entry_id: str, tokens: str) -> None:
        """Ask for a shorter answer, this once."""
        chat = self._talk.chat
        usual, chat.overrides = chat.overrides, replace(ChatOptions(), max_tokens=int(tokens)).over(chat.overrides)
        try:
            self._talk.retry(entry_id)
        finally:
            chat.overrides = usual

    def leave_out(self, entry_id: str, _: str) -> None:
        """Leave out the oldest turns from now on, and ask again."""
        self._talk.chat.trimming = Trimming.OLDEST
        self._talk.retry(entry_id)

    def summarise(self, entry_id: str, _: str) -> None:
        """Summarise what stands above the question, and ask it again below the summary."""
        question = self._talk.chat.question_of(entry_id)
        self._sending.compact(lambda: self._talk.ask_below_head(question), at=question.parent_id)


REMEDIES: dict[str, Callable[[Remedies, str, str], None]] = {
    "use": Remedies.use,
    "resend": Remedies.resend,
    "leave_out": Remedies.leave_out,
    "summarise": Remedies.summarise,
}
"""By the part of an action's id before a colon; called with the entry, and with what is behind the colon."""
