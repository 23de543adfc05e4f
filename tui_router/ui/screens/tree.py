"""The tree of a conversation: all questions and answers in all branches, with the path in view marked.

The path in view runs straight down; other branches are indented above it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain.conversation import Tree
from tui_router.domain.message import ENDING_WORDS, Message, Role, Text
from tui_router.domain.safe import clean_line
from tui_router.domain.summary import is_summary
from tui_router.domain.usage import money
from tui_router.ui.widgets.line_list import LineList, Part, fit
from tui_router.ui.widgets.when import ago, full

_FIRST_WORDS = 200
"""Characters of a message shown at most."""
_WIDE, _USUAL = 100, 60
"""Cells from which time and cost are shown."""
_SPEAKER, _COST, _WHEN = 18, 9, 9


class TreeScreen(ModalScreen[str | None]):
    """Lets the user choose a message; the result is its id."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = """
    TreeScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 200; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #about, #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; }
        &.-low #about { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,t", "dismiss(None)", "Close"),
        Binding("left_square_bracket,left", "fork(-1)", "Previous fork", show=False),
        Binding("right_square_bracket,right", "fork(1)", "Next fork", show=False),
        Binding("full_stop", "here", "Where I am", show=False),
    ]

    def __init__(
        self,
        tree: Tree,
        head: str | None,
        *,
        at: str = "",
        name_of: Callable[[str], str] = str,
        now: datetime | None = None,
    ) -> None:
        """Make the screen.

        Args:
            tree: All messages.
            head: The end of the path in view.
            at: Id of the message where the cursor starts; empty is the end of the path.
            name_of: Returns the display name of a model id.
            now: Current time; default is the clock.
        """
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]
        self._tree = tree
        self._rows = tree_rows(tree, head)
        self._places = {row.message.id: i for i, row in enumerate(self._rows)}
        self._head = head or ""
        self._at = at or self._head
        self._name_of = name_of
        self._now = now or datetime.now(UTC)
        self._list = LineList(self._draw)

    def compose(self) -> ComposeResult:
        """Lay out rows, facts and keys."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Tree of this conversation")
            yield self._list
            yield Static(id="about", markup=False)
            yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the current message."""
        count = len(self._rows)
        self._list.show(count or 1, () if count else [0], self._places.get(self._at))
        paths = sum(not self._tree.children(row.message.id) for row in self._rows)
        noun = "message" if count == 1 else "messages"
        counts = f"{count:,} {noun}, {paths:,} {'path' if paths == 1 else 'paths'}"
        text = f"{counts} · Enter go there · [ ] forks · . where I am · Esc close"
        self.query_one("#foot", Static).update(Content(text), layout=False)

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(self._rows[event.index].message.id)

    @on(LineList.Highlighted)
    def _look(self, event: LineList.Highlighted) -> None:
        event.stop()
        about = self._about(self._rows[event.index].message) if event.index is not None else ""
        self.query_one("#about", Static).update(Content(about), layout=False)

    def action_fork(self, step: int) -> None:
        """Go to the next (1) or previous (-1) message that has alternatives."""
        at = self._list.highlighted
        place = None if at is None else at + step
        while place is not None and 0 <= place < len(self._rows):
            if len(self._tree.siblings(self._rows[place].message.id)) > 1:
                self._list.show(len(self._rows), (), place)
                return
            place += step

    def action_here(self) -> None:
        """Go back to the end of the path in view."""
        self._list.show(len(self._rows) or 1, () if self._rows else [0], self._places.get(self._head))

    def _draw(self, index: int, width: int) -> list[Part]:
        if not self._rows:
            return [Part(" No message yet. Ask something first.", "muted")]
        row = self._rows[index]
        message = row.message
        right = self._right(message, width)
        lead = branch_lines(row, width // 3)
        speaker = self._speaker(message)
        most = _SPEAKER if width >= _USUAL else _SPEAKER // 2
        speaker = fit(speaker, most) if cell_len(speaker) > most else speaker
        room = width - len(lead) - 2 - len(right)
        words = f"{speaker}  {self._words(message)}"
        shown = fit(words, max(1, room))
        cut = min(len(speaker), len(shown))
        look = "accent" if message.role is Role.USER else "head"
        rest = "" if row.on_path else "muted"
        return [
            Part(lead, "muted"),
            Part(f"{self._mark(row)} ", "accent" if row.on_path else "muted"),
            Part(shown[:cut], look if row.on_path else "muted"),
            Part(shown[cut:], rest),
            Part(right, self._right_look(message)),
        ]

    def _mark(self, row: TreeRow) -> str:
        if row.message.id == self._head:
            return "◉"
        return "●" if row.on_path else "○"

    def _speaker(self, message: Message) -> str:
        if message.role is Role.ASSISTANT:
            known = self._name_of(message.model.id) if message.model else message.served_model
            return clean_line(known) or "Answer"
        if is_summary(message):
            return "Summary"
        return {Role.USER: "You", Role.TOOL: "Tool", Role.SYSTEM: "System"}[message.role]

    def _words(self, message: Message) -> str:
        text = next((p.text for p in message.parts if isinstance(p, Text) and not p.text.isspace()), "")
        if words := clean_line(text[: 4 * _FIRST_WORDS], _FIRST_WORDS):
            return words
        if message.ending is None:
            return "…"
        return f"({', '.join(dict.fromkeys(type(p).__name__.lower() for p in message.parts)) or 'no words'})"

    def _right(self, message: Message, width: int) -> str:
        ending = ENDING_WORDS.get(message.ending.kind, "") if message.ending else "streaming"
        if width < _USUAL:
            return f" {ending}" if ending and width >= 30 else ""
        cost = money(message.cost) if message.cost is not None else ""
        when = fit(ago(message.created, self._now), _WHEN, right=True) if width >= _WIDE else ""
        return f"  {ending}{fit(cost, _COST, right=True)}{when}"

    def _right_look(self, message: Message) -> str:
        return "warn" if message.ending and message.ending.kind in ENDING_WORDS else "muted"

    def _about(self, message: Message) -> str:
        siblings = [m.id for m in self._tree.siblings(message.id)]
        pieces = [full(message.created)]
        if len(siblings) > 1:
            pieces.append(f"‹{siblings.index(message.id) + 1}/{len(siblings)}›")
        if message.role is Role.ASSISTANT:
            pieces.append(clean_line(message.served_model or str(message.model or "")))
            pieces.append(clean_line(message.provider))
        if message.usage is not None:
            pieces.append(f"{message.usage.completion_tokens:,} tokens")
            pieces.append(money(message.cost) if message.cost is not None else "")
        below = len(self._tree.descendants(message.id)) - 1 if len(self._rows) < 10_000 else 0
        pieces.append(f"{below:,} below" if below else "")
        return " · ".join(p for p in pieces if p)


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A message and its position in the drawn tree."""

    message: Message
    depth: int
    """How many branch lines run past on its left."""
    starts: bool
    """True where a branch starts from the line on its left."""
    on_path: bool
    """True for messages of the path in view."""


def tree_rows(tree: Tree, head: str | None) -> list[TreeRow]:
    """Return a row per message, each below its parent.

    Side branches come first, indented one step; the child on the path in view (off the path: the newest child)
    comes last without indent. So the depth grows with the branching, not with the length.
    """
    on_path = {m.id for m in tree.thread(head)}
    rows: list[TreeRow] = []
    todo: list[tuple[Message, int, bool]] = []

    def push(children: tuple[Message, ...], depth: int) -> None:
        if not children:
            return
        main = next((m for m in children if m.id in on_path), children[-1])
        todo.append((main, depth, False))
        todo.extend((m, depth + 1, True) for m in reversed(children) if m is not main)

    push(tree.children(None), 0)
    while todo:
        message, depth, starts = todo.pop()
        rows.append(TreeRow(message, depth, starts, message.id in on_path))
        push(tree.children(message.id), depth)
    return rows


def branch_lines(row: TreeRow, most: int) -> str:
    """Return the branch lines left of a row, in at most ``most`` cells; deeper levels become a number."""
    steps = row.depth
    room = max(1, most // 2)
    lead = ""
    if steps > room:
        lead = f"{steps - room + 1}⋯"[: 2 * room]
        lead += " " * (len(lead) % 2)
        steps = max(0, room - len(lead) // 2)
    if not steps:
        return lead
    return lead + "│ " * (steps - 1) + ("├─" if row.starts else "│ ")
