"""The pane beside the list: what a conversation is, and its last words or those around a hit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui_router.domain.library import Hit, Summary
from tui_router.domain.message import Message, Role
from tui_router.domain.safe import clean_line
from tui_router.domain.summary import is_summary
from tui_router.domain.usage import money
from tui_router.ui.screens.library_rows import NameOf, title_of
from tui_router.ui.screens.text_rows import Line, TextRows, lines_of
from tui_router.ui.widgets.line_list import Part, split_parts
from tui_router.ui.widgets.reader import Reader, Rows
from tui_router.ui.widgets.when import full

PREVIEWED = 4
"""Messages that are shown."""
_LONGEST = 4_000


class Preview(Reader):
    """Facts at once, words when they come."""

    def __init__(self, name_of: NameOf) -> None:
        super().__init__(id="preview")
        self.can_focus = False
        self._name_of = name_of
        self._place = ("", "")
        self._facts: list[Line] = []
        self._pattern: re.Pattern[str] | None = None

    def show_nothing(self) -> None:
        """Show an empty pane."""
        self._place = ("", "")
        super().show(lambda width: ())

    def look_at(self, summary: Summary, hit: Hit | None) -> bool:
        """Show the facts of a conversation, or of the one that holds a hit; ``False`` when they are shown already."""
        place = (summary.id, hit.message_id if hit else "")
        facts = self._facts_of(summary)
        if place == self._place and facts == self._facts:
            return False
        self._place, self._facts = place, facts
        words = {hit.snippet[a:b] for a, b in hit.marks} if hit else set()
        self._pattern = re.compile("|".join(map(re.escape, sorted(words))), re.IGNORECASE) if words else None
        self.show(lambda width: TextRows(facts, width))
        return True

    def show_messages(self, conversation_id: str, message_id: str, messages: Sequence[Message]) -> None:
        """Show the words, unless another conversation is looked at by now."""
        if (conversation_id, message_id) != self._place:
            return
        lines = list(self._facts)
        first = 0
        for message in messages:
            if message.id == message_id:
                first = len(lines)
            lines += [(), (Part(self._speaker(message), "head"),), *self._words_of(message)]
        hit = next((n for n, line in enumerate(lines) if n > first and any(p.look == "hit" for p in line)), first)

        rows = TextRows((), 1)

        def layout(width: int) -> Rows:
            nonlocal rows
            rows = TextRows(lines, width)
            return rows

        self.show(layout, at=lambda: rows.row_of(hit) - self.size.height // 3 if message_id else 0)

    def _words_of(self, message: Message) -> list[Line]:
        text = message.text.strip()
        cut = text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")
        if message.id == self._place[1] and self._pattern is not None:
            found = self._pattern.search(text)
            if found is not None and found.end() > _LONGEST:
                cut = "…" + text[found.start() - 200 : found.start() + _LONGEST]
            return [self._marked(line) for line in lines_of(cut)]
        return lines_of(cut) if cut else [(Part("(no words)", "muted"),)]

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

    def _facts_of(self, summary: Summary) -> list[Line]:
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
