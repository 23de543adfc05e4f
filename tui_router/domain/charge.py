"""One paid request in the ledger: written before it leaves, settled when its cost is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.message import Timing
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage

MOST_PLAUSIBLE = Decimal(10_000)
"""Dollars. A single answer that claims to cost more is a fault of the server, not a bill."""

RETRIED = "retried"
"""The ending of an attempt that was followed by another."""


class ChargeState(StrEnum):
    """What is known of the cost of a request."""

    OPEN = "open"
    """It has left (or is about to), and its cost is not known. Budgets count what is reserved for it."""
    SETTLED = "settled"
    """The server said what it cost."""
    ESTIMATED = "estimated"
    """The cost was computed here; a look-up may still replace it."""
    VOID = "void"
    """Nothing was charged, as far as is known: it never left, or it was refused before an answer began."""


class Purpose(StrEnum):
    """What a request was made for."""

    ANSWER = "answer"
    MERGE = "merge"
    JUDGE = "judge"
    SUMMARY = "summary"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A request that is about to leave. Each attempt is a charge of its own."""

    id: str
    at: datetime
    """UTC; decides the day, month and budget that it counts for."""
    model: ModelRef
    """Who was asked; a fallback may have served it."""
    purpose: Purpose = Purpose.ANSWER
    conversation_id: str | None = None
    """``None`` for a temporary conversation, whose money counts all the same."""
    message_id: str | None = None
    lane: int = 0
    attempt: int = 1
    key: str = ""
    """Fingerprint of the key; never the key."""
    reserved: Decimal = Decimal(0)
    """Dollars: the most it may cost, with the most expensive fallback."""
    prompt_tokens: int = 0
    """Estimated tokens of the request, for a row of which nobody ever says what it used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a charge ended."""

    state: ChargeState
    usage: Usage | None = None
    served_model: str = ""
    provider: str = ""
    prices: str = ""
    """The prices that were applied, as JSON: dollars per unit by field of ``Pricing``."""
    generation_id: str = ""
    ending: str = ""
    """An ``EndingKind``, or ``RETRIED``."""
    timing: Timing = Timing()
    look_up_at: datetime | None = None
    """When to ask the service what it cost; ``None`` when there is nothing left to ask."""
    is_counted: bool = True
    """False for an estimate from words, and for a failure at the service's end that may have been charged.

    Until better is known, caps count all that was reserved.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit on spending, as the store checks it before a charge is opened."""

    name: str
    """``day``, ``month`` or ``conversation``."""
    limit: Decimal
    """Dollars."""
    since: datetime | None = None
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Why a charge could not be opened: ``spent`` and ``held`` leave too little below the cap."""

    cap: Cap
    spent: Decimal
    """Dollars of settled and estimated charges."""
    held: Decimal
    """Dollars reserved for what is still open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCharge:
    """A charge whose cost must still be found out."""

    id: str
    at: datetime
    model: ModelRef
    message_id: str | None
    """The answer that it paid for; ``None`` for an attempt that was followed by another."""
    generation_id: str
    key: str
    state: ChargeState
    look_ups: int
    """How often the service was asked in vain."""
    usage: Usage
    """The tokens known so far, and the estimated cost where there is one."""


def plausible(usage: Usage) -> bool:
    """Say whether a cost can be believed: finite, not negative, not absurd. An unknown cost cannot."""
    cost = usage.cost
    return cost is not None and cost.is_finite() and 0 <= cost <= MOST_PLAUSIBLE
