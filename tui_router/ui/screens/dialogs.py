"""Dialogs: confirm, enter a line, paste a secret, choose, read a message, and the use of the context window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import Secret
from tui_router.domain.usage import money
from tui_router.services.context_usage import WindowUse
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.widgets.context_table import ContextTable
from tui_router.ui.widgets.line_list import LineList, Part, fit

Answer = TypeVar("Answer")
Check = Callable[[str], Problem | None]
"""Returns what is wrong with a text, or ``None``."""

_EMPTY = Problem(kind=ErrorKind.USAGE, title="Nothing was pasted yet")


class Dialog(ModalScreen[Answer]):
    """A centred box with a title and a text; subclasses add how to answer."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        #box { width: 90%; max-width: 76; height: auto; max-height: 100%; padding: 0 1; background: $background;
               border: round $border; border-title-color: $text-primary; }
        #text { height: auto; max-height: 50vh; scrollbar-size-vertical: 1; }
        #text Static { width: 1fr; }
        #cost { color: $text-warning; text-style: bold; }
        #error { color: $text-error; height: auto; min-height: 1; }
        #foot { color: $text-muted; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #answers { height: 1; margin-top: 1; }
        Button { margin-right: 2; min-width: 8; }
        Input { border: none; height: 1; padding: 0; background: $surface; margin-top: 1; }
        Input:focus { border: none; }
        &.-low #box { border: none; padding: 0; width: 100%; }
        &.-low #answers, &.-low Input { margin-top: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Close", priority=True)]

    def __init__(self, title: str, text: str = "", *, cancelled: Answer | None = None) -> None:
        """Create a dialog; ``cancelled`` is the result of Esc."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (10, "-usual")]
        self._title = clean_line(title)
        self._text = clean(text)
        self._cancelled = cancelled

    def compose(self) -> ComposeResult:
        """Lay out the text and the widgets of the subclass."""
        with Vertical(id="box") as box:
            box.border_title = Content(self._title)
            if self._text:
                with VerticalScroll(id="text", can_focus=False):
                    yield Static(self._text, markup=False)
            yield from self.compose_answer()

    def compose_answer(self) -> ComposeResult:
        """Yield the widgets below the text."""
        yield from ()

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(self._cancelled)

    def action_scroll_text(self, by: int) -> None:
        """Scroll a text that does not fit into its box."""
        for box in self.query("#text"):
            box.scroll_relative(y=by, animate=False)


class MessageDialog(Dialog[None]):
    """A message to read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,q", "cancel", "Close"),
        Binding("up", "scroll_text(-1)", show=False),
        Binding("down", "scroll_text(1)", show=False),
    ]

    def compose_answer(self) -> ComposeResult:
        """Yield the key hint."""
        yield Static("Enter or Esc closes", id="foot", markup=False)


