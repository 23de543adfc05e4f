"""What the room does about what the chat screen hears."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.draft import Attachment
from tui_router.domain.message import Role
from tui_router.domain.safe import clean_line
from tui_router.ui.screens.chat.ears import Heard
from tui_router.ui.screens.chat.room import Room
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow


class Hearing:
    """Listens for the room: the ``Listener`` of the chat screen."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def typed(self, text: str) -> None:
        """What is in the prompt changed: its cost is shown before it is sent."""
        self._room.typed(text)

    def submit(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Send what was written, or queue it while an answer runs."""
        self._room.guard(lambda _: self._submit(text, attachments))

    def hear(self, what: Heard, *words: str) -> None:
        """Do what prompt or transcript ask for; what it raises as ``Trouble`` is told."""
        room = self._room
        acts: dict[Heard, Callable[..., object]] = {
            Heard.SLASH: room.host.run_slash,
            Heard.LAST_QUEUED: self._take_queued_back,
            Heard.FILES: room.drafting.list_files,
            Heard.ATTACH: room.drafting.attach,
            Heard.REWIND: self._rewind,
            Heard.CLEARED: room.drafting.leave_edit,
            Heard.HELP: room.host.open_help,
            Heard.REFUSED: room.host.tell,
            Heard.ACTION: room.act,
            Heard.LINK: room.looking.open_link,
            Heard.MOVED: room.refresh,
            Heard.CONVERSATION: room.open,
            Heard.ALL_CONVERSATIONS: room.looking.show_library,
        }
        self._room.guard(lambda _: acts[what](*words))

    def _take_queued_back(self) -> None:
        question = self._room.sending.take_last()
        if question is not None:
            self._room.drafting.edits = question.edits
            self._room.prompt.load(question.text, attachments=question.attachments)

    def _rewind(self) -> None:
        questions = [m for m in self._room.talk.chat.thread if m.role is Role.USER]
        if not questions:
            self._room.host.tell("There is no question yet")
            return
        rows = [ActionRow(id=m.id, text=clean_line(m.text, 70)) for m in reversed(questions)]
        dialog = ChoiceDialog("Edit which question?", rows)
        self._room.host.show_screen(dialog, lambda chosen: self._room.drafting.edit(chosen) if chosen else None)

    def _submit(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        if not attachments and self._room.cards.take_key(text.strip()):
            return
        self._room.drafting.remember(text)
        self._room.sending.submit(self._room.drafting.take(text, attachments))
