"""The rows above and below the words of a turn, put together from the entry and the look."""

from __future__ import annotations

from collections.abc import Sequence

from tui_router.domain.message import Image, Reasoning, ToolCall
from tui_router.domain.safe import clean_line
from tui_router.domain.stream import Phase
from tui_router.ui.transcript import footing, heading
from tui_router.ui.transcript.links import Link
from tui_router.ui.transcript.look import EntryKind, Look
from tui_router.ui.transcript.offers import actions_for
from tui_router.ui.transcript.parts import BLANK, Line, Part, cut, row, safe, safe_rows
from tui_router.ui.transcript.shown import Shown
from tui_router.ui.transcript.wrap import wrap


def head_lines(entry: Shown, look: Look, now: float, *, shown: bool) -> list[Line]:
    """Return the rows above the words; ``shown`` says that the thinking is unfolded."""
    width = look.width
    if entry.kind in (EntryKind.NOTICE, EntryKind.CARD):
        return [line for parts in entry.rows for line in wrap([(safe_rows(t), k) for t, k in parts], width)]
    when = heading.clock(entry.message.created) if entry.message and look.timestamps else ""
    sibling = f"‹{entry.sibling[0]}/{entry.sibling[1]}›" if entry.sibling and entry.sibling[1] > 1 else ""
    if entry.kind is EntryKind.USER:
        lines = [heading.header([("You", "user")], [when, sibling], width)] if when or sibling else []
        lines += footing.attachments(entry.parts, width)
        return [*lines, _excerpt(entry, look)] if entry.folded else lines
    name: list[Part] = [(safe(clean_line(entry.name)) or "Answer", "assistant")]
    if entry.provider:
        name.append((f" · {safe(clean_line(entry.provider))}", "muted"))
    right = [when, sibling, heading.cached(entry.message), *heading.figures(entry.timing, entry.usage)]
    if entry.is_live:
        right = [sibling, heading.spinner(now, look.motion)]
    lines = [heading.header(name, right, width)]
    if entry.folded:
        return [*lines, _excerpt(entry, look)]
    thinking = _thinking(entry, look, now, shown)
    return [*lines, *thinking, *_phase(entry, look, now, bool(thinking))]


def _excerpt(entry: Shown, look: Look) -> Line:
    first = cut(safe(clean_line(entry.text[:400])), max(1, look.width - 2))
    return row(("▸ ", "muted@fold:all"), (first or "…", "muted@fold:all"))


def _thinking(entry: Shown, look: Look, now: float, shown: bool) -> list[Line]:
    if not entry.reasoning or (look.reasoning == "hidden" and entry.reasoning_open is None):
        return []
    mark = "▾" if shown else "▸"
    if entry.is_live and entry.state is not None and entry.state.phase is Phase.THINKING:
        words = f"{mark} Thinking… {max(0, int(now - entry.since))} s"
    else:
        spent = entry.thought
        for part in entry.parts:
            if isinstance(part, Reasoning) and part.seconds is not None:
                spent = part.seconds
        words = f"{mark} Thought for {heading.seconds(spent)}" if spent is not None else f"{mark} Thinking"
    return [row((cut(words, look.width), "reasoning@fold:reasoning"))]


def _phase(entry: Shown, look: Look, now: float, thinking: bool) -> list[Line]:
    if entry.state is None or not entry.is_live or entry.state.text:
        return []
    if entry.state.phase is Phase.THINKING and thinking:
        return []
    words = heading.phase_words(entry.state, now - entry.since)
    return wrap([(safe_rows(words), "muted")], look.width) if words else []


def foot_lines(entry: Shown, look: Look, links: Sequence[Link], numbered: int) -> list[Line]:
    """Return the rows below the words; the first ``numbered`` links have their number in them."""
    width = look.width
    gap = [BLANK] if look.density == "comfortable" else []
    if entry.kind is EntryKind.NOTICE:
        return [*footing.chips(entry.actions or (), width), *gap]
    if entry.kind is EntryKind.CARD:
        return [*footing.choices(entry.actions or (), width), *gap]
    if entry.kind is EntryKind.USER or entry.folded:
        return gap
    blocks = [
        footing.pictures([p for p in entry.parts if isinstance(p, Image)], width),
        footing.calls(
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
        blocks.append(footing.notes(links, numbered, width))
        blocks.append([*footing.ending_lines(entry.ending, width), *footing.chips(actions, width)])
    lines: list[Line] = []
    words = bool(entry.text.strip())
    for block in blocks:
        if block:
            lines += [BLANK, *block] if words or lines else block
    return [*lines, *gap]
