"""The leaderboard screen: models ranked by your votes, with a plot of strength intervals."""

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
from tui_router.services.leaderboard import Leaderboard, Ranking
from tui_router.ui.widgets.line_list import LineList, Part, fit

_MIN_NAME, _MIN_PLOT = 14, 12
_EMPTY = "No votes yet: compare with F3, then v and the number of the best answer"


class LeaderboardScreen(ModalScreen[None]):
    """Shows each model's strength with its interval, wins, speed and cost."""

    AUTO_FOCUS = "LineList"
    DEFAULT_CSS = """
    LeaderboardScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 160; padding: 0 1; background: $background;
                 border: round $border; border-title-color: $text-primary; }
        #titles { height: 1; color: $text-muted; text-wrap: nowrap; }
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

    def __init__(self, leaderboard: Leaderboard, tag: str = "") -> None:
        """Show the standings, counting only votes with ``tag`` if one is given."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-usual")]
        self._leaderboard = leaderboard
        self._tags = ("", *leaderboard.tags())
        self._tag = self._tags.index(tag) if tag in self._tags else 0
        self._blind_only = False
        self._rows: tuple[Ranking, ...] = ()
        self._list = LineList(self._draw_standing)

    def compose(self) -> ComposeResult:
        """Yield the column titles, the rows, and an explanation."""
        with Vertical(id="frame"):
            yield Static(id="titles", markup=False)
            yield self._list
            yield Static(id="about", markup=False)
            yield Static("Tab next tag · b blind votes only · Esc close", id="foot", markup=False)

    def on_mount(self) -> None:
        """Load the standings."""
        self._reload()

    def on_resize(self) -> None:
        """Redraw the column titles for the new width."""
        self.call_after_refresh(self._show_titles)

    def action_tag(self, by: int) -> None:
        """Count only the votes with the next tag."""
        self._tag = (self._tag + by) % len(self._tags)
        self._reload()

    def action_blind(self) -> None:
        """Count only blind votes, or all of them."""
        self._blind_only = not self._blind_only
        self._reload()

    def _reload(self) -> None:
        tag = self._tags[self._tag]
        self._rows = self._leaderboard.leaderboard(tag, blind_only=self._blind_only)
        title = f"Leaderboard · {tag or 'all votes'}{' · blind only' if self._blind_only else ''}"
        self.query_one("#frame").border_title = Content(clean_line(title))
        self._list.show(len(self._rows))
        about = (
            "Strength by your votes (Bradley–Terry, 1000 is average); the bar is the 95 % interval: "
            "where bars overlap, the order is not settled yet."
        )
        self.query_one("#about", Static).update(Content(about if self._rows else _EMPTY))
        self._show_titles()

    def _show_titles(self) -> None:
        if self.is_mounted:
            titles = title_row(self._list.size.width) if self._rows else ""
            self.query_one("#titles", Static).update(Content(titles), layout=False)

    def _draw_standing(self, index: int, width: int) -> list[Part]:
        return standing_row(index, self._rows, width)


def title_row(width: int) -> str:
    """Return the column titles for a width in cells."""
    name, plot, columns = _columns(width)
    titles = {"points": "strength", "games": "games", "wins": "wins", "first": "first", "speed": "tok/s",
             "cost": "cost", "per_dollar": "wins/$", "per_second": "wins/s"}  # fmt: skip
    cells = "".join(fit(titles[c], w, right=True) for c, w in columns)
    return fit("  model", name) + cells + ("  " + fit("95 % interval", plot) if plot else "")


def standing_row(index: int, rows: Sequence[Ranking], width: int) -> list[Part]:
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
        model = model.rpartition("/")[2]  # drop the author before cutting the name
    parts = [Part(fit(f"{index + 1} {model}", name), "head" if index == 0 else "")]
    parts += [Part(fit(values[c], w, right=True), "accent" if c == "points" else "muted") for c, w in columns]
    if plot:
        low, high = min(r.strength.low for r in rows), max(r.strength.high for r in rows)
        parts.append(Part("  " + interval(row, low, high, plot), "accent"))
    return parts


def interval(row: Ranking, low: int, high: int, cells: int) -> str:
    """Return a strength and its interval as a bar of ``cells``, on a scale from ``low`` to ``high`` points."""

    def at(points: int) -> int:
        return round((points - low) / max(1, high - low) * (cells - 1))

    first, middle, last = at(row.strength.low), at(row.strength.points), at(row.strength.high)
    drawn = [" "] * cells
    for place in range(first, last + 1):
        drawn[place] = "─"
    drawn[first], drawn[last], drawn[middle] = "├", "┤", "●"
    return "".join(drawn)


def _columns(width: int) -> tuple[int, int, tuple[tuple[str, int], ...]]:
    """Return the widths of the name and the plot, and the columns that fit between them, in cells."""
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
    while wanted and sum(w for _, w in wanted) + _MIN_NAME + _MIN_PLOT + 2 > width and len(wanted) > 1:
        wanted.pop()
    left = width - sum(w for _, w in wanted)
    if left < _MIN_NAME + _MIN_PLOT + 2:
        return max(1, left), 0, tuple(wanted)
    name = min(36, max(_MIN_NAME, left // 2))
    return name, left - name - 3, tuple(wanted)


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
