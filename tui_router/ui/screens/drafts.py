"""The draft in a prompt: saved in the outbox, restored, and filled with attachments, pastes and earlier turns."""

from __future__ import annotations

import os
from collections.abc import Callable

from tui_router.domain.draft import Attachment, Draft, to_type
from tui_router.domain.message import File, Image, Message, Role
from tui_router.domain.problem import misuse
from tui_router.domain.safe import clean_line
from tui_router.domain.summary import is_summary
from tui_router.services.attachments import read_attachments
from tui_router.services.chat import Chat
from tui_router.services.conversation_journal import remember
from tui_router.services.core import Core, utc_now
from tui_router.services.files import list_files
from tui_router.services.outbox import Outbox
from tui_router.ui.clipboard import read_clipboard
from tui_router.ui.host import Host
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.dialogs import ChoiceDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow


class DraftController:
    """Fills one prompt and keeps its outbox in sync. ``changed`` is called when the queue changed."""

    def __init__(
        self, core: Core, host: Host, prompt: Prompt, chat: Callable[[], Chat], changed: Callable[[], None]
    ) -> None:
        self._core = core
        self._host = host
        self._prompt = prompt
        self._chat = chat
        self._changed = changed
        self.is_away = True
        """True while this prompt does not hold the saved draft: before ``restore``, and while another prompt does."""

    @property
    def outbox(self) -> Outbox:
        """Unsent questions and draft of the conversation."""
        return self._core.outboxes.of(self._chat())

    # The outbox

    def sync(self) -> None:
        """Save the draft."""
        if not self.is_away:
            self.outbox.write(self._prompt.unsent)

    def close(self) -> None:
        """Save the draft and end a walk through the history, before another conversation is shown."""
        self.sync()
        if not self.is_away:
            self._prompt.browser.end_walk()

    def hand_over(self) -> None:
        """Give the draft to another prompt, until ``restore``."""
        self.sync()
        self.is_away = True
        self._prompt.load("", is_kept=True)

    def restore(self) -> None:
        """Show the saved draft. Text typed before the first ``restore`` wins; the draft goes to the history."""
        draft, is_first, self.is_away = self.outbox.draft, self.is_away, False
        if is_first and not self._prompt.draft.is_empty:
            self._prompt.browser.history.add(draft.words, draft.attachments)
            self.outbox.edit("")
            self.sync()
        else:
            self._prompt.load(draft.text, draft.chips, draft.attachments, is_kept=True)
        self.report_held()

    def report_held(self) -> None:
        """Report held questions, which wait for the user."""
        outbox = self.outbox
        if outbox.queue and outbox.is_held:
            self._host.tell(f"{waiting_words(outbox)}: /queue send sends the next, Up takes the last one back")

    def take(self, draft: Draft) -> Draft:
        """Return a submitted draft as a question, which may be an edited version of an earlier message."""
        self.sync()
        question = Draft(
            text=draft.text, chips=draft.chips, attachments=draft.attachments, edits=self.outbox.draft.edits
        )
        self.outbox.edit("")
        return question

    def take_back(self) -> None:
        """Move the last queued question back into an empty prompt."""
        outbox = self.outbox
        if outbox.queue and self._prompt.draft.is_empty:
            self._show(outbox.queue[-1])
            outbox.drop(len(outbox.queue) - 1)
            self._changed()

    def drop(self, number: int) -> None:
        """Drop a queued question by its number, from 1; its text stays in the history. Raises ``AppError``."""
        queue = self.outbox.queue
        if not self.outbox.drop(number - 1):
            raise misuse("There is no such question in the queue", "/queue lists what waits")
        dropped = queue[number - 1]
        self._prompt.browser.history.add(dropped.words, dropped.attachments)
        self._host.tell("Dropped: it is still in the history")
        self._changed()

    def put_back(self, question: Draft) -> None:
        """Return an unsent question to the prompt, or to the head of the queue if the prompt is in use."""
        outbox = self.outbox
        if outbox.going is not None and not self._prompt.draft.is_empty:
            outbox.hold_back()
            self.report_held()
        else:
            self._show(question)
            outbox.end()
        self._changed()

    def clear(self) -> None:
        """Clear the prompt; its content goes to the history."""
        self.leave_edit()
        self._prompt.load("")

    def leave_edit(self) -> None:
        """Stop editing an earlier message: the next question is a new turn."""
        self.outbox.edit("")

    def remember(self, text: str) -> None:
        """Save an entry of the history, unless the conversation is temporary."""
        if not self._chat().conversation.is_temporary:
            remember(self._core.library, text, utc_now())

    # Other sources of a draft

    def attach(self, path: str | None) -> None:
        """Read a file or folder on a worker thread and attach it."""
        if path:
            self._host.work(lambda: read_attachments(path.strip()), self._prompt.attachments.add)

    def paste(self) -> None:
        """Paste text or an image from the system clipboard; terminals cannot paste images."""
        self._host.work(lambda: read_clipboard(os.environ), self._pasted)

    def ask_for_file(self) -> None:
        """Ask for a path and attach it."""
        self._host.show_screen(TextDialog("Attach a file or a folder", placeholder="path"), self.attach)

    def list_files(self) -> None:
        """Give the prompt the files that ``@`` completes."""
        self._host.work(lambda: list_files(os.getcwd()), self._prompt.completer.set_files)

    def edit(self, message_id: str) -> None:
        """Edit an earlier message in the prompt; sending adds a sibling. Raises ``AppError`` for a summary."""
        message = self._chat().tree.get(message_id)
        if message is None:
            return
        if is_summary(message):
            raise misuse("A summary cannot be edited", "z sends the turns it replaced again")
        self._show(Draft(text=to_type(message.text), attachments=attachments_of(message), edits=message_id))
        self._prompt.focus()
        what = "question" if message.role is Role.USER else "answer"
        self._host.tell(f"Editing this {what}: Enter makes a new version, Esc Esc leaves it")

    def rewind(self) -> None:
        """Choose an earlier question to edit."""
        questions = [m for m in self._chat().thread if m.role is Role.USER]
        if not questions:
            self._host.tell("There is no question yet")
            return
        rows = [ActionRow(id=m.id, text=clean_line(m.text, 70)) for m in reversed(questions)]
        dialog = ChoiceDialog("Edit which question?", rows)
        self._host.show_screen(dialog, lambda chosen: self.edit(chosen) if chosen else None)

    def _show(self, draft: Draft) -> None:
        self._prompt.load(draft.text, draft.chips, draft.attachments)
        self.sync()
        self.outbox.edit(draft.edits)

    def _pasted(self, found: str | Image) -> None:
        if isinstance(found, str):
            self._prompt.paste(found)
        else:
            self._prompt.attachments.add([(found.name, found)])


def waiting_words(outbox: Outbox) -> str:
    """Return how many questions wait: ``2 questions wait``."""
    count = len(outbox.queue)
    return "1 question waits" if count == 1 else f"{count} questions wait"


def attachments_of(message: Message) -> tuple[Attachment, ...]:
    """Return the attachments of a question."""
    return tuple(Attachment(p.name or "image", p) for p in message.parts if isinstance(p, Image | File))
