"""The data of one entry: its message or live stream, display names, and what is folded."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tui_router.domain.message import Ending, Message, Part, Timing, ToolResult
from tui_router.domain.stream import StreamState
from tui_router.domain.usage import Usage
from tui_router.ui.transcript.actions import Action
from tui_router.ui.transcript.parts import Parts

_NONE: Mapping[str, ToolResult] = MappingProxyType({})


class EntryKind(StrEnum):
    """What an entry shows."""

    USER = "user"
    ASSISTANT = "assistant"
    NOTICE = "notice"
    CARD = "card"


class EntryState:
    """The data of one entry, independent of its layout."""

    __slots__ = (
        "actions", "calls_open", "folded", "id", "kind", "message", "name", "offset", "provider",
        "reasoning_open", "results", "rows", "sibling", "since", "state", "thought",
    )  # fmt: skip

    def __init__(self, entry_id: str, kind: EntryKind) -> None:
        self.id = entry_id
        self.kind = kind
        self.message: Message | None = None
        self.state: StreamState | None = None
        self.name = ""
        self.provider = ""
        self.sibling: tuple[int, int] | None = None
        self.actions: tuple[Action, ...] | None = None
        self.results: Mapping[str, ToolResult] = _NONE
        self.rows: tuple[Parts, ...] = ()
        """Text of a notice or a card."""
        self.folded = False
        self.reasoning_open: bool | None = None
        """``None`` follows the appearance."""
        self.calls_open: frozenset[int] = frozenset()
        self.offset = 0
        """Horizontal scroll offset of wide tables, in cells."""
        self.since = 0.0
        """Start of the current phase, in seconds on the view's clock."""
        self.thought: float | None = None
        """Seconds spent reasoning, once that is over."""

    @property
    def is_live(self) -> bool:
        """True while an answer is pending or streaming."""
        return self.state is not None and self.state.ending is None

    @property
    def text(self) -> str:
        """The text, unrendered."""
        if self.state is not None:
            return self.state.text
        if self.message is not None:
            return self.message.text
        return "\n".join("".join(text for text, _ in r) for r in self.rows)

    @property
    def reasoning(self) -> str:
        """The reasoning, unrendered."""
        if self.state is not None:
            return self.state.reasoning
        return self.message.reasoning if self.message else ""

    @property
    def ending(self) -> Ending | None:
        """How it ended; ``None`` while live, and for notices and cards."""
        if self.state is not None:
            return self.state.ending
        return self.message.ending if self.message else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Content parts of the message."""
        if self.state is not None:
            return self.state.parts()
        return self.message.parts if self.message else ()

    @property
    def timing(self) -> Timing:
        """Seconds to the first token and in total."""
        if self.state is not None:
            return self.state.timing
        return self.message.timing if self.message else Timing()

    @property
    def usage(self) -> Usage | None:
        """Token usage and cost, if known."""
        if self.state is not None:
            return self.state.usage
        return self.message.usage if self.message else None
