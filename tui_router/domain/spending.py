"""What the ledger says about money that was spent: sums, waste, other prices, caches and fallbacks.

Sums say what they rest on: the part that the server told, the part that was estimated here, and how many
requests nobody knows the cost of. Nothing unknown is counted as zero dollars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.library import Spend
from tui_router.domain.model import Model
from tui_router.domain.usage import Pricing, Usage, cost_of, money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A sum of dollars, and what it rests on."""

    known: Decimal = ZERO
    """Dollars that the server told."""
    estimated: Decimal = ZERO
    """Dollars that were computed here and not told by the server."""
    unknown: int = 0
    """Requests whose cost is not known; no dollars are counted for them."""
    requests: int = 0

    @property
    def total(self) -> Decimal:
        """All dollars, estimated ones included."""
        return self.known + self.estimated

    @property
    def label(self) -> str:
        """A few characters for a table: ``$0.40``, ``~$0.40``, ``$0.40 + ?``, ``?``."""
        if not self.unknown:
            return money(self.total, approximate=self.estimated > 0)
        return "?" if self.total == 0 else f"{money(self.total, approximate=self.estimated > 0)} + ?"

    @property
    def sentence(self) -> str:
        """The sum in words: ``~$0.40 + 2 not known yet``."""
        if not self.unknown:
            return self.label
        amount = f"{money(self.total, approximate=self.estimated > 0)} + " if self.total else ""
        return f"{amount}{self.unknown:,} not known yet"

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            known=self.known + other.known,
            estimated=self.estimated + other.estimated,
            unknown=self.unknown + other.unknown,
            requests=self.requests + other.requests,
        )


def spent_of(row: Spend) -> Spent:
    """Return the sum of a row of a table."""
    return Spent(
        known=row.cost - row.estimated, estimated=row.estimated, unknown=row.unknown, requests=row.requests
    )


class Fate(StrEnum):
    """What became of the answer that a request paid for."""

    KEPT = "kept"
    RETRIED = "retried"
    """The attempt failed and was followed by another."""
    STOPPED = "stopped"
    CUT = "cut"
    """It hit the length limit."""
    BROKEN = "broken"
    """Interrupted, failed or filtered."""
    LANE = "lane"
    """An answer of a comparison that the conversation does not go on with."""
    REPLACED = "replaced"
    """Another answer to the same question took its place."""
    DELETED = "deleted"


