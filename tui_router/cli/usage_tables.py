"""The reports of ``tui-router usage``: tables with bars for a terminal, and their JSON.

JSON amounts are dollars as numbers. A sum is ``{"cost", "estimated", "unknown", "requests"}``: ``cost`` holds
``estimated``, and the ``unknown`` requests are in no amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from tui_router.cli.output import cells, fit, table
from tui_router.domain.bars import bar
from tui_router.domain.cost_reports import COUNTING, PerKept, Review, WhatIf
from tui_router.domain.spending import WASTES, Reconciliation, Spent, count_of, signed
from tui_router.domain.usage import money

_NARROWEST_BAR, _NARROWEST_NAME = 5, 12
NOTHING = "Nothing was spent in this time"


class Report(NamedTuple):
    """A report in words: the table for standard output, the remarks beside it."""

    table: str
    remarks: tuple[str, ...]


def with_bars(lines: Sequence[Sequence[str]], shares: Sequence[float], width: int) -> str:
    """Return a table (its first line names the columns) with a bar behind each line, ``width`` columns at most.

    Where there is too little room, first the names are cut, then the bars go.
    """
    rest = sum(2 + max(cells(line[column]) for line in lines) for column in range(1, len(lines[0])))
    name_room = max(_NARROWEST_NAME, min(max(width // 3, width - rest - width // 4), width - rest))
    named = [[fit(line[0], name_room), *line[1:]] for line in lines]
    plain = table(named, right=range(1, len(lines[0]))).split("\n")
    wide = max(map(cells, plain))
    room = width - wide - 2
    if room < _NARROWEST_BAR:
        return "\n".join(fit(line, width) for line in plain)
    bars = ["", *(bar(share, room) for share in shares)]
    bars += [""] * (len(plain) - len(bars))
    return "\n".join(f"{line}{' ' * (wide - cells(line))}  {b}".rstrip() for line, b in zip(plain, bars, strict=True))


def what_if_text(found: WhatIf, width: int) -> Report:
    """Return a period's work at another model's prices."""
    if not found.rows:
        return Report("", (found.about, NOTHING))
    head = ["", "requests", "tokens in", "out", "cost", "would cost", "difference"]
    lines = [
        [
            row.model,
            f"{row.spent.requests:,}",
            f"{row.prompt_tokens:,}",
            f"{row.completion_tokens:,}",
            row.spent.label,
            row.other_label,
            row.difference_label,
        ]
        for row in found.rows
    ]
    total = ["in all", f"{found.spent.requests:,}", "", "", found.spent.label, money(found.other, approximate=True)]
    most = max((row.other for row in found.rows), default=Decimal(0))
    shares = [float(row.other / most) if most else 0.0 for row in found.rows]
    remarks = [found.about, COUNTING]
    if found.spent.unknown:
        remarks.append(f"{count_of(found.spent.unknown)} of unknown cost left out on both sides")
    return Report(with_bars([head, *lines, [*total, signed(found.difference)]], shares, width), tuple(remarks))


def waste_text(found: Review, width: int) -> Report:
    """Return what the money bought."""
    if not found.spent.requests:
        return Report("", (NOTHING,))
    blocks = []
    if found.wasted:
        most = max(w.spent.total for w in found.wasted)
        lines = [["", "cost", "requests"]]
        lines += [[WASTES[w.fate], w.spent.label, f"{w.spent.requests:,}"] for w in found.wasted]
        shares = [float(w.spent.total / most) if most else 0.0 for w in found.wasted]
        lines.append(["in all", found.waste.label, f"{found.waste.requests:,}"])
        blocks.append(with_bars(lines, shares, width))
    if found.per_kept:
        most = max(p.each or Decimal(0) for p in found.per_kept)
        lines = [["", "spent", "kept", "a kept answer"], *(_per_kept(p) for p in found.per_kept)]
        shares = [float((p.each or 0) / most) if most else 0.0 for p in found.per_kept]
        blocks.append(with_bars(lines, shares, width))
    effects = (found.cache.sentence, *(f.sentence for f in found.fallbacks))
    return Report("\n\n".join(blocks), (found.sentence, *(e for e in effects if e)))


def reconcile_text(found: Reconciliation) -> Report:
    """Return the service's figures beside ours."""
    head = ["", "the key says", "this library", "difference"]
    lines = [[s.when, money(s.theirs), s.ours.label, signed(s.difference)] for s in found.spans]
    return Report(table([head, *lines], right=(1, 2, 3)), (found.spans[0].sentence, *found.notes))


def spent_json(spent: Spent) -> dict[str, Any]:
    """Return a sum."""
    return {
        "cost": float(spent.total),
        "estimated": float(spent.estimated),
        "unknown": spent.unknown,
        "requests": spent.requests,
    }


def what_if_json(found: WhatIf) -> dict[str, Any]:
    """Return a period's work at another model's prices."""
    return {
        "model": found.model,
        "prompt_price": _number(found.pricing.prompt),
        "completion_price": _number(found.pricing.completion),
        "prices_at": found.prices_at.isoformat() if found.prices_at is not None else None,
        **spent_json(found.spent),
        "other": float(found.other),
        "difference": float(found.difference),
        "rows": [
            {
                "model": row.model,
                **spent_json(row.spent),
                "prompt_tokens": row.prompt_tokens,
                "completion_tokens": row.completion_tokens,
                "other": float(row.other),
                "difference": float(row.difference),
            }
            for row in found.rows
        ],
    }


def waste_json(found: Review) -> dict[str, Any]:
    """Return what the money bought."""
    cache = found.cache
    return {
        "spent": spent_json(found.spent),
        "wasted": spent_json(found.waste),
        "share": found.share,
        "kinds": [{"kind": w.fate.value, **spent_json(w.spent)} for w in found.wasted],
        "per_kept_answer": [
            {"model": p.model, **spent_json(p.spent), "kept": p.kept, "each": _number(p.each)} for p in found.per_kept
        ],
        "cache": {
            "read_tokens": cache.read_tokens,
            "written_tokens": cache.written_tokens,
            "saved": float(cache.saved),
            "paid": float(cache.paid),
            "unpriced": cache.unpriced,
        },
        "fallbacks": [
            {
                "asked": f.asked,
                "served": f.served,
                **spent_json(f.spent),
                "would_have": _number(f.would_have),
                "difference": _number(f.difference),
            }
            for f in found.fallbacks
        ],
    }


def reconcile_json(found: Reconciliation) -> dict[str, Any]:
    """Return the service's figures beside ours."""
    return {
        "key": found.key,
        "at": found.at.isoformat(),
        "begins": found.begins.isoformat() if found.begins is not None else None,
        "sums": [
            {
                "span": s.span.value,
                "start": s.start.isoformat() if s.start is not None else None,
                "theirs": float(s.theirs),
                "ours": spent_json(s.ours),
                "old_rows": float(s.old_rows),
                "difference": float(s.difference),
            }
            for s in found.spans
        ],
    }


def _per_kept(row: PerKept) -> list[str]:
    each = money(row.each, approximate=row.spent.estimated > 0) if row.each is not None else "–"
    return [row.model, row.spent.label, f"{row.kept:,}", each]


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
