"""The details of one message as text, and its request body. Neither contains the API key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tui_router.domain.answer_cache import age_words
from tui_router.domain.message import (
    ENDING_WORDS,
    Citation,
    EndingKind,
    File,
    Image,
    Message,
    Reasoning,
    Role,
    RouteAttempt,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import ModelRef, normal_id
from tui_router.domain.problem import AppError, Problem
from tui_router.domain.secret import redact
from tui_router.domain.summary import is_summary
from tui_router.domain.usage import Usage, money
from tui_router.openrouter.request import to_body
from tui_router.services.chat import Chat

_LONGEST_DATA = 120
"""Characters of an image or file shown in the request."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value. An empty name continues the row above."""

    name: str
    text: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The displayed details of a message."""

    title: str
    facts: tuple[Fact, ...]
    request: str
    """The body as JSON, rebuilt from the conversation and its current options; empty if there was no request."""
    note: str
    """A note about the request."""

    @property
    def text(self) -> str:
        """The complete text, for copying."""
        width = max((len(f.name) for f in self.facts), default=0)
        lines = [self.title, "", *(f"{f.name:<{width}}  {f.text}" for f in self.facts)]
        return "\n".join([*lines, "", self.note, "", self.request] if self.request else lines)


def message_details(chat: Chat, message_id: str, *, base_url: str = "") -> Details | None:
    """Return the details of a message of this conversation; ``None`` if it was deleted. Makes no request."""
    message = chat.tree.get(message_id)
    if message is None:
        return None
    is_answer = message.role is Role.ASSISTANT
    titles = {Role.USER: "Question", Role.ASSISTANT: "Answer", Role.TOOL: "Result of a tool", Role.SYSTEM: "System"}
    facts = [*_origin(message), *_ending(message), *_usage(message.usage), *_times(message), *_content(message)]
    note = ""
    request = ""
    asked = (message.model or chat.conversation.model) if message.role in (Role.USER, Role.ASSISTANT) else None
    if asked is not None:
        request, note = _request(chat, message, asked, base_url)
    return Details(
        title="Summary" if is_summary(message) else titles[message.role],
        facts=(*facts, *_place(chat, message)),
        request=request,
        note=note if is_answer or request else "",
    )


def shown_body(body: dict[str, Any]) -> str:
    """Return a request body as readable JSON, with images and files truncated and keys masked."""
    return redact(json.dumps(_shortened(body), ensure_ascii=False, indent=2))


def _request(chat: Chat, message: Message, model: ModelRef, base_url: str) -> tuple[str, str]:
    upto = message.id if message.role is Role.USER else message.parent_id
    thread = chat.tree.thread(upto)
    if not thread:
        return "", ""
    try:
        body = to_body(chat.request(thread, model))
    except AppError as trouble:
        return "", f"The request cannot be shown: {trouble.problem.sentence()}"
    where = f"POST {base_url.rstrip('/')}/chat/completions" if base_url else "POST …/chat/completions"
    return shown_body(body), f"{where}, as it would be sent with the present options. The key goes in a header."


def _origin(message: Message) -> Iterator[Fact]:
    yield Fact("written", f"{message.created.astimezone():%Y-%m-%d %H:%M:%S %Z}".strip())
    if message.role is Role.ASSISTANT:
        asked = normal_id(message.model.id) if message.model else ""
        if asked:
            yield Fact("model asked", asked)
        if message.cached_age is not None:
            yield Fact("from the cache", f"first given {age_words(message.cached_age)} before; nothing was sent")
        yield from _attempts(message.attempts)
        if message.served_model and message.served_model != asked:
            yield Fact("model that ran", message.served_model)
        if message.provider:
            yield Fact("provider", message.provider)
    elif message.model is not None:
        yield Fact("written for", message.model.id)


def _attempts(attempts: Sequence[RouteAttempt]) -> Iterator[Fact]:
    for number, attempt in enumerate(attempts, start=1):
        status = "" if attempt.status is None else str(attempt.status)
        why = " ".join(w for w in (status, attempt.reason) if w) or "failed"
        waited = "" if attempt.wait is None else f"sent again after {attempt.wait:.1f} s"
        cost = "" if attempt.cost is None else money(attempt.cost)
        words = (attempt.provider, normal_id(attempt.model) if attempt.model else "", why, cost, waited)
        yield Fact(f"attempt {number}", " · ".join(w for w in words if w), is_bad=True)


def _ending(message: Message) -> Iterator[Fact]:
    if message.role is not Role.ASSISTANT:
        return
    if message.ending is None:
        yield Fact("ending", "still streaming")
        return
    kind = message.ending.kind
    usual = {EndingKind.COMPLETE: "by itself", EndingKind.TOOL_CALLS: "to use tools"}
    yield Fact("ending", usual.get(kind) or ENDING_WORDS[kind], is_bad=kind not in usual)
    if message.ending.problem is not None:
        yield from _problem(message.ending.problem)


def _problem(problem: Problem) -> Iterator[Fact]:
    yield Fact("", problem.sentence(), is_bad=True)
    if problem.status is not None:
        yield Fact("status", str(problem.status))
    if problem.provider:
        yield Fact("failed at", problem.provider)
    if problem.request_id:
        yield Fact("request id", problem.request_id)


def _usage(usage: Usage | None) -> Iterator[Fact]:
    if usage is None:
        return
    read = [f"{usage.cached_tokens:,} cached"] if usage.cached_tokens else []
    read += [f"{usage.cache_write_tokens:,} written to the cache"] if usage.cache_write_tokens else []
    yield Fact("tokens read", f"{usage.prompt_tokens:,}{_brackets(read)}")
    thought = [f"{usage.reasoning_tokens:,} thinking"] if usage.reasoning_tokens else []
    yield Fact("tokens written", f"{usage.completion_tokens:,}{_brackets(thought)}")
    if usage.web_searches:
        yield Fact("web searches", str(usage.web_searches))
    told = "worked out here from the price list" if usage.is_estimate else "told by the service"
    yield Fact("cost", f"{money(usage.cost)}{_brackets([told])}" if usage.cost is not None else "not known")
    if usage.is_byok:
        own = money(usage.upstream_cost) if usage.upstream_cost is not None else "not known"
        yield Fact("own key", f"the provider charges {own}")


def _times(message: Message) -> Iterator[Fact]:
    first, total = message.timing.first_token, message.timing.total
    if first is not None:
        yield Fact("first token", f"after {first:.2f} s")
    if total is not None:
        speed = ""
        written = message.usage.completion_tokens if message.usage else 0
        if written and total > (first or 0):
            speed = f", {written / (total - (first or 0)):.0f} tokens a second"
        yield Fact("whole answer", f"{total:.2f} s{speed}")
    thought = sum(p.seconds or 0 for p in message.parts if isinstance(p, Reasoning))
    if thought:
        yield Fact("thinking", f"{thought:.1f} s")


def _content(message: Message) -> Iterator[Fact]:
    text = message.text
    if text:
        yield Fact("text", f"{len(text):,} characters, {len(text.split()):,} words")
    if message.reasoning:
        yield Fact("thoughts", f"{len(message.reasoning):,} characters")
    for part in message.parts:
        match part:
            case Image():
                size = f"{part.size:,} bytes" if part.data else part.url
                yield Fact("picture", f"{part.name or part.media_type} · {size}")
            case File():
                size = f"{len(part.text):,} characters" if part.text else f"{len(part.data) * 3 // 4:,} bytes"
                yield Fact("file", f"{part.name} · {part.media_type} · {size}")
            case ToolCall():
                yield Fact("tool called", f"{part.name} {part.arguments}".strip())
            case ToolResult():
                yield Fact("tool result", f"{'failed: ' if part.failed else ''}{len(part.text):,} characters")
            case Citation():
                yield Fact("source", f"{part.title} {part.url}".strip())
            case _:
                pass


def _place(chat: Chat, message: Message) -> Iterator[Fact]:
    siblings = [m.id for m in chat.tree.siblings(message.id)]
    if len(siblings) > 1:
        yield Fact("version", f"{siblings.index(message.id) + 1} of {len(siblings)}")
    if message.batch:
        yield Fact("comparison", f"{message.batch}, lane {message.lane + 1}")
    if message.sources:
        yield Fact("stands for" if is_summary(message) else "merged from", ", ".join(message.sources))
    if message.generation_id:
        yield Fact("generation id", message.generation_id)
    yield Fact("message id", message.id)
    yield Fact("conversation", chat.conversation.id)


def _brackets(pieces: list[str]) -> str:
    return f" ({', '.join(pieces)})" if pieces else ""


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _shortened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_shortened(v) for v in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > 2 * _LONGEST_DATA:
        return f"{value[:_LONGEST_DATA]}… ({len(value) - _LONGEST_DATA:,} more characters)"
    return value
