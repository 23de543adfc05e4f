"""The header above a lane: model name, state, and metrics. Pure: a ``LaneHeader`` in, rows out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from tui_router.domain.safe import clean_line
from tui_router.domain.stream import Phase
from tui_router.domain.usage import money
from tui_router.ui.screens.compare.metrics import LaneMetrics, sparkline
from tui_router.ui.transcript.header import seconds, spinner
from tui_router.ui.transcript.parts import Line, Part, cut, row, safe, width_of

LANE_COLORS = 8
"""Lane styles in a theme: ``lane1`` to ``lane8``."""
_SPARK_CELLS, _MIN_SPARK = 8, 3
_HIDDEN = "figures are shown after the vote"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneHeader:
    """What a lane's header shows at one moment."""

    label: str = ""
    """The lane's number, or ``M`` for a merged answer."""
    color: int = 1
    """1 to ``LANE_COLORS``."""
    name: str = ""
    metrics: LaneMetrics | None = None
    """``None`` before the first question."""
    badges: tuple[str, ...] = ()
    """Short remarks after the name, such as ``★ best``."""
    has_focus: bool = False
    is_blind: bool = False
    """Hide the metrics: they would give the model away."""
    motion: bool = True
    """Animate the spinner."""


def header_rows(header: LaneHeader, width: int, now: float, *, low: bool = False) -> list[Line]:
    """Return the rows of a header: name and state, metrics, and a rule; only the first one on low screens."""
    if width < 1:
        return []
    color = f"lane{header.color}"
    first = _name_row(header, color, width, now)
    if low:
        return [first]
    rule = ("━" * width, color) if header.has_focus else ("─" * width, "rule")
    return [first, _metric_row(header, color, width), row(rule)]


def metric_items(metrics: LaneMetrics, color: str) -> list[tuple[Part, ...]]:
    """Return the metrics of a lane, most important first, each as the parts of one item."""
    items: list[tuple[Part, ...]] = []
    if metrics.queue_position:
        items.append(((metrics.queue_position, "muted"),))
    if metrics.first_token is not None:
        items.append(((f"{metrics.first_token:.1f} s", "muted"),))
    if metrics.speed is not None:
        has_spark = not metrics.is_over and len(metrics.history) >= _MIN_SPARK
        spark = sparkline(metrics.history, _SPARK_CELLS) if has_spark else ""
        items.append(((f"{metrics.speed:.0f} tok/s", "muted"), *(((" " + spark, color),) if spark else ())))
    if metrics.cost is not None:
        items.append(((money(metrics.cost, approximate=metrics.is_estimate), "muted"),))
    if metrics.tokens:
        about = "" if metrics.is_counted else "~"
        items.append(((f"{about}{metrics.tokens:,} tok", "muted"),))
    if metrics.reasoning_tokens:
        items.append(((f"{metrics.reasoning_tokens:,} thought", "reasoning"),))
    return items


def _state_text(metrics: LaneMetrics) -> str:
    match metrics.phase:
        case Phase.QUEUED:
            return "queued"
        case Phase.CONNECTING:
            return "connecting"
        case Phase.RETRYING:
            return "trying again"
        case Phase.WAITING:
            return "waiting"
        case Phase.THINKING:
            return "thinking"
        case Phase.ANSWERING:
            return "answering"
        case Phase.DONE:
            return "done"
        case Phase.STOPPED:
            return "stopped"
        case Phase.FAILED:
            return "failed"
        case _:
            assert_never(metrics.phase)


def _name_row(header: LaneHeader, color: str, width: int, now: float) -> Line:
    left: list[Part] = [(header.label, f"strong+{color}"), (" ", "pad")]
    badges = [(f" {b}", "success") for b in header.badges]
    state = _state(header, now)
    room = width - width_of(left) - width_of(badges) - width_of([state]) - 1
    name = safe(clean_line(header.name)) or "Answer"
    if room < 6:
        state, room = ("", "muted"), width - width_of(left) - width_of(badges)
    left += [(cut(name, max(1, room)), f"strong+{color}" if header.has_focus else color), *badges]
    gap = max(0, width - width_of(left) - width_of([state]))
    return row(*left, (" " * gap, "pad"), state)


def _state(header: LaneHeader, now: float) -> Part:
    metrics = header.metrics
    if metrics is None:
        return "", "muted"
    text = _state_text(metrics)
    if metrics.phase is Phase.DONE:
        took = seconds(metrics.elapsed) if metrics.elapsed and not header.is_blind else ""
        return f"✓ {took}".rstrip(), "success"
    if metrics.phase is Phase.FAILED:
        return f"✗ {text}", "error"
    if metrics.phase is Phase.STOPPED:
        return f"■ {text}", "warning"
    return f"{spinner(now, header.motion)} {text}", "muted"


def _metric_row(header: LaneHeader, color: str, width: int) -> Line:
    if header.metrics is None:
        return row(("", "muted"))
    if header.is_blind:
        return row((cut(_HIDDEN, width), "muted"))
    items = metric_items(header.metrics, color)
    while items and sum(width_of(i) for i in items) + 3 * (len(items) - 1) > width:
        items.pop()
    parts: list[Part] = []
    for number, item in enumerate(items):
        parts += [(" · ", "muted"), *item] if number else item
    if not parts and not header.metrics.is_over:
        parts.append((cut(seconds(header.metrics.elapsed), width), "muted"))
    return row(*parts)
