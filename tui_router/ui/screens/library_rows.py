"""How a conversation and a search hit look as one row of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from tui_router.domain.library import Hit, Summary
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import money
from tui_router.ui.widgets.line_list import Part, fit, split_parts
from tui_router.ui.widgets.when import ago

UNTITLED = "Untitled"
NameOf = Callable[[str], str]
"""Returns what a model is called on the screen."""
_FULL, _USUAL, _SMALL = 96, 64, 40
_WHEN, _COUNT, _COST = 8, 5, 8


@dataclass(frozen=True, slots=True)
class Found:
    """A row of search results: a conversation, or a hit below it."""

    hit: Hit
    is_head: bool
    """True for the line that names the conversation."""
    can_choose: bool = True


def found_rows(hits: Iterable[Hit]) -> list[Found]:
    """Return hits as rows: each conversation once, in the order of its best hit, what was found in it below."""
    by_id: dict[str, list[Hit]] = {}
    for hit in hits:
        by_id.setdefault(hit.conversation.id, []).append(hit)
    rows: list[Found] = []
    for group in by_id.values():
        titled = next((h for h in group if not h.message_id), None)
        rows.append(Found(titled or group[0], True, titled is not None))
        rows += [Found(h, False) for h in group if h.message_id]
    return rows


def title_of(summary: Summary) -> str:
    """Return a title that is safe to show."""
    return clean_line(summary.title, 300) or UNTITLED


def draw_summary(
    summary: Summary,
    width: int,
    now: datetime,
    name_of: NameOf,
    marks: Sequence[tuple[int, int]] = (),
    *,
    is_current: bool = False,
) -> list[Part]:
    """Return the row of a conversation: marks, title, tags, and on the right what there is room for."""
    parts = [*_signs(summary, is_current), Part(" ")]
    right = _right(summary, width, now, name_of)
    room = max(1, width - 4 - sum(cell_len(p.text) for p in right))
    title = title_of(summary)
    tags = "".join(f" #{clean_line(t, 20)}" for t in summary.tags) if width >= _USUAL else ""
    tags = tags if cell_len(tags) <= room // 3 else fit(tags, room // 3)
    from_title = fit(title, room - cell_len(tags))
    if not tags:
        return [*parts, *split_parts(from_title, marks), *right]
    bare = from_title.rstrip(" ")
    blanks = " " * (len(from_title) - len(bare))
    return [*parts, *split_parts(bare, marks), Part(tags, "accent"), Part(blanks), *right]


def draw_hit(hit: Hit, width: int) -> list[Part]:
    """Return the row of a place that was found: the words around it, the hits marked."""
    edge = "    " if width >= _SMALL else " "
    return [Part(edge), *split_parts(hit.snippet, hit.marks, "muted")]


def _signs(summary: Summary, is_current: bool) -> list[Part]:
    first = Part("★", "warn") if summary.is_pinned else Part("▪" if is_current else " ", "accent")
    second = Part(" ")
    if summary.is_unfinished:
        second = Part("!", "bad")
    elif summary.has_draft:
        second = Part("✎", "warn")
    third = Part("▫", "muted") if summary.is_archived else Part(" ")
    return [first, second, third]


def _right(summary: Summary, width: int, now: datetime, name_of: NameOf) -> list[Part]:
    when = Part(fit(ago(summary.updated, now), _WHEN, right=True) + " ", "muted")
    if width < _SMALL:
        return []
    if width < _USUAL:
        return [when]
    model = clean_line(name_of(summary.model)) if summary.model else ""
    count = Part(fit(f"{summary.message_count}", _COUNT, right=True), "muted")
    cells = 24 if width >= _FULL else 14
    found = [Part("  "), Part(fit(model, cells), "muted"), count]
    if width >= _FULL:
        cost = money(summary.cost) if summary.cost else ""
        found.append(Part(fit(cost, _COST + 1, right=True), "muted"))
    return [*found, when]
