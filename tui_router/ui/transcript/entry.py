"""One turn as the transcript shows it: a saved message, a live answer, a notice or a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tui_router.domain.events import Event, Retrying
from tui_router.domain.message import Message, Role, ToolResult
from tui_router.domain.stream import Phase, StreamState
from tui_router.ui.transcript.drawn import Drawn
from tui_router.ui.transcript.look import EntryKind
from tui_router.ui.transcript.offers import Action
from tui_router.ui.transcript.parts import Parts
from tui_router.ui.transcript.shown import Shown


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A block of code of an answer, as it was written."""

    language: str
    text: str


class Entry(Shown):
    """One turn. Made by ``of``, ``live``, ``notice`` or ``card``; what it shows is rendered when looked at.

    ``now`` is always seconds on the view's monotonic clock.
    """

    __slots__ = ("drawn",)

    def __init__(self, entry_id: str, kind: EntryKind) -> None:
        super().__init__(entry_id, kind)
        self.drawn = Drawn(self)

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
        """Return the entry of a saved message. ``name`` is the model's display name; ``sibling`` is (2, 3) of ‹2/3›.

        Without ``actions`` those that fit the ending are offered.
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
        """Return the entry of an answer that is about to stream."""
        entry = cls(entry_id, EntryKind.ASSISTANT)
        entry.state = StreamState()
        entry.name = name
        entry.sibling = sibling
        entry.since = now
        return entry

    @classmethod
    def notice(cls, entry_id: str, *rows: Parts | str, actions: tuple[Action, ...] = ()) -> Entry:
        """Return a quiet note of ours; a plain text takes the style ``notice``."""
        entry = cls(entry_id, EntryKind.NOTICE)
        entry.rows = tuple(((r, "notice"),) if isinstance(r, str) else r for r in rows)
        entry.actions = actions
        return entry

    @classmethod
    def card(cls, entry_id: str, *rows: Parts | str, actions: tuple[Action, ...] = ()) -> Entry:
        """Return a framed card with choices, one a row."""
        entry = cls.notice(entry_id, *(((r, "text"),) if isinstance(r, str) else r for r in rows), actions=actions)
        entry.kind = EntryKind.CARD
        return entry

    def code_blocks(self) -> list[CodeBlock]:
        """Return the code blocks of the words, in order."""
        from tui_router.ui.transcript.blocks import parse  # markdown-it comes with it
        from tui_router.ui.transcript.code import language_of

        return [
            CodeBlock(language_of(token.info), token.content)
            for token in parse(self.text, {})
            if token.type in ("fence", "code_block")
        ]

    def apply(self, events: Iterable[Event], now: float) -> None:
        """Fold a batch of events of the live answer in."""
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
        self.drawn.grow(now)

    def settle(self, message: Message) -> None:
        """Take the saved message in place of the live answer; what is rendered stays."""
        same = message.text == self.text and message.reasoning == self.reasoning
        self.id, self.message, self.state = message.id, message, None
        self.provider = message.provider or self.provider
        if not same:
            self.drawn = Drawn(self)

    def toggle(self, what: str) -> None:
        """Fold or unfold ``reasoning``, ``call:N`` or ``all``; ``more`` shows all rows of a capped answer."""
        if what == "reasoning":
            self.reasoning_open = not self.drawn.reasoning_shown
        elif what.startswith("call:"):
            self.calls_open ^= {int(what[5:])}
        elif what == "more":
            self.drawn.show_all()
        else:
            self.folded = not self.folded
        self.drawn.dress()
