"""What a request will really send, counted in tokens and told apart by what it is.

The one count: the status line, the fit check, ``/context``, the estimate and the reservation read it. Its figures
are guesses of a usual tokenizer; ``services.estimates`` corrects them by what answers really used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tui_router.domain.context_window import MESSAGE_TOKENS, part_tokens
from tui_router.domain.message import (
    Citation,
    EndingKind,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import normal_id
from tui_router.domain.request import ChatRequest
from tui_router.domain.token_estimate import estimate_tokens

SUMMARY_MARK = "Summary of the conversation so far:"
"""How the text begins that stands for what was summarised."""
_SEARCH_TOOL_TOKENS = 120
_WHOLE = frozenset({EndingKind.COMPLETE, EndingKind.TOOL_CALLS, EndingKind.LENGTH})
_BIG = 1_000
_CHARACTERS_KEPT = 4_000_000
_MESSAGES_KEPT = 5_000


class CountKind(StrEnum):
    """What a row of the count is made of, in the order in which it is shown."""

    SYSTEM = "System prompt"
    SUMMARY = "Summary"
    EARLIER = "Earlier turns"
    REASONING = "Earlier thinking"
    TOOL_RESULTS = "Tool calls and results"
    QUESTION = "Question"
    FILE = "File"
    PICTURE = "Picture"
    TOOLS = "Tools offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """One thing that is sent."""

    kind: CountKind
    tokens: int
    name: str = ""
    """Of a file or a picture."""
    is_media: bool = False
    """True for what is not counted by its text: pictures and binary files. Their guess is rough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Everything that a request sends."""

    rows: tuple[CountRow, ...]
    pictures: int = 0
    left_out: tuple[Message, ...] = ()
    """Messages of the conversation that are not sent."""
    left_out_tokens: int = 0

    @property
    def tokens(self) -> int:
        """All of it."""
        return sum(row.tokens for row in self.rows)

    @property
    def media(self) -> int:
        """The tokens of pictures and binary files in it."""
        return sum(row.tokens for row in self.rows if row.is_media)

    def with_more(self, other: Count) -> Count:
        """Return this count with what else is sent."""
        return replace(self, rows=(*self.rows, *other.rows), pictures=self.pictures + other.pictures)

    def of(self, kind: CountKind) -> int:
        """Return the tokens of one kind."""
        return sum(row.tokens for row in self.rows if row.kind is kind)


Sizes = Callable[[Message], Sequence[int]]
"""Returns the tokens of each part of a message, in order."""


def sizes_of(message: Message) -> tuple[int, ...]:
    """Return the tokens of each part of a message, in order."""
    return tuple(map(part_tokens, message.parts))


def rough_sizes(message: Message) -> tuple[int, ...]:
    """Return the tokens of each part by its length alone: instant, for what is counted properly a moment later."""
    return tuple(len(p.text) // 4 if isinstance(p, Text | File) else part_tokens(p) for p in message.parts)


class Tally:
    """Remembers what was counted: a thread is counted once, and not at every key. Safe from any thread."""

    def __init__(self) -> None:
        self._messages: dict[str, tuple[Message, tuple[int, ...]]] = {}
        self._texts: dict[str, int] = {}
        self._characters = 0

    def sizes(self, message: Message) -> tuple[int, ...]:
        """Return the tokens of each part of a message."""
        kept = self._messages.get(message.id)
        if kept is not None and kept[0] is message:
            return kept[1]
        found = tuple(map(self.part, message.parts))
        if len(self._messages) >= _MESSAGES_KEPT:
            self._messages = {}
        self._messages[message.id] = (message, found)
        return found

    def uncounted(self, messages: Iterable[Message]) -> int:
        """Return the characters of messages that ``sizes`` has not seen yet."""
        new = (m for m in messages if m.id not in self._messages)
        return sum(len(p.text) for m in new for p in m.parts if isinstance(p, Text | File))

    def part(self, part: Part) -> int:
        """Return the tokens of one part; a big text is counted once, however often the draft around it changes."""
        text = part.text if isinstance(part, Text | File) else ""
        if len(text) < _BIG:
            return part_tokens(part)
        if text not in self._texts:
            if self._characters > _CHARACTERS_KEPT:
                self._texts, self._characters = {}, 0
            self._texts[text] = estimate_tokens(text)
            self._characters += len(text)
        return self._texts[text] + (estimate_tokens(part.name) if isinstance(part, File) else 0)


def count(request: ChatRequest, thread: Iterable[Message] = (), sizes: Sizes = sizes_of) -> Count:
    """Count what a request sends.

    Args:
        request: What is asked.
        thread: The conversation that it was made from: what of it is not in the request is left out.
        sizes: How messages are counted; ``Tally.sizes`` remembers.
    """
    tally = _Adding(request)
    if request.system:
        tally.add(CountKind.SYSTEM, MESSAGE_TOKENS + estimate_tokens(request.system))
    last = len(request.messages) - 1
    for place, message in enumerate(request.messages):
        is_question = place == last and message.role is Role.USER
        tally.message(message, sizes(message), CountKind.QUESTION if is_question else CountKind.EARLIER)
    if request.options.web_search:
        tally.add(CountKind.TOOLS, _SEARCH_TOOL_TOKENS)
    sent = {m.id for m in request.messages}
    left_out = tuple(m for m in thread if m.id not in sent)
    return Count(
        rows=tally.rows,
        pictures=tally.pictures,
        left_out=left_out,
        left_out_tokens=sum(MESSAGE_TOKENS + sum(sizes(m)) for m in left_out),
    )


class _Adding:
    """Adds up messages as the wire will have them."""

    def __init__(self, request: ChatRequest) -> None:
        self._model = normal_id(request.model)
        calls = {p.id for m in request.messages for p in m.parts if isinstance(p, ToolCall)}
        results = {p.call_id for m in request.messages for p in m.parts if isinstance(p, ToolResult)}
        self._answered = calls & results
        self._sums: dict[CountKind, int] = {}
        self._named: list[CountRow] = []
        self.pictures = 0

    @property
    def rows(self) -> tuple[CountRow, ...]:
        """What was added, in the order of the kinds; every file and picture by itself."""
        found = [CountRow(kind=kind, tokens=tokens) for kind, tokens in self._sums.items()]
        order = list(CountKind)
        return tuple(sorted([*found, *self._named], key=lambda row: order.index(row.kind)))

    def add(self, kind: CountKind, tokens: int) -> None:
        """Add to a sum."""
        self._sums[kind] = self._sums.get(kind, 0) + tokens

    def message(self, message: Message, sizes: Sequence[int], kind: CountKind) -> None:
        """Add what is sent of a message."""
        sent = [pair for pair in zip(message.parts, sizes, strict=True) if self._is_sent(message, pair[0])]
        if not sent and message.role is not Role.USER:
            return
        self.add(kind, MESSAGE_TOKENS)
        for part, tokens in sent:
            self._part(part, tokens, kind)

    def _part(self, part: Part, tokens: int, kind: CountKind) -> None:
        match part:
            case Text() if part.text.startswith(SUMMARY_MARK):
                self.add(CountKind.SUMMARY, tokens)
            case Image():
                self.pictures += 1
                self._named.append(CountRow(kind=CountKind.PICTURE, tokens=tokens, name=part.name, is_media=True))
            case File():
                is_media = bool(part.data) and not part.text
                self._named.append(CountRow(kind=CountKind.FILE, tokens=tokens, name=part.name, is_media=is_media))
            case ToolCall() | ToolResult():
                self.add(CountKind.TOOL_RESULTS, tokens)
            case Reasoning():
                self.add(CountKind.REASONING, tokens)
            case _:
                self.add(kind, tokens)

    def _is_sent(self, message: Message, part: Part) -> bool:
        """Whether the wire takes a part: answered tool calls only, and thinking only to the model that thought."""
        match part:
            case Citation():
                return False
            case ToolCall():
                return part.id in self._answered
            case ToolResult():
                return part.call_id in self._answered
            case Reasoning():
                is_whole = message.ending is not None and message.ending.kind in _WHOLE
                is_own = message.model is not None and normal_id(message.model.id) == self._model
                return bool(part.details) and is_whole and is_own
            case Text():
                return message.role is Role.USER or bool(part.text.strip())
            case _:
                return True
