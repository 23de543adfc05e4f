"""Which providers a conversation may be served by: pinned, banned, tried first; by slugs, as the wire wants them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.account import Endpoint
from tui_router.domain.options import ChatOptions

_TIERS = frozenset({"priority", "flex", "fast"})
"""What a provider's own slug does not include: these cost more, or wait longer."""
_GAP = re.compile(r"[\s_]+")


class Standing(StrEnum):
    """What was decided about an endpoint."""

    PINNED = "pinned"
    BANNED = "banned"
    FIRST = "first"
    """It is tried before the others."""
    SHUT_OUT = "shut out"
    """Others are pinned."""
    OPEN = "open"


class EndpointSort(StrEnum):
    """The order of a table of endpoints. ``LISTED`` is the service's own."""

    LISTED = "listed"
    PRICE = "price"
    LATENCY = "latency"
    THROUGHPUT = "throughput"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Slugs of providers: ``anthropic`` is all endpoints of one, ``deepinfra/fp8`` a single endpoint."""

    only: tuple[str, ...] = ()
    """Pinned: nobody else may serve."""
    ignore: tuple[str, ...] = ()
    """Banned."""
    order: tuple[str, ...] = ()
    """Tried first."""

    @classmethod
    def of(cls, options: ChatOptions) -> Routing:
        """Return what request options say."""
        return cls(only=options.provider_only, ignore=options.provider_ignore, order=options.provider_order)

    def laid_over(self, options: ChatOptions) -> ChatOptions:
        """Return request options that say this."""
        return replace(options, provider_only=self.only, provider_ignore=self.ignore, provider_order=self.order)

    def standing(self, endpoint: Endpoint) -> Standing:
        """Return what was decided about an endpoint."""
        if any(covers(slug, endpoint) for slug in self.ignore):
            return Standing.BANNED
        if self.only:
            return Standing.PINNED if any(covers(slug, endpoint) for slug in self.only) else Standing.SHUT_OUT
        return Standing.FIRST if any(covers(slug, endpoint) for slug in self.order) else Standing.OPEN

    def allows_any(self, endpoints: Iterable[Endpoint]) -> bool:
        """Say whether one of these may serve."""
        return any(self.standing(e) not in (Standing.BANNED, Standing.SHUT_OUT) for e in endpoints)

    def pinned(self, endpoint: Endpoint) -> Routing:
        """Return this with an endpoint pinned, or no longer so where it was. A pin lifts a ban."""
        return replace(self, only=_toggled(self.only, endpoint), ignore=_without(self.ignore, endpoint))

    def banned(self, endpoint: Endpoint) -> Routing:
        """Return this with an endpoint banned, or no longer so where it was. A ban lifts a pin."""
        return replace(self, ignore=_toggled(self.ignore, endpoint), only=_without(self.only, endpoint))

    def words(self, name_of: Callable[[str], str] = str) -> str:
        """Return it in a few words: ``only Anthropic``, ``not Azure``; empty while the service chooses freely."""
        told = (("only", self.only), ("not", self.ignore), ("first", self.order if not self.only else ()))
        return ", ".join(f"{word} {' or '.join(name_of(s) for s in slugs)}" for word, slugs in told if slugs)


def covers(slug: str, endpoint: Endpoint) -> bool:
    """Say whether a slug means this endpoint: its own, or its provider's. A provider's slug leaves its tiers out."""
    wanted, own = slug.lower(), slug_of(endpoint)
    base, _, variant = own.partition("/")
    return wanted == own or (variant not in _TIERS and wanted in (base, endpoint.provider.lower()))


def slug_of(endpoint: Endpoint) -> str:
    """Return the slug of an endpoint, as the wire takes it."""
    return (endpoint.tag or _GAP.sub("-", endpoint.provider.strip())).lower()


def slug_for(typed: str, endpoints: Sequence[Endpoint] = ()) -> str:
    """Return the slug of the provider that a person names, by slug or by name; one that is not known, as a slug.

    ``endpoints`` are those that a table has shown: names such as Google (``google-vertex``) can be told only from it.
    """
    text = typed.strip().lower()
    for endpoint in endpoints:
        if text == slug_of(endpoint):
            return text
    for endpoint in endpoints:
        if text in (endpoint.provider.lower(), _GAP.sub("-", endpoint.provider.lower())):
            return slug_of(endpoint).partition("/")[0]
    return _GAP.sub("-", text)


def in_order(endpoints: Iterable[Endpoint], sort: EndpointSort) -> tuple[Endpoint, ...]:
    """Return endpoints in an order; those whose figure is not known come last."""
    found = tuple(endpoints)
    match sort:
        case EndpointSort.PRICE:
            return tuple(sorted(found, key=_price))
        case EndpointSort.LATENCY:
            return tuple(sorted(found, key=lambda e: float("inf") if e.latency is None else e.latency))
        case EndpointSort.THROUGHPUT:
            return tuple(sorted(found, key=lambda e: -(e.throughput or 0)))
        case EndpointSort.LISTED:
            return found


def _price(endpoint: Endpoint) -> Decimal:
    price = endpoint.pricing
    if price.prompt is None or price.completion is None:
        return Decimal("Infinity")
    return price.prompt + price.completion


def _toggled(slugs: tuple[str, ...], endpoint: Endpoint) -> tuple[str, ...]:
    left = _without(slugs, endpoint)
    return left if left != slugs else (*slugs, slug_of(endpoint))


def _without(slugs: tuple[str, ...], endpoint: Endpoint) -> tuple[str, ...]:
    return tuple(slug for slug in slugs if not covers(slug, endpoint))
