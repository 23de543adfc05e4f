"""The rows of the settings form: groups while nothing is typed, matches otherwise."""

from __future__ import annotations

from tui_router.domain.safe import clean_line
from tui_router.ui import fuzzy
from tui_router.ui.widgets.form_fields import KEYS_TITLE, FormFacts, FormField, fields_of, show_keys, titles
from tui_router.ui.widgets.line_list import LineList, Part, fit, spans_of, split_parts


class SettingList(LineList):
    """Settings and keys with their values; what differs from the default is marked."""

    def __init__(self, facts: FormFacts, *, query: str = "", id: str | None = None) -> None:
        """Make the list; it is filled by ``point_at``, once it is mounted."""
        super().__init__(self._draw_field, id=id)
        self._query = query
        self._shown: list[FormField | str] = []
        self._read(facts)

    @property
    def field(self) -> FormField | None:
        """The field under the cursor."""
        at = self.highlighted
        row = self._shown[at] if at is not None else None
        return row if isinstance(row, FormField) else None

    @property
    def groups(self) -> tuple[str, ...]:
        """The titles of all groups."""
        return self._groups

    @property
    def count(self) -> str:
        """How many of how many are shown."""
        return f"{sum(isinstance(r, FormField) for r in self._shown)} of {len(self._fields)}"

    def show_facts(self, facts: FormFacts, path: str = "") -> None:
        """Show other values, with the cursor on a path, or where it was."""
        kept = path or (self.field.path if self.field else "")
        self._read(facts)
        self.point_at(kept)

    def look_for(self, query: str) -> None:
        """Show the matches of a query, all groups without one."""
        self._query = query
        self.point_at("")

    def step_group(self, by: int) -> None:
        """Go to the next or previous group."""
        now = self._groups.index(self.field.group) if self.field else 0
        self.go_to_group(self._groups[(now + by) % len(self._groups)])

    def go_to_group(self, title: str) -> None:
        """Go to the first field of a group, where it is shown."""
        first = next((r for r in self._shown if isinstance(r, FormField) and r.group == title), None)
        if first is not None:
            self.point_at(first.path)

    def point_at(self, path: str) -> None:
        """List what there is, with the cursor on a path, or on the first row."""
        found = [self._fields[i] for i, _ in fuzzy.rank(self._query, self._folded)]
        self._shown = list(found)
        if not self._query.strip():
            self._shown = []
            for title in self._groups:
                self._shown += [title, *(f for f in found if f.group == title)]
        heads = [i for i, row in enumerate(self._shown) if isinstance(row, str)]
        at = next((i for i, r in enumerate(self._shown) if isinstance(r, FormField) and r.path == path), None)
        self.show(len(self._shown), heads, at)

    def _read(self, facts: FormFacts) -> None:
        self._fields = tuple(fields_of(facts))
        self._groups = titles(facts)
        self._folded = [fuzzy.fold(f"{f.name} {f.path} {f.help} {f.group} {f.text}") for f in self._fields]

    def _draw_field(self, index: int, width: int) -> list[Part]:
        row = self._shown[index]
        if isinstance(row, str):
            return [Part(row, "head")]
        is_key = row.group == KEYS_TITLE
        room = min(34 if is_key else 24, max(8, width // 2))
        name = clean_line(row.name)
        value = (show_keys(row.text) or "none") if is_key else clean_line(row.shown)
        parts = [
            Part(" " if row.is_default else "•", "accent"),
            Part(" "),
            *split_parts(fit(name, room), spans_of(self._query, name)),
            Part(" "),
            Part(value, "muted" if row.is_default else ""),
        ]
        if row.is_locked:
            parts.append(Part(f"  {clean_line(row.source)}", "warn"))
        return parts
