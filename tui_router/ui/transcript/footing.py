"""What stands under a turn's words: pictures, tool calls, sources, how it ended, what can be done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tui_router.domain.message import ENDING_WORDS, Ending, EndingKind, File, Image, ToolCall, ToolResult
from tui_router.domain.problem import Problem
from tui_router.ui.transcript import code
from tui_router.ui.transcript.lines import box
from tui_router.ui.transcript.links import Link
from tui_router.ui.transcript.offers import MOST_MODELS, Action
from tui_router.ui.transcript.parts import Line, Part, Parts, cut, row, safe, safe_rows
from tui_router.ui.transcript.wrap import wrap


def chips(actions: Sequence[Action], width: int) -> list[Line]:
    """Return the actions in a row, wrapped."""
    parts: list[Part] = []
    for number, action in enumerate(actions):
        if number:
            parts.append(("  ", "pad"))
        hint = f"{action.key} " if action.key else ""
        parts += [(f"[{hint}", f"muted@act:{action.id}"), (safe(action.label), f"link@act:{action.id}"), ("]", "muted")]
    return wrap(parts, width) if parts else []


def choices(actions: Sequence[Action], width: int) -> list[Line]:
    """Return the actions one a row, keys first: for cards."""
    lines: list[Line] = []
    for action in actions:
        first: Parts = ((f" {action.key or '•'} ", f"strong+link@act:{action.id}"), (" ", "pad"))
        lines += wrap([(safe(action.label), f"text@act:{action.id}")], max(1, width - 4), first, (("    ", "pad"),))
    return lines


def ending_lines(ending: Ending | None, width: int) -> list[Line]:
    """Return how an answer that did not end by itself ended, and why."""
    if ending is None or ending.kind not in ENDING_WORDS:
        return []
    word = ENDING_WORDS[ending.kind]
    problem = ending.problem
    key = "error" if ending.kind is EndingKind.FAILED else "warning"
    if problem is None:
        return [row(("■ ", key), (word, key))]
    title = word if problem.title in ("", word) else f"{word}: {problem.title}"
    return [row(("■ ", key), (cut(safe(title), max(1, width - 2)), f"strong+{key}")), *_problem(problem, key, width)]


def _problem(problem: Problem, key: str, width: int) -> list[Line]:
    bar: Parts = (("▌ ", f"bar+{key}"),)
    room = max(1, width - 2)
    lines: list[Line] = []
    if problem.detail:
        lines += wrap([(safe_rows(problem.detail), "text")], room, bar, bar)
    if problem.hint:
        lines += wrap([(safe_rows(problem.hint), "muted")], room, bar, bar)
    more = problem.suggestions[MOST_MODELS:]
    if more:
        lines += wrap([("Also near: " + safe(", ".join(more)), "muted")], room, bar, bar)
    return lines


def attachments(parts: Sequence[object], width: int) -> list[Line]:
    """Return pictures and files as chips."""
    made: list[Part] = []
    for part in parts:
        if isinstance(part, Image):
            label = f"[▣ {safe(part.name or part.media_type or 'image')}{_size(part.size)}]"
        elif isinstance(part, File):
            label = f"[▤ {safe(part.name or 'file')}{_size(len(part.text) or len(part.data) * 3 // 4)}]"
        else:
            continue
        made += [(" ", "pad")] if made else []
        made.append((cut(label, width), "muted"))
    return wrap(made, width) if made else []


def pictures(images: Sequence[Image], width: int) -> list[Line]:
    """Return the pictures of an answer as labelled boxes."""
    lines: list[Line] = []
    for image in images:
        label = safe(image.name or image.media_type or "picture") + _size(image.size)
        lines += box([(label, "text")], "image", width)
    return lines


def _size(count: int) -> str:
    if count <= 0:
        return ""
    if count < 1000:
        return f" {count} B"
    return f" {count / 1000:.0f} kB" if count < 1_000_000 else f" {count / 1_000_000:.1f} MB"


def calls(
    made: Sequence[ToolCall], results: Mapping[str, ToolResult], opened: frozenset[int], width: int, *, live: bool
) -> list[Line]:
    """Return tool calls as folded blocks with their state."""
    lines: list[Line] = []
    for number, call in enumerate(made):
        result = results.get(call.id)
        state = ("failed" if result.failed else "done") if result else ("running…" if live else "asked")
        key = "error" if result and result.failed else "muted"
        target = f"@fold:call:{number}"
        mark = "▾ " if number in opened else "▸ "
        name = cut(safe(call.name or "tool"), max(4, width // 2))
        head = row((mark, f"muted{target}"), (name, f"strong{target}"), (f"  {state}", key + target))
        lines.append(head)
        if number in opened:
            lines += code.block(_pretty(call.arguments), "json", width)
            if result:
                lines += code.block(result.text.rstrip("\n"), "result", width)
        elif call.arguments:
            room = width - len(head.plain) - 2
            if room > 8:
                short = cut(safe(" ".join(call.arguments.split())[:400]), room)
                lines[-1] = Line((*head.parts, ("  " + short, f"muted{target}")))
    return lines


def _pretty(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments


def notes(links: Sequence[Link], shown: int, width: int) -> list[Line]:
    """Return the table of sources. Of the first ``shown`` links those whose address the text shows are left out."""
    lines: list[Line] = []
    for number, link in enumerate(links, 1):
        if number <= shown and not link.label:
            continue
        mark = f"[{number}] "
        url = safe(link.url)
        title = f"{safe(link.label)}  " if number > shown and link.label else ""
        if title and len(mark) + len(title) + 12 > width:
            title = cut(title, max(1, width // 3)) + "  "
        room = max(1, width - len(mark) - len(title))
        target = f"@link:{number}"
        lines.append(
            Line(((mark, f"muted{target}"), (title, f"text{target}"), (cut(url, room), f"muted+link{target}")))
        )
    return lines
