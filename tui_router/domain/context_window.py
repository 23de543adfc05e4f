"""What of a conversation fits into a model's window. Token counts here are guesses, and say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import assert_never

from tui_router.domain.message import Citation, File, Image, Message, Part, Reasoning, Role, Text, ToolCall, ToolResult
from tui_router.domain.token_estimate import estimate_tokens

MESSAGE_TOKENS = 4
"""Overhead of a role and its marks."""
IMAGE_TOKENS = 1_100
"""A picture of about a megapixel at the usual tiling."""
_BYTES_PER_PDF_TOKEN = 12
_LEAST_ANSWER = 1_024


def part_tokens(part: Part) -> int:
    """Guess the tokens that a part of an earlier message costs when it is sent again."""
    match part:
        case Text():
            return estimate_tokens(part.text)
        case Image():
            return IMAGE_TOKENS
        case File():
            if part.text:
                return estimate_tokens(part.text) + estimate_tokens(part.name)
            return len(part.data) * 3 // 4 // _BYTES_PER_PDF_TOKEN
        case ToolCall():
            return estimate_tokens(part.name) + estimate_tokens(part.arguments) + MESSAGE_TOKENS
        case ToolResult():
            return estimate_tokens(part.text)
        case Reasoning():
            # Only the structured twins are sent back; plain thinking is not.
            return sum(estimate_tokens(d) for d in part.details)
        case Citation():
            return 0
        case _:
            assert_never(part)


def message_tokens(message: Message) -> int:
    """Guess the tokens of one message."""
    return MESSAGE_TOKENS + sum(part_tokens(p) for p in message.parts)


def thread_tokens(thread: Sequence[Message], system: str = "") -> int:
    """Guess the tokens of a thread and its system prompt."""
    first = MESSAGE_TOKENS + estimate_tokens(system) if system else 0
    return first + sum(message_tokens(m) for m in thread)


def answer_room(window: int, max_tokens: int, max_output: int | None = None) -> int:
    """Return the tokens to keep free for an answer: all that was asked for, but at most half of the window."""
    wanted = min(max_tokens, max_output) if max_output else max_tokens
    return min(wanted, window // 2) if window else wanted


def least_room(window: int, max_tokens: int) -> int:
    """Return the tokens below which an answer is not worth asking for."""
    return min(max_tokens, _LEAST_ANSWER, window // 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A thread cut into what is sent and what is left out."""

    kept: tuple[Message, ...]
    left_out: tuple[Message, ...]
    tokens: int
    """Guess for what is kept, system prompt included."""

    @property
    def turns_left_out(self) -> int:
        """How many questions are left out."""
        return sum(m.role is Role.USER for m in self.left_out)


def leave_out_oldest(thread: Sequence[Message], budget: int, system: str = "", scale: float = 1.0) -> Selection:
    """Leave out whole turns, oldest first, until the rest fits into ``budget`` tokens.

    A turn is a question with everything up to the next one, so no answer, tool call or tool result
    loses what it belongs to. The last turn always stays. ``scale`` corrects the guesses.
    """
    starts = [0, *(i for i, m in enumerate(thread) if i and m.role is Role.USER)]
    fixed = thread_tokens((), system)
    # From the end backwards, so that a long conversation is counted once.
    rests = list(accumulate((message_tokens(m) for m in reversed(thread)), initial=fixed))[::-1]
    totals = {start: round(rests[start] * scale) for start in starts}
    chosen = next((start for start in starts if totals[start] <= budget), starts[-1])
    return Selection(kept=tuple(thread[chosen:]), left_out=tuple(thread[:chosen]), tokens=totals[chosen])
