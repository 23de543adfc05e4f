"""The rows below an entry's text: images, tool calls, sources, an unusual ending, and available actions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tui_router.domain.message import ENDING_WORDS, Ending, EndingKind, File, Image, ToolCall, ToolResult
from tui_router.domain.problem import Problem
from tui_router.ui.transcript import code
from tui_router.ui.transcript.actions import MOST_MODELS, Action, actions_for
from tui_router.ui.transcript.appearance import Appearance
from tui_router.ui.transcript.block_layout import box
from tui_router.ui.transcript.entry_state import EntryKind, EntryState
from tui_router.ui.transcript.inline import Link
from tui_router.ui.transcript.parts import BLANK, Line, Part, Parts, cut, row, safe, safe_rows
from tui_router.ui.transcript.wrap import wrap


def chips(actions: Sequence[Action], width: int) -> list[Line]:
    """Return the actions side by side, wrapped."""
    parts: list[Part] = []
    for number, action in enumerate(actions):
        if number:
            parts.append(("  ", "pad"))
        hint = f"{action.key} " if action.key else ""
        parts += [(f"[{hint}", f"muted@act:{action.id}"), (safe(action.label), f"link@act:{action.id}"), ("]", "muted")]
    return wrap(parts, width) if parts else []


def choices(actions: Sequence[Action], width: int) -> list[Line]:
    """Return the actions of a card, one per row, each after its key."""
    lines: list[Line] = []
    for action in actions:
        first: Parts = ((f" {action.key or '•'} ", f"strong+link@act:{action.id}"), (" ", "pad"))
        lines += wrap([(safe(action.label), f"text@act:{action.id}")], max(1, width - 4), first, (("    ", "pad"),))
    return lines


def ending_lines(ending: Ending | None, width: int) -> list[Line]:
    """Return how and why an answer ended; nothing for one that completed normally."""
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
    """Return images and files as chips."""
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
    """Return the images of an answer as labelled boxes."""
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
    """Return tool calls with their state; those in ``opened`` with arguments and result in full."""
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
            lines += code.code_block(_pretty(call.arguments), "json", width)
            if result:
                lines += code.code_block(result.text.rstrip("\n"), "result", width)
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


def sources(links: Sequence[Link], shown: int, width: int) -> list[Line]:
    """Return the list of sources, without those of the first ``shown`` links whose URL is visible in the text."""
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


def footer_rows(entry: EntryState, appearance: Appearance, links: Sequence[Link], numbered: int) -> list[Line]:
    """Return the rows below the text; the first ``numbered`` links are already numbered in the text."""
    width = appearance.width
    gap = [BLANK] if appearance.density == "comfortable" else []
    if entry.kind is EntryKind.NOTICE:
        return [*chips(entry.actions or (), width), *gap]
    if entry.kind is EntryKind.CARD:
        return [*choices(entry.actions or (), width), *gap]
    if entry.kind is EntryKind.USER or entry.folded:
        return gap
    blocks = [
        pictures([p for p in entry.parts if isinstance(p, Image)], width),
        calls(
            [p for p in entry.parts if isinstance(p, ToolCall)],
            entry.results,
            entry.calls_open,
            width,
            live=entry.is_live,
        ),
    ]
    if not entry.is_live:
        actions = entry.actions
        if actions is None:
            actions = actions_for(entry.ending, has_words=bool(entry.text.strip()))
        blocks.append(sources(links, numbered, width))
        blocks.append([*ending_lines(entry.ending, width), *chips(actions, width)])
    lines: list[Line] = []
    words = bool(entry.text.strip())
    for block in blocks:
        if block:
            lines += [BLANK, *block] if words or lines else block
    return [*lines, *gap]
