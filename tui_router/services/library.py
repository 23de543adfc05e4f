"""Finds, lists, renames, pins, archives, tags, deletes and restores the conversations of one store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_router.domain.conversation import Conversation, title_from
from tui_router.domain.library import Hit, Summary, parse_query
from tui_router.domain.message import Message, Role, new_id
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean_line
from tui_router.services.app_state import AppState
from tui_router.services.unsaved import UnsavedChanges, deleted, saved, summary_over
from tui_router.services.writer import READ_PATIENCE, ImmediateWrites, Writes
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.drafts import Drafts
from tui_router.storage.messages import Messages
from tui_router.storage.overflow_log import conversation_deletion_entry, conversation_entry
from tui_router.storage.search import ConversationSearch, find_in
from tui_router.storage.state import KeyValueStore, PromptHistory

_log = logging.getLogger(__name__)


TITLE_LENGTH = 80


_PLACES_KEY = "places"
_PLACES_KEPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPosition:
    """The reader's position in a conversation."""

    message_id: str
    line: int = 0
    """Line offset within that message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """Unfinished work of an earlier session."""

    unfinished: tuple[Summary, ...] = ()
    """Conversations whose last answer was interrupted by a crash."""
    drafts: tuple[Summary, ...] = ()
    """Conversations with an unsent draft."""

    @property
    def sentence(self) -> str:
        """One line, or an empty string."""
        pieces = []
        if self.unfinished:
            first = self.unfinished[0].title or "Untitled"
            more = f" and {len(self.unfinished) - 1} more" if len(self.unfinished) > 1 else ""
            pieces.append(f"An answer was interrupted in “{first}”{more}")
        if self.drafts:
            count = len(self.drafts)
            pieces.append("1 draft waits" if count == 1 else f"{count} drafts wait")
        return " · ".join(pieces)


class Library:
    """The conversations of one store: on disk, or in memory for temporary ones."""

    def __init__(self, database: Database, now: Callable[[], datetime], writes: Writes | None = None) -> None:
        """Take the store, the clock and the write queue; by default writes run synchronously."""
        self._database = database
        self._now = now
        self.writes = writes or ImmediateWrites()
        self.unsaved = UnsavedChanges(self.writes)
        self._lock = threading.Lock()
        self._deleted: list[str] = []
        self.conversations = Conversations(database)
        self.messages = Messages(database)
        self.drafts = Drafts(database)
        self.history = PromptHistory(database)
        self._search = ConversationSearch(database)
        self._places = AppState(KeyValueStore(database), self.writes)

    @property
    def is_lost_at_end(self) -> bool:
        """True if the store could not be opened, so that conversations only exist in memory."""
        return self._database.is_temporary

    def new(self, *, temporary: bool = False, **known: object) -> Conversation:
        """Return a new, unsaved conversation; it is saved with its first question."""
        now = self._now()
        blank = Conversation(id=new_id(), created=now, updated=now, is_temporary=temporary)
        return replace(blank, **known)  # type: ignore[arg-type]

    def recent(self, *, archived: bool | None = False, limit: int = 200, offset: int = 0) -> tuple[Summary, ...]:
        """Return conversations, pinned first, then the newest; ``archived`` ``None`` is both."""
        self.writes.wait(READ_PATIENCE)
        rows = self.conversations.list_summaries(archived=archived, limit=limit, offset=offset)
        waiting = self.unsaved.ids
        return self._with_unsaved(rows, waiting, archived, is_first=not offset) if waiting else rows

    def search(self, typed: str, limit: int = 50) -> tuple[Hit, ...]:
        """Return hits for a typed query, which may have filter prefixes; an empty query finds nothing."""
        query = parse_query(typed, self._now().astimezone().date())
        self.writes.wait(READ_PATIENCE)
        if query.is_empty:
            return ()
        hits, waiting = self._search.find(query, limit), self.unsaved.ids
        if not waiting:
            return hits
        known = (self.unsaved.over(i, self.conversations.load(i)) for i in waiting)
        found = find_in([one for one in known if one is not None], query, limit)
        hits = (*found, *(hit for hit in hits if hit.conversation.id not in waiting))
        return tuple(sorted(hits, key=lambda hit: hit.message_id != ""))[:limit]  # titles first, as everywhere

    def open(self, named: str) -> tuple[Conversation, tuple[Message, ...]]:
        """Return a conversation by id, unique id prefix, or ``last``; raises ``AppError``."""
        identity = self.resolve(named)
        found = self.unsaved.over(identity, self.conversations.load(identity))
        if found is None:
            raise _gone(named)
        return found

    def resolve(self, named: str) -> str:
        """Resolve an id, id prefix or ``last`` to an id; raises ``AppError`` if none or several match."""
        wanted = named.strip()
        self.writes.wait(READ_PATIENCE)
        waiting = [i for i in self.unsaved.ids if self.find(i) is not None]
        if wanted in waiting:
            return wanted
        if wanted in ("", "last"):
            last = waiting[-1] if waiting else self.conversations.last()
            if last is None:
                raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no conversation yet"))
            return last
        ids = self.conversations.matching_ids(wanted)
        if wanted in ids or len(ids) == 1:
            return wanted if wanted in ids else ids[0]
        if ids:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE,
                    title=f"Several conversations begin with {wanted}",
                    hint=f"One of {', '.join(ids)}",
                )
            )
        raise _gone(wanted)

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Rename a conversation; a blank title is replaced by one made from its first question."""
        clean = clean_line(title, TITLE_LENGTH)
        if not clean:
            first = next((m for m in self.open(conversation_id)[1] if m.role is Role.USER), None)
            clean = title_from(first.text) if first else ""
        return self._change(conversation_id, title=clean)

    def pin(self, conversation_id: str, pinned: bool | None = None) -> Conversation:
        """Pin or unpin a conversation; ``None`` toggles."""
        before = self._need(conversation_id)
        return self._change(conversation_id, is_pinned=not before.is_pinned if pinned is None else pinned)

    def archive(self, conversation_id: str, archived: bool | None = None) -> Conversation:
        """Archive or unarchive a conversation; ``None`` toggles."""
        before = self._need(conversation_id)
        return self._change(conversation_id, is_archived=not before.is_archived if archived is None else archived)

    def tag(self, conversation_id: str, tags: Sequence[str]) -> Conversation:
        """Set the tags of a conversation. A tag is any single line of text, including spaces and emoji."""
        clean = (clean_line(t.strip().lstrip("#"), 40) for t in tags)
        return self._change(conversation_id, tags=tuple(dict.fromkeys(t for t in clean if t)))

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation; ``undo_delete`` restores it."""
        entry = conversation_deletion_entry(conversation_id, is_deleted=True)
        self.unsaved.put(conversation_id, deleted(True), lambda: self.conversations.delete(conversation_id), entry)
        with self._lock:
            self._deleted.append(conversation_id)

    def undo_delete(self) -> Conversation | None:
        """Restore the conversation that was deleted last; ``None`` if there is none."""
        with self._lock:
            if not self._deleted:
                return None
            conversation_id = self._deleted.pop()
        entry = conversation_deletion_entry(conversation_id, is_deleted=False)
        self.unsaved.put(conversation_id, deleted(False), lambda: self.conversations.restore(conversation_id), entry)
        self.writes.wait(READ_PATIENCE)
        return self.find(conversation_id)

    def find(self, conversation_id: str) -> Conversation | None:
        """Return a conversation without its messages; ``None`` if it does not exist."""
        if conversation_id not in self.unsaved.ids:
            return self.conversations.find(conversation_id)
        found = self.unsaved.over(conversation_id, self.conversations.load(conversation_id))
        return found[0] if found else None

    def place(self, conversation_id: str) -> ReadingPosition | None:
        """Return the saved reading position; ``None`` is the end."""
        kept = self._places.get(_PLACES_KEY)
        found = kept.get(conversation_id) if isinstance(kept, dict) else None
        if isinstance(found, list) and len(found) == 2 and isinstance(found[0], str) and isinstance(found[1], int):
            return ReadingPosition(message_id=found[0], line=found[1])
        return None

    def keep_place(self, conversation_id: str, place: ReadingPosition | None) -> None:
        """Save the reading position; ``None`` is the end."""

        def put(kept: object) -> dict[str, object]:
            places = dict(kept) if isinstance(kept, dict) else {}
            places.pop(conversation_id, None)
            if place is not None:
                places[conversation_id] = [place.message_id, place.line]
            return dict(list(places.items())[-_PLACES_KEPT:])

        if place is not None or self.place(conversation_id) is not None:
            self._places.change(_PLACES_KEY, put)

    def tidy(self) -> None:
        """Mark answers of crashed instances as interrupted, and purge old deletions. Call once per start."""
        self.writes.put(lambda: _where_possible(self.messages.recover_unfinished))
        self.writes.put(lambda: _where_possible(self.conversations.purge))

    def returning(self) -> Returning:
        """Return the unfinished work of earlier sessions."""
        rows = self.recent(archived=None, limit=500)
        return Returning(
            unfinished=tuple(s for s in rows if s.is_unfinished), drafts=tuple(s for s in rows if s.has_draft)
        )

    def data_version(self) -> int:
        """Return a number that changes when another instance has written."""
        return self._database.data_version()

    def _need(self, conversation_id: str) -> Conversation:
        found = self.find(conversation_id)
        if found is None:
            raise _gone(conversation_id)
        return found

    def _change(self, conversation_id: str, **changes: object) -> Conversation:
        before = self._need(conversation_id)
        after = replace(before, **changes)  # type: ignore[arg-type]
        entry = conversation_entry(after, before)
        self.unsaved.put(conversation_id, saved(after), lambda: self.conversations.save(after, before), entry)
        return after

    def _with_unsaved(
        self, rows: tuple[Summary, ...], waiting: Sequence[str], archived: bool | None, *, is_first: bool
    ) -> tuple[Summary, ...]:
        """Apply unsaved changes to a page of the list; conversations that are not on disk go on the first page."""
        known = {row.id: row for row in rows}
        for identity in waiting:
            stored = self.conversations.load(identity)
            row, found = known.get(identity), self.unsaved.over(identity, stored)
            if found is None or archived not in (None, found[0].is_archived):
                known.pop(identity, None)
            elif row is not None or (is_first and (stored is None or stored[0].is_archived != found[0].is_archived)):
                known[identity] = summary_over(row, found)
        return tuple(sorted(known.values(), key=lambda row: (row.is_pinned, row.updated), reverse=True))


def _where_possible(tidy: Callable[[], object]) -> None:
    """Run a clean-up; a failure is left for the next start, so that other writes are not blocked."""
    try:
        tidy()
    except AppError as trouble:
        _log.warning("not tidied: %s", trouble)


def _gone(named: str) -> AppError:
    return AppError(
        Problem(
            kind=ErrorKind.USAGE,
            title=f"No conversation is called {named}",
            hint="See `tui-router list` for all of them",
        )
    )


PAGE_SIZE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the conversation list."""

    start: int
    """Index of the first row in the list."""
    total: int
    """Number of rows in the whole list."""
    rows: tuple[Summary, ...]


def load_page(library: Library, number: int, *, archived: bool | None = False) -> Page:
    """Return page ``number`` (from 0) of the list, pinned first, then the newest; ``archived`` ``None`` is both."""
    start = number * PAGE_SIZE
    rows = library.recent(archived=archived, limit=PAGE_SIZE, offset=start)
    is_whole = not start and len(rows) < PAGE_SIZE
    total = len(rows) if is_whole else library.conversations.count(archived=archived)
    return Page(start=start, total=total, rows=rows)


def load_tail(library: Library, conversation_id: str, message_id: str = "", count: int = 4) -> tuple[Message, ...]:
    """Return the last messages of the path to a message, or to where the conversation ends; oldest first."""
    head = message_id
    if not head:
        found = library.find(conversation_id)
        head = (found.head if found else None) or ""
    return library.messages.load_tail(conversation_id, head, count)
