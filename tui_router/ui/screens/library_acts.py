"""What can be done with a conversation in the list: named, pinned, tagged, put away, deleted and brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tui_router.domain.conversation import Conversation
from tui_router.domain.library import Summary
from tui_router.services.library import Library
from tui_router.ui.host import Host
from tui_router.ui.screens.dialogs import TextDialog
from tui_router.ui.screens.library_rows import title_of


class Acted(Protocol):
    """Is told what was done."""

    def __call__(self, sentence: str, conversation_id: str = "", *, can_undo: bool = False) -> None:
        """Take a sentence, and the conversation that should be under the cursor."""
        ...


class LibraryActs:
    """Acts on a thread of its own, then tells ``acted`` and, with the conversation's id, ``changed``."""

    def __init__(self, library: Library, host: Host, acted: Acted, changed: Callable[[str], None]) -> None:
        self._library = library
        self._host = host
        self._acted = acted
        self._changed = changed

    def do(self, what: str, row: Summary) -> None:
        """Do one of ``rename``, ``pin``, ``tag``, ``archive``, ``delete``."""
        {
            "rename": self._rename,
            "pin": self._pin,
            "tag": self._tag,
            "archive": self._archive,
            "delete": self._delete,
        }[what](row)

    def undo(self) -> None:
        """Bring back what was deleted last."""

        def done(found: Conversation | None) -> None:
            if found is None:
                self._acted("There is nothing to bring back")
            else:
                self._changed(found.id)
                self._acted(f"“{found.title}” is back", found.id)

        self._host.work(self._library.undo_delete, done)

    def _rename(self, row: Summary) -> None:
        def rename(title: str | None) -> None:
            if title is not None:
                self._run(lambda: self._library.rename(row.id, title), lambda c: f"Called “{c.title}”")

        hint = "An empty title is made of the first question again"
        self._host.show_screen(TextDialog("Rename", hint, value=title_of(row)), rename)

    def _tag(self, row: Summary) -> None:
        def tag(words: str | None) -> None:
            if words is not None:
                self._run(
                    lambda: self._library.tag(row.id, words.split(",")),
                    lambda c: f"Tags: {', '.join(c.tags)}" if c.tags else "No tags",
                )

        self._host.show_screen(TextDialog("Tags, comma separated", value=", ".join(row.tags)), tag)

    def _pin(self, row: Summary) -> None:
        self._run(lambda: self._library.pin(row.id), lambda c: "Pinned" if c.is_pinned else "No longer pinned")

    def _archive(self, row: Summary) -> None:
        self._run(
            lambda: self._library.archive(row.id),
            lambda c: "Archived: still found by a search" if c.is_archived else "Back in the list",
            stays=False,
        )

    def _delete(self, row: Summary) -> None:
        def done(_: None) -> None:
            self._changed(row.id)
            self._acted(f"Deleted “{title_of(row)}”. z brings it back", can_undo=True)

        self._host.work(lambda: self._library.delete(row.id), done)

    def _run(self, act: Callable[[], Conversation], say: Callable[[Conversation], str], *, stays: bool = True) -> None:
        def done(conversation: Conversation) -> None:
            self._changed(conversation.id)
            self._acted(say(conversation), conversation.id if stays else "")

        self._host.work(act, done)
