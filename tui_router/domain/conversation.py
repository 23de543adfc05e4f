"""A conversation is a tree of messages; what is shown is the path from the root to its head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tui_router.domain.message import Message, Role
from tui_router.domain.model import ModelRef
from tui_router.domain.options import ChatOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What is known of a conversation besides its messages."""

    id: str
    title: str = ""
    """Empty until the first question gives it one."""
    head: str | None = None
    """Id of the last message of the path in view."""
    system: str = ""
    model: ModelRef | None = None
    """Who answers the next turn."""
    options: ChatOptions = field(default_factory=ChatOptions)
    created: datetime
    updated: datetime
    tags: tuple[str, ...] = ()
    is_pinned: bool = False
    is_archived: bool = False
    is_temporary: bool = False
    """Never written to disk."""


class Tree:
    """The messages of one conversation by id, in the order they were made. Adding is the only change.

    Not a value: it has one owner (the screen or the command that shows the conversation).
    Messages whose parent is missing (or comes later, or is below them) count as roots until it comes,
    so a damaged conversation still opens.
    """

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._messages: dict[str, Message] = {}
        self._parents: dict[str, str | None] = {}
        self._children: dict[str | None, list[str]] = {}
        self._orphans: dict[str, list[str]] = {}
        for message in messages:
            self.add(message)

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._messages

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages.values())

    def add(self, message: Message) -> None:
        """Add a message, or put the newer state of a growing answer in its place."""
        is_new, parent = message.id not in self._messages, message.parent_id
        has_parent = parent in self._messages
        self._messages[message.id] = message
        if not is_new:
            return
        if parent is None or has_parent:
            self._place(message.id, parent)
        else:
            self._orphan(message.id, parent)
        for orphan in self._orphans.pop(message.id, ()):
            if not any(m.id == orphan for m in self.thread(message.id)):
                self._children[None].remove(orphan)
                self._place(orphan, message.id)

    def discard(self, message_ids: Iterable[str]) -> None:
        """Forget messages (they were deleted; storage can bring them back)."""
        gone = [i for i in dict.fromkeys(message_ids) if i in self._messages]
        for message_id in gone:
            self._children[self._parents[message_id]].remove(message_id)
            for child in self._children.pop(message_id, ()):
                self._orphan(child, message_id)
            del self._messages[message_id], self._parents[message_id]
        for parent, ids in list(self._orphans.items()):
            self._orphans[parent] = [i for i in ids if i in self._messages]

    def _place(self, message_id: str, parent: str | None) -> None:
        self._parents[message_id] = parent
        self._children.setdefault(parent, []).append(message_id)

    def _orphan(self, message_id: str, missing: str) -> None:
        self._place(message_id, None)
        self._orphans.setdefault(missing, []).append(message_id)

    def get(self, message_id: str | None) -> Message | None:
        """Return a message, or ``None``."""
        return self._messages.get(message_id) if message_id else None

    def thread(self, head: str | None) -> tuple[Message, ...]:
        """Return the path from a root to ``head``, oldest first."""
        path: list[Message] = []
        current = head
        while current is not None and current in self._messages:
            path.append(self._messages[current])
            current = self._parents[current]
        return tuple(reversed(path))

    def children(self, message_id: str | None) -> tuple[Message, ...]:
        """Return the answers to a message (``None``: the roots), oldest first."""
        return tuple(self._messages[i] for i in self._children.get(message_id, ()))

    def siblings(self, message_id: str) -> tuple[Message, ...]:
        """Return the alternatives at this place, itself included, oldest first."""
        return self.children(self._parents[message_id])

    def leaf(self, message_id: str) -> str:
        """Return the end of the newest path that goes through a message."""
        current = message_id
        while children := self._children.get(current):
            current = children[-1]
        return current

    def last_leaf(self) -> str | None:
        """Return the end of the path that holds the newest message; ``None`` when there is none."""
        last = next(reversed(self._messages), None)
        return self.leaf(last) if last else None

    def descendants(self, message_id: str) -> tuple[str, ...]:
        """Return the ids of a message and of everything below it."""
        found: list[str] = []
        todo = [message_id]
        while todo:
            current = todo.pop()
            found.append(current)
            todo.extend(self._children.get(current, ()))
        return tuple(found)

    def batch(self, batch_id: str) -> tuple[Message, ...]:
        """Return the answers that were asked together, by lane."""
        found = [m for m in self._messages.values() if m.batch == batch_id and m.role is Role.ASSISTANT]
        return tuple(sorted(found, key=lambda m: m.lane))

    def lanes(self, batch_id: str, kept: str | None = None) -> tuple[Message, ...]:
        """Return one answer for each lane of a comparison: ``kept`` in its own, the newest in the others."""
        found: dict[int, Message] = {}
        for message in self.batch(batch_id):
            if message.lane not in found or found[message.lane].id != kept:
                found[message.lane] = message
        return tuple(found.values())


def title_from(text: str, limit: int = 60) -> str:
    """Make a title of the first words of a question: no model is asked, nothing is spent."""
    for line in text.splitlines():
        title = " ".join(line.strip().lstrip("#>*-` ").split())
        if not title:
            continue
        if len(title) <= limit:
            return title
        whole_words = title[: limit + 1].rpartition(" ")[0]
        return (whole_words or title[: limit - 1]) + "…"
    return ""
