"""Exports unsaved conversations at exit, when the disk refuses writes, to a file that can be imported later."""

from __future__ import annotations

import logging
import shlex
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tui_router.domain.conversation import Conversation
from tui_router.domain.draft import Unsent
from tui_router.domain.message import Message, Role, new_id
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.library import Library
from tui_router.services.outbox import Outboxes
from tui_router.services.unsaved import Found
from tui_router.storage.files import write_new

_log = logging.getLogger(__name__)
_MOST = 1_000
"""Maximum number of conversations exported if nothing could be saved."""


class Rescue:
    """Finds unsaved text and writes it to a file. Thread-safe."""

    def __init__(
        self, library: Library, outboxes: Outboxes, folders: Sequence[Path], now: Callable[[], datetime]
    ) -> None:
        """Take the sources of unsaved text, and the folders to try in order."""
        self._library = library
        self._outboxes = outboxes
        self._folders = tuple(folders)
        self._now = now
        self._lock = threading.Lock()
        self._is_given_up = self._is_lost = False
        self._file: Path | None = None
        self._written = ""

    @property
    def is_needed(self) -> bool:
        """Whether something would be lost now. Cheap: reads no file."""
        if self._is_given_up:
            return False
        is_lost = self._library.is_lost_at_end
        if self._library.unsaved.with_words or self._outboxes.unwritten(all_of_them=is_lost):
            return True
        return is_lost and bool(self._library.recent(archived=None, limit=1))

    @property
    def file(self) -> Path:
        """The file that is, or was, written."""
        name = f"unsaved-{self._now().astimezone():%Y-%m-%d-%H%M%S}.json"
        return self._file or self._folders[0] / name

    @property
    def is_lost(self) -> bool:
        """True if no file could be written either."""
        return self._is_lost

    @property
    def is_settled(self) -> bool:
        """True if the text is in a file, or the user discarded it."""
        return self._is_given_up or (self._file is not None and not self._is_lost)

    def give_up(self) -> None:
        """Discard the unsaved text."""
        self._is_given_up = True

    def write(self) -> Problem | None:
        """Write what would be lost; returns a notice about it, or ``None`` if nothing would be lost."""
        with self._lock:
            text, count = self._text() if self.is_needed else ("", 0)
            if not text:
                return None
            refused: list[Problem] = []
            if text == self._written and self._file is not None:
                return _kept(self._file, count)
            for folder in self._folders:
                try:
                    self._file = self._put(folder, text)
                except AppError as trouble:
                    _log.warning("the unsaved words could not be written to %s: %s", folder, trouble)
                    refused.append(trouble.problem)
                else:
                    self._written, self._is_lost = text, False
                    return _kept(self._file, count)
            self._is_lost = True
            return _lost(count, refused)

    def _put(self, folder: Path, text: str) -> Path:
        """Write a private file, and delete an earlier one."""
        written = write_new(folder / self.file.name, text)
        if self._file is not None:
            self._file.unlink(missing_ok=True)
        return written

    def _text(self) -> tuple[str, int]:
        from tui_router.formats.document import build_document
        from tui_router.formats.json_format import write_json  # hardly ever needed

        found = [*self._conversations(), *self._drafts()]
        return "".join(write_json(build_document(*one)) for one in found), len(found)

    def _conversations(self) -> list[Found]:
        library, found = self._library, []
        ids = list(library.unsaved.with_words)
        with suppress(AppError):
            if library.is_lost_at_end:
                ids += [row.id for row in library.recent(archived=None, limit=_MOST) if row.id not in ids]
        for identity in ids:
            try:
                stored = library.conversations.load(identity)
            except AppError:  # unreadable: only the changes in memory are left
                stored = None
            known = library.unsaved.over(identity, stored)
            if known is not None and known[1]:
                found.append(known)
        return found

    def _drafts(self) -> list[Found]:
        unwritten = self._outboxes.unwritten(all_of_them=self._library.is_lost_at_end)
        return [self._as_conversation(conversation, unsent) for conversation, unsent in unwritten]

    def _as_conversation(self, conversation: Conversation, unsent: Unsent) -> Found:
        """Return unsent input as a separate conversation, so that an import restores it."""
        now, messages = self._now(), list[Message]()
        for draft in (unsent.draft, *unsent.queue):
            parent = messages[-1].id if messages else None
            if not draft.is_empty:
                messages.append(
                    Message(id=new_id(), parent_id=parent, role=Role.USER, parts=tuple(draft.parts), created=now)
                )
        title = f"Not sent: {conversation.title or 'a new conversation'}"
        return replace(conversation, id=new_id(), title=title, head=messages[-1].id, updated=now), tuple(messages)


def _things(count: int) -> str:
    return "1 conversation is" if count == 1 else f"{count} conversations are"


def _kept(file: Path, count: int) -> Problem:
    return Problem(
        kind=ErrorKind.STORAGE,
        title=f"{_things(count)} not saved",
        detail=f"What was said is in {file}",
        hint=f"`tui-router import {shlex.quote(str(file))}` brings it back once the disk takes writes again",
    )


def _lost(count: int, refused: Sequence[Problem]) -> Problem:
    return Problem(
        kind=ErrorKind.STORAGE,
        title=f"{_things(count)} not saved",
        detail="No file could be written either: " + "; ".join(p.detail for p in refused),
        hint="Copy what you need before you close the terminal",
    )
