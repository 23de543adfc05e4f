"""Every setting of the program: found by a few letters, explained, checked in place, previewed live.

It knows no services. A change is the message ``SettingChanged``; a theme that is only looked at is
``SettingPreviewed``, and the same message with the value in force takes it back. When the app has
changed something it calls ``show``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_router.domain.problem import Problem, Trouble
from tui_router.domain.safe import clean_line
from tui_router.domain.settings import with_value
from tui_router.ui.widgets.chip_bar import Chip, ChipBar
from tui_router.ui.widgets.filter_input import FilterInput
from tui_router.ui.widgets.form import SettingEditor
from tui_router.ui.widgets.form_fields import FormFacts
from tui_router.ui.widgets.line_list import LineList
from tui_router.ui.widgets.setting_list import SettingList


class SettingsScreen(ModalScreen[None]):
    """The form."""

    AUTO_FOCUS = "FilterInput"
    DEFAULT_CSS = """
    SettingsScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 160; padding: 0 1; background: $background;
                 border: round $border; border-title-color: $text-primary; }
        #body { height: 1fr; }
        #rows { width: 3fr; }
        SettingEditor { width: 2fr; border-left: solid $border-blurred; height: 1fr; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-narrow #body { layout: vertical; }
        &.-narrow #rows { width: 1fr; }
        &.-narrow SettingEditor { width: 1fr; height: auto; max-height: 60%; border-left: none;
                                  border-top: solid $border-blurred; }
        &.-editing #rows .line-list--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        &.-low #frame { border: none; padding: 0; }
        &.-low #chips, &.-low SettingEditor, &.-low.-editing #rows, &.-low.-editing FilterInput { display: none; }
        &.-low.-editing SettingEditor { display: block; border: none; height: 1fr; max-height: 100%; }
        &.-low SettingEditor Input, &.-low SettingEditor #options { margin-top: 0; }
        &.-low SettingEditor #facts { max-height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", priority=True),
        Binding("up,ctrl+k", "rows('step', -1)", "Up", show=False),
        Binding("down,ctrl+j", "rows('step', 1)", "Down", show=False),
        Binding("pageup", "rows('page', -1)", "Page up", show=False),
        Binding("pagedown", "rows('page', 1)", "Page down", show=False),
        Binding("ctrl+home", "rows('end', -1)", "First", show=False, priority=True),
        Binding("ctrl+end", "rows('end', 1)", "Last", show=False, priority=True),
        Binding("tab", "group(1)", "Next group", show=False, priority=True),
        Binding("shift+tab", "group(-1)", "Previous group", show=False, priority=True),
        Binding("ctrl+r", "reset", "Reset", priority=True),
    ]

    class SettingChanged(Message):
        """A setting was given a value that fits.

        Paths of keys begin with ``keys.``; their value is text, or ``None`` for the default.
        """

        def __init__(self, path: str, value: Any) -> None:
            super().__init__()
            self.path = path
            self.value = value

    class SettingPreviewed(Message):
        """A value is to be shown, not kept."""

        def __init__(self, path: str, value: Any) -> None:
            super().__init__()
            self.path = path
            self.value = value

    def __init__(self, facts: FormFacts, *, query: str = "", at: str = "", problems: tuple[Problem, ...] = ()) -> None:
        """Make the form.

        Args:
            facts: Values, sources, options and keys.
            query: What stands in the search field at first.
            at: Path of the setting to start on.
            problems: What is wrong with the settings file, said in the last line.
        """
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-usual")]
        self._facts = facts
        self._query = query
        self._at = at
        self._problems = problems
        self._list = SettingList(facts, query=query, id="rows")
        self._list.can_focus = False
        self._editor = SettingEditor()

    def compose(self) -> ComposeResult:
        """Lay out search, groups, rows, editor and foot."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Settings")
            yield FilterInput(self._query, placeholder="type to search settings and keys")
            yield ChipBar(id="chips")
            with Horizontal(id="body"):
                yield self._list
                yield self._editor
            yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Show the first rows."""
        self._list.point_at(self._at)

    def show(self, facts: FormFacts) -> None:
        """Show other values; search and cursor stay."""
        self._facts = facts
        self._list.show_facts(facts)

    def show_problem(self, problem: Problem) -> None:
        """Say under the field why a change could not be kept."""
        self._editor.show_fault(problem)

    @on(FilterInput.Changed)
    def _search_again(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, FilterInput):
            self._list.look_for(event.value)

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _edit(self, event: Message) -> None:
        event.stop()
        self._editor.begin()
        self.set_class(self._editor.is_editing, "-editing")

    @on(LineList.Highlighted)
    def _look_at(self, event: LineList.Highlighted) -> None:
        event.stop()
        if self._editor.is_editing:
            self._editor.cancel()
        declared = self._list.field
        self._editor.show(declared)
        now = declared.group if declared else ""
        self.query_one(ChipBar).show(tuple(Chip(t, t, t == now) for t in self._list.groups))
        self._show_foot()

    @on(SettingEditor.Accepted)
    def _keep(self, event: SettingEditor.Accepted) -> None:
        event.stop()
        self._facts = _with_change(self._facts, event.path, event.value)
        self._list.show_facts(self._facts, event.path)
        self.post_message(self.SettingChanged(event.path, event.value))

    @on(SettingEditor.Previewed)
    def _preview(self, event: SettingEditor.Previewed) -> None:
        event.stop()
        self.post_message(self.SettingPreviewed(event.path, event.value))

    @on(SettingEditor.Left)
    def _search_on(self) -> None:
        self.remove_class("-editing")
        self.query_one(FilterInput).focus()

    @on(ChipBar.Pressed)
    def _go_to_group(self, event: ChipBar.Pressed) -> None:
        self._list.go_to_group(event.chip_id)

    def action_back(self) -> None:
        """Leave the field, or the form."""
        if self._editor.is_editing:
            self._editor.cancel()
        else:
            self.dismiss(None)

    def action_rows(self, move: str, by: int) -> None:
        """Move the cursor of the list."""
        if not self._editor.is_editing:
            {"step": self._list.action_step, "page": self._list.action_page, "end": self._list.action_end}[move](by)

    def action_group(self, by: int) -> None:
        """Go to the next or previous group."""
        if not self._editor.is_editing:
            self._list.step_group(by)

    def action_reset(self) -> None:
        """Give the highlighted setting its default."""
        self._editor.reset()

    def _show_foot(self) -> None:
        foot = Content(f"{self._list.count} · Enter change · Ctrl+R default · Tab group · Esc close")
        if self._problems:
            foot = Content.styled(clean_line(self._problems[0].sentence()), "$text-warning")
        self.query_one("#foot", Static).update(foot, layout=False)


def _with_change(facts: FormFacts, path: str, value: Any) -> FormFacts:
    """Return the facts with one value changed, as the app will say them again in a moment."""
    if path.startswith("keys."):
        command = path.removeprefix("keys.")
        rows = (
            replace(k, keys=k.default if value is None else str(value)) if k.id == command else k for k in facts.keys
        )
        return replace(facts, keys=tuple(rows))
    try:
        return replace(facts, settings=with_value(facts.settings, path, value))
    except Trouble:
        return facts
