"""What is exported and imported: a conversation, all its messages, and the path through them that is in view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tui_router.domain.conversation import Conversation, Tree
from tui_router.domain.message import Message, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One conversation as a whole."""

    conversation: Conversation
    messages: tuple[Message, ...]
    """All of them, in the order they were made."""
    thread: tuple[Message, ...]
    """The path in view, oldest first; a part of ``messages``."""

    @property
    def cost(self) -> Decimal | None:
        """Dollars that all answers cost, with the tries before them; ``None`` when no answer says."""
        known = [m.cost for m in self.messages if m.cost is not None]
        return sum(known, Decimal(0)) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was found in a file of another program (or of this one)."""

    documents: tuple[Document, ...]
    notes: tuple[str, ...] = ()
    """What could not be taken over, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One place of the thread: the message there, and what stands beside it."""

    message: Message
    lanes: tuple[Message, ...] = ()
    """The answers that were asked together with it, by lane, itself included; empty when it was asked alone."""
    others: tuple[Message, ...] = ()
    """Further alternatives at this place, oldest first."""


def document_of(conversation: Conversation, messages: Iterable[Message]) -> Document:
    """Make a document; the thread leads to the conversation's head, or to the newest message without one."""
    tree = Tree(messages)
    head = conversation.head if conversation.head in tree else tree.last_leaf()
    return Document(conversation=conversation, messages=tuple(tree), thread=tree.thread(head))


def turns(document: Document) -> Iterator[Turn]:
    """Yield the places of the thread, oldest first."""
    tree = Tree(document.messages)
    for message in document.thread:
        if message.id not in tree:
            yield Turn(message=message)
            continue
        is_lane = message.batch and message.role is Role.ASSISTANT
        together = tree.lanes(message.batch, message.id) if is_lane else ()
        lanes = together if len(together) > 1 else ()
        shown = {message.id, *(lane.id for lane in lanes)}
        others = tuple(m for m in tree.siblings(message.id) if m.id not in shown)
        yield Turn(message=message, lanes=lanes, others=others)


def moment(at: datetime) -> str:
    """Return a time as an export prints it: ``2026-11-22 16:30 UTC``."""
    known = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return f"{known:%Y-%m-%d %H:%M} UTC"
