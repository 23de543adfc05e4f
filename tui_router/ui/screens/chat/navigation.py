"""Moving in the tree of a conversation: to a sibling, to another branch, and back from a delete."""

from __future__ import annotations

from tui_router.domain.message import Role
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.summary import is_summary
from tui_router.services.compaction import last_summary, restore
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.transcript.view import Transcript


class Navigation:
    """Says which message is meant, and shows other paths through the same conversation."""

    def __init__(self, presenter: ConversationPresenter, transcript: Transcript) -> None:
        self._presenter = presenter
        self._transcript = transcript

    def walk(self, message_id: str, step: int) -> None:
        """Show the sibling before or after a message."""
        siblings = [m.id for m in self._presenter.chat.tree.siblings(message_id)]
        if not self._presenter.chat.walk(message_id, step):
            return
        target = siblings[siblings.index(message_id) + step]
        self._presenter.show()
        self._transcript.scroll_to_entry(target)
        self._transcript.cursor = target

    def go_to(self, message_id: str) -> None:
        """Show the path through a message, and the message."""
        self._presenter.chat.go_to(message_id)
        self._presenter.show()
        self._transcript.scroll_to_entry(message_id)
        self._transcript.cursor = message_id

    def delete(self, message_id: str) -> int:
        """Delete a message and all below it; returns how many went. Of a summary only its effect is taken away."""
        if is_summary(self._presenter.chat.message(message_id)):
            self.restore(message_id)
            return 1
        for turn in self._presenter.streaming:
            if turn.id in self._presenter.chat.tree.descendants(message_id):
                turn.cancel()
        count = self._presenter.chat.delete(message_id)
        self._presenter.show(self._transcript.place())
        return count

    def restore(self, message_id: str) -> None:
        """Put a summary out of force: the turns that it stands for are sent again."""
        restore(self._presenter.chat, message_id)
        self._presenter.show(self._transcript.place())

    def undo_summary(self) -> bool:
        """Put the last summary in force out of force; says whether there was one."""
        summary = last_summary(self._presenter.chat)
        if summary is not None:
            self.restore(summary.id)
        return summary is not None

    def undo(self) -> bool:
        """Take the summary at the end back, else bring the last deletion back, else take back an earlier summary."""
        chat = self._presenter.chat
        summary = last_summary(chat)
        if summary is not None and chat.conversation.head == summary.id:
            self.restore(summary.id)
            return True
        done = chat.undo()
        if not done and summary is not None:
            self.restore(summary.id)
            return True
        if done:
            self._presenter.show()
        return done

    def redo(self) -> bool:
        """Delete again what undo brought back."""
        done = self._presenter.chat.redo()
        if done:
            self._presenter.show()
        return done

    def current_id(self) -> str:
        """Return the message under the block cursor, else the last one; raises ``Trouble`` when there is none."""
        if self._presenter.chat.tree.get(self._transcript.cursor):
            return self._transcript.cursor
        thread = self._presenter.chat.thread
        if not thread:
            raise Trouble(Problem(kind=Kind.USAGE, title="There is no message yet", hint="Ask something first"))
        return thread[-1].id

    def last_answer_id(self) -> str:
        """Return the last answer of the path; raises ``Trouble`` when there is none."""
        for message in reversed(self._presenter.chat.thread):
            if message.role is Role.ASSISTANT:
                return message.id
        raise Trouble(Problem(kind=Kind.USAGE, title="There is no answer yet", hint="Ask something first"))
