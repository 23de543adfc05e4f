"""The table of what fills a model's context window: name, tokens, share and a bar per row."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui_router.domain.safe import clean_line
from tui_router.services.context_usage import Use, WindowRow, WindowUse
from tui_router.ui.widgets.line_list import fit

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_TOKENS, _SHARE = 10, 7
_NAME_LEAST, _BAR_LEAST = 12, 8
_NAME_MOST, _BAR_MOST = 30, 40
_COLOURS = {Use.SENT: "$accent", Use.ANSWER: "$secondary", Use.FREE: "$text-muted"}


class ContextTable(Widget):
    """One line per row, a rule, and the total."""

    DEFAULT_CSS = "ContextTable { height: auto; width: 1fr; }"

    def __init__(self, use: WindowUse) -> None:
        """Show ``use``; it does not change."""
        super().__init__()
        self._use = use

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        return len(self._use.rows) + 2

    def render(self) -> RenderResult:
        """Return the table for the current width."""
        return Content("\n").join(table_lines(self._use, self.size.width))


def table_lines(use: WindowUse, width: int) -> list[Content]:
    """Return the table for a width in cells. If it is narrow, bars are dropped first, then names are shortened."""
    fixed = _TOKENS + _SHARE
    bar = min(_BAR_MOST, width - fixed - _NAME_MOST - 1)
    bar = bar if bar >= _BAR_LEAST else max(0, min(_BAR_LEAST, width - fixed - _NAME_LEAST - 1))
    names = max(1, min(_NAME_MOST, width - fixed - (bar + 1 if bar else 0)))
    lines = [_line(row, names, bar) for row in use.rows]
    total = WindowRow(
        label="Sent in all", tokens=use.tokens, share=use.tokens / use.window if use.window else None, use=Use.SENT
    )
    of = f" of {use.window:,}" if use.window else ""
    rule = Content.styled("─" * (names + fixed), "$text-muted")
    return [*lines, rule, Content.styled(_figures(total, names), "bold") + Content.styled(of, "$text-muted")]


def _line(row: WindowRow, names: int, bar: int) -> Content:
    look = "$text-muted" if row.use is Use.FREE else ""
    text = _figures(row, names)
    words = Content.styled(text, look) if look else Content(text)
    if not bar or row.share is None:
        return words
    return words + Content(" ") + Content.styled(_bar(row.share, bar, is_free=row.use is Use.FREE), _COLOURS[row.use])


def _figures(row: WindowRow, names: int) -> str:
    tokens, share = f"{row.tokens:,}", ""
    if row.share is not None:
        share = "<1%" if 0 < row.share < 0.01 else f"{row.share:.0%}"
    return fit(clean_line(row.label), names) + fit(tokens, _TOKENS, right=True) + fit(share, _SHARE, right=True)


def _bar(share: float, cells: int, *, is_free: bool) -> str:
    """A bar as long as the share; anything at all shows as a sliver, and what is free is dotted."""
    eighths = min(cells * 8, round(share * cells * 8)) or (1 if share > 0 else 0)
    if is_free:
        return "·" * round(eighths / 8)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
