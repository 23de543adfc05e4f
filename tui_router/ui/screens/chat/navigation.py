"""Navigates the conversation in view: siblings, branches, deleting and undoing, and message mode."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.message import Role
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.summary import is_summary
from tui_router.services.compaction import last_summary, restore
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.chat.view import ChatView
from tui_router.ui.transcript.transcript import Transcript


class Navigation:
    """Moves through the tree of messages. The presenter redraws the path after each step."""

    def __init__(self, presenter: ConversationPresenter, transcript: Transcript) -> None:
        self._presenter = presenter
        self._transcript = transcript

    def walk(self, message_id: str, step: int) -> None:
        """Show the next (1) or previous (-1) sibling of a message."""
        siblings = [m.id for m in self._presenter.chat.tree.siblings(message_id)]
        if not self._presenter.chat.walk(message_id, step):
            return
        target = siblings[siblings.index(message_id) + step]
        self._presenter.show()
        self._transcript.viewport.scroll_to_entry(target)
        self._transcript.entry_cursor.set(target)

    def go_to(self, message_id: str) -> None:
        """Show the path through a message and scroll to the message."""
        self._presenter.chat.go_to(message_id)
        self._presenter.show()
        self._transcript.viewport.scroll_to_entry(message_id)
        self._transcript.entry_cursor.set(message_id)

    def delete(self, message_id: str) -> int:
        """Delete a message with its descendants; returns how many. A summary is only put out of force."""
        if is_summary(self._presenter.chat.message(message_id)):
            self.restore(message_id)
            return 1
        for turn in self._presenter.streaming:
            if turn.id in self._presenter.chat.tree.descendants(message_id):
                turn.cancel()
        count = self._presenter.chat.deletions.delete(message_id)
        self._presenter.show(self._transcript.viewport.position())
        return count

    def restore(self, message_id: str) -> None:
        """Put a summary out of force: the turns it replaced are sent again."""
        restore(self._presenter.chat, message_id)
        self._presenter.show(self._transcript.viewport.position())

    def undo_summary(self) -> bool:
        """Put the last summary out of force; returns whether there was one."""
        summary = last_summary(self._presenter.chat)
        if summary is not None:
            self.restore(summary.id)
        return summary is not None

    def undo(self) -> bool:
        """Undo a summary at the end, else the last deletion, else an earlier summary; ``False`` for nothing to undo."""
        chat = self._presenter.chat
        summary = last_summary(chat)
        if summary is not None and chat.conversation.head == summary.id:
            self.restore(summary.id)
            return True
        done = chat.deletions.undo()
        if not done and summary is not None:
            self.restore(summary.id)
            return True
        if done:
            self._presenter.show()
        return done

    def redo(self) -> bool:
        """Redo the deletion that was undone last."""
        done = self._presenter.chat.deletions.redo()
        if done:
            self._presenter.show()
        return done

    def current_id(self) -> str:
        """Return the id of the message under the block cursor, else of the last one.

        Raises ``AppError`` when there is no message.
        """
        if self._presenter.chat.tree.get(self._transcript.entry_cursor.entry_id):
            return self._transcript.entry_cursor.entry_id
        thread = self._presenter.chat.thread
        if not thread:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no message yet", hint="Ask something first"))
        return thread[-1].id

    def last_answer_id(self) -> str:
        """Return the id of the last answer of the path; raises ``AppError`` when there is none."""
        for message in reversed(self._presenter.chat.thread):
            if message.role is Role.ASSISTANT:
                return message.id
        raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no answer yet", hint="Ask something first"))


class MessageMode:
    """Moves the focus between prompt and messages. ``changed`` is called after each move."""

    def __init__(self, screen: ChatView, presenter: ConversationPresenter, changed: Callable[[], None]) -> None:
        self._screen = screen
        self._presenter = presenter
        self._changed = changed
        self._transcript: Transcript = screen.pane.transcript
        self._prompt: Prompt = screen.box.prompt

    def enter(self) -> None:
        """Focus the messages; the block cursor marks the current one."""
        if not self._presenter.chat.thread:
            return
        self._transcript.focus()
        if not self._transcript.entry_cursor.entry_id:
            self._transcript.entry_cursor.move(-1)
        self._changed()

    def leave(self) -> None:
        """Focus the prompt."""
        self._transcript.entry_cursor.set("")
        self._prompt.focus()
        self._changed()

    def go_to_end(self, *, first: bool = False) -> None:
        """Go to the last message and follow the end, or go to the first message."""
        entries = self._transcript.entries
        if first and entries:
            self._transcript.viewport.scroll_to_entry(entries[0].id)
        else:
            self._transcript.viewport.jump_end()
        if self._screen.is_reading and entries:
            self._transcript.entry_cursor.set(entries[0 if first else -1].id)
