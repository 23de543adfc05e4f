"""From Enter to a running turn: what is checked before anything leaves, and the queue while an answer runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import Part, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Kind, Trouble
from tui_router.services.chat import Trimming
from tui_router.services.compaction import compact, settle_summary
from tui_router.services.core import Core
from tui_router.services.submission import Refused
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.talk import Talk
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.screens.submitting import Submitting


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
        submitting: Submitting,
        *,
        put_back: Callable[[Question], None],
        need_key: Callable[[], None],
        pick_model: Callable[[Callable[[str], None]], None],
        changed: Callable[[], None],
    ) -> None:
        self._core = core
        self._host = host
        self._talk = talk
        self._submitting = submitting
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
        """Submit a question; when it must not leave it goes back into the prompt, with what can be done about it."""
        edited = self._talk.chat.tree.get(question.edits)
        if edited is not None and edited.role is Role.ASSISTANT:
            self._talk.edit_answer(edited.id, question.text)
            return
        chat, model = self._talk.chat, ModelRef(self._talk.model_id)
        plan = chat.edit(edited.id, question.parts, model) if edited else chat.ask(question.parts, [model])
        self._submitting.submit(
            plan,
            self._talk.start_all,
            lambda refused: self._refused(question, refused),
            lambda: self._put_back(question),
        )

    def _refused(self, question: Question, refused: Refused) -> None:
        problem, request = refused.problem, refused.request
        if request is not None and request.about is not None and problem.kind in (Kind.TOO_LONG, Kind.BAD_REQUEST):
            self._offer_less(question, refused)
            return
        self._put_back(question)
        if problem.kind is Kind.NO_KEY:
            self._need_key()
        elif not self._talk.model_id:  # without a key and a network there is no list to choose from: the key is first
            self._pick_model(self._talk.set_model)
            return
        self._host.tell_problem(problem)

    def _offer_less(self, question: Question, refused: Refused) -> None:
        choices = [ActionRow(id="pick", text="Pick another model")]
        is_too_long, has_turns = refused.problem.kind is Kind.TOO_LONG, bool(self._talk.chat.thread)
        if has_turns or not is_too_long:  # a question that is too long by itself gets no shorter
            choices.insert(0, ActionRow(id="oldest", text="Leave out what does not fit (it stays in the conversation)"))
        if is_too_long and has_turns:
            choices.insert(1, ActionRow(id="summary", text="Summarise the oldest turns first (costs one request)"))

        def chosen(what: str | None) -> None:
            if what == "oldest":
                self._talk.chat.trimming = Trimming.OLDEST
                self._send(question)
            elif what == "summary":
                self.compact(lambda: self._send(question), lambda: self._put_back(question), with_last=True)
            else:
                self._put_back(question)
                if what == "pick":
                    self._pick_model(self._talk.set_model)

        self._host.show_screen(ChoiceDialog(refused.problem.title, choices, refused.problem.detail), chosen)

    def compact(
        self,
        then: Callable[[], None] | None = None,
        otherwise: Callable[[], None] = lambda: None,
        *,
        with_last: bool = False,
    ) -> None:
        """Let a model summarise the older turns; from then on the summary is sent in their place."""
        chat = self._talk.chat
        try:
            plan = compact(chat, ModelRef(self._talk.model_id), with_last=with_last)
        except Trouble as trouble:
            self._host.tell_problem(trouble.problem)
            otherwise()
            return

        def ended(turn: Turn) -> None:
            problem = settle_summary(chat, turn)
            self._talk.show()
            if problem is not None:
                self._host.tell_problem(problem)
                otherwise()
            elif then is not None:
                then()
            else:
                self._host.tell("The older turns are sent as a summary now; z takes it back")

        def started(turns: list[Turn]) -> None:
            self._host.tell("Summarising the older turns…")
            self._talk.start(turns[0], ended)

        def refused(found: Refused) -> None:
            self._host.tell_problem(found.problem)
            otherwise()

        self._submitting.submit(plan, started, refused, otherwise, title="Summarise?", yes="Summarise")
