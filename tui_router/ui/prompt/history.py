"""What was sent before: a ring walked with Up and Down, and searched. Pure; storage is its owner's business."""

from __future__ import annotations

from collections.abc import Iterable

LIMIT = 1000
"""Most entries kept."""


class History:
    """Entries from old to new, and where the reader is among them.

    The draft is kept while walking: going down past the newest entry brings it back.
    """

    def __init__(self, entries: Iterable[str] = (), limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: list[str] = []
        self._at: int | None = None
        self._draft = ""
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

    def add(self, text: str) -> None:
        """Add what was sent (or cleared). The same text twice in a row counts once; blank text does not count."""
        self.leave()
        if not text.strip() or (self._entries and self._entries[-1] == text):
            return
        self._entries.append(text)
        del self._entries[: -self._limit]

    def leave(self) -> None:
        """Stop walking: what is shown is the draft from now on."""
        self._at = None
        self._draft = ""

    def older(self, draft: str, prefix: str = "") -> str | None:
        """Return the entry before the one shown, which starts with ``prefix``; ``None`` at the oldest."""
        start = len(self._entries) if self._at is None else self._at
        for i in range(start - 1, -1, -1):
            if self._entries[i].startswith(prefix) and self._entries[i] != draft:
                if self._at is None:
                    self._draft = draft
                self._at = i
                return self._entries[i]
        return None

    def newer(self, prefix: str = "") -> str | None:
        """Return the entry after the one shown, then the draft; ``None`` when the draft is already shown."""
        if self._at is None:
            return None
        for i in range(self._at + 1, len(self._entries)):
            if self._entries[i].startswith(prefix):
                self._at = i
                return self._entries[i]
        draft = self._draft
        self.leave()
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
