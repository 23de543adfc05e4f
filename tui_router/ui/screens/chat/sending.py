"""From Enter to a running turn: what is checked before anything leaves, and the queue while an answer runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import Part, Role, Text
from tui_router.domain.model import Model, ModelRef
from tui_router.domain.problem import Problem
from tui_router.services.chat import Trimming
from tui_router.services.context import fit, summary_request
from tui_router.services.core import Core
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.talk import Talk
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog
from tui_router.ui.screens.search_dialog import ActionRow

_LEAST_TO_SUM_UP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A turn on its way out."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    edits: str = ""
    """The message that this is another version of; empty for a new turn."""

    @property
    def parts(self) -> list[Part]:
        """The parts of the message, words first."""
        words: list[Part] = [Text(self.text)] if self.text.strip() else []
        return [*words, *(a.part for a in self.attachments)]


class Sending:
    """Checks and sends. ``put_back`` returns a question to the prompt when it must not leave."""

    def __init__(
        self,
        core: Core,
        host: Host,
        talk: Talk,
        *,
        put_back: Callable[[Question], None],
        need_key: Callable[[], None],
        pick_model: Callable[[Callable[[str], None]], None],
        changed: Callable[[], None],
    ) -> None:
        self._core = core
        self._host = host
        self._talk = talk
        self._put_back = put_back
        self._need_key = need_key
        self._pick_model = pick_model
        self._changed = changed
        self._queue: list[Question] = []

    @property
    def queued(self) -> tuple[Question, ...]:
        """The turns that wait, next first."""
        return tuple(self._queue)

    def submit(self, question: Question) -> None:
        """Send a question now, or after the answer that runs."""
        if self._talk.streaming:
            self._queue.append(question)
            self._changed()
        else:
            self._send(question)

    def next(self) -> None:
        """An answer ended: send what waits, unless it failed to end by itself (then the person decides)."""
        if self._queue and not self._talk.streaming:
            question = self._queue.pop(0)
            self._changed()
            self._send(question)

    def take_last(self) -> Question | None:
        """Take the last queued turn back for editing."""
        question = self._queue.pop() if self._queue else None
        self._changed()
        return question

    def drop(self, index: int) -> bool:
        """Forget a queued turn."""
        if not 0 <= index < len(self._queue):
            return False
        del self._queue[index]
        self._changed()
        return True

    def restore(self, drafts: tuple[Draft, ...]) -> None:
        """Put queued turns of an earlier time back into the queue."""
        self._queue = [Question(text=d.text, attachments=d.attachments) for d in drafts]
        self._changed()

    def as_drafts(self) -> tuple[Draft, ...]:
        """Return the queue as drafts, to be saved."""
        return tuple(Draft(text=q.text, attachments=q.attachments) for q in self._queue)

    def _send(self, question: Question) -> None:
        """Run the checks one after the other; each goes on only with a yes."""
        if self._core.account.find() is None:
            self._put_back(question)
            self._need_key()
            self._core.public_client()  # raises where the address cannot be used: that is to be mended first
            self._core.account.need()
            return
        model_id = self._talk.model_id
        if not model_id:  # after the key: without one and without a network there is no list to choose from
            self._put_back(question)
            self._pick_model(self._talk.set_model)
            return
        self._check_fit(question, model_id)

    def _check_fit(self, question: Question, model_id: str) -> None:
        model = self._core.catalog.get(model_id)
        chat = self._talk.chat
        if model is None or chat.trimming is not Trimming.NOTHING:
            self._check_cost(question, model_id)
            return
        limit = chat.options_in_force().max_tokens or 0
        found = fit(chat.thread, model, max_tokens=limit, system=chat.conversation.system)
        problem = found.problem(model)
        if problem is None:
            self._check_cost(question, model_id)
            return
        choices = [ActionRow(id="pick", text="Pick another model")]
        if found.too_long_by or found.images_unreadable:
            choices.insert(0, ActionRow(id="oldest", text="Leave out what does not fit (it stays in the conversation)"))
        if found.too_long_by:
            choices.insert(1, ActionRow(id="summary", text="Summarise the oldest turns first (costs one request)"))
        dialog = ChoiceDialog(problem.title, choices, problem.detail)
        self._host.show_screen(dialog, lambda chosen: self._fitted(question, model, chosen))

    def _fitted(self, question: Question, model: Model, chosen: str | None) -> None:
        chat = self._talk.chat
        if chosen == "oldest":
            chat.trimming = Trimming.OLDEST
            self._check_cost(question, model.id)
        elif chosen == "summary":
            self.summarise(model, lambda: self._check_cost(question, model.id), lambda: self._put_back(question))
        else:
            self._put_back(question)
            if chosen == "pick":
                self._pick_model(self._talk.set_model)

    def compact(self) -> None:
        """Let the model sum up the oldest turns; from then on the summary stands for them."""
        model = self._core.catalog.get(self._talk.model_id)
        if model is None or len(self._talk.chat.thread) < _LEAST_TO_SUM_UP:
            self._host.tell("There is nothing to summarise yet")
        else:
            self.summarise(model, lambda: self._host.tell("The oldest turns are sent as a summary now"), lambda: None)

    def summarise(self, model: Model, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Let the model sum up the older half of the conversation; it stands for them from then on."""
        chat = self._talk.chat
        older = chat.thread[: max(1, len(chat.thread) - 2)]
        request = summary_request(older, model.id, chat.conversation.updated)
        self._host.tell("Summarising the oldest turns…")

        def done(text: str) -> None:
            chat.summary, chat.trimming = text, Trimming.OLDEST
            then()

        def failed(problem: Problem) -> None:
            self._host.tell_problem(problem)
            otherwise()

        self._host.work(lambda: self._core.client().complete(request).text, done, failed)

    def _check_cost(self, question: Question, model_id: str) -> None:
        estimate = self._core.estimate(self._talk.chat, question.parts, [ModelRef(model_id)])
        refusal = self._core.ledger.refusal(estimate)
        if refusal is not None:
            self._put_back(question)
            self._host.tell_problem(refusal)
        elif self._core.ledger.asks_first(estimate):
            dialog = ConfirmDialog(
                "Send this?",
                f"An answer of the usual length costs {estimate.label}",
                yes="Send",
                cost=estimate.most,
                danger=True,
            )
            self._host.show_screen(
                dialog, lambda yes: self._go(question, model_id) if yes else self._put_back(question)
            )
        else:
            self._go(question, model_id)

    def _go(self, question: Question, model_id: str) -> None:
        edited = self._talk.chat.tree.get(question.edits)
        if edited is None:
            self._talk.ask(question.parts, model_id)
        elif edited.role is Role.ASSISTANT:
            self._talk.edit_answer(edited.id, question.text)
        else:
            self._talk.edit(edited.id, question.parts, model_id)
