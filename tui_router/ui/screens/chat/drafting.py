"""What gets into the prompt besides typing: attachments, earlier turns, what was kept from another day."""

from __future__ import annotations

import os

from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import File, Image, Message, Role
from tui_router.services.attachments import read_attachments
from tui_router.services.core import Core
from tui_router.services.files import list_files
from tui_router.ui.clipboard_read import read_clipboard
from tui_router.ui.host import Host
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.sending import Question
from tui_router.ui.screens.chat.talk import Talk
from tui_router.ui.screens.dialogs import TextDialog


class Drafting:
    """Fills the prompt. ``edits`` is the message that the next send makes another version of."""

    def __init__(self, core: Core, host: Host, talk: Talk, prompt: Prompt) -> None:
        self._core = core
        self._host = host
        self._talk = talk
        self._prompt = prompt
        self.edits = ""

    def attach(self, path: str | None) -> None:
        """Read a file or a folder on a thread and attach it."""
        if path:
            self._host.work(lambda: read_attachments(path.strip()), self._prompt.attach)

    def paste(self) -> None:
        """Paste text or a picture from this machine's clipboard; for terminals that paste no pictures."""
        self._host.work(lambda: read_clipboard(os.environ), self._pasted)

    def ask_for_file(self) -> None:
        """Ask for a path and attach what is there."""
        self._host.show_screen(TextDialog("Attach a file or a folder", placeholder="path"), self.attach)

    def list_files(self) -> None:
        """Tell the prompt which files there are, for ``@``."""
        self._host.work(lambda: list_files(os.getcwd()), self._prompt.set_files)

    def edit(self, message_id: str) -> None:
        """Put an earlier message into the prompt; sending makes a sibling of it."""
        message = self._talk.chat.tree.get(message_id)
        if message is None:
            return
        self.edits = message_id
        self._prompt.load(message.text, attachments=attachments_of(message))
        self._prompt.focus()
        what = "question" if message.role is Role.USER else "answer"
        self._host.tell(f"Editing this {what}: Enter makes a new version, Esc Esc leaves it")

    def leave_edit(self) -> None:
        """The next send is a new turn, and no version of an earlier one."""
        self.edits = ""

    def put_back(self, question: Question) -> None:
        """Return a question to the prompt: it did not leave."""
        self.edits = question.edits
        if self._prompt.draft.is_empty:
            self._prompt.load(question.text, attachments=question.attachments)

    def take(self, text: str, attachments: tuple[Attachment, ...]) -> Question:
        """Make a question of what was submitted."""
        edits, self.edits = self.edits, ""
        return Question(text=text, attachments=attachments, edits=edits)

    def load(self, draft: Draft) -> None:
        """Show a kept draft, unless something is being typed already."""
        if self._prompt.draft.is_empty and not draft.is_empty:
            self._prompt.load(draft.text, draft.chips, draft.attachments)

    def remember(self, text: str) -> None:
        """Keep what was sent in the history."""
        if text.strip() and not self._talk.chat.conversation.is_temporary:
            self._host.work(lambda: self._core.library.history.add(text), lambda _: None)

    def _pasted(self, found: str | Image) -> None:
        if isinstance(found, str):
            self._prompt.paste(found)
        else:
            self._prompt.attach([(found.name, found)])


def attachments_of(message: Message) -> tuple[Attachment, ...]:
    """Return what was attached to a question."""
    return tuple(Attachment(p.name or "image", p) for p in message.parts if isinstance(p, Image | File))
