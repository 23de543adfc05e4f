"""Actions on the conversation in view as a whole: rename, tag, pin, archive, delete, export, import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tui_router.domain.message import Message
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.formats.registry import EXPORTERS
from tui_router.services.core import Core
from tui_router.services.library import ReadingPosition
from tui_router.services.titles import title_of_answer, title_plan
from tui_router.services.transfer import ImportReport, export_file, import_file
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.transcript.viewport import ScrollPosition


class ConversationActions:
    """Changes, exports and imports conversations. ``opened`` opens one by id; an empty id begins a new one."""

    def __init__(self, core: Core, host: Host, presenter: ConversationPresenter, opened: Callable[[str], None]) -> None:
        self._core = core
        self._host = host
        self._presenter = presenter
        self._opened = opened

    def rename(self, title: str | None) -> None:
        """Set the title; an empty one is replaced by the first words of the conversation."""
        if title is not None:
            self._presenter.chat.update(title=" ".join(title.split())[:200])
            self._host.tell(f"Called “{self._presenter.chat.conversation.title}”")

    def title_by_model(self) -> None:
        """Ask the configured title model for a title."""
        chat = self._presenter.chat
        wanted = self._core.preferences.current.chat.title_model
        try:
            model = self._core.identity.resolve(wanted)
        except AppError as error:
            # The nearest names are of no use here: it is the setting that must change, not the conversation's model.
            hint = "Choose another with /set chat.title_model NAME, or type a title: /rename TITLE"
            raise AppError(replace(error.problem, hint=hint, suggestions=())) from error
        plan = title_plan(chat, ModelRef(model.id))

        def started(turns: list[Turn]) -> None:
            turn = turns[0]

            def run() -> Message:
                turn.run(lambda _: None)
                return turn.message

            self._host.work(run, self._titled)

        self._presenter.submitter.submit(plan, started, title="Ask for a title?", yes="Ask")

    def _titled(self, answer: Message) -> None:
        problem = answer.ending.problem if answer.ending is not None else None
        if problem is not None:
            self._host.tell_problem(problem)
        else:
            self.rename(title_of_answer(answer.text) or None)

    def set_tags(self, words: str | None) -> None:
        """Set the tags from a comma-separated list."""
        if words is not None:
            tags = tuple(dict.fromkeys(t.strip().lstrip("#") for t in words.split(",") if t.strip("# ")))
            self._presenter.chat.update(tags=tags)
            self._host.tell(f"Tags: {', '.join(tags)}" if tags else "No tags")

    def toggle(self, what: str) -> bool:
        """Toggle ``is_pinned`` or ``is_archived``; returns the new value."""
        now = not getattr(self._presenter.chat.conversation, what)
        self._presenter.chat.update(**{what: now})
        return now

    def delete(self) -> None:
        """Delete the conversation in view and begin a new one."""
        conversation = self._presenter.chat.conversation
        if not len(self._presenter.chat.tree):
            self._host.tell("There is nothing to delete yet")
            return
        self._presenter.stop()
        self._core.library_of(conversation).delete(conversation.id)
        self._opened("")
        self._host.tell(f"Deleted “{conversation.title}”. /restore brings it back")

    def restore_deleted(self) -> None:
        """Restore and open the conversation deleted last."""
        found = self._core.library.undo_delete()
        if found is None:
            self._host.tell("No conversation was deleted")
        else:
            self._opened(found.id)

    def export(self, form: str, path: str) -> None:
        """Write the conversation to a file in ``path``, by default the current folder.

        Raises ``AppError`` for an unknown format or a missing folder.
        """
        known = {e.name for e in EXPORTERS}
        if form not in known:
            raise AppError(
                Problem(kind=ErrorKind.USAGE, title=f"There is no format {form}", hint=f"One of {', '.join(known)}")
            )
        conversation = self._presenter.chat.conversation
        folder = Path(path).expanduser() if path else Path.cwd()
        if not folder.is_dir():
            raise AppError(
                Problem(kind=ErrorKind.FILE, title=f"{folder} is not a folder", hint="Name a folder that exists")
            )
        library = self._core.library_of(conversation)
        self._host.work(
            lambda: export_file(library, conversation.id, form, folder),
            lambda file: self._host.tell(f"Written to {file}"),
        )

    def import_file(self, path: str | None) -> None:
        """Import conversations from a file of this or another program."""
        if not path:
            return

        def done(arrived: ImportReport) -> None:
            self._host.tell(arrived.sentence)
            if len(arrived.ids) == 1:
                self._opened(arrived.ids[0])

        file = Path(path.strip()).expanduser()
        self._host.work(lambda: import_file(self._core.library, file), done)

    def save_place(self, place: ScrollPosition | None) -> None:
        """Save the scroll position of the conversation in view."""
        conversation = self._presenter.chat.conversation
        if not conversation.is_temporary and len(self._presenter.chat.tree):
            saved = (
                None if place is None or place.following else ReadingPosition(message_id=place.entry_id, line=place.row)
            )
            self._core.library.keep_place(conversation.id, saved)

    def saved_place(self) -> ScrollPosition | None:
        """Return the saved scroll position; ``None`` is the end."""
        saved = self._core.library.place(self._presenter.chat.conversation.id)
        return ScrollPosition(saved.message_id, saved.line, 0, False) if saved else None
