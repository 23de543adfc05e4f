"""What changed between two readings of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tui_router.domain.model import Model, is_chat_model
from tui_router.domain.usage import per_million

_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A model whose price for answers (or else for prompts) moved. Dollars per token."""

    id: str
    before: Decimal
    after: Decimal

    @property
    def is_cheaper(self) -> bool:
        """True when it costs less now."""
        return self.after < self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The difference of two catalogues. Ids, in the order of the catalogue."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    prices: tuple[PriceChange, ...] = ()
    expiring: tuple[tuple[str, date], ...] = ()
    """Models that will be removed within 30 days, with the day."""

    @property
    def is_empty(self) -> bool:
        """True when nothing is worth telling."""
        return self == Changes()

    def sentence(self, mine: Collection[str] = ()) -> str:
        """Return one line, or an empty text. Only models in ``mine`` (used, starred, default) are named."""
        pieces = [f"{i} is gone from the catalogue" for i in self.gone if i in mine]
        pieces += [f"{i} ends on {day:%-d %b}" for i, day in self.expiring if i in mine]
        for change in self.prices:
            if change.id in mine:
                word = "cheaper" if change.is_cheaper else "dearer"
                before, after = per_million(change.before), per_million(change.after)
                pieces.append(f"{change.id} is {word}: {before} → {after} $/M")
        if self.new:
            pieces.append(f"{len(self.new)} new model{'s' if len(self.new) > 1 else ''}")
        others = sum(i not in mine for i in self.gone)
        if others:
            noun = "" if others == len(self.gone) else "other " if others == 1 else "others "
            pieces.append(f"{others} {noun}gone")
        return " · ".join(pieces)


def changes(before: Iterable[Model], after: Iterable[Model], today: date) -> Changes:
    """Compare two readings; only what belongs into a chat program counts."""
    old = {m.id: m for m in before if is_chat_model(m)}
    new = {m.id: m for m in after if is_chat_model(m)}
    prices = [found for i, m in new.items() if i in old and (found := _price_change(old[i], m))]
    return Changes(
        new=tuple(i for i in new if i not in old) if old else (),
        gone=tuple(i for i in old if i not in new) if new else (),
        prices=tuple(prices),
        expiring=tuple((i, m.expires) for i, m in new.items() if m.expires and today <= m.expires <= today + _SOON),
    )


def _price_change(before: Model, after: Model) -> PriceChange | None:
    if before.pricing.varies or after.pricing.varies:
        return None
    for old, new in (
        (before.pricing.completion, after.pricing.completion),
        (before.pricing.prompt, after.pricing.prompt),
    ):
        if old is not None and new is not None and old != new:
            return PriceChange(after.id, old, new)
    return None
