"""Draws the library: conversations and search hits as rows, and the preview of one conversation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from tui_router.domain.library import Hit, Summary
from tui_router.domain.message import Message, Role
from tui_router.domain.safe import clean_line
from tui_router.domain.summary import is_summary
from tui_router.domain.usage import money
from tui_router.ui.screens.text_rows import Line, TextRows, lines_of
from tui_router.ui.widgets.line_list import Part, fit, split_parts
from tui_router.ui.widgets.reader import Reader, Rows
from tui_router.ui.widgets.when import ago, full

UNTITLED = "Untitled"
NameOf = Callable[[str], str]
"""Returns the display name of a model id."""
_FULL, _USUAL, _SMALL = 96, 64, 40
"""Cells from which cost and model, tags, and time are shown."""
_WHEN, _COUNT, _COST = 8, 5, 8
"""Widths of columns, in cells."""
PREVIEWED = 4
"""Messages in the preview."""
_LONGEST = 4_000
"""Characters of a message in the preview."""


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A row of search results: a conversation, or a hit in it."""

    hit: Hit
    is_head: bool
    """True for the row of the conversation itself."""
    can_choose: bool = True


def search_rows(hits: Iterable[Hit]) -> list[SearchRow]:
    """Return hits as rows, grouped by conversation in the order of their best hits."""
    by_id: dict[str, list[Hit]] = {}
    for hit in hits:
        by_id.setdefault(hit.conversation.id, []).append(hit)
    rows: list[SearchRow] = []
    for group in by_id.values():
        titled = next((h for h in group if not h.message_id), None)
        rows.append(SearchRow(titled or group[0], True, titled is not None))
        rows += [SearchRow(h, False) for h in group if h.message_id]
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
    """Return the row of a conversation: signs, title, tags, and the columns that fit."""
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
    """Return the row of a search hit: the text around it, with the matches marked."""
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


class ConversationPreview(Reader):
    """Shows facts of a conversation immediately, and its messages once they are loaded."""

    def __init__(self, name_of: NameOf) -> None:
        super().__init__(id="preview")
        self.can_focus = False
        self._name_of = name_of
        self._shown_for = ("", "")
        self._facts: list[Line] = []
        self._pattern: re.Pattern[str] | None = None

    def show_nothing(self) -> None:
        """Clear the pane."""
        self._shown_for = ("", "")
        super().show(lambda width: ())

    def look_at(self, summary: Summary, hit: Hit | None) -> bool:
        """Show the facts of a conversation, or of the one that holds a hit; ``False`` when they are shown already."""
        shown_for = (summary.id, hit.message_id if hit else "")
        facts = self._fact_lines(summary)
        if shown_for == self._shown_for and facts == self._facts:
            return False
        self._shown_for, self._facts = shown_for, facts
        words = {hit.snippet[a:b] for a, b in hit.marks} if hit else set()
        self._pattern = re.compile("|".join(map(re.escape, sorted(words))), re.IGNORECASE) if words else None
        self.show(lambda width: TextRows(facts, width))
        return True

    def show_messages(self, conversation_id: str, message_id: str, messages: Sequence[Message]) -> None:
        """Show the messages, unless another conversation is selected by now."""
        if (conversation_id, message_id) != self._shown_for:
            return
        lines = list(self._facts)
        first = 0
        for message in messages:
            if message.id == message_id:
                first = len(lines)
            lines += [(), (Part(self._speaker(message), "head"),), *self._lines_of(message)]
        hit = next((n for n, line in enumerate(lines) if n > first and any(p.look == "hit" for p in line)), first)

        rows = TextRows((), 1)

        def layout(width: int) -> Rows:
            nonlocal rows
            rows = TextRows(lines, width)
            return rows

        self.show(layout, at=lambda: rows.row_of(hit) - self.size.height // 3 if message_id else 0)

    def _lines_of(self, message: Message) -> list[Line]:
        text = message.text.strip()
        cut = text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")
        if message.id == self._shown_for[1] and self._pattern is not None:
            found = self._pattern.search(text)
            if found is not None and found.end() > _LONGEST:
                cut = "…" + text[found.start() - 200 : found.start() + _LONGEST]
            return [self._marked(line) for line in lines_of(cut)]
        return lines_of(cut) if cut else [(Part("(no text)", "muted"),)]

    def _marked(self, line: Line) -> Line:
        if not line or self._pattern is None:
            return line
        text = line[0].text
        return tuple(split_parts(text, [(m.start(), m.end()) for m in self._pattern.finditer(text)]))

    def _speaker(self, message: Message) -> str:
        if message.role is Role.ASSISTANT:
            return clean_line(self._name_of(message.model.id)) if message.model else "Answer"
        if is_summary(message):
            return "Summary"
        return {Role.USER: "You", Role.TOOL: "Tool", Role.SYSTEM: "System"}[message.role]

    def _fact_lines(self, summary: Summary) -> list[Line]:
        model = clean_line(self._name_of(summary.model)) if summary.model else ""
        messages = f"{summary.message_count} message{'' if summary.message_count == 1 else 's'}"
        cost = money(summary.cost) if summary.cost else ""
        lines: list[Line] = [
            (Part(title_of(summary), "head"),),
            (Part(" · ".join(t for t in (model, messages, cost) if t), "muted"),),
            (Part(f"begun {full(summary.created)}", "muted"),),
            (Part(f"last used {full(summary.updated)}", "muted"),),
        ]
        if summary.tags:
            lines.append((Part(" ".join(f"#{clean_line(t)}" for t in summary.tags), "accent"),))
        if summary.is_unfinished:
            lines.append((Part("Its last answer was interrupted: open it to continue or ask again", "bad"),))
        if summary.has_draft:
            lines.append((Part("Something typed here waits to be sent", "warn"),))
        return lines
