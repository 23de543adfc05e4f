"""One open conversation: what a person can do with it. Everything adds a sibling; nothing is overwritten.

Owned by whoever shows the conversation (a screen, or the command line) and used from that one thread.
The turns that it makes run elsewhere; ``settle`` takes their answers back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tui_router.domain.conversation import Conversation, Tree, title_from
from tui_router.domain.message import COMPLETE, Message, Part, Reasoning, Role, Text, new_id
from tui_router.domain.model import Model, ModelRef, normal_id
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.request import ChatRequest
from tui_router.domain.settings import Settings
from tui_router.domain.usage import Usage
from tui_router.services.context import shorten, with_summary, without_images
from tui_router.services.journal import Journal
from tui_router.services.turn import Gate, Streams, Turn, TurnParts


class Keeper(Protocol):
    """What a conversation needs of storage besides its journal. Calls may be queued; they never block long."""

    def save(self, conversation: Conversation) -> None:
        """Save what changed beside the messages (creates it the first time)."""
        ...

    def add(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Save messages that were made here and are finished."""
        ...

    def delete(self, message_ids: Sequence[str]) -> None:
        """Delete messages so that they can come back."""
        ...

    def restore(self, message_ids: Sequence[str]) -> None:
        """Bring deleted messages back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every conversation works with."""

    connect: Callable[[], Streams]
    gate: Gate
    settings: Callable[[], Settings]
    model: Callable[[str], Model | None]
    """The catalogue row of an id, where there is one."""
    price: Callable[[Model | None, Usage], Usage]
    journal: Callable[[Conversation], Journal]
    keeper: Callable[[Conversation], Keeper]
    now: Callable[[], datetime]


class Trimming(StrEnum):
    """What may be left out of a thread that a model cannot take whole. Chosen by the person, never silently."""

    NOTHING = "nothing"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Deletion:
    """What ``undo`` brings back."""

    messages: tuple[Message, ...]
    head_before: str | None
    head_after: str | None


