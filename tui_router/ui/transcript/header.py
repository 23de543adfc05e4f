"""The rows above an entry's text: author, speed, cost, the reasoning toggle, and progress until text arrives."""

from __future__ import annotations

import math
from datetime import datetime
from typing import assert_never

from tui_router.domain.answer_cache import age_words
from tui_router.domain.message import Message, Reasoning, Timing
from tui_router.domain.safe import clean_line
from tui_router.domain.stream import Phase, StreamState
from tui_router.domain.usage import Usage, money
from tui_router.ui.transcript.appearance import Appearance
from tui_router.ui.transcript.entry_state import EntryKind, EntryState
from tui_router.ui.transcript.footer import attachments
from tui_router.ui.transcript.parts import Line, Part, cut, row, safe, safe_rows, width_of
from tui_router.ui.transcript.wrap import wrap

_SLOW_DISK = 0.5
"""Seconds after which a request not sent yet is reported as waiting for the disk."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def figures(timing: Timing, usage: Usage | None) -> tuple[str, ...]:
    """Return time to first token, tokens per second and cost, as far as known."""
    found: list[str] = []
    if timing.first_token is not None:
        found.append(seconds(timing.first_token))
    rate = tokens_per_second(timing, usage)
    if rate is not None:
        found.append(f"{rate:.0f} tok/s")
    if usage is not None and usage.cost is not None:
        found.append(money(usage.cost, approximate=usage.is_estimate))
    return tuple(found)


def cached(message: Message | None) -> str:
    """Return the origin of a cached answer, e.g. ``from the cache, 2 h old``; empty for others."""
    age = message.cached_age if message is not None else None
    return "" if age is None else f"from the cache, {age_words(age)} old"


def tokens_per_second(timing: Timing, usage: Usage | None) -> float | None:
    """Return the speed after the first token, or ``None`` if unknown."""
    if usage is None or not usage.completion_tokens or timing.total is None or timing.first_token is None:
        return None
    spent = timing.total - timing.first_token
    return usage.completion_tokens / spent if spent > 0.05 else None


def seconds(value: float) -> str:
    """Format a duration in seconds: ``0.8 s``, ``12 s``, ``2 min 5 s``."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 119.5:
        return f"{value:.0f} s"
    whole = round(value)
    return f"{whole // 60} min {whole % 60} s"


def phase_words(state: StreamState, waited: float) -> str:
    """Describe what an answer without text is doing; ``waited`` is the time spent in this phase, in seconds."""
    match state.phase:
        case Phase.QUEUED:
            return state.queued.words if state.queued else "queued"
        case Phase.CONNECTING if not state.has_left and waited >= _SLOW_DISK:
            return "waiting for the disk…"
        case Phase.CONNECTING:
            return "connecting…"
        case Phase.RETRYING if state.retrying is not None:
            retry = state.retrying
            left = max(0, math.ceil(retry.wait - waited))
            title = retry.problem.title
            reason = title[:1].lower() + title[1:]
            return f"{reason}, again in {left} s, try {retry.attempt} of {retry.of}, Esc to stop"
        case Phase.RETRYING:
            return "trying again…"
        case Phase.WAITING:
            return f"waiting for {state.provider}…" if state.provider else "waiting for provider…"
        case Phase.THINKING:
            return "thinking…"
        case Phase.ANSWERING | Phase.DONE | Phase.STOPPED | Phase.FAILED:
            return ""
        case _:
            assert_never(state.phase)


def spinner(now: float, motion: bool) -> str:
    """Return the spinner frame at ``now`` seconds, or a still one without motion."""
    return SPINNER[int(now * 10) % len(SPINNER)] if motion else "·"


def header(left: list[Part], right: list[str], width: int) -> Line:
    """Return ``left`` with as much of ``right`` as fits at the right edge; the first items are dropped first."""
    shown = [item for item in right if item]
    while shown and width_of(left) + 2 + width_of([(" · ".join(shown), "")]) > width:
        shown.pop(0)
    tail = " · ".join(shown)
    room = width - width_of(left) - width_of([(tail, "")])
    if room < 0:
        name = "".join(text for text, _ in left)
        return row((cut(safe(name), width), left[0][1]))
    if not tail:
        return row(*left)
    return row(*left, (" " * room, "pad"), (tail, "muted"))


def clock(at: datetime) -> str:
    """Return the local time of day, preceded by the date unless it is today."""
    local = at.astimezone()
    today = datetime.now(local.tzinfo).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def header_rows(entry: EntryState, appearance: Appearance, now: float, *, unfolded: bool) -> list[Line]:
    """Return the rows above the text; ``unfolded`` tells whether the reasoning is shown in full."""
    width = appearance.width
    if entry.kind in (EntryKind.NOTICE, EntryKind.CARD):
        return [line for parts in entry.rows for line in wrap([(safe_rows(t), k) for t, k in parts], width)]
    when = clock(entry.message.created) if entry.message and appearance.timestamps else ""
    sibling = f"‹{entry.sibling[0]}/{entry.sibling[1]}›" if entry.sibling and entry.sibling[1] > 1 else ""
    if entry.kind is EntryKind.USER:
        lines = [header([("You", "user")], [when, sibling], width)] if when or sibling else []
        lines += attachments(entry.parts, width)
        return [*lines, _excerpt(entry, appearance)] if entry.folded else lines
    name: list[Part] = [(safe(clean_line(entry.name)) or "Answer", "assistant")]
    if entry.provider:
        name.append((f" · {safe(clean_line(entry.provider))}", "muted"))
    right = [when, sibling, cached(entry.message), *figures(entry.timing, entry.usage)]
    if entry.is_live:
        right = [sibling, spinner(now, appearance.motion)]
    lines = [header(name, right, width)]
    if entry.folded:
        return [*lines, _excerpt(entry, appearance)]
    thinking = _thinking(entry, appearance, now, unfolded)
    return [*lines, *thinking, *_phase(entry, appearance, now, bool(thinking))]


def _excerpt(entry: EntryState, appearance: Appearance) -> Line:
    first = cut(safe(clean_line(entry.text[:400])), max(1, appearance.width - 2))
    return row(("▸ ", "muted@fold:all"), (first or "…", "muted@fold:all"))


def _thinking(entry: EntryState, appearance: Appearance, now: float, unfolded: bool) -> list[Line]:
    if not entry.reasoning or (appearance.reasoning == "hidden" and entry.reasoning_open is None):
        return []
    mark = "▾" if unfolded else "▸"
    if entry.is_live and entry.state is not None and entry.state.phase is Phase.THINKING:
        words = f"{mark} Thinking… {max(0, int(now - entry.since))} s"
    else:
        spent = entry.thought
        for part in entry.parts:
            if isinstance(part, Reasoning) and part.seconds is not None:
                spent = part.seconds
        words = f"{mark} Thought for {seconds(spent)}" if spent is not None else f"{mark} Thinking"
    return [row((cut(words, appearance.width), "reasoning@fold:reasoning"))]


def _phase(entry: EntryState, appearance: Appearance, now: float, thinking: bool) -> list[Line]:
    if entry.state is None or not entry.is_live or entry.state.text:
        return []
    if entry.state.phase is Phase.THINKING and thinking:
        return []
    words = phase_words(entry.state, now - entry.since)
    return wrap([(safe_rows(words), "muted")], appearance.width) if words else []
