"""Draws the money screen as rows: sums, budgets, a chart of days, tables with bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rich.cells import cell_len

from tui_router.domain.bars import bar, gauge
from tui_router.domain.cost_reports import COUNTING, Review, WhatIf
from tui_router.domain.library import Spend
from tui_router.domain.problem import Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.spending import WASTES, Reconciliation, Spent, count_of, signed, spent_of
from tui_router.domain.usage import money
from tui_router.services.spending import CHART_DAYS, Overview
from tui_router.ui.screens.text_rows import Line, TextRows
from tui_router.ui.widgets.line_list import Part, fit

_WIDE = 104
"""Cells from which the chart is beside the sums."""
_LEFT = 44
_LOW, _HIGH = 6, 10
_LEVELS = " ▁▂▃▄▅▆▇█"
_NEARLY, _BAR_AT_LEAST, _NAME_AT_LEAST = 0.75, 8, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The limits in force, in dollars; 0 is no limit."""

    day: Decimal = Decimal(0)
    month: Decimal = Decimal(0)
    conversation: Decimal = Decimal(0)


def overview_rows(
    overview: Overview, budgets: Budgets, check: Reconciliation | Problem | None, today: date, width: int
) -> list[Line]:
    """Return sums, budgets and the chart of days; side by side where it fits."""
    is_wide = width >= _WIDE
    left = _LEFT if is_wide else width
    sums = [*_sums(overview, left), *_gauges(overview, budgets, left), (), *_check_line(check, left)]
    if is_wide:
        return _beside(sums, days_rows(overview.days, today, width - left - 4, _HIGH), left + 4)
    return [*sums, (), *days_rows(overview.days, today, width)]


