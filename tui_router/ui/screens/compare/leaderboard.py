"""The private leaderboard: a table with a plot of strengths and their intervals, by tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain.safe import clean_line
from tui_router.domain.usage import money
from tui_router.services.votes import Election, Standing
from tui_router.ui.widgets.line_list import LineList, Part, fit

_NAME_AT_LEAST, _PLOT_AT_LEAST = 14, 12
_EMPTY = "No votes yet: compare with F3, then v and the number of the best answer"


class LeaderboardScreen(ModalScreen[None]):
    """Who wins, how surely, how fast and for how much."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = """
    LeaderboardScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 160; padding: 0 1; background: $background;
                 border: round $border; border-title-color: $text-primary; }
        #heads { height: 1; color: $text-muted; text-wrap: nowrap; }
        #about { height: 2; color: $text-muted; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; }
        &.-low #about { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", priority=True),
        Binding("tab,right", "tag(1)", "Next tag", priority=True),
        Binding("shift+tab,left", "tag(-1)", "Previous tag", priority=True),
        Binding("b", "blind", "Blind votes only", priority=True),
    ]

    def __init__(self, election: Election, tag: str = "") -> None:
        """Show the standings, by the votes with ``tag`` when one is given."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-usual")]
        self._election = election
        self._tags = ("", *election.tags())
        self._tag = self._tags.index(tag) if tag in self._tags else 0
        self._blind_only = False
        self._rows: tuple[Standing, ...] = ()
        self._list = LineList(self._draw_standing)

    def compose(self) -> ComposeResult:
        """Heads over rows over what the figures mean."""
        with Vertical(id="frame"):
            yield Static(id="heads", markup=False)
            yield self._list
            yield Static(id="about", markup=False)
            yield Static("Tab next tag · b blind votes only · Esc close", id="foot", markup=False)

    def on_mount(self) -> None:
        """Count."""
        self._count()

    def on_resize(self) -> None:
        """Draw the heads for the new width."""
        self.call_after_refresh(self._show_heads)

    def action_tag(self, by: int) -> None:
        """Count the votes with the next tag only."""
        self._tag = (self._tag + by) % len(self._tags)
        self._count()

    def action_blind(self) -> None:
        """Count votes only that were cast without knowing the names, or all."""
        self._blind_only = not self._blind_only
        self._count()

    def _count(self) -> None:
        tag = self._tags[self._tag]
        self._rows = self._election.leaderboard(tag, blind_only=self._blind_only)
        title = f"Leaderboard · {tag or 'all votes'}{' · blind only' if self._blind_only else ''}"
        self.query_one("#frame").border_title = Content(clean_line(title))
        self._list.show(len(self._rows))
        about = (
            "Strength by your votes (Bradley–Terry, 1000 is average); the bar is the 95 % interval: "
            "where bars overlap, little is decided yet."
        )
        self.query_one("#about", Static).update(Content(about if self._rows else _EMPTY))
        self._show_heads()

    def _show_heads(self) -> None:
        if self.is_mounted:
            heads = heads_row(self._list.size.width) if self._rows else ""
            self.query_one("#heads", Static).update(Content(heads), layout=False)

    def _draw_standing(self, index: int, width: int) -> list[Part]:
        return standing_row(index, self._rows, width)


def heads_row(width: int) -> str:
    """Return the names of the columns for a width."""
    name, plot, columns = _columns(width)
    words = {"points": "strength", "games": "games", "wins": "wins", "first": "first", "speed": "tok/s",
             "cost": "cost", "per_dollar": "wins/$", "per_second": "wins/s"}  # fmt: skip
    cells = "".join(fit(words[c], w, right=True) for c, w in columns)
    return fit("  model", name) + cells + ("  " + fit("95 % interval", plot) if plot else "")


def standing_row(index: int, rows: Sequence[Standing], width: int) -> list[Part]:
    """Return one row of the table."""
    name, plot, columns = _columns(width)
    row = rows[index]
    values = {
        "points": str(row.strength.points),
        "games": str(row.games),
        "wins": str(row.wins),
        "first": f"{row.first_token:.1f} s" if row.first_token is not None else "–",
        "speed": f"{row.speed:.0f}" if row.speed is not None else "–",
        "cost": money(row.cost) if row.cost is not None else "–",
        "per_dollar": _short(row.wins_per_dollar),
        "per_second": _short(row.wins_per_second),
    }
    model = clean_line(row.model)
    if len(model) + 2 > name:
        model = model.rpartition("/")[2]  # who made it goes before the name is cut
    parts = [Part(fit(f"{index + 1} {model}", name), "head" if index == 0 else "")]
    parts += [Part(fit(values[c], w, right=True), "accent" if c == "points" else "muted") for c, w in columns]
    if plot:
        low, high = min(r.strength.low for r in rows), max(r.strength.high for r in rows)
        parts.append(Part("  " + interval(row, low, high, plot), "accent"))
    return parts


def interval(row: Standing, low: int, high: int, cells: int) -> str:
    """Return a strength with its interval as a bar on the scale from ``low`` to ``high`` points."""

    def at(points: int) -> int:
        return round((points - low) / max(1, high - low) * (cells - 1))

    first, middle, last = at(row.strength.low), at(row.strength.points), at(row.strength.high)
    drawn = [" "] * cells
    for place in range(first, last + 1):
        drawn[place] = "─"
    drawn[first], drawn[last], drawn[middle] = "├", "┤", "●"
    return "".join(drawn)


def _columns(width: int) -> tuple[int, int, tuple[tuple[str, int], ...]]:
    """Return the cells of the name, of the plot, and of the columns that fit between."""
    wanted = [
        ("points", 9),
        ("games", 6),
        ("wins", 5),
        ("first", 7),
        ("speed", 6),
        ("cost", 11),
        ("per_dollar", 8),
        ("per_second", 8),
    ]
    while wanted and sum(w for _, w in wanted) + _NAME_AT_LEAST + _PLOT_AT_LEAST + 2 > width and len(wanted) > 1:
        wanted.pop()
    left = width - sum(w for _, w in wanted)
    if left < _NAME_AT_LEAST + _PLOT_AT_LEAST + 2:
        return max(1, left), 0, tuple(wanted)
    name = min(36, max(_NAME_AT_LEAST, left // 2))
    return name, left - name - 3, tuple(wanted)


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
