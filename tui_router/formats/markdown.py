"""A conversation as a Markdown file that reads well as it is and renders well anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from tui_router.domain.cached import age_words
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
from tui_router.formats.code_blocks import close_fence
from tui_router.formats.document import Document, Turn, moment, turns

_SPEAKERS = {Role.SYSTEM: "System", Role.USER: "You", Role.TOOL: "Tool"}


def write_markdown(document: Document, *, siblings: bool = False) -> str:
    """Return the thread in view as Markdown; with ``siblings`` every other answer at its place too."""
    pieces = [_head(document)]
    for turn in turns(document):
        pieces.extend(_turn(turn, siblings=siblings))
    return clean("\n\n".join(p for p in pieces if p) + "\n")


def write_markdown_tree(document: Document) -> str:
    """Return the thread in view with the alternatives at every place."""
    return write_markdown(document, siblings=True)


def speaker(message: Message) -> str:
    """Return who speaks: ``You``, or the id of the model."""
    if message.role is Role.ASSISTANT:
        return clean_line(message.served_model or str(message.model or "") or "Assistant", 200)
    return "Summary" if is_summary(message) else _SPEAKERS[message.role]


def figures(message: Message) -> tuple[str, ...]:
    """Return what is known of an answer besides its words: provider, seconds, tokens a second, cost."""
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
    """Return what is said of an answer that did not end by itself, or nothing."""
    if message.ending is None:
        return "Still streaming when this was exported."
    word = ENDING_WORDS.get(message.ending.kind, "")
    problem = message.ending.problem
    return clean_line(" ".join(p for p in (f"{word}." if word else "", problem.sentence() if problem else "") if p))


def _head(document: Document) -> str:
    about = document.conversation
    facts = [f"Started {moment(about.created)}"]
    if about.model:
        facts.append(f"model {clean_line(str(about.model), 200)}")
    if document.cost is not None:
        facts.append(f"cost {money(document.cost)}")
    if about.tags:
        facts.append("tags " + ", ".join(clean_line(t, 60) for t in about.tags))
    head = f"# {clean_line(about.title, 200) or 'Untitled conversation'}\n\n{' · '.join(facts)}"
    return head + (f"\n\n## System\n\n{close_fence(about.system)}" if about.system else "")


def _turn(turn: Turn, *, siblings: bool) -> Iterator[str]:
    if turn.lanes:
        yield f"## Comparison of {len(turn.lanes)} answers"
        for lane in turn.lanes:
            kept = " · kept" if lane.id == turn.message.id else ""
            yield from _message(lane, level=3, name=f"{lane.lane + 1}. {speaker(lane)}{kept}")
    else:
        yield from _message(turn.message, level=2, name=speaker(turn.message))
    if siblings:
        for number, other in enumerate(turn.others, start=1):
            yield from _message(other, level=3, name=f"{speaker(other)} (alternative {number})")


def _message(message: Message, *, level: int, name: str) -> Iterator[str]:
    facts = (*figures(message), moment(message.created))
    yield f"{'#' * level} {name}\n\n*{' · '.join(facts)}*"
    for part in message.parts:
        if written := _part(part):
            yield written
    if message.citations:
        yield "Sources:\n\n" + "\n".join(
            f"{n}. [{_label(c.title or c.url)}](<{_address(c.url)}>)" for n, c in enumerate(message.citations, start=1)
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
            name = _label(part.name or "image")
            return f"[{name}](<{_address(part.url)}>)" if part.url else f"*[{name}, {part.size:,} bytes]*"
        case File(name, media_type, text, data):
            if data and not text:
                return f"*[{_label(name)}, {clean_line(media_type, 80)}]*"
            return f"**{_label(name)}**\n\n{fenced(text, name.rpartition('.')[2] if '.' in name else '')}"
        case ToolCall(_, name, arguments):
            return f"**Tool call: {_label(name)}**\n\n{fenced(arguments, 'json')}"
        case ToolResult(_, text, failed):
            return f"**Tool {'failure' if failed else 'result'}**\n\n{fenced(text)}"
        case Citation():
            return ""
        case _:
            assert_never(part)


def fenced(code: str, language: str = "") -> str:
    """Return ``code`` as a fenced block whose fence is longer than any within."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{clean_line(language, 30).replace('`', '')}\n{code.removesuffix(chr(10))}\n{fence}"


def _label(text: str) -> str:
    line = clean_line(text, 200)
    return "".join(f"\\{c}" if c in "\\[]*_`<>" else c for c in line)


def _address(url: str) -> str:
    return clean_line(url).translate({ord("<"): "%3C", ord(">"): "%3E", ord(" "): "%20"})
