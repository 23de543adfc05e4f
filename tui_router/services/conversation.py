"""A conversation's tree, and how a message below any place of it becomes a turn.

What both one answer (``chat``) and a comparison (``comparison``) are made of. Nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tui_router.domain.charge import Purpose
from tui_router.domain.conversation import Conversation, Tree, title_from
from tui_router.domain.message import Message, Part, Role, new_id
from tui_router.domain.model import Model, ModelRef, normal_id
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.settings import Settings
from tui_router.domain.summary import condense
from tui_router.domain.usage import Usage
from tui_router.services.answer_cache import AnswerCache, CacheScope, ConversationCache
from tui_router.services.billing import Bill
from tui_router.services.context_window import WindowFit, fit, shorten, with_summary, without_images
from tui_router.services.conversation_journal import Journal, Unkept
from tui_router.services.submission import Plan
from tui_router.services.turn import Gate, Streams, Turn, TurnParts

_DRAFT = "draft"


class ConversationStore(Protocol):
    """The storage of a conversation besides its journal. Calls are queued and do not block."""

    def save(self, conversation: Conversation) -> None:
        """Save changes outside the messages; the first call creates the conversation."""
        ...

    def add(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Save finished messages."""
        ...

    def delete(self, message_ids: Sequence[str]) -> None:
        """Delete messages; ``restore`` reverts it."""
        ...

    def restore(self, messages: Sequence[Message]) -> None:
        """Restore deleted messages."""
        ...

    def change(self, message: Message) -> None:
        """Save a new version of a finished message."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationDependencies:
    """Dependencies shared by all conversations."""

    connect: Callable[[], Streams]
    gate: Gate
    settings: Callable[[], Settings]
    model: Callable[[str], Model | None]
    """Returns the catalogue entry of a model id, if any."""
    bill: Callable[[Conversation, Message, ChatRequest, Purpose], Bill]
    """Returns the bill of an answer that is about to be requested."""
    learn: Callable[[ChatRequest, Usage], None]
    """Receives the usage of a complete answer."""
    advise: Callable[[str, Problem], Problem]
    """Adds the nearest ids to a model problem."""
    journal: Callable[[Conversation], Journal]
    keeper: Callable[[Conversation], ConversationStore]
    now: Callable[[], datetime]
    scale: Callable[[str], float] = lambda _: 1.0
    """Returns the correction factor for token estimates of a model."""
    answers: AnswerCache | None = None
    """The answer cache."""


class Trimming(StrEnum):
    """How a thread is shortened that does not fit the model. Chosen by the user, never silently."""

    NOTHING = "nothing"
    OLDEST = "oldest"


class ConversationBase:
    """A conversation, its message tree, and its turns."""

    def __init__(
        self, dependencies: ConversationDependencies, conversation: Conversation, messages: Sequence[Message] = ()
    ) -> None:
        self.dependencies = dependencies
        self.conversation = conversation
        self.tree = Tree(messages)
        self.trimming = Trimming.NOTHING
        self.overrides = ChatOptions()
        """Options for this run that override those of the conversation; not saved."""
        self.wanted = ""
        """The model name typed for the next turn, while it does not resolve to one model."""
        self.caching = ConversationCache(
            dependencies.answers, dependencies.settings, is_temporary=conversation.is_temporary
        )

    @property
    def thread(self) -> tuple[Message, ...]:
        """The current branch, oldest first."""
        return self.tree.thread(self.conversation.head)

    def draft_question(
        self, parts: Sequence[Part], model: ModelRef, *, parent: str | None, batch: str = "", lane: int = 0
    ) -> Message:
        """Return a question that is not in the tree yet."""
        return Message(
            id=new_id(),
            parent_id=parent,
            role=Role.USER,
            parts=tuple(parts),
            created=self.dependencies.now(),
            model=model,
            batch=batch,
            lane=lane,
        )

    def add_question(self, question: Message) -> None:
        """Add a question to the tree; ``write`` saves it."""
        self.tree.add(question)
        if not self.conversation.title:
            self.update(title=title_from(question.text))

    def new_answer(
        self, parent: str | None, model: ModelRef, *, batch: str = "", lane: int = 0, sources: Sequence[str] = ()
    ) -> Message:
        """Add an empty answer to the tree; its turn saves it."""
        answer = Message(
            id=new_id(),
            parent_id=parent,
            role=Role.ASSISTANT,
            parts=(),
            created=self.dependencies.now(),
            model=model,
            ending=None,
            batch=batch,
            lane=lane,
            sources=tuple(sources),
        )
        self.tree.add(answer)
        return answer

    def turn_of(
        self,
        answer: Message,
        request: ChatRequest,
        *,
        seed: str = "",
        purpose: Purpose = Purpose.ANSWER,
        reuse: CacheScope | None = None,
    ) -> Turn:
        """Return the turn that fills an answer."""
        return Turn(
            TurnParts(
                request=request,
                answer=answer,
                seed=seed,
                connect=self.dependencies.connect,
                gate=self.dependencies.gate,
                journal=Unkept() if purpose is Purpose.TITLE else self.dependencies.journal(self.conversation),
                bill=self.dependencies.bill(self.conversation, answer, request, purpose),
                advise=self.dependencies.advise,
                learn=self.dependencies.learn if purpose is Purpose.ANSWER else _learn_nothing,
                reuse=reuse or CacheScope(),
            )
        )

    def plan(
        self, requests: Sequence[ChatRequest], begin: Callable[[], list[Turn]], reuse: CacheScope | None = None
    ) -> Plan:
        """Return a plan that is charged to this conversation."""
        saved = None if self.conversation.is_temporary else self.conversation.id
        return Plan(requests=tuple(requests), begin=begin, conversation_id=saved, reuse=reuse or CacheScope())

    def write(self, messages: Sequence[Message]) -> None:
        """Save finished messages; the conversation must have been saved before."""
        self.store.add(self.conversation.id, messages)

    def settle(self, turn: Turn) -> Message:
        """Update the tree with a turn's answer; returns it."""
        self.tree.add(turn.message)
        return turn.message

    def update(self, **changes: object) -> None:
        """Change fields of the conversation (title, model, system, options, head, …) and save it."""
        self.conversation = replace(self.conversation, updated=self.dependencies.now(), **changes)  # type: ignore[arg-type]
        if len(self.tree):
            self.save()

    def save(self) -> None:
        """Save the conversation as it is."""
        self.store.save(self.conversation)

    def question_of(self, message_id: str) -> Message:
        """Return the question of a message: itself, or the nearest ancestor."""
        message: Message | None = self.message(message_id)
        while message is not None and message.role is not Role.USER:
            message = self.tree.get(message.parent_id)
        if message is None:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no question above this message"))
        return message

    def request(self, thread: Sequence[Message], model: ModelRef) -> ChatRequest:
        """Return the request for the next answer below ``thread``, with merged options and limits."""
        sent = normal_id(model.id)
        about = self.dependencies.model(sent)
        options = self.options_in_force()
        return ChatRequest(
            model=sent,
            messages=self.fitting(thread, about),
            system=self.conversation.system,
            options=options,
            about=about,
            session_id=self.conversation.id,
        )

    def options_in_force(self) -> ChatOptions:
        """Return the request options: defaults, then settings, then those of this conversation."""
        settings = self.dependencies.settings()
        defaults = ChatOptions(max_tokens=settings.chat.max_tokens)
        return self.overrides.over(self.conversation.options.over(settings.options.over(defaults)))

    def fit(self, request: ChatRequest, about: Model) -> WindowFit:
        """Compare a request with a model's window and abilities."""
        limit, scale = request.options.max_tokens or 0, self.dependencies.scale(about.id)
        return fit(request.messages, about, max_tokens=limit, system=request.system, scale=scale)

    def fitting(self, thread: Sequence[Message], about: Model | None) -> tuple[Message, ...]:
        """Return the messages to send: with summaries in place of the turns they replace, and shortened if chosen."""
        condensed = condense(thread)
        kept = condensed.kept
        if about is not None and self.trimming is Trimming.OLDEST:
            if not about.sees_images:
                kept = without_images(kept)
            limit = self.options_in_force().max_tokens or 0
            scale = self.dependencies.scale(about.id)
            kept = shorten(kept, about, max_tokens=limit, system=self.conversation.system, scale=scale).kept
        return with_summary(condensed.summary, kept)

    def model_row(self, model_id: str) -> Model | None:
        """Return the catalogue entry of a model, if any."""
        return self.dependencies.model(normal_id(model_id))

    def now(self) -> datetime:
        """Return the current time, UTC."""
        return self.dependencies.now()

    def message(self, message_id: str) -> Message:
        """Return a message; raises ``AppError`` if it was deleted."""
        message = self.tree.get(message_id)
        if message is None:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="That message is gone", hint="Press z to undo a delete"))
        return message

    def drop(self, message_ids: Sequence[str]) -> None:
        """Remove messages that never were a turn of the conversation."""
        self.tree.discard(message_ids)
        self.store.delete(message_ids)

    def change(self, message: Message) -> None:
        """Replace a finished message and save it."""
        self.tree.add(message)
        self.store.change(message)

    @property
    def store(self) -> ConversationStore:
        """Where changes of this conversation are saved."""
        return self.dependencies.keeper(self.conversation)


def _learn_nothing(request: ChatRequest, usage: Usage) -> None:
    """Learn nothing: merges, judgements and summaries are not typical of the user's turns."""


def with_draft(chat: ConversationBase, parts: Sequence[Part], parent: str | None = "") -> tuple[Message, ...]:
    """Return the thread with an unsent question added at the head (or below ``parent``). Changes nothing.

    The question has the same id from draft to draft.
    """
    under = chat.conversation.head if parent == "" else parent
    draft = Message(id=_DRAFT, parent_id=under, role=Role.USER, parts=tuple(parts), created=chat.now())
    return (*chat.tree.thread(under), draft)