WASTES = {
    Fate.STOPPED: "stopped answers",
    Fate.CUT: "cut at the length limit",
    Fate.BROKEN: "interrupted, failed or filtered",
    Fate.RETRIED: "attempts that were retried",
    Fate.LANE: "comparison answers not kept",
    Fate.REPLACED: "replaced by another answer",
    Fate.DELETED: "deleted answers",
}
"""Every fate that counts as waste, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One request of the ledger: who was asked, what it used and cost, what became of it."""

    at: datetime
    model: str
    served_model: str = ""
    message_id: str = ""
    is_answer: bool = True
    """False for titles, summaries, merges and judges: they have no answer to keep."""
    usage: Usage
    """``cost`` is ``None`` while it is not known."""
    prices: Pricing = Pricing()
    """The prices that were applied, as far as they were noted."""
    fate: Fate = Fate.KEPT

    @property
    def spent(self) -> Spent:
        """What it cost, as a sum of one."""
        cost = self.usage.cost
        if cost is None:
            return Spent(unknown=1, requests=1)
        return Spent(estimated=cost, requests=1) if self.usage.is_estimate else Spent(known=cost, requests=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The work of one model, and what another model would have charged for the same tokens."""

    model: str
    spent: Spent
    prompt_tokens: int
    completion_tokens: int
    other: Decimal
    """Dollars. Requests whose own cost is not known are left out of it."""

    @property
    def difference(self) -> Decimal:
        """Dollars that the other model would have cost more (less, where negative)."""
        return self.other - self.spent.total


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A period's work at the prices of one model."""

    model: str
    pricing: Pricing
    prices_at: datetime | None
    """When the prices were fetched."""
    rows: tuple[Compared, ...]
    """Most expensive first."""

    @property
    def spent(self) -> Spent:
        """What the work cost."""
        return _total(row.spent for row in self.rows)

    @property
    def other(self) -> Decimal:
        """Dollars that it would have cost."""
        return sum((row.other for row in self.rows), ZERO)

    @property
    def difference(self) -> Decimal:
        """Dollars that the other model would have cost more (less, where negative)."""
        return self.other - self.spent.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Wasted:
    """Money that bought no answer that was kept."""

    fate: Fate
    spent: Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class PerKept:
    """What a model's answers cost for each one that was kept."""

    model: str
    spent: Spent
    """All its answers, the wasted ones included."""
    kept: int
    """Answers that were kept and whose cost is known."""

    @property
    def each(self) -> Decimal | None:
        """Dollars for one kept answer; ``None`` when there is none of known cost."""
        return self.spent.total / self.kept if self.kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheEffect:
    """What providers' prompt caches did to the bill, at the prices that were applied."""

    read_tokens: int = 0
    written_tokens: int = 0
    saved: Decimal = ZERO
    """Dollars that reading from caches saved."""
    paid: Decimal = ZERO
    """Dollars that writing into them cost on top."""
    unpriced: int = 0
    """Requests that used a cache and whose prices were not noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Requests to one model that another one served."""

    asked: str
    served: str
    spent: Spent
    would_have: Decimal | None
    """Dollars at the asked model's prices of today; ``None`` when these are not known."""

    @property
    def difference(self) -> Decimal | None:
        """Dollars that the fallback cost more (less, where negative)."""
        return None if self.would_have is None else self.spent.total - self.would_have


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the money of a period bought."""

    spent: Spent
    wasted: tuple[Wasted, ...]
    """Most expensive first; kinds that did not occur are left out."""
    per_kept: tuple[PerKept, ...]
    """By model, most expensive first."""
    cache: CacheEffect
    fallbacks: tuple[Fallback, ...]

    @property
    def waste(self) -> Spent:
        """All that was wasted."""
        return _total(w.spent for w in self.wasted)

    @property
    def share(self) -> float | None:
        """The wasted part of what was spent, 0 to 1; ``None`` when nothing is known to have been spent."""
        return float(self.waste.total / self.spent.total) if self.spent.total > 0 else None


def what_if(work: Iterable[Work], model: Model, prices_at: datetime | None = None) -> WhatIf:
    """Return what the same tokens would have cost with another model, by the model that did the work."""
    by_model: defaultdict[str, list[Work]] = defaultdict(list)
    for one in work:
        by_model[one.model].append(one)
    rows = [_compared(name, done, model.pricing) for name, done in by_model.items()]
    return WhatIf(
        model=model.id,
        pricing=model.pricing,
        prices_at=prices_at,
        rows=tuple(sorted(rows, key=lambda r: (-r.spent.total, r.model))),
    )


def review(work: Sequence[Work], find: Callable[[str], Model | None]) -> Review:
    """Return what the money of some work bought; ``find`` returns the catalogue row of an id."""
    wasted: defaultdict[Fate, Spent] = defaultdict(Spent)
    answers: defaultdict[str, list[Work]] = defaultdict(list)
    for one in work:
        if one.fate in WASTES:
            wasted[one.fate] += one.spent
        if one.is_answer:
            answers[one.model].append(one)
    per_kept = [_per_kept(name, done) for name, done in answers.items()]
    return Review(
        spent=_total(one.spent for one in work),
        wasted=tuple(
            sorted((Wasted(fate=f, spent=s) for f, s in wasted.items()), key=lambda w: (-w.spent.total, w.fate))
        ),
        per_kept=tuple(sorted(per_kept, key=lambda p: (-p.spent.total, p.model))),
        cache=_cache_effect(work),
        fallbacks=_fallbacks(work, find),
    )


def _total(parts: Iterable[Spent]) -> Spent:
    return sum(parts, Spent())


def _compared(name: str, work: Sequence[Work], pricing: Pricing) -> Compared:
    known = [one for one in work if one.usage.cost is not None]
    return Compared(
        model=name,
        spent=_total(one.spent for one in work),
        prompt_tokens=sum(one.usage.prompt_tokens for one in work),
        completion_tokens=sum(one.usage.completion_tokens for one in work),
        other=sum((cost_of(one.usage, pricing, one.at.time()) or ZERO for one in known), ZERO),
    )


def _per_kept(name: str, work: Sequence[Work]) -> PerKept:
    known = [one for one in work if one.fate is Fate.KEPT and one.usage.cost is not None]
    kept = {one.message_id or str(place) for place, one in enumerate(known)}
    return PerKept(model=name, spent=_total(one.spent for one in work), kept=len(kept))


def _cache_effect(work: Iterable[Work]) -> CacheEffect:
    read = written = unpriced = 0
    saved = paid = ZERO
    for one in work:
        usage, prices = one.usage, one.prices
        if not usage.cached_tokens and not usage.cache_write_tokens:
            continue
        read += usage.cached_tokens
        written += usage.cache_write_tokens
        if prices.prompt is None:
            unpriced += 1
            continue
        if prices.input_cache_read is not None:
            saved += usage.cached_tokens * (prices.prompt - prices.input_cache_read)
        if prices.input_cache_write is not None:
            paid += usage.cache_write_tokens * (prices.input_cache_write - prices.prompt)
    return CacheEffect(read_tokens=read, written_tokens=written, saved=saved, paid=paid, unpriced=unpriced)


def _fallbacks(work: Iterable[Work], find: Callable[[str], Model | None]) -> tuple[Fallback, ...]:
    pairs: defaultdict[tuple[str, str], list[Work]] = defaultdict(list)
    for one in work:
        if one.served_model and one.usage.cost is not None:
            pairs[one.model, one.served_model].append(one)
    found = []
    for (asked, served), done in pairs.items():
        row = find(asked)
        if (row is not None and row.is_router) or is_same_model(asked, served, find):
            continue
        costs = [cost_of(one.usage, row.pricing, one.at.time()) if row is not None else None for one in done]
        would_have = None if None in costs else sum((c for c in costs if c is not None), ZERO)
        spent = _total(one.spent for one in done)
        found.append(Fallback(asked=asked, served=served, spent=spent, would_have=would_have))
    return tuple(sorted(found, key=lambda f: (-f.spent.total, f.asked, f.served)))


def is_same_model(asked: str, served: str, find: Callable[[str], Model | None]) -> bool:
    """Say whether the model that served is the one that was asked: ids carry dates, variants and aliases."""
    base, answered = asked.partition(":")[0].lstrip("~"), served.partition(":")[0]
    if answered == base or answered.startswith(f"{base}-20"):
        return True
    row, other = find(asked), find(served)
    if row is None:
        return False
    names = {row.id.partition(":")[0], row.canonical, row.alias_of} - {""}
    return answered in names or (other is not None and other.id.partition(":")[0] in names)
