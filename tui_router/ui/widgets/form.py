"""One setting being looked at or changed: its help, where its value comes from, a field, what is wrong with it.

The editor is one small set of widgets, filled for whichever setting is highlighted, so that a form
of seventy settings costs no more than one.
"""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui_router.domain.problem import Problem, Trouble
from tui_router.domain.safe import clean_line
from tui_router.ui.widgets.form_fields import KEYS_TITLE, FormField, fault_in, lock_on, show_keys
from tui_router.ui.widgets.line_list import LineList, Part


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
        except Trouble:
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
        except Trouble as trouble:
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
