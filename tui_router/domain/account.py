"""What a key may do, what is left to spend, and who serves a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tui_router.domain.usage import Pricing


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
