"""One open conversation: what a person can do with it. Everything adds a sibling; nothing is overwritten.

Owned by whoever shows the conversation (a screen, or the command line) and used from that one thread.
The turns that it makes run elsewhere; ``settle`` takes their answers back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import COMPLETE, Message, Part, Reasoning, Role, Text, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.summary import is_summary
from tui_router.services.answer_cache import CacheScope
from tui_router.services.conversation import (
    ConversationBase,
    ConversationDependencies,
    ConversationStore,
    Trimming,
)
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn

__all__ = ["Chat", "ConversationDependencies", "ConversationStore", "Deletion", "Trimming"]


@dataclass(frozen=True, slots=True)
class Deletion:
    """What ``undo`` brings back."""

    messages: tuple[Message, ...]
    head_before: str | None
    head_after: str | None


class Chat(ConversationBase):
    """A conversation and its tree of messages."""

    def __init__(
        self, dependencies: ConversationDependencies, conversation: Conversation, messages: Sequence[Message] = ()
    ) -> None:
        super().__init__(dependencies, conversation, messages)
        self._deleted: list[Deletion] = []
        self._redo: list[Deletion] = []

    def ask(self, parts: Sequence[Part], models: Sequence[ModelRef], *, parent: str | None = "") -> Plan:
        """Plan a question at the head (or below ``parent``); with several models the answers share a batch."""
        under = self.conversation.head if parent == "" else parent
        question = self.draft_question(parts, models[0], parent=under)
        thread = (*self.tree.thread(under), question)
        return self._answers(question, thread, models, is_new=True)

    def answer_again(self, message_id: str, models: Sequence[ModelRef]) -> Plan:
        """Plan another answer to the question of a message, by the same model or others; the old answers stay."""
        question = self.question_of(message_id)
        return self._answers(question, self.tree.thread(question.id), models, is_new=False)

    def edit(self, message_id: str, parts: Sequence[Part], model: ModelRef) -> Plan:
        """Plan an earlier question in other words: a sibling of it, with an answer of its own."""
        return self.ask(parts, [model], parent=self.message(message_id).parent_id)

    def edit_answer(self, message_id: str, text: str) -> Message:
        """Put other words into an answer: a sibling of it, marked complete, that costs nothing."""
        old = self.message(message_id)
        kept = tuple(p for p in old.parts if not isinstance(p, Text | Reasoning))
        new = replace(
            old,
            id=new_id(),
            parts=(Text(text), *kept),
            created=self._dependencies.now(),
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
        """Plan the rest of a cut answer: a sibling that begins with the text that came."""
        old = self.message(message_id)
        if not old.text or is_summary(old):
            raise Trouble(Problem(kind=Kind.USAGE, title="Nothing to continue", hint="Press r to ask again"))
        model = old.model or self.conversation.model
        if model is None:
            raise Trouble(Problem(kind=Kind.USAGE, title="No model chosen", hint="Press Ctrl+L to choose one"))
        request = self.request(self.tree.thread(message_id), model)

        def begin() -> list[Turn]:
            answer = self.new_answer(old.parent_id, model)
            self.update(head=answer.id)
            return [self.turn_of(answer, request, seed=old.text)]

        return self.plan([request], begin)

    def walk(self, message_id: str, step: int) -> bool:
        """Show the next (or previous) sibling at this place; ``False`` at the end of the row."""
        siblings = [m.id for m in self.tree.siblings(message_id)]
        place = siblings.index(message_id) + step
        if not 0 <= place < len(siblings):
            return False
        self.update(head=self.tree.leaf(siblings[place]))
        return True

    def go_to(self, message_id: str) -> None:
        """Show the path through a message."""
        if self.tree.get(message_id):
            self.update(head=self.tree.leaf(message_id))

    def keep(self, message_id: str) -> None:
        """Make an answer the one that the conversation goes on with."""
        self.message(message_id)
        self.update(head=message_id)

    def delete(self, message_id: str) -> int:
        """Delete a message and all below it; returns how many went. ``undo`` brings them back."""
        message = self.message(message_id)
        ids = self.tree.descendants(message_id)
        gone = tuple(m for m in self.tree if m.id in set(ids))
        head_before = self.conversation.head
        self.tree.discard(ids)
        self._store_of.delete(ids)
        head = head_before
        if head_before in ids:
            left = self.tree.children(message.parent_id)
            head = self.tree.leaf(left[-1].id) if left else message.parent_id
        self.update(head=head)
        self._deleted.append(Deletion(gone, head_before, head))
        self._redo.clear()
        return len(gone)

    def undo(self) -> bool:
        """Bring the last deletion back; ``False`` when there is none."""
        if not self._deleted:
            return False
        deletion = self._deleted.pop()
        for message in deletion.messages:
            self.tree.add(message)
        self._store_of.restore(deletion.messages)
        self.update(head=deletion.head_before)
        self._redo.append(deletion)
        return True

    def redo(self) -> bool:
        """Delete again what ``undo`` brought back; ``False`` when there is nothing."""
        if not self._redo:
            return False
        deletion = self._redo.pop()
        ids = [m.id for m in deletion.messages]
        self.tree.discard(ids)
        self._store_of.delete(ids)
        self.update(head=deletion.head_after)
        self._deleted.append(deletion)
        return True

    def fork(self, message_id: str) -> tuple[Chat, str]:
        """Start a new conversation from a place in this one; returns it and text for the prompt.

        An answer is included; a question is not, but waits in the prompt to be changed.
        """
        message = self.message(message_id)
        is_question = message.role is Role.USER
        path = self.tree.thread(message.parent_id if is_question else message_id)
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
        now = self._dependencies.now()
        answered = [m.model for m in path if m.role is Role.ASSISTANT and m.model is not None]
        conversation = replace(
            self.conversation,
            id=new_id(),
            head=copies[-1].id if copies else None,
            # Of a comparison that was left open, the answer that it goes on from is the one chosen.
            model=self.conversation.model or (answered[-1] if answered else None),
            title=f"{self.conversation.title} (fork)".strip(),
            created=now,
            updated=now,
            is_pinned=False,
        )
        twin = Chat(self._dependencies, conversation, copies)
        twin.save()
        twin._store_of.add(conversation.id, copies)
        return twin, message.text if is_question else ""

    def _answers(
        self, question: Message, thread: Sequence[Message], models: Sequence[ModelRef], *, is_new: bool
    ) -> Plan:
        requests = [self.request(thread, model) for model in models]
        reuse = CacheScope()  # who asks again wants another answer
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
            # Of several nobody was chosen to go on; whoever answers a question alone was.
            self.wanted = self.wanted if batch else ""
            self.update(head=turns[0].id, model=None if batch else models[0])
            if is_new:
                self.write([question])
            return turns

        return self.plan(requests, begin, reuse)
