"""What is known of one turn that is shown: its message or its live state, its names, and how it is folded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tui_router.domain.message import Ending, Message, Part, Timing, ToolResult
from tui_router.domain.stream import StreamState
from tui_router.domain.usage import Usage
from tui_router.ui.transcript.look import EntryKind
from tui_router.ui.transcript.offers import Action
from tui_router.ui.transcript.parts import Parts

_NONE: Mapping[str, ToolResult] = MappingProxyType({})


class Shown:
    """The facts of a turn; how they are drawn is not its business."""

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
        """What a notice or a card says."""
        self.folded = False
        self.reasoning_open: bool | None = None
        """``None`` follows the look."""
        self.calls_open: frozenset[int] = frozenset()
        self.offset = 0
        """How far wide tables are moved to the left, in cells."""
        self.since = 0.0
        """When the present phase began."""
        self.thought: float | None = None
        """Seconds of thinking, once that is over."""

    @property
    def is_live(self) -> bool:
        """True while an answer is still to come or coming."""
        return self.state is not None and self.state.ending is None

    @property
    def text(self) -> str:
        """The words, as written."""
        if self.state is not None:
            return self.state.text
        if self.message is not None:
            return self.message.text
        return "\n".join("".join(text for text, _ in r) for r in self.rows)

    @property
    def reasoning(self) -> str:
        """The thinking, as written."""
        if self.state is not None:
            return self.state.reasoning
        return self.message.reasoning if self.message else ""

    @property
    def ending(self) -> Ending | None:
        """How it ended; ``None`` while it has not, and for notices."""
        if self.state is not None:
            return self.state.ending
        return self.message.ending if self.message else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the message consists of."""
        if self.state is not None:
            return self.state.parts()
        return self.message.parts if self.message else ()

    @property
    def timing(self) -> Timing:
        """Seconds to the first token and in all."""
        if self.state is not None:
            return self.state.timing
        return self.message.timing if self.message else Timing()

    @property
    def usage(self) -> Usage | None:
        """What it used, where that is known."""
        if self.state is not None:
            return self.state.usage
        return self.message.usage if self.message else None
