"""A searchable list of actions, used by the command palette, the help page and longer choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_router.domain.safe import clean_line
from tui_router.ui import fuzzy
from tui_router.ui.widgets.filter_bar import FilterInput
from tui_router.ui.widgets.line_list import LineList, Part, fit, spans_of, split_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """A row to choose: an action or another value."""

    id: str
    text: str
    key: str = ""
    """Its keys as shown to the user, e.g. ``Ctrl+L``."""
    context: str = ""
    """Where the key works; groups the rows."""
    detail: str = ""
    """Description, shown where it fits, and searched."""


class SearchDialog(ModalScreen[str | None]):
    """Filters rows while the user types; the result is the id of the chosen row."""

    AUTO_FOCUS = "FilterInput"
    DEFAULT_CSS = """
    SearchDialog {
        align: center top;
        #frame { width: 100%; max-width: 100; height: 80%; max-height: 26; margin: 1 2 0 2; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; background: $background; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; margin: 0; padding: 0; height: 100%; }
        &.-full #frame { height: 100%; max-height: 100%; max-width: 120; margin: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", priority=True),
        Binding("up,ctrl+k", "rows('step', -1)", "Up", show=False),
        Binding("down,ctrl+j", "rows('step', 1)", "Down", show=False, priority=True),
        Binding("pageup", "rows('page', -1)", "Page up", show=False),
        Binding("pagedown", "rows('page', 1)", "Page down", show=False),
        Binding("ctrl+home", "rows('end', -1)", "First", show=False, priority=True),
        Binding("ctrl+end", "rows('end', 1)", "Last", show=False, priority=True),
    ]

    def __init__(
        self,
        rows: Sequence[ActionRow],
        *,
        title: str,
        placeholder: str = "type to search",
        query: str = "",
        foot: str = "Enter choose · Esc close",
        grouped: bool = False,
        at: str = "",
    ) -> None:
        """Create the dialog.

        Args:
            rows: Rows to choose from, in order.
            title: Title of the frame.
            placeholder: Shown in the empty field.
            query: Initial text of the field.
            foot: The line below.
            grouped: Show a heading over the rows of each context while the field is empty.
            at: Id of the row where the cursor starts.
        """
        super().__init__(classes="-full" if grouped else "")
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]
        self._rows = tuple(rows)
        self._folded = [fuzzy.fold(f"{r.text} {r.key} {r.id} {r.detail} {r.context}") for r in self._rows]
        self._names = (title, placeholder, foot)
        self._query = query
        self._grouped = grouped
        self._at = at
        self._shown: list[ActionRow | str] = []
        self._list = LineList(self._draw_shown)
        self._list.can_focus = False

    def compose(self) -> ComposeResult:
        """Lay out field, list and foot."""
        title, placeholder, _ = self._names
        with Vertical(id="frame") as frame:
            frame.border_title = Content(clean_line(title))
            yield FilterInput(self._query, placeholder=placeholder)
            yield self._list
            yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Show the first rows."""
        self._fill()

    @on(Input.Changed)
    def _search_again(self, event: Input.Changed) -> None:
        event.stop()
        self._query, self._at = event.value, ""
        self._fill()

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _choose(self, event: Message) -> None:
        event.stop()
        row = self.highlighted_row
        if row is not None:
            self.dismiss(row.id)

    def action_rows(self, move: str, by: int) -> None:
        """Move the cursor of the list."""
        {"step": self._list.action_step, "page": self._list.action_page, "end": self._list.action_end}[move](by)

    @property
    def highlighted_row(self) -> ActionRow | None:
        """The row under the cursor."""
        at = self._list.highlighted
        row = self._shown[at] if at is not None else None
        return row if isinstance(row, ActionRow) else None

    def draw_row(self, row: ActionRow, query: str, width: int) -> list[Part]:
        """Return one row: text and detail, its key on the right. Subclasses may draw another way."""
        key = clean_line(row.key)
        room = max(4, width - len(key) - 1)
        text = clean_line(row.text)
        parts = split_parts(fit(text, min(len(text) + 1, room)), spans_of(query, text))
        detail_room = room - len(text) - 3
        if row.detail and detail_room > 12:
            parts.append(Part("  " + fit(clean_line(row.detail), detail_room), "muted"))
        used = sum(len(p.text) for p in parts)
        return [*parts, Part(" " * max(1, width - used - len(key))), Part(key, "accent")]

    def _fill(self) -> None:
        found = [self._rows[i] for i, _ in fuzzy.rank(self._query, self._folded)]
        self._shown = list(found)
        if self._grouped and not self._query.strip():
            self._shown = []
            for context in dict.fromkeys(r.context for r in found):
                self._shown += [context, *(r for r in found if r.context == context)]
        heads = [i for i, row in enumerate(self._shown) if isinstance(row, str)]
        at = next((i for i, r in enumerate(self._shown) if isinstance(r, ActionRow) and r.id == self._at), None)
        self._list.show(len(self._shown), heads, at)
        count = f"{len(found)} of {len(self._rows)} · {self._names[2]}"
        self.query_one("#foot", Static).update(Content(count), layout=False)

    def _draw_shown(self, index: int, width: int) -> list[Part]:
        row = self._shown[index]
        if isinstance(row, str):
            return [Part(clean_line(row), "head")]
        return self.draw_row(row, self._query, width)


class PaletteScreen(SearchDialog):
    """The palette of all actions; the result is the id of the chosen one."""

    def __init__(self, rows: Sequence[ActionRow], *, query: str = "") -> None:
        """Create the palette; rows keep their order until something is typed."""
        super().__init__(rows, title="Do anything", placeholder="what do you want to do?", query=query)


class HelpScreen(SearchDialog):
    """The searchable list of keys; the result is the id of the chosen action."""

    def __init__(self, rows: Sequence[ActionRow], *, query: str = "", at: str = "") -> None:
        """Create the page; ``at`` is the id of the row to start on."""
        super().__init__(
            rows,
            title="Keys",
            placeholder="type a key or what you want to do",
            query=query,
            foot="↑↓ move · Enter do it · Esc close",
            grouped=True,
            at=at,
        )

    def draw_row(self, row: ActionRow, query: str, width: int) -> list[Part]:
        """Return one row: key, text and, where it fits, the command id for ``[keys]`` in the settings."""
        key_room = min(22, max(6, width // 3))
        name = clean_line(row.id) if width >= 72 else ""
        room = max(4, width - key_room - 4 - len(name))
        text = clean_line(row.text)
        detail = clean_line(row.detail)
        if detail and detail != text:
            text = f"{text}: {detail}"
        return [
            Part("  "),
            Part(fit(clean_line(row.key), key_room), "accent"),
            Part(" "),
            *split_parts(fit(text, room), spans_of(query, text)),
            Part(f" {name}", "muted"),
        ]
