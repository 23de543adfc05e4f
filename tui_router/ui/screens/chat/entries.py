"""How the messages of a conversation look: one entry each, kept while the conversation is open."""

from __future__ import annotations

from dataclasses import replace

from tui_router.domain.message import Message, Role, ToolResult
from tui_router.domain.summary import is_summary
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.naming import answered_by
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.offers import RESTORE
from tui_router.ui.transcript.view import Transcript


class EntryCache:
    """Makes entries of messages, and keeps them, so that what was folded stays folded."""

    def __init__(self, core: Core, transcript: Transcript) -> None:
        self._core = core
        self._transcript = transcript
        self._entries: dict[str, Entry] = {}

    def of_thread(self, chat: Chat) -> list[Entry]:
        """Return the entries of the path in view."""
        return [self.of(chat, m) for m in chat.thread if m.role in (Role.USER, Role.ASSISTANT) or _is_in_force(m)]

    def of(self, chat: Chat, message: Message) -> Entry:
        """Return the entry of a message, with its place among its siblings as it is now."""
        entry = self._entries.get(message.id)
        if entry is None:
            entry = self._summary(message) if is_summary(message) else self._said(chat, message)
            self._entries[message.id] = entry
        siblings = [m.id for m in chat.tree.siblings(message.id)]
        place = (siblings.index(message.id) + 1, len(siblings)) if len(siblings) > 1 else None
        if entry.sibling != place:
            entry.sibling = place
            entry.drawn.dress(self._transcript.clock())
        return entry

    def begin(self, message: Message, model_id: str) -> None:
        """Make the entry of an answer that is about to stream."""
        name = self._summary_name(message) if is_summary(message) else self._core.catalog.name_of(model_id)
        self._entries[message.id] = Entry.live(message.id, name=name, now=self._transcript.clock())

    def forget(self, message_id: str) -> None:
        """Make the entry of a message anew when it is shown next."""
        self._entries.pop(message_id, None)

    def known(self, message_id: str) -> Entry | None:
        """Return the entry of a message, if it has one."""
        return self._entries.get(message_id)

    def forget_all_but(self, message_ids: set[str]) -> None:
        """Forget the entries of a conversation that is left; answers that still stream stay."""
        self._entries = {i: e for i, e in self._entries.items() if i in message_ids}

    def name_served(self, entry: Entry, asked: str, served: str) -> None:
        """Head an answer by who really gives it, once the service has said so."""
        entry.name = answered_by(self._core.catalog, asked, served)

    def _said(self, chat: Chat, message: Message) -> Entry:
        return Entry.of(message, name=self._speaker(message), results=_results(chat, message))

    def _summary(self, message: Message) -> Entry:
        entry = Entry.of(replace(message, role=Role.ASSISTANT), name=self._summary_name(message))
        entry.actions = (RESTORE,)
        return entry

    def _summary_name(self, message: Message) -> str:
        count = len(message.sources)
        who = self._core.catalog.name_of(message.model.id) if message.model else ""
        return f"Summary of {count} {'message' if count == 1 else 'messages'}, sent in their place · {who}"

    def _speaker(self, message: Message) -> str:
        if message.model is None or message.role is not Role.ASSISTANT:
            return ""
        return answered_by(self._core.catalog, message.model.id, message.served_model)


def _is_in_force(message: Message) -> bool:
    return is_summary(message) and bool(message.sources)


def _results(chat: Chat, message: Message) -> dict[str, ToolResult]:
    answers = (m for m in chat.tree.children(message.id) if m.role is Role.TOOL)
    return {p.call_id: p for m in answers for p in m.parts if isinstance(p, ToolResult)}
