"""What stands above a lane: who, how it goes, in numbers. Pure: a face in, rows out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from tui_router.domain.safe import clean_line
from tui_router.domain.stream import Phase
from tui_router.domain.usage import money
from tui_router.ui.screens.compare.figures import Figures, sparkline
from tui_router.ui.transcript.heading import seconds, spinner
from tui_router.ui.transcript.parts import Line, Part, cut, row, safe, width_of

_SPARK, _LEAST_SPARK = 8, 3
_HIDDEN = "figures come with the vote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What is known of a lane at one moment."""

    label: str
    """Its number, or ``M`` for a merged answer."""
    color: int
    """1 to 8."""
    name: str
    figures: Figures | None = None
    """``None`` before the first question."""
    note: str = ""
    """What the state row says instead, e.g. how many are waited for."""
    marks: tuple[str, ...] = ()
    """``best``, ``kept`` and the like."""
    has_focus: bool = False
    is_blind: bool = False
    motion: bool = True


def face_rows(face: Face, width: int, now: float, *, low: bool = False) -> list[Line]:
    """Return the rows of a head: name and state, figures, and a rule; on low screens only the first."""
    if width < 1:
        return []
    color = f"lane{face.color}"
    first = _first_row(face, color, width, now)
    if low:
        return [first]
    rule = ("━" * width, color) if face.has_focus else ("─" * width, "rule")
    return [first, _figure_row(face, color, width), row(rule)]


def state_word(figures: Figures) -> str:
    """Return what a lane is doing, in a word or two."""
    match figures.phase:
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
            assert_never(figures.phase)


def figure_words(figures: Figures, color: str) -> list[tuple[Part, ...]]:
    """Return the figures of a lane, most telling first, each as the parts of one item."""
    items: list[tuple[Part, ...]] = []
    if figures.standing:
        items.append(((figures.standing, "muted"),))
    if figures.first_token is not None:
        items.append(((f"{figures.first_token:.1f} s", "muted"),))
    if figures.speed is not None:
        told = not figures.is_over and len(figures.history) >= _LEAST_SPARK
        spark = sparkline(figures.history, _SPARK) if told else ""
        items.append(((f"{figures.speed:.0f} tok/s", "muted"), *(((" " + spark, color),) if spark else ())))
    if figures.cost is not None:
        items.append(((money(figures.cost, approximate=figures.is_estimate), "muted"),))
    if figures.tokens:
        about = "" if figures.is_counted else "~"
        items.append(((f"{about}{figures.tokens:,} tok", "muted"),))
    if figures.reasoning_tokens:
        items.append(((f"{figures.reasoning_tokens:,} thought", "reasoning"),))
    return items


def _first_row(face: Face, color: str, width: int, now: float) -> Line:
    left: list[Part] = [(face.label, f"strong+{color}"), (" ", "pad")]
    marks = [(f" {m}", "success") for m in face.marks]
    state = _state(face, now)
    room = width - width_of(left) - width_of(marks) - width_of([state]) - 1
    name = safe(clean_line(face.name)) or "Answer"
    if room < 6:
        state, room = ("", "muted"), width - width_of(left) - width_of(marks)
    left += [(cut(name, max(1, room)), f"strong+{color}" if face.has_focus else color), *marks]
    gap = max(0, width - width_of(left) - width_of([state]))
    return row(*left, (" " * gap, "pad"), state)


def _state(face: Face, now: float) -> Part:
    if face.note:
        return face.note, "muted"
    figures = face.figures
    if figures is None:
        return "", "muted"
    word = state_word(figures)
    if figures.phase is Phase.DONE:
        took = seconds(figures.waited) if figures.waited and not face.is_blind else ""
        return f"✓ {took}".rstrip(), "success"
    if figures.phase is Phase.FAILED:
        return f"✗ {word}", "error"
    if figures.phase is Phase.STOPPED:
        return f"■ {word}", "warning"
    return f"{spinner(now, face.motion)} {word}", "muted"


def _figure_row(face: Face, color: str, width: int) -> Line:
    if face.figures is None:
        return row(("", "muted"))
    if face.is_blind:
        return row((cut(_HIDDEN, width), "muted"))
    items = figure_words(face.figures, color)
    while items and sum(width_of(i) for i in items) + 3 * (len(items) - 1) > width:
        items.pop()
    parts: list[Part] = []
    for number, item in enumerate(items):
        parts += [(" · ", "muted"), *item] if number else item
    if not parts and not face.figures.is_over:
        parts.append((cut(seconds(face.figures.waited), width), "muted"))
    return row(*parts)
