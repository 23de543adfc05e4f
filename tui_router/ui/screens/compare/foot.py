"""The rows around the lanes: what leads, which lanes there are, what the keys do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tui_router.domain.stream import Phase
from tui_router.ui.screens.compare.figures import Figures, ranking
from tui_router.ui.screens.compare.lanes import Layout
from tui_router.ui.transcript.parts import Line, Part, cut, row, safe, width_of

_READ_KEYS = (
    ("Enter", "keep"), ("v", "vote"), ("m", "merge"), ("D", "diff"), ("r", "again"), ("x", "stop"), ("+", "add"),
    ("−", "remove"), ("=", "tie"), ("A", "agreement"), ("B", "blind"), ("i", "ask"), ("F1", "all keys"),
)  # fmt: skip
_LEAST_TAB = 4
"""Cells of a name below which a tab shows only its number."""
_PHASE_MARKS = {
    Phase.QUEUED: "·", Phase.CONNECTING: "·", Phase.WAITING: "·", Phase.RETRYING: "!", Phase.THINKING: "…",
    Phase.ANSWERING: "…", Phase.DONE: "✓", Phase.STOPPED: "■", Phase.FAILED: "✗",
}  # fmt: skip
_WRITE_KEYS = (("Enter", "ask all"), ("Tab", "to the lanes"), ("Esc", "close"), ("F1", "all keys"))


def lanes_word(count: int) -> str:
    """Return how many lanes are meant, with a verb."""
    return "1 lane is" if count == 1 else f"{count} lanes are"


def mark(figures: Figures) -> str:
    """Return one character for how a lane stands."""
    return _PHASE_MARKS[figures.phase]


def top_row(lanes: Sequence[tuple[str, Figures | None]], width: int, *, cost: str, blind: bool, veiled: bool) -> Line:
    """Return the row above the lanes: who leads so far, and the ``cost`` of all; nothing of it before a blind vote."""
    left: list[Part] = [("Comparison", "strong")]
    if blind:
        left.append((" · blind", "warning"))
    known = [(n, f) for n, f in lanes if f is not None]
    if not known:
        left.append((f" · {len(lanes)} lanes, one question to all of them", "muted"))
        return row((cut("".join(t for t, _ in left), width), "muted")) if width_of(left) > width else row(*left)
    if veiled:
        left.append((" · names and figures come with the vote", "muted"))
        return _fitted(left, [], width)
    right = [(f"{what} {who}", "muted") for what, who in ranking(known)]
    if cost:
        left.append((f" · {cost} in all", "muted"))
    return _fitted(left, right, width)


def tab_row(tabs: Sequence[tuple[str, str, str]], layout: Layout, focus: int, width: int) -> Line:
    """Return the tabs as (label, name, state mark); those in view stand out, a click on one goes there."""
    short = [(label, safe(name.rpartition("/")[2]), mark) for label, name, mark in tabs]
    fixed = [width_of([(f" {label} {mark} ", "")]) for label, _, mark in short]
    room = (width - sum(fixed)) // max(1, len(tabs))
    widest = max((width_of([(name, "")]) for _, name, _ in short), default=0)
    if room >= _LEAST_TAB or room >= widest:
        names = [f" {label} {cut(name, room)}{mark} " for label, name, mark in short]
    else:
        names = [f" {label}{mark} " for label, _, mark in short]
    parts: list[Part] = []
    for place, name in enumerate(names):
        color = f"lane{place % 8 + 1}"
        key = f"selection+{color}" if place == focus else f"strong+{color}" if place in layout.shown else "muted"
        parts.append((name, f"{key}@lane:{place}"))
    return row(*parts)


def foot_row(count: int, width: int, *, writing: bool, estimate: str = "", waiting: int = 0, extra: str = "") -> Line:
    """Return the row below everything: what the keys do here, and what the question would cost."""
    lead: list[Part] = []
    if waiting:
        words = "1 question waits" if waiting == 1 else f"{waiting} questions wait"
        lead += [(words, "warning"), ("  ", "pad")]
    if estimate:
        lead += [(estimate, "strong"), ("  ", "pad")]
    if extra:
        lead += [(extra, "success"), ("  ", "pad")]
    keys = _WRITE_KEYS if writing else ((f"1–{count}", "lane"), *_READ_KEYS)
    return row(*_key_parts(lead, keys, width))


def vote_row(labels: Sequence[str], tags: Sequence[str], width: int) -> Line:
    """Return the row that asks for a vote."""
    shown = ", ".join(safe(t) for t in tags) or "none"
    whole: list[Part] = [("Which is best?  ", "strong+warning")]
    for key, word in (
        (" ".join(labels), ""),
        ("t", "tie"),
        ("b", "all bad"),
        ("g", f"tags: {shown}"),
        ("Esc", "not now"),
    ):
        whole += [(key, "strong"), (f" {word}  " if word else "  ", "muted")]
    while width_of(whole) > width and len(whole) > 3:
        whole = whole[:-2]
    return row(*whole)


def _key_parts(lead: list[Part], keys: Sequence[tuple[str, str]], width: int) -> list[Part]:
    """Return what leads, and as many keys with their words as fit behind it."""
    parts = list(lead)
    for number, (key, word) in enumerate(keys):
        item: list[Part] = [("  ", "pad")] if number else []
        item += [(key, "strong"), (f" {word}" if word else "", "muted")]
        if width_of(parts) + width_of(item) > width:
            break
        parts += item
    return parts


def _fitted(left: list[Part], right: list[Part], width: int) -> Line:
    shown = list(right)
    while shown and width_of(left) + 2 + width_of(shown) + 3 * (len(shown) - 1) > width:
        shown.pop()
    if not shown:
        return row((cut("".join(t for t, _ in left), width), "muted")) if width_of(left) > width else row(*left)
    tail: list[Part] = []
    for number, item in enumerate(shown):
        tail += [(" · ", "muted"), item] if number else [item]
    gap = width - width_of(left) - width_of(tail)
    return row(*left, (" " * gap, "pad"), *tail)
