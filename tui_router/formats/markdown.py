"""Markdown export, and a reader of fenced code blocks.

The reader needs no Markdown parser and is more tolerant than CommonMark, as models are careless with fences: a fence
counts at any indentation, inside lists and quotes too, and an unclosed one runs to the end of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from tui_router.domain.answer_cache import age_words
from tui_router.domain.message import (
    ENDING_WORDS,
    Citation,
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
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.summary import is_summary
from tui_router.domain.usage import money
from tui_router.formats.document import ConversationDocument, ThreadEntry, format_time, thread_entries

_SPEAKERS = {Role.SYSTEM: "System", Role.USER: "You", Role.TOOL: "Tool"}


def write_markdown(document: ConversationDocument, *, siblings: bool = False) -> str:
    """Write the visible thread as Markdown; ``siblings`` includes the alternatives of every message."""
    pieces = [_header(document)]
    for entry in thread_entries(document):
        pieces.extend(_entry(entry, siblings=siblings))
    return clean("\n\n".join(p for p in pieces if p) + "\n")


def write_markdown_tree(document: ConversationDocument) -> str:
    """Write the visible thread with the alternatives of every message."""
    return write_markdown(document, siblings=True)


def speaker(message: Message) -> str:
    """Return the author of a message: ``You``, or the model id."""
    if message.role is Role.ASSISTANT:
        return clean_line(message.served_model or str(message.model or "") or "Assistant", 200)
    return "Summary" if is_summary(message) else _SPEAKERS[message.role]


def answer_figures(message: Message) -> tuple[str, ...]:
    """Return provider, latency, speed, tokens and cost of an answer, as far as known."""
    found = [clean_line(message.provider, 100)] if message.provider else []
    if message.cached_age is not None:
        found.append(f"from the cache, {age_words(message.cached_age)} old")
    if message.timing.first_token is not None:
        found.append(f"first token {message.timing.first_token:.1f} s")
    usage, total = message.usage, message.timing.total
    if usage and total and usage.completion_tokens:
        found.append(f"{usage.completion_tokens / total:.0f} tokens/s")
    if usage and usage.total_tokens:
        found.append(f"{usage.total_tokens:,} tokens")
    if usage and usage.cost is not None:
        found.append(money(message.cost, approximate=usage.is_estimate))
    return tuple(found)


def ending_line(message: Message) -> str:
    """Return a note about an answer that did not end normally, or an empty string."""
    if message.ending is None:
        return "Still streaming when this was exported."
    word = ENDING_WORDS.get(message.ending.kind, "")
    problem = message.ending.problem
    return clean_line(" ".join(p for p in (f"{word}." if word else "", problem.sentence() if problem else "") if p))


def _header(document: ConversationDocument) -> str:
    conversation = document.conversation
    facts = [f"Started {format_time(conversation.created)}"]
    if conversation.model:
        facts.append(f"model {clean_line(str(conversation.model), 200)}")
    if document.cost is not None:
        facts.append(f"cost {money(document.cost)}")
    if conversation.tags:
        facts.append("tags " + ", ".join(clean_line(t, 60) for t in conversation.tags))
    header = f"# {clean_line(conversation.title, 200) or 'Untitled conversation'}\n\n{' · '.join(facts)}"
    return header + (f"\n\n## System\n\n{close_fence(conversation.system)}" if conversation.system else "")


def _entry(entry: ThreadEntry, *, siblings: bool) -> Iterator[str]:
    if entry.lanes:
        yield f"## Comparison of {len(entry.lanes)} answers"
        for lane in entry.lanes:
            kept = " · kept" if lane.id == entry.message.id else ""
            yield from _message(lane, level=3, name=f"{lane.lane + 1}. {speaker(lane)}{kept}")
    else:
        yield from _message(entry.message, level=2, name=speaker(entry.message))
    if siblings:
        for number, other in enumerate(entry.others, start=1):
            yield from _message(other, level=3, name=f"{speaker(other)} (alternative {number})")


def _message(message: Message, *, level: int, name: str) -> Iterator[str]:
    facts = (*answer_figures(message), format_time(message.created))
    yield f"{'#' * level} {name}\n\n*{' · '.join(facts)}*"
    for part in message.parts:
        if markdown := _part(part):
            yield markdown
    if message.citations:
        yield "Sources:\n\n" + "\n".join(
            f"{n}. [{_escape_label(c.title or c.url)}](<{_escape_url(c.url)}>)"
            for n, c in enumerate(message.citations, start=1)
        )
    if line := ending_line(message):
        yield f"> **{line}**"


def _part(part: Part) -> str:
    match part:
        case Text(text):
            return close_fence(text)
        case Reasoning(text, _, seconds):
            spent = f" ({seconds:.0f} s)" if seconds is not None else ""
            quoted = "\n".join(f"> {line}".rstrip() for line in close_fence(text).splitlines())
            return f"> **Thinking{spent}**\n>\n{quoted}" if quoted else ""
        case Image():
            name = _escape_label(part.name or "image")
            return f"[{name}](<{_escape_url(part.url)}>)" if part.url else f"*[{name}, {part.size:,} bytes]*"
        case File(name, media_type, text, data):
            if data and not text:
                return f"*[{_escape_label(name)}, {clean_line(media_type, 80)}]*"
            return f"**{_escape_label(name)}**\n\n{fenced(text, name.rpartition('.')[2] if '.' in name else '')}"
        case ToolCall(_, name, arguments):
            return f"**Tool call: {_escape_label(name)}**\n\n{fenced(arguments, 'json')}"
        case ToolResult(_, text, failed):
            return f"**Tool {'failure' if failed else 'result'}**\n\n{fenced(text)}"
        case Citation():
            return ""
        case _:
            assert_never(part)


def fenced(code: str, language: str = "") -> str:
    """Return ``code`` as a fenced block whose fence is longer than any inside it."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{clean_line(language, 30).replace('`', '')}\n{code.removesuffix(chr(10))}\n{fence}"