def days_rows(days: Sequence[Spend], today: date, width: int, height: int = _LOW) -> list[Line]:
    """Return the chart of the last days; ``~`` marks estimated and ``?`` unknown costs."""
    by_day = {row.day: row for row in days}
    dates = [today - timedelta(days=n) for n in reversed(range(CHART_DAYS))]
    rows = [by_day.get(day) for day in dates]
    by_cost = any(row is not None and row.cost > 0 for row in rows)
    values = [_value(row, by_cost=by_cost) for row in rows]
    most = max(values)
    title = f"The last {CHART_DAYS} days" if by_cost else f"Requests of the last {CHART_DAYS} days; none cost anything"
    if most <= 0:
        return [(Part(f"Nothing was asked in the last {CHART_DAYS} days", "muted"),)]
    label = money(most) if by_cost else f"{int(most):,}"
    margin = cell_len(label) + 1
    column = max(1, min(5, (width - margin) // CHART_DAYS))
    found: list[Line] = [(Part(title, "head"),)]
    for level in reversed(range(height)):
        blocks = "".join(_block(value / most, level, height, column) for value in values)
        found.append((Part(fit(label if level == height - 1 else "", margin), "muted"), Part(blocks, "accent")))
    ground = "".join(_under(row, column) for row in rows)
    if ground.strip():
        found.append((Part(" " * margin), Part(ground, "warn")))
    found.append((Part(" " * margin + _dates(dates, column), "muted"),))
    return found


def models_rows(rows: Sequence[Spend], name_of: Callable[[str], str], width: int) -> list[Line]:
    """Return the cost of each model, with bars."""
    if not rows:
        return [(Part("No requests in this period", "muted"),)]
    most = max(r.cost for r in rows)
    busiest = max(r.requests for r in rows)
    cells = [
        (
            clean_line(name_of(r.label)),
            spent_of(r).label,
            count_of(r.requests),
            f"{_short(r.prompt_tokens)} in · {_short(r.completion_tokens)} out",
        )
        for r in rows
    ]
    shares = [float(r.cost / most) if most else r.requests / busiest for r in rows]
    total = sum(map(spent_of, rows), Spent())
    return [*table_rows(cells, shares, width), (), (Part(f"{total.sentence} in all", "head"),)]


def waste_rows(review: Review, name_of: Callable[[str], str], width: int) -> list[Line]:
    """Return waste, the cost per kept answer, and the effect of caches and fallbacks."""
    if not review.spent.requests:
        return [(Part("No requests in this period", "muted"),)]
    found: list[Line] = [*TextRows([(Part(review.sentence, "warn" if review.wasted else "good"),)], width), ()]
    if review.wasted:
        most = max(w.spent.total for w in review.wasted)
        cells = [(WASTES[w.fate], w.spent.label, count_of(w.spent.requests)) for w in review.wasted]
        found += [*table_rows(cells, [_share(w.spent.total, most) for w in review.wasted], width), ()]
    if review.per_kept:
        most = max(p.each or Decimal(0) for p in review.per_kept)
        found.append((Part("Cost of an answer that was kept", "head"),))
        rows = [
            (
                clean_line(name_of(p.model)),
                money(p.each, approximate=p.spent.estimated > 0) if p.each is not None else "–",
                f"{p.kept:,} kept",
                f"{p.spent.label} in all",
            )
            for p in review.per_kept
        ]
        found += [*table_rows(rows, [_share(p.each or Decimal(0), most) for p in review.per_kept], width), ()]
    effects = (review.cache.sentence, *(f.sentence for f in review.fallbacks))
    lines = [(Part(clean_line(e), "muted"),) for e in effects if e]
    return [*found, *TextRows(lines, width, indent=2)]


def what_if_rows(found: WhatIf | Problem | None, name_of: Callable[[str], str], width: int) -> list[Line]:
    """Return the cost of a period at another model's prices."""
    if found is None:
        words = "What would this period have cost with another model? Press m to pick one."
        return [*TextRows([(Part(words, "muted"),)], width)]
    if isinstance(found, Problem):
        return [*TextRows([(Part(clean_line(found.sentence()), "bad"),)], width)]
    lines: list[Line] = [*TextRows([(Part(clean_line(found.about), "head"),)], width), ()]
    if not found.rows:
        return [*lines, (Part("No requests in this period", "muted"),)]
    most = max(row.other for row in found.rows)
    cells = [
        (clean_line(name_of(r.model)), r.spent.label, f"→ {r.other_label}", r.difference_label) for r in found.rows
    ]
    lines += [*table_rows(cells, [_share(r.other, most) for r in found.rows], width), ()]
    look = "good" if found.difference < 0 else "warn"
    total = f"{found.spent.sentence} → {money(found.other, approximate=True)}: "
    lines.append((Part(total), Part(signed(found.difference), look)))
    remarks = [COUNTING]
    if found.spent.unknown:
        remarks.append(f"{count_of(found.spent.unknown)} of unknown cost left out on both sides")
    return [*lines, (), *TextRows([(Part(r, "muted"),) for r in remarks], width)]


def check_rows(check: Reconciliation | Problem | None, width: int) -> list[Line]:
    """Return the service's own figures of the key next to ours."""
    if not isinstance(check, Reconciliation):
        return _check_line(check, width)
    cells = [
        (s.when.capitalize(), f"the key says {money(s.theirs)}", f"this library {s.ours.label}", signed(s.difference))
        for s in check.spans
    ]
    asked = f"{check.key}, asked at {check.at.astimezone():%H:%M:%S}"
    lines = [(Part(check.spans[0].sentence),), (), *((Part(note, "muted"),) for note in (*check.notes, asked))]
    return [*table_rows(cells, (), width), (), *TextRows(lines, width)]


def table_rows(cells: Sequence[tuple[str, ...]], shares: Sequence[float], width: int) -> list[Line]:
    """Return names, right-aligned figures and bars; the last columns are dropped first where they do not fit."""
    widths = [max(cell_len(row[n]) for row in cells) for n in range(len(cells[0]))]
    figures = list(range(1, len(widths)))
    while len(figures) > 1 and sum(widths[n] + 2 for n in figures) > width - _NAME_AT_LEAST:
        figures.pop()
    taken = sum(widths[n] + 2 for n in figures)
    name = max(1, min(widths[0], max(_NAME_AT_LEAST, width - taken - 2 - _BAR_AT_LEAST)))
    name = min(name, max(1, width - taken))
    room = width - name - taken - 2
    found: list[Line] = []
    for place, row in enumerate(cells):
        parts = [Part(fit(row[0], name))]
        parts += [Part("  " + fit(row[n], widths[n], right=True), "" if n == 1 else "muted") for n in figures]
        if shares and room >= _BAR_AT_LEAST:
            parts.append(Part("  " + bar(shares[place], min(room, 60)), "accent"))
        found.append(tuple(parts))
    return found


def _sums(overview: Overview, width: int) -> list[Line]:
    rows = [("Today", overview.today), ("This month", overview.month)]
    rows += [("This conversation", overview.conversation)] if overview.conversation is not None else []
    rows.append(("In all", overview.always))
    name = max(len(words) for words, _ in rows) + 2
    amount = max(cell_len(spent.sentence) for _, spent in rows)
    counts = [f"  {count_of(spent.requests)}" for _, spent in rows]
    has_room = name + amount + max(map(len, counts)) <= width
    return [
        (
            Part(fit(words, min(name, max(1, width - amount))), "muted"),
            Part(fit(spent.sentence, amount, right=True), "head"),
            Part(count if has_room else "", "muted"),
        )
        for (words, spent), count in zip(rows, counts, strict=True)
    ]


def _gauges(overview: Overview, budgets: Budgets, width: int) -> list[Line]:
    limits = [
        ("today", overview.today, budgets.day),
        ("this month", overview.month, budgets.month),
        ("conversation", overview.conversation, budgets.conversation),
    ]
    rows = [(words, spent, limit) for words, spent, limit in limits if spent is not None and limit > 0]
    if not rows:
        return [(), *TextRows([(Part("No budget; /budget 5/day sets one", "muted"),)], width)]
    found: list[Line] = [(), (Part("Budget", "head"),)]
    for words, spent, limit in rows:
        share = float(spent.total / limit)
        look = "bad" if share >= 1 else "warn" if share >= _NEARLY else "good"
        state = "used up" if share >= 1 else f"{share:.0%}"
        figures = f" {spent.label} of {money(limit)}, {state}"
        track = max(4, min(24, width - 13 - cell_len(figures)))
        found.append((Part(fit(words, 13), "muted"), Part(gauge(share, track), look), Part(figures)))
    return found


def _check_line(check: Reconciliation | Problem | None, width: int) -> list[Line]:
    if isinstance(check, Reconciliation):
        words, look = check.spans[0].sentence, "muted"
    elif check is None:
        words, look = "Asking the service what your key has spent…", "muted"
    else:
        words, look = f"What your key says is not known: {clean_line(check.sentence())}", "muted"
    return [*TextRows([(Part(words, look),)], width)]


def _beside(left: Sequence[Line], right: Sequence[Line], at: int) -> list[Line]:
    found: list[Line] = []
    for n in range(max(len(left), len(right))):
        first = left[n] if n < len(left) else ()
        second = right[n] if n < len(right) else ()
        gap = at - sum(cell_len(p.text) for p in first)
        found.append((*first, Part(" " * max(1, gap)), *second) if second else first)
    return found


def _value(row: Spend | None, *, by_cost: bool) -> Decimal:
    if row is None:
        return Decimal(0)
    return row.cost if by_cost else Decimal(row.requests)


def _block(share: Decimal, level: int, height: int, column: int) -> str:
    """Return one day's block at a level of the chart; any cost above zero shows at the bottom."""
    eighths = round(float(share) * height * 8)
    eighths = max(1, eighths) if share > 0 else 0
    block = _LEVELS[min(8, max(0, eighths - level * 8))]
    return block * max(1, column - 1) + " " * (column > 1)


def _under(row: Spend | None, column: int) -> str:
    mark = " " if row is None else "?" if row.unknown else "~" if row.estimated else " "
    return fit(mark, column)


def _dates(dates: Sequence[date], column: int) -> str:
    """Return the axis labels: the last day, and every seventh before it that fits."""
    text = ""
    width = len(dates) * column
    for place in range(len(dates) - 1, -1, -7):
        label = f"{dates[place].day} {dates[place]:%b}"
        at = min(place * column, width - len(label))
        if at + len(label) < width - len(text) or not text:
            text = label + " " * (width - len(text) - at - len(label)) + text
    return " " * (width - len(text)) + text


def _share(part: Decimal, whole: Decimal) -> float:
    return float(part / whole) if whole else 0.0


def _short(tokens: int) -> str:
    if tokens < 10_000:
        return f"{tokens:,}"
    return f"{tokens / 1000:,.0f}k" if tokens < 10_000_000 else f"{tokens / 1_000_000:,.0f}M"
