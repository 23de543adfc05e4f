"""Small questions: confirm, write a line, paste a secret, choose, read. Values in, the answer is the result."""

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

from tui_router.domain.problem import Kind, Problem
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import Secret
from tui_router.domain.usage import money
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.widgets.line_list import LineList, Part, fit

Answer = TypeVar("Answer")
Check = Callable[[str], Problem | None]
"""Says what is wrong with a text, if anything."""

_EMPTY = Problem(kind=Kind.USAGE, title="Nothing was pasted yet")


class Dialog(ModalScreen[Answer]):
    """A box in the middle of the screen."""

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
        """Make a box with a title and a text; ``cancelled`` is the result of Esc."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (10, "-usual")]
        self._title = clean_line(title)
        self._text = clean(text)
        self._cancelled = cancelled

    def compose(self) -> ComposeResult:
        """Lay out the text and what the kind of dialog adds."""
        with Vertical(id="box") as box:
            box.border_title = Content(self._title)
            if self._text:
                with VerticalScroll(id="text", can_focus=False):
                    yield Static(self._text, markup=False)
            yield from self.compose_answer()

    def compose_answer(self) -> ComposeResult:
        """Yield what stands under the text."""
        yield from ()

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(self._cancelled)

    def action_scroll_text(self, by: int) -> None:
        """Scroll a text that is longer than its box."""
        for box in self.query("#text"):
            box.scroll_relative(y=by, animate=False)


class MessageDialog(Dialog[None]):
    """Something to read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,q", "cancel", "Close"),
        Binding("up", "scroll_text(-1)", show=False),
        Binding("down", "scroll_text(1)", show=False),
    ]

    def compose_answer(self) -> ComposeResult:
        """Say how to leave."""
        yield Static("Enter or Esc closes", id="foot", markup=False)


class ConfirmDialog(Dialog[bool]):
    """Yes or no; with money where it costs something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n", "answer(False)", "No"),
        Binding("left,right,up,down", "app.focus_next", show=False),
    ]

    def __init__(
        self, title: str, text: str = "", *, yes: str = "Yes", no: str = "No", cost: Decimal | None = None,
        danger: bool = False,
    ) -> None:  # fmt: skip
        """Ask.

        Args:
            title: The question.
            text: What would happen.
            yes: What agreeing does, as a verb.
            no: What declining does.
            cost: Dollars that a yes may cost; shown.
            danger: Start on "no", for what cannot be undone or is dear.
        """
        super().__init__(title, text, cancelled=False)
        self._labels = (clean_line(yes, 24), clean_line(no, 24))
        self._cost = cost
        self._first = "#no" if danger else "#yes"

    def on_mount(self) -> None:
        """Put the focus on the safe answer, or on the usual one."""
        self.query_one(self._first, Button).focus()

    def compose_answer(self) -> ComposeResult:
        """Show the money and the two answers."""
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
        """Take an answer from a letter."""
        self.dismiss(agreed)


class _LineDialog(Dialog[Answer]):
    """One field, checked while it is filled."""

    AUTO_FOCUS = "Input"
    is_secret: ClassVar[bool] = False

    def __init__(
        self, title: str, text: str = "", *, value: str = "", placeholder: str = "", check: Check | None = None
    ) -> None:
        """Ask for a line; ``check`` is asked at every change, and a text it finds fault with is not accepted."""
        super().__init__(title, text)
        self._value = value
        self._placeholder = placeholder
        self._check = check

    def compose_answer(self) -> ComposeResult:
        """Show field, fault and keys."""
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
            self.dismiss(self.made_of(event.value))

    def made_of(self, text: str) -> Answer:
        """Return the result for an accepted text."""
        raise NotImplementedError

    def _fault(self, text: str) -> Problem | None:
        return self._check(text) if self._check is not None else None

    def _show(self, fault: Problem | None) -> None:
        self.query_one("#error", Static).update(Content(clean_line(fault.sentence()) if fault else ""))


class TextDialog(_LineDialog[str | None]):
    """A line of text."""

    def made_of(self, text: str) -> str:
        """Return the text as it was typed."""
        return text


class SecretDialog(_LineDialog[Secret | None]):
    """A key: hidden while it is pasted or typed, checked at once, never shown again."""

    is_secret = True

    def made_of(self, text: str) -> Secret:
        """Return the key without the white space around it."""
        return Secret(text.strip())

    def _fault(self, text: str) -> Problem | None:
        # An empty field is not an answer; the check need not know that.
        return super()._fault(text) if text.strip() else _EMPTY


class ChoiceDialog(Dialog[str | None]):
    """A few things to choose from, each by arrow, click or its letter."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = "ChoiceDialog LineList { max-height: 60vh; margin-top: 1; }"

    def __init__(self, title: str, choices: Sequence[ActionRow], text: str = "", *, at: str = "") -> None:
        """Ask; a choice whose ``key`` is one letter can be taken with it."""
        super().__init__(title, text)
        self._choices = tuple(choices)
        self._at = at
        self._list = LineList(self._draw_choice)

    def compose_answer(self) -> ComposeResult:
        """Show the choices."""
        self._list.styles.height = max(1, len(self._choices))
        yield self._list
        yield Static("Enter chooses · Esc cancels", id="foot", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the present choice."""
        at = next((i for i, c in enumerate(self._choices) if c.id == self._at), None)
        self._list.show(len(self._choices), at=at)

    def on_key(self, event: events.Key) -> None:
        """Take a choice by its letter."""
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
