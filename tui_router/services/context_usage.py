"""Shows what fills a model's context window: the token count of the next request, as rows that add up to the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui_router.domain.context_window import thread_tokens
from tui_router.domain.message import Message, Part, Role
from tui_router.domain.model import Model, ModelRef
from tui_router.domain.problem import Problem
from tui_router.domain.summary import condense
from tui_router.domain.token_count import Count, CountKind
from tui_router.services.chat import Chat
from tui_router.services.conversation import with_draft
from tui_router.services.estimates import Estimates


class Use(StrEnum):
    """What a row counts."""

    SENT = "sent"
    ANSWER = "answer"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """One row: something that uses part of the window."""

    label: str
    tokens: int
    share: float | None
    """Share of the window, 0 to 1 or more; ``None`` if the window is unknown."""
    use: Use = Use.SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowUse:
    """The table of one request. All token counts are estimates."""

    model: str
    """Display name of the model."""
    tokens: int
    """Total tokens sent."""
    window: int
    """Tokens; 0 if unknown."""
    rows: tuple[WindowRow, ...]
    notes: tuple[str, ...] = ()
    """Sentences about what is left out or converted."""
    problem: Problem | None = None
    """Why the request cannot be sent unchanged."""


def window_use(estimates: Estimates, chat: Chat, model: Model, draft: Sequence[Part]) -> WindowUse:
    """Return how the next request to a model would fill its window, including the unsent ``draft``."""
    thread = with_draft(chat, draft) if draft else chat.thread
    condensed = condense(thread)
    request = chat.request(thread, ModelRef(model.id))
    counted = estimates.count(request, condensed.kept)
    total = estimates.tokens(request)
    fit = chat.fit(request, model)
    rows = _sent(counted, model.context, total)
    if model.context:
        free = max(0, model.context - total - fit.room)
        rows.append(_row("Room for the answer", fit.room, model.context, Use.ANSWER))
        rows.append(_row("Free", free, model.context, Use.FREE))
    return WindowUse(
        model=model.short_name,
        tokens=total,
        window=model.context,
        rows=tuple(rows),
        notes=_notes(counted, condensed.replaced, fit.files_parsed),
        problem=fit.problem(model),
    )


def _sent(counted: Count, window: int, total: int) -> list[WindowRow]:
    """Return the rows of what is sent, scaled so that they add up to the corrected total."""
    labels = {kind: _label(kind, counted) for kind in CountKind if counted.of(kind)}
    words = counted.tokens - counted.media
    scale = (total - counted.media) / words if words else 1.0
    rows = []
    for kind, label in labels.items():
        media = sum(row.tokens for row in counted.rows if row.kind is kind and row.is_media)
        rows.append(_row(label, round((counted.of(kind) - media) * scale) + media, window))
    return rows


def _label(kind: CountKind, counted: Count) -> str:
    names = [row.name for row in counted.rows if row.kind is kind]
    match kind:
        case CountKind.QUESTION:
            return "Question"
        case CountKind.FILE | CountKind.PICTURE if len(names) == 1:
            return f"{kind.value} {names[0].rpartition('/')[2]}".rstrip()
        case CountKind.FILE | CountKind.PICTURE:
            return f"{len(names)} {kind.value.lower()}s"
        case _:
            return kind.value


def _row(label: str, tokens: int, window: int, use: Use = Use.SENT) -> WindowRow:
    return WindowRow(label=label, tokens=tokens, share=tokens / window if window else None, use=use)


def _notes(counted: Count, summarised: Sequence[Message], files_parsed: int) -> tuple[str, ...]:
    notes = []
    if counted.left_out:
        turns, be = _turns(counted.left_out)
        notes.append(f"{turns} {be} left out: about {counted.left_out_tokens:,} tokens that stay in the conversation")
    if summarised:
        notes.append(
            f"A summary is sent in place of {_turns(summarised)[0]}, about {thread_tokens(summarised):,} tokens"
        )
    if files_parsed:
        noun = "1 file is" if files_parsed == 1 else f"{files_parsed} files are"
        notes.append(f"{noun} turned into text by the service; how long it gets is a rough guess")
    return tuple(notes)


def _turns(messages: Sequence[Message]) -> tuple[str, str]:
    count = sum(m.role is Role.USER for m in messages)
    return ("1 turn", "is") if count == 1 else (f"{count} turns", "are")
