"""What a key may do, what is left to spend, and who serves a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tui_router.domain.usage import Pricing, money


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """What the service says of a key. Amounts are dollars."""

    label: str = ""
    limit: Decimal | None = None
    """This key's own cap; ``None`` is no cap."""
    limit_remaining: Decimal | None = None
    limit_reset: str = ""
    """``daily``, ``weekly``, ``monthly`` or empty."""
    usage: Decimal = Decimal(0)
    usage_daily: Decimal = Decimal(0)
    usage_monthly: Decimal = Decimal(0)
    is_free_tier: bool = False
    """True when the account never bought credit."""
    is_management: bool = False
    """True for keys that administer and cannot chat."""
    free_used: int | None = None
    """Free requests counted today."""
    free_limit: int | None = None
    free_left: int | None = None
    """Free requests that are left until 00:00 UTC."""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """The account's balance, where this key may see it. Dollars."""

    total: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        """What remains."""
        return self.total - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPolicy:
    """What a provider does with prompts. ``None`` is not known."""

    trains: bool | None = None
    """True when prompts may be used for training."""
    retains: bool | None = None
    """False when nothing is kept (zero data retention)."""
    days: int | None = None
    """For how long prompts are kept."""

    @property
    def label(self) -> str:
        """A word or two for a table; empty when nothing is known."""
        if self.trains:
            return "trains"
        if self.retains is False:
            return "not kept"
        if self.days:
            return f"{self.days} days"
        return "may keep" if self.retains else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One provider that serves a model."""

    provider: str
    tag: str = ""
    """Routing slug, as ``provider.order`` takes it; names this endpoint and no other of the provider."""
    model: str = ""
    """The dated id of the model that is served."""
    quantization: str = ""
    context: int = 0
    max_output: int | None = None
    pricing: Pricing = Pricing()
    uptime: float | None = None
    """Percent of the last day."""
    latency: float | None = None
    """Median seconds to the first token, last half hour."""
    throughput: float | None = None
    """Median tokens a second, last half hour."""
    is_down: bool = False
    policy: DataPolicy = DataPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The answer of a health check: one line each, good or bad."""

    reachable: bool
    latency: float | None = None
    """Seconds for one small request."""
    key: KeyInfo | None = None
    detail: str = ""
    server_time: datetime | None = None
    """What the service's clock said, where it said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRecord:
    """What the service wrote down about one answer after it ended."""

    id: str
    cost: Decimal | None = None
    provider: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    cancelled: bool = False


FREE_A_DAY = 50
FREE_A_DAY_AFTER_PURCHASE = 1_000
"""Requests to free models in a day (UTC): for accounts that never bought $10 of credit, and for those that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spendable:
    """How much can be spent now. Dollars."""

    amount: Decimal | None
    """``None``: no bound is known."""
    sentence: str
    """The amount with where it comes from."""

    @property
    def label(self) -> str:
        """A few characters for a status line; empty when no bound is known."""
        return f"{money(self.amount)} left" if self.amount is not None else ""


def spendable(key: KeyInfo | None, credits: Credits | None, spent_since: Decimal = Decimal(0)) -> Spendable:
    """Return the smaller of what the key's limit and the account's balance leave.

    ``spent_since`` is what was spent here after both were asked for: it bridges the time until
    they are asked again.
    """
    limit_left = None if key is None or key.limit_remaining is None else key.limit_remaining - spent_since
    balance = None if credits is None else credits.left - spent_since
    known = [a for a in (limit_left, balance) if a is not None]
    amount = max(Decimal(0), min(known)) if known else None
    if key is None and credits is None:
        return Spendable(amount=None, sentence="what is left is not known: the key was not checked")
    limit_words = "no key limit" if limit_left is None else f"key limit leaves {money(max(Decimal(0), limit_left))}"
    account_words = "account balance unknown" if balance is None else f"account balance {money(balance)}"
    if amount is None:
        return Spendable(amount=None, sentence=f"{limit_words}, {account_words}")
    return Spendable(amount=amount, sentence=f"spendable {money(amount)} ({limit_words}, {account_words})")


def key_sentence(key: KeyInfo, credits: Credits | None = None) -> str:
    """Return one line about what a key may do."""
    if key.is_management:
        return "this key administers the account and cannot chat"
    if key.limit is None:
        first = f"no limit on this key, used {money(key.usage)}"
    else:
        first = f"limit {money(key.limit)}{_every(key)}, used {money(_used(key))}, left {money(_left(key))}"
    pieces = [first]
    if credits is not None:
        pieces.append(f"account balance {money(credits.left)}")
    elif key.is_free_tier:
        pieces.append("no credit was ever bought")
    pieces.append(_free(key))
    if key.expires is not None:
        pieces.append(f"the key ends on {key.expires:%-d %b %Y}")
    return " · ".join(pieces)


def _every(key: KeyInfo) -> str:
    words = {"daily": " a day", "weekly": " a week", "monthly": " a month"}
    return words.get(key.limit_reset, "")


def _left(key: KeyInfo) -> Decimal | None:
    if key.limit_remaining is not None:
        return max(Decimal(0), key.limit_remaining)
    return None if key.limit is None else max(Decimal(0), key.limit - key.usage)


def _used(key: KeyInfo) -> Decimal:
    # With a limit that starts anew, ``usage`` counts for ever; what the limit counted is the difference.
    if key.limit is not None and key.limit_remaining is not None:
        return key.limit - key.limit_remaining
    return key.usage


def _free(key: KeyInfo) -> str:
    if key.free_limit is not None:
        if key.free_used is None:
            return f"free models: {key.free_limit:,} requests a day"
        left = max(0, key.free_limit - key.free_used)
        return f"free models: {left:,} of {key.free_limit:,} requests left today"
    if key.is_free_tier:
        return f"free models: {FREE_A_DAY} requests a day"
    return f"free models: {FREE_A_DAY} requests a day, {FREE_A_DAY_AFTER_PURCHASE:,} once $10 of credit were bought"
