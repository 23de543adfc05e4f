"""Sends questions: submits them with all checks, queues them while an answer runs, and retries failed answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tui_router.domain.draft import Draft
from tui_router.domain.message import Role
from tui_router.domain.model import ModelRef
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.services.chat import Trimming
from tui_router.services.compaction import compact, settle_summary
from tui_router.services.conversation import with_draft
from tui_router.services.core import Core
from tui_router.services.model_resolution import Answerer
from tui_router.services.outbox import Outbox
from tui_router.services.submission import Refused
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.models import ModelChooser
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.screens.submitter import PlanSubmitter


class ChatSender:
    """Submits questions. ``put_back`` returns a question to the prompt when it cannot be sent."""

    def __init__(
        self,
        core: Core,
        host: Host,
        presenter: ConversationPresenter,
        submitter: PlanSubmitter,
        *,
        put_back: Callable[[Draft], None],
        need_key: Callable[[], None],
        pick_model: Callable[[Callable[[str], None]], None],
        choose_missing: Callable[[Answerer], None],
        changed: Callable[[], None],
    ) -> None:
        self._core = core
        self._host = host
        self._presenter = presenter
        self._submitter = submitter
        self._put_back = put_back
        self._need_key = need_key
        self._pick_model = pick_model
        self._choose_missing = choose_missing
        self._changed = changed

    @property
    def outbox(self) -> Outbox:
        """The outbox of the conversation in view."""
        return self._core.outboxes.of(self._presenter.chat)

    def submit(self, question: Draft) -> None:
        """Send a question now, or queue it behind the running answer: with the model that is chosen now."""
        self.outbox.is_held = False
        question = replace(question, model=self._presenter.model_id)
        if self._presenter.streaming or self.outbox.going is not None:
            self.outbox.add(question)
            self._changed()
        else:
            self.outbox.begin(question)
            self._send(question)

    def next(self) -> None:
        """Send the next queued question, unless an answer runs or the queue is held."""
        if not self.outbox.is_held and not self._presenter.streaming:
            question = self.outbox.take_next()
            if question is not None:
                self._changed()
                self._send(question)

    def describe(self, question: Draft) -> str:
        """Return who a queued question is for and its estimated cost, if known: ``GPT-5 · ~$0.004``."""
        presenter = self._presenter
        model = ModelRef(question.model or presenter.model_id)
        if not model.id:
            return ""
        thread = with_draft(presenter.chat, question.pieces)
        price = self._core.estimates.of([presenter.chat.request(thread, model)]).label
        return " · ".join(filter(None, (presenter.name_of(model.id), price)))

    def send_next(self) -> None:
        """Release the queue and send its next question."""
        self.outbox.is_held = False
        if not self.outbox.queue:
            self._host.tell("Nothing is queued")
        elif self._presenter.streaming or self.outbox.going is not None:
            self._host.tell("It is sent when the answer has ended")
        else:
            self.next()

    def _send(self, question: Draft) -> None:
        """Submit a question. A refused one returns to the prompt, with the remedies there are."""
        with self._returning(question):
            edited = self._presenter.chat.tree.get(question.edits)
            if edited is not None and edited.role is Role.ASSISTANT:
                self._presenter.edit_answer(edited.id, question.words)
                self.outbox.end()
                return
            chat, model = self._presenter.chat, self._model_of(question)
            plan = chat.edit(edited.id, question.parts, model) if edited else chat.ask(question.parts, [model])
            self._submitter.submit(
                plan, self._started, lambda refused: self._refused(question, refused), lambda: self._put_back(question)
            )

    def _model_of(self, question: Draft) -> ModelRef:
        """Return the model that a question was sent or queued for, else the one in force; report if it is another."""
        who, model_id = self._presenter.answerer, self._presenter.model_id
        if question.model and question.model != model_id:
            self._host.tell(f"Asked {self._presenter.name_of(question.model)}, which was chosen when this was queued")
            return ModelRef(question.model)
        if who.notice:
            self._host.tell(who.notice)
        return who.model or ModelRef("")  # the checks refuse it, after a missing key

    def _started(self, turns: list[Turn]) -> None:
        self._presenter.start(turns)
        self.outbox.end()

    @contextmanager
    def _returning(self, question: Draft) -> Iterator[None]:
        """Return the question to the prompt when the body raises."""
        try:
            yield
        except AppError:
            if self.outbox.going is question:
                self._put_back(question)
            raise

    def _refused(self, question: Draft, refused: Refused) -> None:
        problem, request = refused.problem, refused.request
        if (
            request is not None
            and request.about is not None
            and problem.kind in (ErrorKind.TOO_LONG, ErrorKind.BAD_REQUEST)
        ):
            self._offer_shorter(question, refused)
            return
        self._put_back(question)
        if problem.kind is ErrorKind.NO_KEY:
            self._need_key()
        elif not self._presenter.model_id:  # after the key: without one there may be no list to choose from
            self._choose_missing(self._presenter.answerer)
            return
        self._host.tell_problem(problem)

    def _offer_shorter(self, question: Draft, refused: Refused) -> None:
        choices = [ActionRow(id="pick", text="Pick another model")]
        is_too_long, has_turns = refused.problem.kind is ErrorKind.TOO_LONG, bool(self._presenter.chat.thread)
        if has_turns or not is_too_long:  # dropping turns cannot shorten a question that is too long alone
            choices.insert(0, ActionRow(id="oldest", text="Leave out what does not fit (it stays in the conversation)"))
        if is_too_long and has_turns:
            choices.insert(1, ActionRow(id="summary", text="Summarise the oldest turns first (costs one request)"))

        def chosen(what: str | None) -> None:
            if what == "oldest":
                self._presenter.chat.trimming = Trimming.OLDEST
                self._send(question)
            elif what == "summary":
                send, put_back = self._here(lambda: self._send(question)), self._here(lambda: self._put_back(question))
                self.compact(send, put_back, at=self._presenter.chat.conversation.head)
            else:
                self._put_back(question)
                if what == "pick":
                    self._pick_model(self._presenter.set_model)

        self._host.show_screen(ChoiceDialog(refused.problem.title, choices, refused.problem.detail), chosen)

    def _here(self, act: Callable[[], None]) -> Callable[[], None]:
        """Wrap ``act``: if another conversation is in view by then, the question stays queued in its own."""
        outbox = self.outbox
        return lambda: act() if self.outbox is outbox else outbox.hold_back()

    def compact(
        self,
        then: Callable[[], None] | None = None,
        otherwise: Callable[[], None] = lambda: None,
        *,
        at: str | None = None,
    ) -> None:
        """Summarise the older turns, or all above ``at``; later requests send the summary in their place.

        ``then`` is called after success, ``otherwise`` after a refusal or failure.
        """
        chat = self._presenter.chat
        try:
            plan = compact(chat, ModelRef(self._presenter.model_id), at=at)
        except AppError as trouble:
            self._host.tell_problem(trouble.problem)
            otherwise()
            return

        def ended(turn: Turn) -> None:
            problem = settle_summary(chat, turn)
            self._presenter.entries.forget(turn.id)
            self._presenter.show()
            if problem is not None:
                self._host.tell_problem(problem)
                otherwise()
            elif then is not None:
                then()
            else:
                self._host.tell("The older turns are now sent as a summary; /undo reverts that")

        def started(turns: list[Turn]) -> None:
            self._host.tell("Summarising the older turns…")
            self._presenter.start(turns[:1], ended)

        def refused(found: Refused) -> None:
            self._host.tell_problem(found.problem)
            otherwise()

        self._submitter.submit(plan, started, refused, otherwise, title="Summarise?", yes="Summarise")


class RetryActions:
    """Asks the question of a failed answer again, differently. Each retry passes all checks again."""

    def __init__(self, presenter: ConversationPresenter, sender: ChatSender, models: ModelChooser) -> None:
        self._presenter = presenter
        self._sender = sender
        self._models = models

    def use(self, entry_id: str, model_id: str) -> None:
        """Ask another model, and keep it for the next turns."""
        self._models.use(model_id)
        self._presenter.retry(entry_id, model_id)

    def resend(self, entry_id: str, tokens: str) -> None:
        """Ask for an answer of at most ``tokens`` tokens, once."""
        chat = self._presenter.chat
        usual, chat.overrides = chat.overrides, replace(ChatOptions(), max_tokens=int(tokens)).over(chat.overrides)
        try:
            self._presenter.retry(entry_id)
        finally:
            chat.overrides = usual

    def leave_out(self, entry_id: str, _: str) -> None:
        """Leave out the oldest turns from now on and ask again."""
        self._presenter.chat.trimming = Trimming.OLDEST
        self._presenter.retry(entry_id)

    def summarise(self, entry_id: str, _: str) -> None:
        """Summarise the turns above the question and ask it again below the summary."""
        question = self._presenter.chat.question_of(entry_id)
        self._sender.compact(lambda: self._presenter.ask_below_head(question), at=question.parent_id)


RETRY_ACTIONS: dict[str, Callable[[RetryActions, str, str], None]] = {
    "use": RetryActions.use,
    "resend": RetryActions.resend,
    "leave_out": RetryActions.leave_out,
    "summarise": RetryActions.summarise,
}
"""Retry actions by the prefix of the action id (``prefix:argument``); called with entry id and argument."""
