"""``InputHistory``: what was sent before. ``HistoryBrowser``: shows it in a prompt, by walking and searching."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from tui_router.ui.prompt.area import AttachmentList, PromptArea

if TYPE_CHECKING:
    from tui_router.domain.draft import Attachment

LIMIT = 1000
"""Maximum number of entries."""
_MAX_WITH_ATTACHMENTS = 20
"""Maximum number of entries whose attachments are kept; they may be large."""
SEARCH_PLACEHOLDER = "Search what you sent before"


class InputHistory:
    """The entries from oldest to newest, and the position of a walk through them.

    A walk keeps the draft: going past the newest entry returns to it. Pure; the owner stores entries by ``on_add``.
    """

    def __init__(self, entries: Iterable[str] = (), limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: list[str] = []
        self._attached: dict[str, tuple[Attachment, ...]] = {}
        """Attachments of entries that were never sent. Not stored on disk."""
        self._at: int | None = None
        self._draft = ""
        self._whole = ""
        """The kept draft with its pastes expanded: history entries have no chips."""
        self.on_add: Callable[[str], None] | None = None
        """Called with every new entry; set by the owner to store it."""
        for entry in entries:
            self.add(entry)

    @property
    def entries(self) -> tuple[str, ...]:
        """All entries, oldest first."""
        return tuple(self._entries)

    @property
    def is_walking(self) -> bool:
        """Whether an entry is shown in place of the draft."""
        return self._at is not None

    def draft_behind(self, shown: str) -> str | None:
        """Return the kept draft while the unedited entry ``shown`` replaces it, otherwise ``None``."""
        return self._draft if self._at is not None and self._entries[self._at] == shown else None

    def add(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Add a sent or cleared text and end the walk. Ignores blank text and a repeat of the last entry.

        Args:
            text: The text, with its pastes expanded.
            attachments: Attachments that were not sent; they are restored together with the text.
        """
        self.end_walk()
        self._append(text)
        self._attached.pop(text, None)
        if attachments and text.strip():
            self._attached[text] = tuple(attachments)
            if len(self._attached) > _MAX_WITH_ATTACHMENTS:
                del self._attached[next(iter(self._attached))]

    def own_attachments(self, shown: str, attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
        """Return the attachments of the draft itself, without those restored with the entry ``shown``."""
        restored = self.attachments_of(shown) if self.draft_behind(shown) is not None else ()
        return tuple(a for a in attachments if not any(a is other for other in restored))

    def attachments_of(self, text: str) -> tuple[Attachment, ...]:
        """Return the attachments to restore with an entry."""
        return self._attached.get(text, ())

    def end_walk(self) -> None:
        """End the walk: the entry shown becomes the draft, and the previous draft an entry."""
        whole, self._at, self._draft, self._whole = self._whole, None, "", ""
        self._append(whole)

    def forget_draft(self) -> None:
        """End the walk without keeping the previous draft, because it is stored elsewhere."""
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

    def _adopt_edited(self, shown: str, whole: str) -> None:
        """Make an entry that was edited while shown the new draft."""
        if self._at is not None and shown != self._entries[self._at]:
            before, self._draft, self._whole = self._whole, shown, whole or shown
            self._append(before)

    def older(self, draft: str, prefix: str = "", *, whole: str = "") -> str | None:
        """Return the previous entry that starts with ``prefix``; ``None`` if there is none.

        Args:
            draft: The text shown now.
            prefix: Skip entries that do not start with it.
            whole: ``draft`` with its pastes expanded, if that differs.
        """
        self._adopt_edited(draft, whole)
        start = len(self._entries) if self._at is None else self._at
        for i in range(start - 1, -1, -1):
            if self._entries[i].startswith(prefix) and self._entries[i] != draft:
                if self._at is None:
                    self._draft, self._whole = draft, whole or draft
                self._at = i
                return self._entries[i]
        return None

    def newer(self, shown: str, prefix: str = "", *, whole: str = "") -> str | None:
        """Return the next entry, or the draft after the newest; ``None`` if the draft is already shown."""
        self._adopt_edited(shown, whole)
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
        """Return the distinct entries that contain every word of ``query``, newest first."""
        words = query.lower().split()
        found: dict[str, None] = {}
        for entry in reversed(self._entries):
            low = entry.lower()
            if entry not in found and all(word in low for word in words):
                found[entry] = None
                if len(found) >= limit:
                    break
        return tuple(found)


class HistoryBrowser:
    """Shows entries of the history in a prompt: walks with Up and Down, searches with Ctrl+R."""

    def __init__(self, area: PromptArea, attachments: AttachmentList) -> None:
        self.history = InputHistory()
        self._area = area
        self._attachments = attachments
        self._placeholder = area.placeholder
        self._draft_text: str | None = None
        """The text of the draft while a search replaces it; ``None`` without a search."""

    @property
    def is_searching(self) -> bool:
        """Whether the prompt holds a search query instead of the draft."""
        return self._draft_text is not None

    @property
    def own_text(self) -> str:
        """The text of the draft, also while a search replaces it."""
        return self._area.text if self._draft_text is None else self._draft_text

    def begin_search(self) -> None:
        """Set the draft aside and treat further typing as a search query."""
        self._draft_text = self._area.text
        self._area.placeholder = SEARCH_PLACEHOLDER
        self._area.offsets.replace_all("")
        self._area.update_suggestion()

    def end_search(self, found: str | None = None) -> None:
        """End the search and restore the draft, or show the entry ``found`` and add the draft to the history."""
        draft, self._draft_text = self._draft_text, None
        if found is not None and draft:
            self.history.add(self._area.pastes.expand(draft))
        self._area.placeholder = self._placeholder
        self._area.offsets.replace_all(draft or "" if found is None else found)
        self._area.update_suggestion()
        if found is not None:
            own = self._attachments.items
            restored = (a for a in self.history.attachments_of(found) if a not in own)
            self._attachments.replace((*own, *restored))

    def walk(self, rows: int) -> bool:
        """Show the previous (-1) or next (1) entry with its attachments; return whether there is one."""
        area, history = self._area, self.history
        whole = area.pastes.expand(area.text)
        own = history.own_attachments(area.text, self._attachments.items)
        text = history.older(area.text, whole=whole) if rows < 0 else history.newer(area.text, whole=whole)
        if text is None:
            return False
        area.offsets.replace_all(text)
        self._attachments.replace((*own, *(history.attachments_of(text) if history.is_walking else ())))
        # Otherwise the next Up would move through the rows of this entry instead of further back.
        if rows < 0 and area.wrapped_document.height > 1:
            area.move_cursor((0, 0))
        return True

    def end_walk(self) -> None:
        """End the walk when the draft is stored elsewhere."""
        if self.history.draft_behind(self.own_text) is None:
            self.history.end_walk()
        else:
            self.history.forget_draft()
