"""What the money of a period bought, and what it would have bought elsewhere: computed from the ledger's requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tui_router.domain.model import Model
from tui_router.domain.spending import WASTES, ZERO, Fate, Spent, Work, count_of, signed
from tui_router.domain.usage import Pricing, cost_of, money, per_million

COUNTING = "Other models count tokens differently: these are the tokens that were counted, at other prices"
"""What has to be said beside every comparison of prices."""


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

    @property
    def other_label(self) -> str:
        """What the other model would have charged; ``?`` where nothing can be compared."""
        return money(self.other, approximate=True) if self._is_comparable else "?"

    @property
    def difference_label(self) -> str:
        """The difference with its sign; ``?`` where nothing can be compared."""
        return signed(self.difference) if self._is_comparable else "?"

    @property
    def _is_comparable(self) -> bool:
        return self.spent.unknown < self.spent.requests


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
    def about(self) -> str:
        """The model and its prices, with their date."""
        prompt, completion = (_per_million(p) for p in (self.pricing.prompt, self.pricing.completion))
        dated = f", prices of {self.prices_at:%Y-%m-%d %H:%M} UTC" if self.prices_at is not None else ""
        return f"{self.model}: {prompt} in, {completion} out per million tokens{dated}"

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

    @property
    def sentence(self) -> str:
        """What caches did; empty where none was used."""
        if not self.read_tokens and not self.written_tokens:
            return ""
        words = f"Prompt caches saved {money(self.saved)} on {self.read_tokens:,} tokens"
        if self.paid:
            words += f"; writing {self.written_tokens:,} tokens into them cost {money(self.paid)} more"
        if self.unpriced:
            words += f"; {count_of(self.unpriced)} without noted prices left out"
        return words


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

    @property
    def sentence(self) -> str:
        """What the fallback did to the bill."""
        start = f"{self.served} served {count_of(self.spent.requests)} to {self.asked} for {self.spent.label}"
        if self.difference is None:
            return f"{start}; what {self.asked} would have cost is not known"
        if self.difference == 0:
            return f"{start}, the same price"
        return f"{start}, {money(abs(self.difference), approximate=True)} {'more' if self.difference > 0 else 'less'}"


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

    @property
    def sentence(self) -> str:
        """What was wasted, in a sentence."""
        if not self.wasted:
            return "Nothing was wasted"
        share = f", {self.share:.0%} of {self.spent.sentence}" if self.share is not None else ""
        return f"{self.waste.sentence} bought nothing that was kept{share}"


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


def _per_million(price: Decimal | None) -> str:
    return per_million(price) if not price else f"${per_million(price)}"


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
