"""One open conversation: what a person can do with it. Everything adds a sibling; nothing is overwritten.

Use it only on the thread of its owner, a screen or a shell command.
Its turns run on other threads; ``settle`` takes back their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import COMPLETE, Message, Part, Reasoning, Role, Text, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.summary import is_summary
from tui_router.services.answer_cache import CacheScope
from tui_router.services.conversation import (
    ConversationBase,
    ConversationDependencies,
    ConversationStore,
    Trimming,
)
from tui_router.services.deletions import Deletions
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn

__all__ = ["Chat", "ConversationDependencies", "ConversationStore", "Trimming"]


class Chat(ConversationBase):
    """A conversation and its tree of messages."""

    def __init__(
        self, dependencies: ConversationDependencies, conversation: Conversation, messages: Sequence[Message] = ()
    ) -> None:
        super().__init__(dependencies, conversation, messages)
        self.deletions = Deletions(self)

    def ask(self, parts: Sequence[Part], models: Sequence[ModelRef], *, parent: str | None = "") -> Plan:
        """Plan a question at the head (or below ``parent``); with several models the answers share a batch."""
        under = self.conversation.head if parent == "" else parent
        question = self.draft_question(parts, models[0], parent=under)
        thread = (*self.tree.thread(under), question)
        return self._answers(question, thread, models, is_new=True)

    def answer_again(self, message_id: str, models: Sequence[ModelRef]) -> Plan:
        """Plan another answer to the question of a message, by the same or other models. Old answers are kept."""
        question = self.question_of(message_id)
        return self._answers(question, self.tree.thread(question.id), models, is_new=False)

    def edit(self, message_id: str, parts: Sequence[Part], model: ModelRef) -> Plan:
        """Plan an edited version of an earlier question: a sibling with its own answer."""
        return self.ask(parts, [model], parent=self.message(message_id).parent_id)

    def edit_answer(self, message_id: str, text: str) -> Message:
        """Save an edited version of an answer: a sibling, marked complete, that costs nothing."""
        old = self.message(message_id)
        kept = tuple(p for p in old.parts if not isinstance(p, Text | Reasoning))
        new = replace(
            old,
            id=new_id(),
            parts=(Text(text), *kept),
            created=self.dependencies.now(),
            usage=None,
            ending=COMPLETE,
            generation_id="",
            batch="",
            cached_at=None,
        )
        self.tree.add(new)
        self.write([new])
        self.update(head=new.id)
        return new

    def continue_answer(self, message_id: str) -> Plan:
        """Plan the continuation of a truncated answer: a sibling that starts with the text received so far."""
        old = self.message(message_id)
        if not old.text or is_summary(old):
            raise AppError(Problem(kind=ErrorKind.USAGE, title="Nothing to continue", hint="Press r to ask again"))
        model = old.model or self.conversation.model
        if model is None:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="No model chosen", hint="Press Ctrl+L to choose one"))
        request = self.request(self.tree.thread(message_id), model)

        def begin() -> list[Turn]:
            answer = self.new_answer(old.parent_id, model)
            self.update(head=answer.id)
            return [self.turn_of(answer, request, seed=old.text)]

        return self.plan([request], begin)

    def walk(self, message_id: str, step: int) -> bool:
        """Show the next (or previous) sibling of a message; ``False`` if there is none."""
        siblings = [m.id for m in self.tree.siblings(message_id)]
        place = siblings.index(message_id) + step
        if not 0 <= place < len(siblings):
            return False
        self.update(head=self.tree.leaf(siblings[place]))
        return True

    def go_to(self, message_id: str) -> None:
        """Show the branch that contains a message."""
        if self.tree.get(message_id):
            self.update(head=self.tree.leaf(message_id))

    def _answers(
        self, question: Message, thread: Sequence[Message], models: Sequence[ModelRef], *, is_new: bool
    ) -> Plan:
        requests = [self.request(thread, model) for model in models]
        reuse = CacheScope()  # a repeated question should get a new answer
        if is_new:
            reuse, requests = self.caching.reuse(), self.caching.offered(requests)

        def begin() -> list[Turn]:
            if is_new:
                self.add_question(question)
            batch = new_id() if len(models) > 1 else ""
            turns = []
            for lane, (model, request) in enumerate(zip(models, requests, strict=True)):
                answer = self.new_answer(question.id, model, batch=batch, lane=lane)
                turns.append(self.turn_of(answer, request, reuse=reuse))
            # Several answers choose no model to continue with; a single one does.
            self.wanted = self.wanted if batch else ""
            self.update(head=turns[0].id, model=None if batch else models[0])
            if is_new:
                self.write([question])
            return turns

        return self.plan(requests, begin, reuse)


def fork(chat: Chat, message_id: str) -> tuple[Chat, str]:
    """Start a new conversation from a message of this one; returns it and the text for the prompt.

    An answer is included. A question is not: it is returned for editing in the prompt.
    """
    message = chat.message(message_id)
    is_question = message.role is Role.USER
    path = chat.tree.thread(message.parent_id if is_question else message_id)
    fresh = {m.id: new_id() for m in path}
    copies = [
        replace(
            m,
            id=fresh[m.id],
            parent_id=fresh.get(m.parent_id or ""),
            batch="",
            sources=tuple(fresh.get(source, source) for source in m.sources),
        )
        for m in path
    ]
    now = chat.dependencies.now()
    answered = [m.model for m in path if m.role is Role.ASSISTANT and m.model is not None]
    conversation = replace(
        chat.conversation,
        id=new_id(),
        head=copies[-1].id if copies else None,
        # Of a comparison that was left open, the answer that it goes on from is the one chosen.
        model=chat.conversation.model or (answered[-1] if answered else None),
        title=f"{chat.conversation.title} (fork)".strip(),
        created=now,
        updated=now,
        is_pinned=False,
    )
    twin = Chat(chat.dependencies, conversation, copies)
    twin.save()
    twin.store.add(conversation.id, copies)
    return twin, message.text if is_question else ""
