"""Unsent input of a conversation: a draft and a queue. Saved to disk within a second.

Each conversation has one outbox, shared by all screens that show it and used on the UI thread.
Changes are written on another thread, latest state first. A question being submitted (checked or awaiting consent, not
yet in the conversation) counts as the first in the queue, so it survives a crash.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.draft import Draft, Unsent
from tui_router.domain.problem import AppError
from tui_router.services.chat import Chat
from tui_router.services.writer import Put
from tui_router.storage.overflow_log import OverflowEntry

SAVED_WITHIN = 0.4
"""Seconds until typing is queued for writing; queued and sent questions are written immediately."""


class OutboxStore(Protocol):
    """Stores outboxes. The id ``None`` is the conversation that has not started."""

    def load(self, conversation_id: str | None) -> Unsent:
        """Return the stored outbox; raises ``AppError``."""
        ...

    def save(self, conversation_id: str | None, draft: Draft, queue: Sequence[Draft] = ()) -> None:
        """Save an outbox; raises ``AppError``."""
        ...

    def entry(self, kept: Mapping[str | None, Unsent]) -> OverflowEntry:
        """Return what is kept in a overflow file while it cannot be saved."""
        ...

    def adopt(self) -> None:
        """Take over what a window that has ended left of a conversation that had not begun; raises ``AppError``."""
        ...


class Outbox:
    """The draft and queue of one conversation. ``changed`` receives whether to write immediately."""

    def __init__(self, kept: Unsent, changed: Callable[[Outbox, bool], None]) -> None:
        self._draft = kept.draft
        self._queue = kept.queue
        self._going: Draft | None = None
        self._changed = changed
        self._state = kept
        self.is_held = bool(kept.queue)
        """True while the queue is paused: after a restart, a stop, or a question that was refused."""

    def __repr__(self) -> str:
        return f"Outbox({self._state!r})"

    @property
    def draft(self) -> Draft:
        """The text and attachments in the prompt."""
        return self._draft

    @property
    def queue(self) -> tuple[Draft, ...]:
        """Waiting questions, next first."""
        return self._queue

    @property
    def going(self) -> Draft | None:
        """The question being checked, not yet in the conversation."""
        return self._going

    @property
    def unsent(self) -> Unsent:
        """The complete state as saved. Thread-safe."""
        return self._state

    def write(self, draft: Draft) -> None:
        """Replace the draft, keeping the message that it edits."""
        self._note(draft=replace(draft, edits=self._draft.edits))

    def edit(self, message_id: str) -> None:
        """Mark the draft as an edit of a message; an empty id makes it a new turn."""
        self._note(draft=replace(self._draft, edits=message_id))

    def add(self, question: Draft, *, first: bool = False) -> None:
        """Add a question to the queue."""
        self._note(at_once=True, queue=(question, *self._queue) if first else (*self._queue, question))

    def begin(self, question: Draft) -> None:
        """Start submitting a question."""
        self._note(at_once=True, going=(question,))

    def end(self) -> None:
        """Finish submitting: the question is in the conversation, or back in the prompt."""
        self._note(at_once=True, going=())

    def hold_back(self) -> None:
        """Return the question being submitted to the front of the queue, and pause the queue."""
        self.is_held = True
        if self._going is not None:
            self._note(at_once=True, queue=(self._going, *self._queue), going=())

    def take_next(self, fits: Callable[[Draft], bool] = lambda _: True) -> Draft | None:
        """Start submitting the next matching question; ``None`` if there is none or another is being submitted."""
        question = next((q for q in self._queue if fits(q)), None) if self._going is None else None
        if question is not None:
            place = self._queue.index(question)
            self._note(at_once=True, queue=_without(self._queue, place), going=(question,))
        return question

    def drop(self, place: int) -> bool:
        """Remove a waiting question; ``False`` if there is no such index."""
        if not 0 <= place < len(self._queue):
            return False
        self._note(at_once=True, queue=_without(self._queue, place))
        return True

    def _note(
        self,
        *,
        draft: Draft | None = None,
        queue: tuple[Draft, ...] | None = None,
        going: tuple[Draft, ...] | None = None,
        at_once: bool = False,
    ) -> None:
        if draft is not None:
            self._draft = draft
        if queue is not None:
            self._queue = queue
        if going is not None:
            self._going = going[0] if going else None
        state = Unsent(draft=self._draft, queue=(*((self._going,) if self._going else ()), *self._queue))
        if state != self._state:
            self._state = state
            self._changed(self, at_once)


class Outboxes:
    """The outboxes of one instance. UI thread only, except for writing."""

    def __init__(self, store: OutboxStore, put: Put, *, interval: float = SAVED_WITHIN) -> None:
        self._store = store
        self._put = put
        self._interval = interval
        self._lock = threading.Lock()
        self._known: dict[str, Outbox] = {}
        self._homes: dict[Outbox, Chat] = {}
        self._blank: Outbox | None = None
        self._has_looked = False
        self._unwritten: set[Outbox] = set()
        self._written: dict[str | None, Unsent] = {}
        self._timer: threading.Timer | None = None

    def of(self, chat: Chat) -> Outbox:
        """Return the outbox of a conversation. Conversations that have not started share one, except temporary ones."""
        conversation = chat.conversation
        found = self._known.get(conversation.id)
        if found is None and not len(chat.tree) and not conversation.is_temporary:
            found = self._unbegun()
        elif found is None:
            found = self._load(chat)
        self._known[conversation.id] = found
        self._homes[found] = chat
        return found

    def adopt(self) -> None:
        """Take over what a window that has ended left, unless this one has looked for it already. Any thread."""

        def adopt() -> None:
            if not self._has_looked:  # must not overwrite what was typed meanwhile
                with suppress(AppError):  # the next start takes it over
                    self._store.adopt()

        self._put(adopt)

    def unwritten(self, *, all_of_them: bool = False) -> tuple[tuple[Conversation, Unsent], ...]:
        """Return outboxes whose state is not on disk, or all unsent input. Any thread."""
        return tuple(
            (chat.conversation, outbox.unsent)
            for outbox, chat in tuple(self._homes.items())
            if not chat.conversation.is_temporary
            and not outbox.unsent.is_empty
            and (all_of_them or outbox.unsent not in (self._written.get(chat.conversation.id), self._written.get(None)))
        )

    def flush(self) -> None:
        """Queue all unwritten changes for writing. Any thread."""
        with self._lock:
            timer, self._timer = self._timer, None
            unwritten, self._unwritten = self._unwritten, set()
        if timer is not None:
            timer.cancel()
        for outbox in unwritten:
            self._hand_over(outbox)

    def _load(self, chat: Chat) -> Outbox:
        """Load the outbox of a saved conversation. What an ended window left is written again, and so claimed."""
        conversation = chat.conversation
        kept = Unsent() if conversation.is_temporary else self._store.load(conversation.id)
        found = Outbox(kept, self._note)
        self._homes[found] = chat
        if kept.is_empty:
            self._written[conversation.id] = kept
        else:
            self._hand_over(found)
        return found

    def _unbegun(self) -> Outbox:
        """Return the outbox of the next conversation: the existing one unless its conversation has started."""
        if self._blank is None:
            self._has_looked = True
            kept = self._written[None] = self._store.load(None)
            self._blank = Outbox(kept, self._note)
        elif len(self._homes[self._blank].tree):
            begun, self._blank = self._blank, Outbox(Unsent(), self._note)
            self._hand_over(begun)
            self._put(lambda: self._save(None, Unsent()), entry=self._store.entry({None: Unsent()}))
        return self._blank

    def _note(self, outbox: Outbox, at_once: bool) -> None:
        if self._homes[outbox].conversation.is_temporary:
            return
        with self._lock:
            self._unwritten.add(outbox)
            if not at_once and self._timer is None:
                self._timer = threading.Timer(self._interval, self.flush)
                self._timer.daemon = True
                self._timer.start()
        if at_once:
            self.flush()

    def _hand_over(self, outbox: Outbox) -> None:
        """Queue a write of the outbox's latest state; its current state survives a crash meanwhile."""

        def write() -> None:
            for key, unsent in self._places(outbox).items():
                self._save(key, unsent)

        self._put(write, entry=self._store.entry(self._places(outbox)))

    def _places(self, outbox: Outbox) -> dict[str | None, Unsent]:
        """Return the current state by storage key. Any thread."""
        chat, is_blank = self._homes[outbox], outbox is self._blank
        if is_blank and not len(chat.tree):
            return {None: outbox.unsent}
        kept: dict[str | None, Unsent] = {chat.conversation.id: outbox.unsent}
        # Once it has started, its state moves to its id.
        return kept | ({None: Unsent()} if is_blank else {})

    def _save(self, key: str | None, unsent: Unsent) -> None:
        if self._written.get(key) != unsent:
            self._store.save(key, unsent.draft, unsent.queue)
            self._written[key] = unsent


def _without(queue: tuple[Draft, ...], place: int) -> tuple[Draft, ...]:
    return (*queue[:place], *queue[place + 1 :])
