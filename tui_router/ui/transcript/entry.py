"""One entry of a transcript: a saved message, a live answer, a notice or a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tui_router.domain.events import Event, Retrying
from tui_router.domain.message import Message, Role, ToolResult
from tui_router.domain.stream import Phase, StreamState
from tui_router.ui.transcript.actions import Action
from tui_router.ui.transcript.entry_layout import EntryLayout
from tui_router.ui.transcript.entry_state import EntryKind, EntryState
from tui_router.ui.transcript.parts import Parts


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A code block of an answer, unrendered."""

    language: str
    text: str


class Entry(EntryState):
    """One entry, created by ``of``, ``live``, ``notice`` or ``card``. Rows are rendered once they come into view.

    ``now`` is always in seconds on the view's monotonic clock.
    """

    __slots__ = ("layout",)

    def __init__(self, entry_id: str, kind: EntryKind) -> None:
        super().__init__(entry_id, kind)
        self.layout = EntryLayout(self)

    @classmethod
    def of(
        cls,
        message: Message,
        *,
        name: str = "",
        sibling: tuple[int, int] | None = None,
        actions: tuple[Action, ...] | None = None,
        results: Mapping[str, ToolResult] | None = None,
    ) -> Entry:
        """Return the entry of a saved message.

        ``name`` is the model's display name; ``sibling`` (2, 3) is shown as ‹2/3›. ``actions`` defaults to those
        that fit the way the message ended.
        """
        entry = cls(message.id, EntryKind.ASSISTANT if message.role is Role.ASSISTANT else EntryKind.USER)
        entry.message = message
        entry.name = name or message.served_model or str(message.model or "")
        entry.provider = message.provider
        entry.sibling = sibling
        entry.actions = actions
        if results:
            entry.results = results
        return entry

    @classmethod
    def live(cls, entry_id: str, *, name: str, now: float = 0.0, sibling: tuple[int, int] | None = None) -> Entry:
        """Return the entry of an answer about to stream."""
        entry = cls(entry_id, EntryKind.ASSISTANT)
        entry.state = StreamState()
        entry.name = name
        entry.sibling = sibling
        entry.since = now
        return entry

    @classmethod
    def notice(cls, entry_id: str, *rows: Parts | str, actions: tuple[Action, ...] = ()) -> Entry:
        """Return an unobtrusive note from the program; plain strings take the style ``notice``."""
        entry = cls(entry_id, EntryKind.NOTICE)
        entry.rows = tuple(((r, "notice"),) if isinstance(r, str) else r for r in rows)
        entry.actions = actions
        return entry

    @classmethod
    def card(cls, entry_id: str, *rows: Parts | str, actions: tuple[Action, ...] = ()) -> Entry:
        """Return a framed card with one action per row."""
        entry = cls.notice(entry_id, *(((r, "text"),) if isinstance(r, str) else r for r in rows), actions=actions)
        entry.kind = EntryKind.CARD
        return entry

    def code_blocks(self) -> list[CodeBlock]:
        """Return the code blocks of the text, in order."""
        from tui_router.ui.transcript.blocks import parse  # markdown-it comes with it
        from tui_router.ui.transcript.code import language_of

        return [
            CodeBlock(language_of(token.info), token.content)
            for token in parse(self.text, {})
            if token.type in ("fence", "code_block")
        ]

    def apply(self, events: Iterable[Event], now: float) -> None:
        """Apply a batch of events to a live answer."""
        state = self.state
        if state is None:
            return
        phase = state.phase
        for event in events:
            state.apply(event)
            if isinstance(event, Retrying):
                self.since = now
        if state.phase is not phase:
            if phase is Phase.THINKING and self.thought is None:
                self.thought = now - self.since
            self.since = now
        self.provider = state.provider or self.provider
        self.layout.grow(now)

    def settle(self, message: Message) -> None:
        """Replace the live answer by its saved message. Rendered rows are kept unless the text differs."""
        same = message.text == self.text and message.reasoning == self.reasoning
        self.id, self.message, self.state = message.id, message, None
        self.provider = message.provider or self.provider
        if not same:
            self.layout = EntryLayout(self)

    def toggle(self, what: str) -> None:
        """Toggle ``reasoning``, ``call:N`` or ``all``; ``more`` shows all rows of a capped answer."""
        if what == "reasoning":
            self.reasoning_open = not self.layout.shows_reasoning
        elif what.startswith("call:"):
            self.calls_open ^= {int(what[5:])}
        elif what == "more":
            self.layout.show_all()
        else:
            self.folded = not self.folded
        self.layout.rebuild_chrome()
