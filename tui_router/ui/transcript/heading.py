"""The line above a turn: who, by whom, how fast, for how much; and what an answer is doing before it has words."""

from __future__ import annotations

import math
from datetime import datetime
from typing import assert_never

from tui_router.domain.cached import age_words
from tui_router.domain.message import Message, Timing
from tui_router.domain.stream import Phase, StreamState
from tui_router.domain.usage import Usage, money
from tui_router.ui.transcript.parts import Line, Part, cut, row, safe, width_of

_SLOW_DISK = 0.5
"""Seconds after which a request that was not let out yet is said to wait for the disk."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def figures(timing: Timing, usage: Usage | None) -> tuple[str, ...]:
    """Return time to first token, tokens a second and cost, as far as they are known."""
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
    """Return where an answer came from that was not asked for: ``from the cache, 2 h old``."""
    age = message.cached_age if message is not None else None
    return "" if age is None else f"from the cache, {age_words(age)} old"


def tokens_per_second(timing: Timing, usage: Usage | None) -> float | None:
    """Return the speed after the first token, or ``None`` when it cannot be told."""
    if usage is None or not usage.completion_tokens or timing.total is None or timing.first_token is None:
        return None
    spent = timing.total - timing.first_token
    return usage.completion_tokens / spent if spent > 0.05 else None


def seconds(value: float) -> str:
    """Return seconds as people read them: ``0.8 s``, ``12 s``, ``2 min 5 s``."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 119.5:
        return f"{value:.0f} s"
    whole = round(value)
    return f"{whole // 60} min {whole % 60} s"


def phase_words(state: StreamState, waited: float) -> str:
    """Return what an answer without words is doing; ``waited`` is how long it has been in this phase, in seconds."""
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
    """Return the spinner's picture at ``now`` seconds; a still one without motion."""
    return SPINNER[int(now * 10) % len(SPINNER)] if motion else "·"


def header(left: list[Part], right: list[str], width: int) -> Line:
    """Return ``left``, and ``right`` at the right edge as far as it fits: the last items go first."""
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
    """Return the local time of day, with the date when that is not today's."""
    local = at.astimezone()
    today = datetime.now(local.tzinfo).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