class ConfirmDialog(Dialog[bool]):
    """A yes-or-no question, with the cost of a yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n", "answer(False)", "No"),
        Binding("left,right,up,down", "app.focus_next", show=False),
    ]

    def __init__(
        self, title: str, text: str = "", *, yes: str = "Yes", no: str = "No", cost: Decimal | None = None,
        danger: bool = False,
    ) -> None:  # fmt: skip
        """Create the dialog.

        Args:
            title: The question.
            text: Consequences of a yes.
            yes: Label of the yes button, a verb.
            no: Label of the no button.
            cost: Dollars that a yes may cost.
            danger: Focus "no" first, for actions that cannot be undone or are expensive.
        """
        super().__init__(title, text, cancelled=False)
        self._labels = (clean_line(yes, 24), clean_line(no, 24))
        self._cost = cost
        self._first = "#no" if danger else "#yes"

    def on_mount(self) -> None:
        """Focus the default answer."""
        self.query_one(self._first, Button).focus()

    def compose_answer(self) -> ComposeResult:
        """Yield the cost and both buttons."""
        if self._cost is not None:
            yield Static(f"May cost {money(self._cost, approximate=True)}", id="cost", markup=False)
        yes, no = self._labels
        with Horizontal(id="answers"):
            yield Button(Content(yes), id="yes", variant="primary", compact=True)
            yield Button(Content(no), id="no", compact=True)

    @on(Button.Pressed)
    def _answer_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, agreed: bool) -> None:
        """Answer by key."""
        self.dismiss(agreed)


class _LineDialog(Dialog[Answer]):
    """One input line, checked at every change."""

    AUTO_FOCUS = "Input"
    is_secret: ClassVar[bool] = False

    def __init__(
        self, title: str, text: str = "", *, value: str = "", placeholder: str = "", check: Check | None = None
    ) -> None:
        """Create the dialog; a text for which ``check`` returns a problem is not accepted."""
        super().__init__(title, text)
        self._value = value
        self._placeholder = placeholder
        self._check = check

    def compose_answer(self) -> ComposeResult:
        """Yield input, error and keys."""
        yield Input(self._value, placeholder=self._placeholder, password=self.is_secret, select_on_focus=False)
        yield Static(id="error", markup=False)
        yield Static("Enter accepts · Esc cancels", id="foot", markup=False)

    @on(Input.Changed)
    def _check_again(self, event: Input.Changed) -> None:
        event.stop()
        self._show(self._fault(event.value) if event.value.strip() else None)

    @on(Input.Submitted)
    def _accept(self, event: Input.Submitted) -> None:
        event.stop()
        fault = self._fault(event.value)
        self._show(fault)
        if fault is None:
            self.dismiss(self.result_of(event.value))

    def result_of(self, text: str) -> Answer:
        """Return the result for an accepted text."""
        raise NotImplementedError

    def _fault(self, text: str) -> Problem | None:
        return self._check(text) if self._check is not None else None

    def _show(self, fault: Problem | None) -> None:
        self.query_one("#error", Static).update(Content(clean_line(fault.sentence()) if fault else ""))


class TextDialog(_LineDialog[str | None]):
    """Asks for a line of text."""

    def result_of(self, text: str) -> str:
        """Return the text as it was typed."""
        return text


class SecretDialog(_LineDialog[Secret | None]):
    """Asks for a key; it is masked while typed and checked at every change."""

    is_secret = True

    def result_of(self, text: str) -> Secret:
        """Return the key without surrounding white space."""
        return Secret(text.strip())

    def _fault(self, text: str) -> Problem | None:
        # Checks of keys need not handle an empty field.
        return super()._fault(text) if text.strip() else _EMPTY


class ChoiceDialog(Dialog[str | None]):
    """A short list to choose from by arrow keys, mouse or letter."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = "ChoiceDialog LineList { max-height: 60vh; margin-top: 1; }"

    def __init__(self, title: str, choices: Sequence[ActionRow], text: str = "", *, at: str = "") -> None:
        """Create the dialog; a choice whose ``key`` is one letter can be chosen with it."""
        super().__init__(title, text)
        self._choices = tuple(choices)
        self._at = at
        self._list = LineList(self._draw_choice)

    def compose_answer(self) -> ComposeResult:
        """Yield the choices."""
        self._list.styles.height = max(1, len(self._choices))
        yield self._list
        yield Static("Enter chooses · Esc cancels", id="foot", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the current choice."""
        at = next((i for i, c in enumerate(self._choices) if c.id == self._at), None)
        self._list.show(len(self._choices), at=at)

    def on_key(self, event: events.Key) -> None:
        """Choose by letter."""
        choice = next((c for c in self._choices if event.character and c.key == event.character), None)
        if choice is not None:
            event.stop()
            self.dismiss(choice.id)

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(self._choices[event.index].id)

    def _draw_choice(self, index: int, width: int) -> list[Part]:
        choice = self._choices[index]
        key = clean_line(choice.key)
        parts = [Part(f" {key}  " if key else " ", "accent"), Part(clean_line(choice.text))]
        room = width - sum(len(p.text) for p in parts) - 2
        return [*parts, Part("  " + fit(clean_line(choice.detail), room), "muted")] if choice.detail else parts


class ContextDialog(Dialog[None]):
    """Shows what fills the context window, what is left out and what does not fit."""

    DEFAULT_CSS = """
    ContextDialog {
        #notes { height: auto; margin-top: 1; }
        #problem { height: auto; color: $text-warning; margin-top: 1; }
        &.-low #notes, &.-low #problem { margin-top: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,q", "cancel", "Close")]

    def __init__(self, use: WindowUse) -> None:
        """Create the dialog for the use of a context window."""
        super().__init__(f"Context of {use.model}")
        self._use = use

    def compose_answer(self) -> ComposeResult:
        """Yield table, notes, problem and keys."""
        yield ContextTable(self._use)
        if self._use.notes:
            yield Static(Content(clean("\n".join(self._use.notes))), id="notes", markup=False)
        if self._use.problem is not None:
            yield Static(Content(clean(self._use.problem.sentence())), id="problem", markup=False)
        yield Static("Estimates that learn from your answers · Enter or Esc closes", id="foot", markup=False)
