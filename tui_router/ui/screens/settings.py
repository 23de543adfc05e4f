"""The settings screen: search, explain, edit and preview every setting and key.

The screen itself knows no services. A change goes through ``SettingsWriter``, which saves one at a time, in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui_router.domain.problem import AppError, Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.settings import Settings, all_settings
from tui_router.ui.command import SCOPE_TITLES, Command
from tui_router.ui.host import Host
from tui_router.ui.keymap import Keymap, resolve
from tui_router.ui.widgets.filter_bar import Chip, ChipBar, FilterInput
from tui_router.ui.widgets.form_fields import FormFacts, KeyRow, Option
from tui_router.ui.widgets.line_list import LineList
from tui_router.ui.widgets.settings_form import SettingEditor, SettingList

if TYPE_CHECKING:
    from tui_router.services.preferences import Preferences
    from tui_router.services.startup import Services

_KEYS = "keys."
"""Prefix of the paths of keys."""


class SettingsScreen(ModalScreen[None]):
    """A form over all settings. The editor has checked a value before it is saved or previewed."""

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

    def __init__(
        self,
        facts: FormFacts,
        *,
        save: Callable[[str, Any], None],
        preview: Callable[[str, Any], None],
        query: str = "",
        at: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """Create the screen.

        Args:
            facts: Values, sources, options and keys.
            save: Called with path and value of a changed setting. Paths of keys begin with ``keys.``; their value
                is text, or ``None`` for the default.
            preview: Called with path and value of a setting to show but not save; the value in force ends a preview.
            query: Initial search.
            at: Path of the setting where the cursor starts.
            problems: Problems of the settings file; the first is shown in the foot.
        """
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-usual")]
        self._facts = facts
        self._save_value = save
        self._preview_value = preview
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
        """Show other values; keep search and cursor."""
        self._facts = facts
        self._list.show_facts(facts)

    def show_problem(self, problem: Problem) -> None:
        """Show under the field why a change could not be saved."""
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
    def _save(self, event: SettingEditor.Accepted) -> None:
        event.stop()
        self._facts = _with_change(self._facts, event.path, event.value)
        self._list.show_facts(self._facts, event.path)
        self._save_value(event.path, event.value)

    @on(SettingEditor.Previewed)
    def _preview(self, event: SettingEditor.Previewed) -> None:
        event.stop()
        self._preview_value(event.path, event.value)

    @on(SettingEditor.Left)
    def _search_on(self) -> None:
        self.remove_class("-editing")
        self.query_one(FilterInput).focus()

    @on(ChipBar.Pressed)
    def _go_to_group(self, event: ChipBar.Pressed) -> None:
        self._list.go_to_group(event.chip_id)

    def action_back(self) -> None:
        """Leave the field, or close the screen."""
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
        """Reset the highlighted setting to its default."""
        self._editor.reset()

    def _show_foot(self) -> None:
        foot = Content(f"{self._list.count} · Enter change · Ctrl+R default · Tab group · Esc close")
        if self._problems:
            foot = Content.styled(clean_line(self._problems[0].sentence()), "$text-warning")
        self.query_one("#foot", Static).update(foot, layout=False)


class SettingsWriter:
    """Saves changed settings on a worker thread, one after another, so that the last change wins."""

    def __init__(self, host: Host, preferences: Preferences, saved: Callable[[], None]) -> None:
        """Create a writer; ``saved`` is called when no change is left to save."""
        self._host = host
        self._preferences = preferences
        self._saved = saved
        self._changes: deque[tuple[str, Any]] = deque()

    def save(self, path: str, value: Any) -> None:
        """Save a setting, or the keys of a command (``keys.<command id>``), after the changes before it."""
        self._changes.append((path, value))
        if len(self._changes) == 1:
            self._save_next()

    def _save_next(self) -> None:
        path, value = self._changes[0]
        self._host.work(lambda: self._change(path, value), self._changed)

    def _change(self, path: str, value: Any) -> tuple[Problem, ...]:
        try:
            if path.startswith(_KEYS):
                return self._preferences.change_keys(path.removeprefix(_KEYS), value)
            return self._preferences.change(path, value)
        except AppError as trouble:
            return (trouble.problem,)

    def _changed(self, notices: tuple[Problem, ...]) -> None:
        self._changes.popleft()
        for notice in notices:
            self._host.tell_problem(notice)
        if self._changes:
            self._save_next()
        else:
            self._saved()


def show_settings(
    host: Host, services: Services, commands: Sequence[Command[Any]], group: str, done: Callable[[], None]
) -> None:
    """Show the settings screen, at the first setting of a group; ``done`` is called when it closes."""
    preferences = services.preferences
    first = next(
        (s.path for s in all_settings() if s.group == group), f"{_KEYS}{commands[0].id}" if group == "keys" else ""
    )

    def refresh() -> None:
        if screen.is_mounted:
            screen.show(_form_facts(preferences, commands))

    screen = SettingsScreen(
        _form_facts(preferences, commands),
        save=SettingsWriter(host, preferences, refresh).save,
        preview=preferences.override,
        at=first,
        problems=preferences.problems,
    )
    host.show_screen(screen, lambda _: done())


def _form_facts(preferences: Preferences, commands: Sequence[Command[Any]]) -> FormFacts:
    """Return the settings, themes and keys in force."""
    keymap = resolve(commands, preferences.current.keys)
    locked = ((s.path, preferences.locked_by(s.path)) for s in all_settings())
    palettes, _ = preferences.palettes()

    def check_key(command_id: str, keys: str) -> Problem | None:
        found = resolve(commands, {**preferences.current.keys, command_id: keys}).problems
        return next((p for p in found if f"] {command_id}:" in p.title), None)

    return FormFacts(
        settings=preferences.current,
        sources={path: holder for path, holder in locked if holder},
        options={"look.theme": tuple(Option(p.name, p.title or p.name) for p in palettes)},
        keys=tuple(_key_row(c, keymap) for c in commands),
        check_key=check_key,
    )


def _key_row(command: Command[Any], keymap: Keymap) -> KeyRow:
    return KeyRow(
        id=command.id,
        text=command.title,
        keys=",".join(keymap.keys_of(command.id)),
        default=command.key,
        context=SCOPE_TITLES[command.scope],
    )


def _with_change(facts: FormFacts, path: str, value: Any) -> FormFacts:
    """Return the facts with one checked value changed, to show it before it is saved."""
    if path.startswith(_KEYS):
        command = path.removeprefix(_KEYS)
        rows = (
            replace(k, keys=k.default if value is None else str(value)) if k.id == command else k for k in facts.keys
        )
        return replace(facts, keys=tuple(rows))
    group, _, name = path.partition(".")
    changed = replace(getattr(facts.settings, group), **{name: value})
    settings: Settings = replace(facts.settings, **{group: changed})
    return replace(facts, settings=settings)
