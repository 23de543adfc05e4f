"""What a person has not sent yet in a conversation: one draft, and a queue. On disk within a second, whatever happens.

One outbox a conversation, shared by every screen that shows it. It is used on the thread of the screens; what
changes is written on another one, the latest state each time. A question on its way (checked, asked about, not
yet in the conversation) counts as the first of the queue: whatever ends the program meanwhile, it is still there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.draft import Draft, Unsent
from tui_router.domain.problem import Trouble
from tui_router.services.chat import Chat
from tui_router.services.writer import Put
from tui_router.storage.overflow_log import OverflowEntry

SAVED_WITHIN = 0.4
"""Seconds of typing after which a draft is handed to the writer; what is queued or sent is handed over at once."""


class Store(Protocol):
    """Where outboxes rest. ``None`` is the conversation that has not begun."""

    def load(self, conversation_id: str | None) -> Unsent:
        """Return what was kept; raises ``Trouble``."""
        ...

    def save(self, conversation_id: str | None, draft: Draft, queue: Sequence[Draft] = ()) -> None:
        """Keep it; raises ``Trouble``."""
        ...

    def entry(self, kept: Mapping[str | None, Unsent]) -> OverflowEntry:
        """Return what is kept in a spare file while it cannot be saved."""
        ...

    def adopt(self) -> None:
        """Take over what a window that has ended left of a conversation that had not begun; raises ``Trouble``."""
        ...


class Outbox:
    """The draft and the queue of one conversation. ``changed`` is told whether it should be written at once."""

    def __init__(self, kept: Unsent, changed: Callable[[Outbox, bool], None]) -> None:
        self._draft = kept.draft
        self._queue = kept.queue
        self._going: Draft | None = None
        self._changed = changed
        self._state = kept
        self.is_held = bool(kept.queue)
        """True while the queue waits for the person: after a restart, a stop, or when a question was held back."""

    def __repr__(self) -> str:
        return f"Outbox({self._state!r})"

    @property
    def draft(self) -> Draft:
        """What stands in the prompt."""
        return self._draft

    @property
    def queue(self) -> tuple[Draft, ...]:
        """The questions that wait, next first."""
        return self._queue

    @property
    def going(self) -> Draft | None:
        """The question that is being checked, and has not reached the conversation yet."""
        return self._going

    @property
    def unsent(self) -> Unsent:
        """All of it, as it is kept. Safe on any thread."""
        return self._state

    def write(self, draft: Draft) -> None:
        """The prompt holds another draft; what it edits stays."""
        self._note(draft=replace(draft, edits=self._draft.edits))

    def edit(self, message_id: str) -> None:
        """The draft is another version of a message; an empty id makes it a new turn."""
        self._note(draft=replace(self._draft, edits=message_id))

    def add(self, question: Draft, *, first: bool = False) -> None:
        """Let a question wait."""
        self._note(at_once=True, queue=(question, *self._queue) if first else (*self._queue, question))

    def begin(self, question: Draft) -> None:
        """A question is on its way."""
        self._note(at_once=True, going=(question,))

    def end(self) -> None:
        """The question on its way has reached the conversation, or the prompt."""
        self._note(at_once=True, going=())

    def hold_back(self) -> None:
        """The question on its way cannot go: it waits in front, and the rest of the queue with it."""
        self.is_held = True
        if self._going is not None:
            self._note(at_once=True, queue=(self._going, *self._queue), going=())

    def take_next(self, fits: Callable[[Draft], bool] = lambda _: True) -> Draft | None:
        """Set the next question that fits on its way; ``None`` when there is none, or another one still goes."""
        question = next((q for q in self._queue if fits(q)), None) if self._going is None else None
        if question is not None:
            place = self._queue.index(question)
            self._note(at_once=True, queue=_without(self._queue, place), going=(question,))
        return question

    def drop(self, place: int) -> bool:
        """Forget a question that waits; ``False`` when there is no such place."""
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
    """The outboxes of a window, kept while it runs. UI thread, but for the writing."""

    def __init__(self, store: Store, put: Put, *, interval: float = SAVED_WITHIN) -> None:
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
        """Return the outbox of a conversation. Those that have not begun share one; temporary ones have their own."""
        conversation = chat.conversation
        found = self._known.get(conversation.id)
        if found is None and not len(chat.tree) and not conversation.is_temporary:
            found = self._unbegun()
        elif found is None:
            kept = Unsent() if conversation.is_temporary else self._store.load(conversation.id)
            found = Outbox(kept, self._note)
            self._written[conversation.id] = kept
        self._known[conversation.id] = found
        self._homes[found] = chat
        return found

    def adopt(self) -> None:
        """Take over what a window that has ended left, unless this one has looked for it already. Any thread."""

        def adopt() -> None:
            if not self._has_looked:  # what is typed by now must not replace it
                with suppress(Trouble):  # the next start takes it over
                    self._store.adopt()

        self._put(adopt)

    def unwritten(self, *, all_of_them: bool = False) -> tuple[tuple[Conversation, Unsent], ...]:
        """Return what is not on disk as it is now, or everything that is not sent. Any thread."""
        return tuple(
            (chat.conversation, outbox.unsent)
            for outbox, chat in tuple(self._homes.items())
            if not chat.conversation.is_temporary
            and not outbox.unsent.is_empty
            and (all_of_them or outbox.unsent not in (self._written.get(chat.conversation.id), self._written.get(None)))
        )

    def flush(self) -> None:
        """Hand over to the writer what is not written yet. Any thread."""
        with self._lock:
            timer, self._timer = self._timer, None
            unwritten, self._unwritten = self._unwritten, set()
        if timer is not None:
            timer.cancel()
        for outbox in unwritten:
            self._hand_over(outbox)

    def _unbegun(self) -> Outbox:
        """Return the outbox of the conversation to come: the one that was there before, unless that has begun."""
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
        """Have the state of an outbox written as it is by then; what it is now outlives a crash meanwhile."""

        def write() -> None:
            for key, unsent in self._places(outbox).items():
                self._save(key, unsent)

        self._put(write, entry=self._store.entry(self._places(outbox)))

    def _places(self, outbox: Outbox) -> dict[str | None, Unsent]:
        """Return what belongs where just now. Any thread."""
        chat, is_blank = self._homes[outbox], outbox is self._blank
        if is_blank and not len(chat.tree):
            return {None: outbox.unsent}
        kept: dict[str | None, Unsent] = {chat.conversation.id: outbox.unsent}
        # When it has begun, what was kept for it has gone along.
        return kept | ({None: Unsent()} if is_blank else {})

    def _save(self, key: str | None, unsent: Unsent) -> None:
        if self._written.get(key) != unsent:
            self._store.save(key, unsent.draft, unsent.queue)
            self._written[key] = unsent


def _without(queue: tuple[Draft, ...], place: int) -> tuple[Draft, ...]:
    return (*queue[:place], *queue[place + 1 :])
