"""A word diff of two texts, inline or side by side: two versions of an answer, or two lanes of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from tui_router.domain.diff import Change, Run, same_share, word_diff
from tui_router.domain.safe import clean, clean_line
from tui_router.ui.screens.text_rows import Line, TextRows
from tui_router.ui.transcript.appearance import Styles
from tui_router.ui.widgets.line_list import Part
from tui_router.ui.widgets.reader import Reader, Rows

_SIDE_BY_SIDE = 90
"""Cells from which the texts are side by side by default."""
_CHANGE_LOOKS = {Change.SAME: "", Change.REMOVED: "removed", Change.ADDED: "added"}
_GAP = " │ "


class DiffScreen(ModalScreen[None]):
    """Shows the words that differ between two titled texts."""

    AUTO_FOCUS = "Reader"
    DEFAULT_CSS = """
    DiffScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 220; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #heads { height: 1; }
        #heads Static { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; text-style: bold; }
        #left { color: $text-error; }
        #right { color: $text-success; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,D", "dismiss(None)", "Close"),
        Binding("n,right_square_bracket", "change(1)", "Next change"),
        Binding("p,N,left_square_bracket", "change(-1)", "Previous change"),
        Binding("s,tab", "toggle_layout", "Side by side or one text"),
    ]

    def __init__(
        self,
        title_a: str,
        text_a: str,
        title_b: str,
        text_b: str,
        *,
        styles: Mapping[str, str] | None = None,
        ansi: bool = False,
    ) -> None:
        """Make the screen.

        Args:
            title_a: Title of the first text.
            text_a: The first text; its own words are marked as removed.
            title_b: Title of the second text.
            text_b: The second text; its own words are marked as added.
            styles: The theme's text styles; ``diff_add`` and ``diff_remove`` are used.
            ansi: Whether the theme uses the terminal's own colours.
        """
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (10, "-usual")]
        self._titles = (clean_line(title_a, 80), clean_line(title_b, 80))
        self._texts = (text_a, text_b)
        self._styles = _diff_styles(styles or {}, ansi)
        self._runs: tuple[Run, ...] | None = None
        self._is_side_by_side: bool | None = None
        """Layout chosen by the user; ``None`` depends on the width."""
        self._rows: Rows = ()
        self._changes: list[int] | None = None
        """First rows of the changes in the current layout; ``None`` until needed."""
        self._reader = Reader()

    def compose(self) -> ComposeResult:
        """Lay out titles, text and foot."""
        one, other = self._titles
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Words that differ")
            with Horizontal(id="heads"):
                yield Static(Content(f"− {one}"), id="left", markup=False)
                yield Static(Content(f"+ {other}"), id="right", markup=False)
            yield self._reader
            yield Static("Comparing…", id="foot", markup=False)

    def on_mount(self) -> None:
        """Compare on a worker thread: long texts take a while."""
        if self._styles:
            self._reader.use_styles(self._styles)
        self.run_worker(partial(word_diff, *self._texts), thread=True, exclusive=True)

    @on(Worker.StateChanged)
    def _compared(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.SUCCESS:
            self._runs = tuple(event.worker.result or ())
            self._reader.show(self._lay_out)
            self._show_foot()

    def action_toggle_layout(self) -> None:
        """Switch between side by side and inline."""
        self._is_side_by_side = not self._shows_side_by_side(self._reader.size.width)
        self._reader.show(self._lay_out)

    def action_change(self, step: int) -> None:
        """Go to the next (1) or previous (-1) change."""
        top = self._reader.top
        if self._changes is None:
            self._changes = changed_rows(self._rows)
        ahead = [r for r in self._changes if (r > top if step > 0 else r < top)]
        if ahead:
            self._reader.go_to(ahead[0] if step > 0 else ahead[-1])

    def _shows_side_by_side(self, width: int) -> bool:
        return width >= _SIDE_BY_SIDE if self._is_side_by_side is None else self._is_side_by_side

    def _lay_out(self, width: int) -> Rows:
        self._rows, self._changes = self._laid_out(width), None
        return self._rows

    def _laid_out(self, width: int) -> Rows:
        if self._runs is None:
            return ()
        if not any(self._texts):
            return ([Part("Both texts are empty", "muted")],)
        if self._shows_side_by_side(width):
            return side_rows(side_pairs(self._runs), width)
        return TextRows(inline_lines(self._runs), width)

    def _show_foot(self) -> None:
        share = same_share(self._runs or ())
        words = "identical words" if share == 1 else f"{min(0.99, share):.0%} in common"
        keys = "n p changes · s side by side or one text · Esc close"
        self.query_one("#foot", Static).update(Content(f"{words} · {keys}"), layout=False)


def _diff_styles(names: Mapping[str, str], ansi: bool) -> dict[str, Style]:
    styles = Styles(names, ansi=ansi)
    pairs = (("added", "diff_add"), ("removed", "diff_remove"))
    return {look: styles.named(name) for look, name in pairs if name in names}


def inline_lines(runs: Iterable[Run]) -> list[Line]:
    """Return one text with removed and added words next to each other."""
    return _lines((_safe(run.text), _CHANGE_LOOKS[run.change]) for run in runs)


def side_pairs(runs: Iterable[Run]) -> list[tuple[list[Line], list[Line]]]:
    """Return both texts as pairs of matching pieces; a piece ends where a line ends in both texts."""
    pairs: list[tuple[list[Line], list[Line]]] = []
    left: list[tuple[str, str]] = []
    right: list[tuple[str, str]] = []

    def flush() -> None:
        pairs.append((_lines(left), _lines(right)))
        left.clear()
        right.clear()

    for run in runs:
        text, look = _safe(run.text), _CHANGE_LOOKS[run.change]
        if run.change is Change.REMOVED:
            left.append((text, look))
        elif run.change is Change.ADDED:
            right.append((text, look))
        else:
            first, *others = text.split("\n")
            left.append((first, look))
            right.append((first, look))
            for other in others:
                flush()
                left.append((other, look))
                right.append((other, look))
    flush()
    return pairs


def side_rows(pairs: Sequence[tuple[list[Line], list[Line]]], width: int) -> list[Line]:
    """Lay out pairs in two columns with a line between."""
    column = max(1, (width - len(_GAP)) // 2)
    rows: list[Line] = []
    for left, right in pairs:
        for one, other in zip_longest(TextRows(left, column), TextRows(right, column), fillvalue=()):
            room = column - sum(cell_len(p.text) for p in one)
            rows.append((*one, Part(" " * max(0, room)), Part(_GAP, "muted"), *other))
    return rows


def changed_rows(rows: Sequence[Sequence[Part]]) -> list[int]:
    """Return the first row of each run of rows that contain a change."""
    found: list[int] = []
    before = False
    for number in range(len(rows)):
        now = any(p.look in ("added", "removed") for p in rows[number])
        if now and not before:
            found.append(number)
        before = now
    return found


def _lines(pieces: Iterable[tuple[str, str]]) -> list[Line]:
    lines: list[list[Part]] = [[]]
    for text, look in pieces:
        first, *others = text.split("\n")
        if first:
            lines[-1].append(Part(first, look))
        lines += [[Part(other, look)] if other else [] for other in others]
    return [tuple(line) for line in lines]


def _safe(text: str) -> str:
    return clean(text).replace("\t", "    ")
