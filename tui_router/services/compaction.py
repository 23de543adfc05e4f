"""Replaces older turns of a conversation by a summary that is part of its tree.

The summary is an ordinary paid answer, streamed and charged like any other. It is used only if it is
shorter than the turns it replaces, it survives restarts, and it can be undone at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui_router.domain.charge import Purpose
from tui_router.domain.context_window import thread_tokens
from tui_router.domain.message import Ending, EndingKind, Message, Role, Text, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.summary import condense, is_summary
from tui_router.services.chat import Chat
from tui_router.services.context_window import summary_request
from tui_router.services.conversation import Trimming
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn

_LEAST = 64
"""Minimum tokens of a summary; with fewer it could not replace anything."""
_LONGEST = 2_048
"""Maximum tokens of a summary."""
_ROOM_TO_THINK = 2_048
"""Extra tokens for a reasoning model."""


def compact(chat: Chat, model: ModelRef, *, at: str | None = None) -> Plan:
    """Plan a summary of the current branch. Raises ``AppError`` if it would not help or no model can read it all.

    Args:
        chat: The conversation.
        model: The model of the next turn. It writes the summary unless the turns are too long for it.
        at: The last message that goes in, where another question waits to be asked below it; by default
            everything before the last question does.
    """
    older = chat.tree.thread(at) if at else _older(chat.thread)
    tokens = thread_tokens(condense(older).kept)
    if tokens < 2 * _LEAST:
        raise AppError(
            Problem(
                kind=ErrorKind.USAGE,
                title="There is nothing to summarise yet",
                detail="A summary would not be shorter than the turns before the last question",
                hint="Go on; /context shows what fills the window",
            )
        )
    model = summariser(chat, model, older)
    request = _request(chat, older, model, tokens // 2)
    head = at or chat.conversation.head

    def begin() -> list[Turn]:
        summary = Message(
            id=new_id(),
            parent_id=head,
            role=Role.SYSTEM,
            parts=(),
            created=chat.now(),
            model=model,
            ending=None,
            sources=tuple(m.id for m in older),
        )
        chat.tree.add(summary)
        chat.update(head=summary.id)
        return [chat.turn_of(summary, request, purpose=Purpose.SUMMARY)]

    return chat.plan([request], begin)


def summariser(chat: Chat, model: ModelRef, turns: Sequence[Message]) -> ModelRef:
    """Return a model that can read the turns: the current one, or the last used one with a larger window."""
    tokens = thread_tokens(turns)
    earlier = [m.model for m in reversed(turns) if m.role is Role.ASSISTANT and m.model is not None]
    for candidate in (model, *earlier):
        about = chat.model_row(candidate.id)
        if about is None or not about.context or tokens + about.context // 10 < about.context:
            return candidate
    raise AppError(
        Problem(
            kind=ErrorKind.TOO_LONG,
            title="The turns are too long to summarise",
            detail=f"They have about {tokens:,} tokens, more than any model of this conversation can read",
            hint="Leave out the oldest turns, or pick a model with a larger window",
        )
    )


def settle_summary(chat: Chat, turn: Turn) -> Problem | None:
    """Take back a finished summary. Removes it and returns why if it failed or is not shorter."""
    message = chat.settle(turn)
    ending = message.ending
    is_whole = ending is not None and ending.kind in (EndingKind.COMPLETE, EndingKind.LENGTH)
    replaced = [m for i in message.sources if (m := chat.tree.get(i)) is not None]
    before, after = thread_tokens(condense(replaced).kept), thread_tokens([message])
    if is_whole and message.text.strip() and after < before:
        chat.trimming = Trimming.NOTHING
        return None
    _withdraw(chat, message)
    if is_whole:
        detail = "The summary was not shorter than the turns, so nothing was replaced"
        return Problem(
            kind=ErrorKind.USAGE, title="Not summarised", detail=detail, hint="/context shows what fills the window"
        )
    return _why(ending)


def restore(chat: Chat, message_id: str) -> None:
    """Undo a summary, so that the original turns are sent again. Raises ``AppError``."""
    message = chat.message(message_id)
    if not is_summary(message) or not message.sources:
        raise AppError(Problem(kind=ErrorKind.USAGE, title="This is not a summary in use"))
    if chat.conversation.head == message_id:
        _withdraw(chat, message)
    else:
        chat.change(replace(message, sources=()))


def last_summary(chat: Chat) -> Message | None:
    """Return the newest active summary of the current branch."""
    return next((m for m in reversed(chat.thread) if is_summary(m) and m.sources and m.ending is not None), None)


def _withdraw(chat: Chat, message: Message) -> None:
    if chat.conversation.head == message.id:
        chat.drop([message.id])
        chat.update(head=chat.tree.leaf(message.parent_id) if message.parent_id else chat.tree.last_leaf())
    else:  # the conversation was continued below it meanwhile
        chat.change(replace(message, sources=()))


def _older(thread: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages before the last question."""
    questions = [place for place, m in enumerate(thread) if m.role is Role.USER]
    return tuple(thread[: questions[-1]]) if questions else ()


def _request(chat: Chat, older: Sequence[Message], model: ModelRef, limit: int) -> ChatRequest:
    about = chat.model_row(model.id)
    condensed = condense(older)
    earlier = Message(
        id=new_id(), parent_id=None, role=Role.SYSTEM, parts=(Text(condensed.summary),), created=chat.now()
    )
    told = (earlier, *condensed.kept) if condensed.summary else condensed.kept
    thinks = about is not None and about.thinks
    most = max(_LEAST, min(_LONGEST, limit)) + (_ROOM_TO_THINK if thinks else 0)
    return summary_request(told, about.id if about else model.id, chat.now(), most, about=about)


def _why(ending: Ending | None) -> Problem:
    if ending is not None and ending.problem is not None:
        return ending.problem
    return Problem(
        kind=ErrorKind.STOPPED, title="Not summarised", detail="The summary was stopped; nothing was replaced"
    )
