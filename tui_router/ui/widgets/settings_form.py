"""The settings form: the list of settings, and the editor of the highlighted one."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui_router.domain.problem import AppError, Problem
from tui_router.domain.safe import clean_line
from tui_router.ui import fuzzy
from tui_router.ui.widgets.form_fields import (
    KEYS_TITLE,
    FormFacts,
    FormField,
    fault_in,
    fields_of,
    lock_on,
    show_keys,
    titles,
)
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


class SettingEditor(Vertical):
    """The field of one setting."""

    DEFAULT_CSS = """
    SettingEditor {
        padding: 0 1; height: auto;
        #title { color: $text-primary; text-style: bold; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #facts { color: $text-muted; height: auto; }
        #error { color: $text-error; height: auto; min-height: 1; }
        #options { height: auto; display: none; margin-top: 1; }
        Input, Input:focus { border: none; height: 1; padding: 0; background: $surface; margin-top: 1; display: none; }
        &.-text Input { display: block; }
        &.-options #options { display: block; }
        #options .line-list--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        #options:focus .line-list--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
        }
    }
    """

    class Accepted(Message):
        """A value was given, and is right."""

        def __init__(self, path: str, value: Any) -> None:
            super().__init__()
            self.path = path
            self.value = value

    class Previewed(Message):
        """A value is being looked at; shown but not kept."""

        def __init__(self, path: str, value: Any) -> None:
            super().__init__()
            self.path = path
            self.value = value

    class Left(Message):
        """Editing has ended, with or without a value."""

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty editor."""
        super().__init__(id=id)
        self._field: FormField | None = None
        self._is_editing = False
        self._options = LineList(self._draw_option, id="options")

    @property
    def is_editing(self) -> bool:
        """True while the field has the keyboard."""
        return self._is_editing

    def compose(self) -> ComposeResult:
        """Lay out title, facts, field and fault."""
        yield Static(id="title", markup=False)
        yield Static(id="facts", markup=False)
        yield Input(select_on_focus=False)
        yield self._options
        yield Static(id="error", markup=False)

    def show(self, declared: FormField | None) -> None:
        """Show a setting, not yet being edited."""
        self._field = declared
        self._is_editing = False
        self.set_class(declared is not None and not declared.options, "-text")
        self.set_class(bool(declared is not None and declared.options), "-options")
        self.query_one("#title", Static).update(Content(clean_line(declared.name) if declared else ""))
        self.query_one("#facts", Static).update(_facts(declared) if declared else Content(""))
        self.show_fault(None)
        if declared is None:
            return
        if declared.options:
            self._options.styles.height = min(len(declared.options), 12)
            at = next((i for i, o in enumerate(declared.options) if o.text == declared.text), 0)
            self._options.show(len(declared.options), at=at)
        else:
            with self.prevent(Input.Changed):
                self.query_one(Input).value = declared.text

    def begin(self) -> None:
        """Give the keyboard to the field; a switch flips at once."""
        declared = self._field
        if declared is None or self._is_held(declared):
            return
        if declared.is_switch:
            self._accept("off" if declared.text == "on" else "on")
            return
        self._is_editing = True
        if declared.options:
            self._options.focus()
        else:
            box = self.query_one(Input)
            box.focus()
            box.cursor_position = len(box.value)

    def cancel(self) -> None:
        """Leave without a change; what was being shown is taken back."""
        declared = self._field
        if declared is not None and self._is_editing and declared.is_live:
            self.post_message(self.Previewed(declared.path, declared.value))
        self.show(declared)
        self.post_message(self.Left())

    def reset(self) -> None:
        """Give the setting its default; for keys the value is ``None``."""
        declared = self._field
        if declared is not None and not self._is_held(declared):
            self._is_editing = False
            value = None if declared.group == KEYS_TITLE else declared.default_value
            self.post_message(self.Accepted(declared.path, value))
            self.post_message(self.Left())

    def show_fault(self, problem: Problem | None) -> None:
        """Show what is wrong under the field, or nothing."""
        self.query_one("#error", Static).update(Content(clean_line(problem.sentence()) if problem else ""))

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        event.stop()
        if self._field is not None and self._is_editing:
            self.show_fault(fault_in(self._field, event.value))

    @on(Input.Submitted)
    def _accept_text(self, event: Input.Submitted) -> None:
        event.stop()
        self._accept(event.value)

    @on(LineList.Highlighted)
    def _preview(self, event: LineList.Highlighted) -> None:
        event.stop()
        declared = self._field
        if declared is None or event.index is None or not (self._is_editing and declared.is_live):
            return
        try:
            value = declared.parse(declared.options[event.index].text)
        except AppError:
            return
        self.post_message(self.Previewed(declared.path, value))

    @on(LineList.Chosen)
    def _accept_option(self, event: LineList.Chosen) -> None:
        event.stop()
        if self._field is not None:
            self._accept(self._field.options[event.index].text)

    def _accept(self, text: str) -> None:
        declared = self._field
        if declared is None:
            return
        try:
            value = declared.parse(text)
        except AppError as trouble:
            self.show_fault(trouble.problem)
            return
        self.show_fault(None)
        self._is_editing = False
        self.post_message(self.Accepted(declared.path, value))
        self.post_message(self.Left())

    def _is_held(self, declared: FormField) -> bool:
        lock = lock_on(declared)
        self.show_fault(lock)
        return lock is not None

    def _draw_option(self, index: int, width: int) -> list[Part]:
        declared = self._field
        if declared is None or index >= len(declared.options):
            return []
        option = declared.options[index]
        mark = "● " if option.text == declared.text else "  "
        is_default = option.text == declared.default
        return [Part(mark, "accent"), Part(clean_line(option.label)), Part("  default" if is_default else "", "muted")]


def _facts(declared: FormField) -> Content:
    lines = [declared.help, f"Expected: {declared.expects}"]
    default = show_keys(declared.default) if declared.group == KEYS_TITLE else declared.default
    lines.append(f"From {declared.source}; default {clean_line(default, 60) or 'not set'}")
    return Content("\n".join(clean_line(line) for line in lines))
