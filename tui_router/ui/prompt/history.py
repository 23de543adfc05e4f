"""What was sent before: a ring walked with Up and Down, and searched. Pure; storage is its owner's business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_router.domain.draft import Attachment

LIMIT = 1000
"""Most entries kept."""
_MOST_ATTACHED = 20
"""Entries whose attachments are kept: they may be large."""


class History:
    """Entries from old to new, and where the reader is among them.

    The draft is kept while walking: going down past the newest entry brings it back.
    """

    def __init__(self, entries: Iterable[str] = (), limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: list[str] = []
        self._attached: dict[str, tuple[Attachment, ...]] = {}
        """What was attached to entries that were never sent, for as long as the program runs."""
        self._at: int | None = None
        self._draft = ""
        self._whole = ""
        """The draft that waits with its pastes in full: an entry of the history has no chips."""
        self.on_add: Callable[[str], None] | None = None
        """Told of every entry, by which it outlives the program; set by the owner."""
        for entry in entries:
            self.add(entry)

    @property
    def entries(self) -> tuple[str, ...]:
        """All entries, oldest first."""
        return tuple(self._entries)

    @property
    def is_walking(self) -> bool:
        """Whether an old entry is shown in place of the draft."""
        return self._at is not None

    def draft_behind(self, shown: str) -> str | None:
        """Return the draft that waits while the entry that is ``shown`` stands in its place; ``None`` for no such."""
        return self._draft if self._at is not None and self._entries[self._at] == shown else None

    def add(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Add what was sent (or cleared). The same text twice in a row counts once; blank text does not count.

        ``attachments`` are those that went with the words and are nowhere else: they come back with them.
        """
        self.leave()
        self._append(text)
        self._attached.pop(text, None)
        if attachments and text.strip():
            self._attached[text] = tuple(attachments)
            if len(self._attached) > _MOST_ATTACHED:
                del self._attached[next(iter(self._attached))]

    def own(self, shown: str, attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
        """Return what is attached to the draft itself, without what came back with the entry ``shown`` in its place."""
        lent = self.attached_to(shown) if self.draft_behind(shown) is not None else ()
        return tuple(a for a in attachments if not any(a is other for other in lent))

    def attached_to(self, text: str) -> tuple[Attachment, ...]:
        """Return what comes back with an entry."""
        return self._attached.get(text, ())

    def leave(self) -> None:
        """Stop walking: what is shown is the draft from now on. The draft of before is kept as an entry."""
        whole, self._at, self._draft, self._whole = self._whole, None, "", ""
        self._append(whole)

    def forget_draft(self) -> None:
        """Stop walking; the draft of before is kept elsewhere."""
        self._at, self._draft, self._whole = None, "", ""

    def _append(self, text: str) -> None:
        if not text.strip() or (self._entries and self._entries[-1] == text):
            return
        self._entries.append(text)
        if len(self._entries) > self._limit:
            del self._entries[0]
            self._at = None if self._at is None else max(0, self._at - 1)
        if self.on_add is not None:
            self.on_add(text)

    def _take_edited(self, shown: str, whole: str) -> None:
        """An entry that was changed while it was shown is the draft from now on."""
        if self._at is not None and shown != self._entries[self._at]:
            before, self._draft, self._whole = self._whole, shown, whole or shown
            self._append(before)

    def older(self, draft: str, prefix: str = "", *, whole: str = "") -> str | None:
        """Return the entry before the one shown, which starts with ``prefix``; ``None`` at the oldest.

        ``draft`` is what is shown now; ``whole`` the same with its pastes in full, where that is different.
        """
        self._take_edited(draft, whole)
        start = len(self._entries) if self._at is None else self._at
        for i in range(start - 1, -1, -1):
            if self._entries[i].startswith(prefix) and self._entries[i] != draft:
                if self._at is None:
                    self._draft, self._whole = draft, whole or draft
                self._at = i
                return self._entries[i]
        return None

    def newer(self, shown: str, prefix: str = "", *, whole: str = "") -> str | None:
        """Return the entry after the one shown, then the draft; ``None`` when the draft is already shown."""
        self._take_edited(shown, whole)
        if self._at is None:
            return None
        for i in range(self._at + 1, len(self._entries)):
            if self._entries[i].startswith(prefix):
                self._at = i
                return self._entries[i]
        draft = self._draft
        self.forget_draft()
        return draft

    def search(self, query: str, limit: int = 50) -> tuple[str, ...]:
        """Return entries that hold every word of ``query``, newest first, each text once."""
        words = query.lower().split()
        found: dict[str, None] = {}
        for entry in reversed(self._entries):
            low = entry.lower()
            if entry not in found and all(word in low for word in words):
                found[entry] = None
                if len(found) >= limit:
                    break
        return tuple(found)
