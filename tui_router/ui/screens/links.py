"""The links of a message, numbered, each with its real target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain.problem import AppError
from tui_router.domain.safe import clean_line
from tui_router.ui.links import read_target
from tui_router.ui.widgets.line_list import LineList, Part, fit

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class LinkChoice:
    """A link and what to do with it."""

    url: str
    opens: bool
    """True to open the link, false to copy its address."""


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    shown: str
    """The real target; for a link that cannot be opened, its address as written."""
    warning: str
    opens: bool


class LinksScreen(ModalScreen[LinkChoice | None]):
    """Lists addresses; the result is one of them and what to do with it."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = """
    LinksScreen {
        align: center middle;
        #frame { width: 90%; max-width: 110; height: auto; max-height: 100%; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #frame LineList { max-height: 50vh; }
        #target { height: auto; min-height: 2; max-height: 8; margin-top: 1; }
        #warning { height: auto; max-height: 4; color: $text-warning; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; width: 100%; height: 100%; }
        &.-low #frame LineList { max-height: 60vh; }
        &.-low #target { min-height: 1; max-height: 1; margin-top: 0; }
        &.-low #warning { max-height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close"),
        Binding("y,c", "copy", "Copy the address"),
        Binding("o", "open", "Open"),
    ]

    def __init__(self, urls: Sequence[str]) -> None:
        """Create the screen; link number n of the message is ``urls[n - 1]``."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-usual")]
        self._links = [_read(url) for url in urls]
        self._typed = ""
        self._list = LineList(self._draw)

    def compose(self) -> ComposeResult:
        """Lay out list, full target and keys."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Links")
            self._list.styles.height = max(1, len(self._links))
            yield self._list
            yield Static(id="target", markup=False)
            yield Static(id="warning", markup=False)
            yield Static("Enter opens · y copies the address · 1 2 … choose · Esc close", id="foot", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the first link."""
        count = len(self._links)
        self._list.show(count or 1, () if count else [0])

    def on_key(self, event: events.Key) -> None:
        """Move the cursor to a typed number; digits typed in a row form one number."""
        if event.character is None or not event.character.isdigit() or not event.character.isascii():
            self._typed = ""
            return
        event.stop()
        for typed in (self._typed + event.character, event.character):
            if 1 <= int(typed) <= len(self._links):
                self._typed = typed
                self._list.show(len(self._links), (), int(typed) - 1)
                return
        self._typed = ""

    @on(LineList.Highlighted)
    def _look(self, event: LineList.Highlighted) -> None:
        event.stop()
        link = self._links[event.index] if event.index is not None else None
        self.query_one("#target", Static).update(Content(link.shown if link else ""))
        self.query_one("#warning", Static).update(Content(link.warning if link else ""))

    @on(LineList.Chosen)
    def _choose(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the link under the cursor, if links of its kind may be opened."""
        link = self._under_cursor()
        if link is not None and link.opens:
            self.dismiss(LinkChoice(link.url, True))

    def action_copy(self) -> None:
        """Copy the address under the cursor."""
        link = self._under_cursor()
        if link is not None:
            self.dismiss(LinkChoice(link.url, False))

    def _under_cursor(self) -> _Link | None:
        at = self._list.highlighted
        return self._links[at] if at is not None and at < len(self._links) else None

    def _draw(self, index: int, width: int) -> list[Part]:
        if not self._links:
            return [Part(" This message has no links", "muted")]
        link = self._links[index]
        number = f"{index + 1:>{len(str(len(self._links)))}} "
        mark = Part("✗ ", "bad") if not link.opens else Part("! ", "warn") if link.warning else Part("  ")
        return [Part(number, "accent"), mark, Part(fit(link.shown, max(1, width - len(number) - 2)))]


def _read(url: str) -> _Link:
    try:
        target = read_target(url)
    except AppError as trouble:
        return _Link(
            url, clean_line(url, _LONGEST), f"It cannot be opened. {trouble.problem.detail.split('. ')[0]}.", False
        )
    return _Link(url, clean_line(target.url, _LONGEST), clean_line(target.warning), True)
