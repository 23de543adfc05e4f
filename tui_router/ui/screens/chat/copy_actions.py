"""Copies text of the conversation, and reports by which route and whether that could be verified."""

from __future__ import annotations

import os

from tui_router.domain.message import Role
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.ui.clipboard import Copied, copy
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.navigation import Navigation
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.transcript.entry import CodeBlock
from tui_router.ui.transcript.transcript import Transcript


class CopyActions:
    """Copies selections, messages and code blocks."""

    def __init__(
        self, host: Host, transcript: Transcript, presenter: ConversationPresenter, navigation: Navigation
    ) -> None:
        self._host = host
        self._transcript = transcript
        self._presenter = presenter
        self._navigation = navigation
        self._cycle = ("", -1)

    def copy_text(self, text: str, what: str = "") -> None:
        """Copy a text on a worker thread and report the result; ``what`` describes the text."""
        safe = clean(text)
        if not safe:
            self._host.tell("Nothing to copy")
            return

        def done(copied: Copied) -> None:
            self._host.tell(f"{copied.sentence}{f': {what}' if what else ''}")

        self._host.work(lambda: copy(safe, environ=os.environ, write=self._write), done)

    def copy_selection(self) -> bool:
        """Copy the selection; ``False`` when there is none."""
        text = self._transcript.selection.text()
        if not text:
            return False
        self.copy_text(text, "the selection")
        self._transcript.selection.clear()
        return True

    def copy_message(self, message_id: str) -> None:
        """Copy the text of a message."""
        self.copy_text(self._transcript.text_of(message_id) or self._stored_text(message_id), "the message")

    def copy_next_code(self, message_id: str) -> None:
        """Copy the first code block of a message; pressed again, the next one."""
        blocks = self._code_blocks(message_id)
        if not blocks:
            self._host.tell("This message holds no code block")
            return
        owner, last = self._cycle
        number = (last + 1) % len(blocks) if owner == message_id else 0
        self._cycle = (message_id, number)
        language = blocks[number].language or "code"
        self.copy_text(blocks[number].text, f"{language}, block {number + 1} of {len(blocks)}")

    def copy_words(self, words: str) -> None:
        """Copy what ``/copy`` names: ``last``, ``all``, ``user`` or ``code [n]``. Else raises ``AppError``."""
        what, _, rest = words.partition(" ")
        thread = self._presenter.chat.thread
        if what == "all":
            self.copy_text("\n\n".join(f"{_who(m.role)}:\n{m.text}" for m in thread if m.text), "the conversation")
        elif what == "user":
            questions = [m for m in thread if m.role is Role.USER]
            self.copy_text(questions[-1].text if questions else "", "your last question")
        elif what == "code":
            self._copy_code(rest.strip())
        elif what == "last":
            self.copy_message(self._navigation.last_answer_id())
        else:
            raise AppError(
                Problem(kind=ErrorKind.USAGE, title=f"Cannot copy {what}", hint="Use last, all, user or code [n]")
            )

    def _code_blocks(self, message_id: str) -> list[CodeBlock]:
        entry = self._transcript.entry(message_id)
        return entry.code_blocks() if entry else []

    def _copy_code(self, number: str) -> None:
        answer = self._navigation.last_answer_id()
        if not number:
            self.copy_next_code(answer)
            return
        blocks = self._code_blocks(answer)
        place = int(number) if number.isdigit() else 0
        if not 1 <= place <= len(blocks):
            raise AppError(
                Problem(kind=ErrorKind.USAGE, title="There is no such block", hint=f"The answer has {len(blocks)}")
            )
        self.copy_text(blocks[place - 1].text, f"block {place} of {len(blocks)}")

    def _stored_text(self, message_id: str) -> str:
        message = self._presenter.chat.tree.get(message_id)
        return message.text if message else ""

    def _write(self, sequence: str) -> None:
        self._host.soon(lambda: self._host.write_terminal(sequence))


def _who(role: Role) -> str:
    return "You" if role is Role.USER else "Answer"