class Chat:
    """A conversation and its tree of messages."""

    def __init__(self, desk: Desk, conversation: Conversation, messages: Sequence[Message] = ()) -> None:
        self._desk = desk
        self.conversation = conversation
        self.tree = Tree(messages)
        self.trimming = Trimming.NOTHING
        self.summary = ""
        """What stands for the turns that are left out."""
        self._deleted: list[Deletion] = []
        self._redo: list[Deletion] = []

    @property
    def thread(self) -> tuple[Message, ...]:
        """The path in view, oldest first."""
        return self.tree.thread(self.conversation.head)

    def ask(self, parts: Sequence[Part], model: ModelRef, *, parent: str | None = "") -> Turn:
        """Add a question at the head (or below ``parent``) and return the turn that answers it."""
        return self.ask_all(parts, [model], parent=parent)[0]

    def ask_all(self, parts: Sequence[Part], models: Sequence[ModelRef], *, parent: str | None = "") -> list[Turn]:
        """Put one question to several models; the answers are siblings that share a batch."""
        under = self.conversation.head if parent == "" else parent
        question = Message(
            id=new_id(), parent_id=under, role=Role.USER, parts=tuple(parts), created=self._desk.now(), model=models[0]
        )
        self.tree.add(question)
        if not self.conversation.title:
            self.update(title=title_from(question.text))
        return self._answers(question, models, new=True)

    def answer_again(self, message_id: str, models: Sequence[ModelRef]) -> list[Turn]:
        """Answer the question of a message once more, with the same model or others; the old answers stay."""
        question = self.question_of(message_id)
        return self._answers(question, models, new=False)

    def edit(self, message_id: str, parts: Sequence[Part], model: ModelRef) -> Turn:
        """Ask an earlier question differently: a sibling of it, with an answer of its own."""
        return self.ask(parts, model, parent=self._message(message_id).parent_id)

    def edit_answer(self, message_id: str, text: str) -> Message:
        """Put other words into an answer: a sibling of it, marked complete, that costs nothing."""
        old = self._message(message_id)
        kept = tuple(p for p in old.parts if not isinstance(p, Text | Reasoning))
        new = replace(
            old,
            id=new_id(),
            parts=(Text(text), *kept),
            created=self._desk.now(),
            usage=None,
            ending=COMPLETE,
            generation_id="",
            batch="",
        )
        self.tree.add(new)
        self._keeper.add(self.conversation.id, [new])
        self.update(head=new.id)
        return new

    def continue_answer(self, message_id: str) -> Turn:
        """Let a cut answer go on: a sibling that begins with the text that came."""
        old = self._message(message_id)
        if not old.text:
            raise Trouble(Problem(kind=Kind.USAGE, title="Nothing to continue", hint="Press r to ask again"))
        model = old.model or self.conversation.model
        if model is None:
            raise Trouble(Problem(kind=Kind.USAGE, title="No model chosen", hint="Press Ctrl+L to choose one"))
        answer = self._empty_answer(old.parent_id, model)
        thread = self.tree.thread(message_id)
        return self._turn(answer, thread, seed=old.text)

    def settle(self, turn: Turn) -> Message:
        """Take an answer back when it ended (or grew); returns it."""
        self.tree.add(turn.message)
        return turn.message

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
        self._message(message_id)
        self.update(head=message_id)

    def delete(self, message_id: str) -> int:
        """Delete a message and all below it; returns how many went. ``undo`` brings them back."""
        message = self._message(message_id)
        ids = self.tree.descendants(message_id)
        gone = tuple(m for m in self.tree if m.id in set(ids))
        head_before = self.conversation.head
        self.tree.discard(ids)
        self._keeper.delete(ids)
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
        self._keeper.restore([m.id for m in deletion.messages])
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
        self._keeper.delete(ids)
        self.update(head=deletion.head_after)
        self._deleted.append(deletion)
        return True

    def fork(self, message_id: str) -> tuple[Chat, str]:
        """Start a new conversation from a place in this one; returns it and text for the prompt.

        An answer is included; a question is not, but waits in the prompt to be changed.
        """
        message = self._message(message_id)
        is_question = message.role is Role.USER
        path = self.tree.thread(message.parent_id if is_question else message_id)
        fresh = {m.id: new_id() for m in path}
        copies = [replace(m, id=fresh[m.id], parent_id=fresh.get(m.parent_id or ""), batch="") for m in path]
        now = self._desk.now()
        conversation = replace(
            self.conversation,
            id=new_id(),
            head=copies[-1].id if copies else None,
            title=f"{self.conversation.title} (fork)".strip(),
            created=now,
            updated=now,
            is_pinned=False,
        )
        twin = Chat(self._desk, conversation, copies)
        twin.save()
        twin._keeper.add(conversation.id, copies)
        return twin, message.text if is_question else ""

    def update(self, **changes: object) -> None:
        """Change what is known of the conversation (title, model, system, options, head, …) and save it."""
        self.conversation = replace(self.conversation, updated=self._desk.now(), **changes)  # type: ignore[arg-type]
        if len(self.tree):
            self.save()

    def save(self) -> None:
        """Save the conversation as it is."""
        self._keeper.save(self.conversation)

    def question_of(self, message_id: str) -> Message:
        """Return the question that a message belongs to: itself, or the nearest one above."""
        message: Message | None = self._message(message_id)
        while message is not None and message.role is not Role.USER:
            message = self.tree.get(message.parent_id)
        if message is None:
            raise Trouble(Problem(kind=Kind.USAGE, title="There is no question above this message"))
        return message

    def request(self, thread: Sequence[Message], model: ModelRef) -> ChatRequest:
        """Return the request for the next answer below ``thread``: options laid over each other, limits set."""
        sent = normal_id(model.id)
        about = self._desk.model(sent)
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
        settings = self._desk.settings()
        defaults = ChatOptions(max_tokens=settings.chat.max_tokens)
        return self.conversation.options.over(settings.options.over(defaults))

    def fitting(self, thread: Sequence[Message], about: Model | None) -> tuple[Message, ...]:
        """Return what is sent of a thread: all of it, or what the person chose to leave of it."""
        kept = tuple(thread)
        if about is None or self.trimming is Trimming.NOTHING:
            return kept
        if not about.sees_images:
            kept = without_images(kept)
        limit = self.options_in_force().max_tokens or 0
        chosen = shorten(kept, about, max_tokens=limit, system=self.conversation.system).kept
        return with_summary(self.summary, chosen) if self.summary else chosen

    @property
    def _keeper(self) -> Keeper:
        return self._desk.keeper(self.conversation)

    def _message(self, message_id: str) -> Message:
        message = self.tree.get(message_id)
        if message is None:
            raise Trouble(Problem(kind=Kind.USAGE, title="That message is gone", hint="Press z to undo a delete"))
        return message

    def _answers(self, question: Message, models: Sequence[ModelRef], *, new: bool) -> list[Turn]:
        thread = self.tree.thread(question.id)
        batch = new_id() if len(models) > 1 else ""
        turns = []
        for lane, model in enumerate(models):
            answer = self._empty_answer(question.id, model, batch=batch, lane=lane)
            turns.append(self._turn(answer, thread))
        self.update(head=turns[0].id, model=self.conversation.model if batch else models[0])
        if new:
            self._keeper.add(self.conversation.id, [question])
        return turns

    def _empty_answer(self, parent: str | None, model: ModelRef, *, batch: str = "", lane: int = 0) -> Message:
        answer = Message(
            id=new_id(),
            parent_id=parent,
            role=Role.ASSISTANT,
            parts=(),
            created=self._desk.now(),
            model=model,
            ending=None,
            batch=batch,
            lane=lane,
        )
        self.tree.add(answer)
        return answer

    def _turn(self, answer: Message, thread: Sequence[Message], *, seed: str = "") -> Turn:
        model = answer.model or ModelRef("")
        about = self._desk.model(normal_id(model.id))
        if seed:
            self.update(head=answer.id)
        return Turn(
            TurnParts(
                request=self.request(thread, model),
                answer=answer,
                seed=seed,
                connect=self._desk.connect,
                gate=self._desk.gate,
                journal=self._desk.journal(self.conversation),
                price=lambda usage: self._desk.price(about, usage),
            )
        )
