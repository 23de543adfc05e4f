"""What is done about an answer that failed, by the id of what was chosen under it: see ``transcript.offers``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tui_router.domain.options import ChatOptions
from tui_router.services.chat import Trimming
from tui_router.ui.screens.chat.models import ModelChooser
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.chat.sender import QuestionSender


class RetryActions:
    """Asks the question of a failed answer again, differently. Every one of them passes all checks again."""

    def __init__(self, presenter: ConversationPresenter, sender: QuestionSender, models: ModelChooser) -> None:
        self._presenter = presenter
        self._sender = sender
        self._models = models

    def use(self, entry_id: str, model_id: str) -> None:
        """Ask another model, which answers the next turns too."""
        self._models.use(model_id)
        self._presenter.retry(entry_id, model_id)

    def resend(self, entry_id: str, tokens: str) -> None:
        """Ask for a shorter answer, this once."""
        chat = self._presenter.chat
        usual, chat.overrides = chat.overrides, replace(ChatOptions(), max_tokens=int(tokens)).over(chat.overrides)
        try:
            self._presenter.retry(entry_id)
        finally:
            chat.overrides = usual

    def leave_out(self, entry_id: str, _: str) -> None:
        """Leave out the oldest turns from now on, and ask again."""
        self._presenter.chat.trimming = Trimming.OLDEST
        self._presenter.retry(entry_id)

    def summarise(self, entry_id: str, _: str) -> None:
        """Summarise what stands above the question, and ask it again below the summary."""
        question = self._presenter.chat.question_of(entry_id)
        self._sender.compact(lambda: self._presenter.ask_below_head(question), at=question.parent_id)


RETRY_ACTIONS: dict[str, Callable[[RetryActions, str, str], None]] = {
    "use": RetryActions.use,
    "resend": RetryActions.resend,
    "leave_out": RetryActions.leave_out,
    "summarise": RetryActions.summarise,
}
"""By the part of an action's id before a colon; called with the entry, and with what is behind the colon."""