def _escape_label(text: str) -> str:
    line = clean_line(text, 200)
    return "".join(f"\\{c}" if c in "\\[]*_`<>" else c for c in line)


def _escape_url(url: str) -> str:
    return clean_line(url).translate({ord("<"): "%3C", ord(">"): "%3E", ord(" "): "%20"})


_OPENING = re.compile(
    r"(?P<prefix>(?:[ \t]*>)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$"
)
_QUOTE = re.compile(r"[ \t]*> ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FencedBlock:
    """A fenced code block."""

    code: str
    """The lines between the fences, each with its line feed, without the fence's indentation."""
    language: str = ""
    """First word of the info string."""
    line: int = 0
    """Zero-based line of the opening fence."""
    is_closed: bool = True
    """False if the text ends inside the block."""


def fenced_blocks(text: str) -> tuple[FencedBlock, ...]:
    """Return the fenced code blocks of a Markdown text, in order."""
    return tuple(_blocks(text.removesuffix("\n").split("\n")))


def close_fence(text: str) -> str:
    """Close the last code block of ``text``, so that text appended to it is not part of the block."""
    lines = text.split("\n")
    last = next((b for b in reversed(fenced_blocks(text)) if not b.is_closed), None)
    opening = _OPENING.match(lines[last.line]) if last else None
    if opening is None:
        return text
    quotes = opening["prefix"].count(">")
    return f"{text.rstrip()}\n{'> ' * quotes}{opening['fence']}"


def _blocks(lines: list[str]) -> Iterator[FencedBlock]:
    number = 0
    while number < len(lines):
        opening = _OPENING.match(lines[number])
        if opening is None:
            number += 1
            continue
        start, number = number, number + 1
        code: list[str] = []
        is_closed = False
        quotes = opening["prefix"].count(">")
        indent = len(opening["prefix"].rpartition(">")[2].expandtabs(4)) - bool(quotes)
        closing = re.compile(rf"[ \t]*{re.escape(opening['fence'])}{re.escape(opening['fence'][0])}*[ \t]*$")
        while number < len(lines):
            line = _unquote(lines[number], quotes)
            if line is None:
                is_closed = True  # a block ends with its quote
                break
            number += 1
            if closing.match(line):
                is_closed = True
                break
            code.append(_outdent(line, max(0, indent)))
        yield FencedBlock(
            code="".join(f"{line}\n" for line in code),
            language=(opening["info"].split() or [""])[0].strip("{}").lstrip("."),
            line=start,
            is_closed=is_closed,
        )


def _unquote(line: str, quotes: int) -> str | None:
    for _ in range(quotes):
        mark = _QUOTE.match(line)
        if mark is None:
            return None
        line = line[mark.end() :]
    return line


def _outdent(line: str, width: int) -> str:
    if not line.startswith("\t"):
        kept = len(line) - len(line.lstrip(" "))
        return line[min(kept, width) :]
    return line[1:] if width >= 4 else line
