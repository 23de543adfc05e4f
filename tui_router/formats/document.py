"""The conversation documents that exporters write and importers return."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tui_router.domain.conversation import Conversation, Tree
from tui_router.domain.message import Message, Role
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean_line

MAX_MESSAGES = 200_000
"""Maximum number of messages of one imported conversation."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationDocument:
    """A conversation with all its messages."""

    conversation: Conversation
    messages: tuple[Message, ...]
    """All messages, in order of creation."""
    thread: tuple[Message, ...]
    """The visible path through the message tree, oldest first."""

    @property
    def cost(self) -> Decimal | None:
        """Total cost of all answers in US dollars, including failed attempts; ``None`` if no answer has a cost."""
        known = [m.cost for m in self.messages if m.cost is not None]
        return sum(known, Decimal(0)) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """The conversations read from a file."""

    documents: tuple[ConversationDocument, ...]
    notes: tuple[str, ...] = ()
    """What was skipped, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadEntry:
    """A message of the thread with its alternatives."""

    message: Message
    lanes: tuple[Message, ...] = ()
    """The answers of its comparison by lane, including itself; empty outside comparisons."""
    others: tuple[Message, ...] = ()
    """Other alternatives to the message, oldest first."""


def build_document(conversation: Conversation, messages: Iterable[Message]) -> ConversationDocument:
    """Build a document whose thread leads to the conversation's head, or else to the newest leaf."""
    tree = Tree(messages)
    head = conversation.head if conversation.head in tree else tree.last_leaf()
    return ConversationDocument(conversation=conversation, messages=tuple(tree), thread=tree.thread(head))


def thread_entries(document: ConversationDocument) -> Iterator[ThreadEntry]:
    """Yield the entries of the thread, oldest first."""
    tree = Tree(document.messages)
    for message in document.thread:
        if message.id not in tree:
            yield ThreadEntry(message=message)
            continue
        is_lane = message.batch and message.role is Role.ASSISTANT
        together = tree.lanes(message.batch, message.id) if is_lane else ()
        lanes = together if len(together) > 1 else ()
        shown = {message.id, *(lane.id for lane in lanes)}
        others = tuple(m for m in tree.siblings(message.id) if m.id not in shown)
        yield ThreadEntry(message=message, lanes=lanes, others=others)


def format_time(at: datetime) -> str:
    """Format a time for an export: ``2026-11-22 16:30 UTC``."""
    utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M} UTC"


def stable_id(*names: str) -> str:
    """Derive a deterministic id, so that importing a file again finds the existing conversation."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()[:16]


def build_imported_document(
    conversation_id: str, title: str, messages: Iterable[Message], *, head: str | None = None, system: str = ""
) -> ConversationDocument:
    """Build a document from messages of another program. Raises ``AppError`` if there are too many."""
    found = tuple(messages)
    if len(found) > MAX_MESSAGES:
        raise import_error("", f"{len(found):,} messages are more than {MAX_MESSAGES:,}")
    times = [m.created for m in found] or [EPOCH]
    conversation = Conversation(
        id=conversation_id,
        title=clean_line(title, 200),
        head=head,
        system=system,
        created=min(times),
        updated=max(times),
    )
    return build_document(conversation, found)


def import_error(where: str, message: str) -> AppError:
    """Return an import error with its location in the file."""
    return AppError(
        Problem(
            kind=ErrorKind.FILE, title="The file cannot be imported", detail=f"{where}: {message}" if where else message
        )
    )
