"""Data of the library screen: pages loaded on demand, and actions on one conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.library import Summary
from tui_router.services.library import PAGE_SIZE, Library, Page
from tui_router.ui.host import Host
from tui_router.ui.screens.dialogs import TextDialog
from tui_router.ui.screens.library_rows import title_of

Load = Callable[[int], Page]
"""Loads a page by its number; called on a worker thread."""
Work = Callable[[Callable[[], Page], Callable[[Page], None]], None]
"""Runs the first function on a worker thread and the second with its result on the UI thread."""


class ReportAction(Protocol):
    """Called after an action."""

    def __call__(self, sentence: str, conversation_id: str = "", *, can_undo: bool = False) -> None:
        """Show what was done; the cursor moves to ``conversation_id``."""
        ...


class LibraryActions:
    """Runs actions on a worker thread, then calls ``changed`` with the conversation id, and ``report``."""

    def __init__(self, library: Library, host: Host, report: ReportAction, changed: Callable[[str], None]) -> None:
        self._library = library
        self._host = host
        self._report = report
        self._changed = changed

    def run(self, what: str, row: Summary) -> None:
        """Run one of ``rename``, ``pin``, ``tag``, ``archive``, ``delete``."""
        {
            "rename": self._rename,
            "pin": self._pin,
            "tag": self._tag,
            "archive": self._archive,
            "delete": self._delete,
        }[what](row)

    def undo(self) -> None:
        """Restore the conversation deleted last."""

        def done(found: Conversation | None) -> None:
            if found is None:
                self._report("There is nothing to restore")
            else:
                self._changed(found.id)
                self._report(f"“{found.title}” is back", found.id)

        self._host.work(self._library.undo_delete, done)

    def _rename(self, row: Summary) -> None:
        def rename(title: str | None) -> None:
            if title is not None:
                self._change(lambda: self._library.rename(row.id, title), lambda c: f"Called “{c.title}”")

        hint = "An empty title is replaced by the first question"
        self._host.show_screen(TextDialog("Rename", hint, value=title_of(row)), rename)

    def _tag(self, row: Summary) -> None:
        def tag(words: str | None) -> None:
            if words is not None:
                self._change(
                    lambda: self._library.tag(row.id, words.split(",")),
                    lambda c: f"Tags: {', '.join(c.tags)}" if c.tags else "No tags",
                )

        self._host.show_screen(TextDialog("Tags, comma separated", value=", ".join(row.tags)), tag)

    def _pin(self, row: Summary) -> None:
        self._change(lambda: self._library.pin(row.id), lambda c: "Pinned" if c.is_pinned else "No longer pinned")

    def _archive(self, row: Summary) -> None:
        self._change(
            lambda: self._library.archive(row.id),
            lambda c: "Archived: still found by a search" if c.is_archived else "Back in the list",
            stays=False,
        )

    def _delete(self, row: Summary) -> None:
        def done(_: None) -> None:
            self._changed(row.id)
            self._report(f"Deleted “{title_of(row)}”. z brings it back", can_undo=True)

        self._host.work(lambda: self._library.delete(row.id), done)

    def _change(
        self, act: Callable[[], Conversation], say: Callable[[Conversation], str], *, stays: bool = True
    ) -> None:
        def done(conversation: Conversation) -> None:
            self._changed(conversation.id)
            self._report(say(conversation), conversation.id if stays else "")

        self._host.work(act, done)


class ConversationPages:
    """Loads pages of the conversation list on demand.

    ``arrived`` is called after each page, with whether the list changed as a whole.
    """

    def __init__(self, load: Load, work: Work, arrived: Callable[[bool], None]) -> None:
        self._load = load
        self._work = work
        self._arrived = arrived
        self._pages: dict[int, tuple[Summary, ...]] = {}
        self._requested: set[int] = set()
        self._generation = 0
        self._is_stale = False
        self.total: int | None = None
        """Number of conversations; ``None`` until the first page arrives."""

    def get(self, index: int) -> Summary | None:
        """Return a row; ``None`` while its page is loading."""
        number, place = divmod(index, PAGE_SIZE)
        rows = self._pages.get(number)
        if rows is None:
            self._request(number)
            return None
        return rows[place] if place < len(rows) else None

    def index_of(self, conversation_id: str) -> int | None:
        """Return the index of a conversation among the loaded pages."""
        for number, rows in self._pages.items():
            for place, row in enumerate(rows):
                if row.id == conversation_id:
                    return number * PAGE_SIZE + place
        return None

    def reload(self, index: int = 0) -> None:
        """Reload, starting with the page of row ``index``; old rows are shown until it arrives."""
        self._generation += 1
        self._is_stale = True
        self._requested = set()
        self._request(index // PAGE_SIZE)

    def _request(self, number: int) -> None:
        if number in self._requested:
            return
        self._requested.add(number)
        generation = self._generation
        self._work(lambda: self._load(number), lambda page: self._take(generation, number, page))

    def _take(self, generation: int, number: int, page: Page) -> None:
        if generation != self._generation:
            return
        is_new_list = self._is_stale or page.total != self.total
        if self._is_stale:
            self._pages, self._is_stale = {}, False
        self.total = page.total
        self._pages[number] = page.rows
        self._arrived(is_new_list)
